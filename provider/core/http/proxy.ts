// Which proxy a host is reached through.
import { getProxyForUrl } from "proxy-from-env";
import { fault } from "../problems";
import { isRefusedAddress, refusedAddress } from "./dispatchers";

/** The proxy that the environment names for a host, as curl reads it: one without a scheme is an HTTP proxy. */
function environmentProxy(target: URL): string | undefined {
    const found = getProxyForUrl(target.href);
    const names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    const isBare = names.some((name) => `https://${process.env[name] ?? ""}` === found);
    return found === "" ? undefined : isBare ? found.replace("https:", "http:") : found;
}

/**
 * The proxy that a host is reached through: the program's, else the environment's; undefined where none is.
 * @throws Fault where it is no HTTP proxy; an error with the code `ADDRESS_REFUSED` where it lies at an address that is never connected to.
 */
export function proxyFor(target: URL, proxyUrl: string | undefined): URL | undefined {
    const given = proxyUrl ?? (target.protocol === "https:" ? environmentProxy(target) : undefined);
    if (given === undefined) {
        return undefined;
    }
    if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
        const where = proxyUrl === undefined ? "HTTPS_PROXY of the environment" : "this";
        throw fault(
            "proxyRefused",
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
