// GitHub's servers: github.com, a subdomain of ghe.com, or an Enterprise Server.
import { baseUrl, withDefault, type Values } from "../../define";

const cloud = "https://github.com";

/** The argument `url`. */
export const urlField = withDefault(
    baseUrl({
        like: "https://github.example.com",
        namesTenant: true,
        vendorHosts: ["github.com", ".ghe.com"],
        parse: (value) => {
            const { hostname } = new URL(value);
            const [own] = /[^.]+\.(?:ghe\.com)$|^github\.com$|(?<=^api\.)github\.com$/.exec(hostname) ?? [];
            return own === undefined ? value.replace(/\/api\/v3(?:\/.*)?$/, "") : `https://${own}`;
        },
    }),
    cloud,
);

/** A page of a server's settings. */
export const settingsOf =
    (page: string) =>
    ({ url = cloud }: Values): string =>
        `${String(url)}/settings/${page}`;

/** True for a server that GitHub itself runs. */
export const isCloud = (url: string): boolean => url === cloud || new URL(url).hostname.endsWith(".ghe.com");

/** The base of a server's REST API. */
export const apiOf = (url: string): string => (isCloud(url) ? `https://api.${new URL(url).host}` : `${url}/api/v3`);

/** The headers of each call. */
export const headers = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" };
