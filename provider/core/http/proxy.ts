// Which proxy a host is reached through.
import { BlockList, isIP } from "node:net";
import { getProxyForUrl } from "proxy-from-env";
import { fault } from "../problems";
import { isRefusedAddress, refusedAddress } from "./dispatchers";

/** Variables that name a proxy, in the order in which they count. */
const variables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] as const;

/** The variable that names the proxy, where one does. */
const namingVariable = (): string | undefined => variables.find((name) => (process.env[name] ?? "") !== "");

/** The proxy that the environment names for a host, as curl reads it: one without a scheme is an HTTP proxy. */
function environmentProxy(target: URL): string | undefined {
    const found = getProxyForUrl(target.href);
    const isBare = `https://${process.env[namingVariable() ?? ""] ?? ""}` === found;
    return found === "" || isExcepted(target) ? undefined : isBare ? found.replace("https:", "http:") : found;
}

/** True where NO_PROXY lists the address of a host, or a block that contains it (`10.0.0.0/8`). */
function isExcepted({ hostname }: URL): boolean {
    const address = hostname.replace(/^\[|\]$/g, "");
    const family = isIP(address);
    const entries = (process.env["no_proxy"] || process.env["NO_PROXY"] || "").split(/[,\s]+/);
    return family !== 0 && entries.some((entry) => isWithin(address, family, entry));
}

function isWithin(address: string, family: number, entry: string): boolean {
    const [, network = "", bits] = /^\[?([0-9a-f.:]+)\]?(?:\/(\d{1,3}))?$/i.exec(entry) ?? [];
    const all = family === 4 ? 32 : 128;
    const length = bits === undefined ? all : Number(bits);
    if (isIP(network) !== family || length > all) {
        return false;
    }
    const version = family === 4 ? "ipv4" : "ipv6";
    const block = new BlockList();
    block.addSubnet(network, length, version);
    return block.check(address, version);
}

/**
 * The proxy to a host: the program's, else the environment's; undefined without a proxy.
 * @throws Fault where it is not an HTTP proxy; an error with the code `ADDRESS_REFUSED` where its address is forbidden.
 */
export function proxyFor(target: URL, proxyUrl: string | undefined): URL | undefined {
    const given = proxyUrl ?? (target.protocol === "https:" ? environmentProxy(target) : undefined);
    if (given === undefined) {
        return undefined;
    }
    if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
        const where = proxyUrl === undefined ? `${namingVariable() ?? ""} of the environment` : "this";
        throw fault(
            "proxyRefused",
            "proxy-form",
            "proxyUrl",
            `${where} is not the URL of an HTTP proxy. Write it like http://proxy.example.com:3128.`,
        );
    }
    const proxy = new URL(given);
    if (isRefusedAddress(proxy.hostname, "any")) {
        throw refusedAddress("any");
    }
    return proxy;
}
