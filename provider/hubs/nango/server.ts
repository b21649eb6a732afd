// Where a Nango server is, and how its environment is opened: the same for all resources there.
import { flag, invalid, optional, secret, text } from "../../define";
import type { Complaint, Values } from "../../define";
import { isLoopback } from "../../core/http/address-policy";
import type { RemoteServer } from "../client";

/** Nango's cloud. */
const cloud = "https://api.nango.dev";

const mustBeServer = "must be the address of a Nango server, such as https://nango.example.com.";

/** The arguments that all resources at Nango take. */
export const serverArgs = {
    /**
     * Your own Nango server, such as `https://nango.example.com` or `https://nango.example.com:3003`.
     * @default Nango's cloud, `https://api.nango.dev`
     */
    serverUrl: optional(
        text({
            must: mustBeServer,
            parse: (value) => {
                if (!URL.canParse(value)) {
                    return invalid(mustBeServer);
                }
                const { protocol, username, password, search, hash, origin, pathname } = new URL(value);
                return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === ""
                    ? origin + pathname.replace(/\/+$/, "")
                    : invalid(mustBeServer);
            },
        }),
    ),
    /**
     * Allows plain http to the server, at an address of a private network; a loopback address needs no permission.
     * Everyone between can then read the key and the credential, so every run warns.
     * @default false
     */
    allowHttp: optional(flag()),
    /**
     * An API key of the environment, a UUID, from Nango's Environment Settings. docs/nango.md lists the scopes that it
     * needs; a warning reports more of them. A reference (`secretFrom`) is recommended: refresh and destroy then use
     * today's key.
     */
    environmentKey: secret({ where: "Nango shows it in the Environment Settings." }),
};

const isPlain = (url: string): boolean => url.startsWith("http:");

/** True for a server on this machine, where plain http needs no permission: as for connections. */
const isHere = (url: string): boolean => isLoopback(new URL(url).hostname);

/** Rules between them. */
export function serverRules({ serverUrl, allowHttp }: Values): Complaint<string>[] {
    return typeof serverUrl === "string" && isPlain(serverUrl) && !isHere(serverUrl) && allowHttp !== true
        ? [
              {
                  argument: "serverUrl",
                  message:
                      "must start with https://: over plain http, everyone between this machine and the server can read the key and the credential. For a server in a private network, set allowHttp: true.",
              },
          ]
        : [];
}

/** The warnings about them in every run. */
export function serverWarnings({ serverUrl, allowHttp }: Values): string[] {
    return typeof serverUrl === "string" && isPlain(serverUrl) && allowHttp === true
        ? [
              `serverUrl: the key and the credential go to ${new URL(serverUrl).host} over plain http (allowHttp), where everyone between this machine and the server can read them.${isHere(serverUrl) ? "" : " Put TLS before the server."}`,
          ]
        : [];
}

/** The server that they name. */
export function serverOf({ serverUrl, allowHttp }: Values): RemoteServer {
    return typeof serverUrl === "string"
        ? {
              url: serverUrl,
              argument: "serverUrl",
              allowHttp: allowHttp === true || (isPlain(serverUrl) && isHere(serverUrl)),
          }
        : { url: cloud };
}

/** The header that opens the environment. */
export const authorization = (value: (argument: string) => string): Record<string, string> => ({
    authorization: `Bearer ${value("environmentKey")}`,
});

/** The name of an integration, in Nango's form. */
export const integrationKey = text({
    pattern: /^(?!\.{1,2}$)[a-zA-Z0-9~:.@ _-]{1,255}$/,
    must: "must be an integration's unique key: letters, digits and ~:.@ _-, up to 255.",
});
