/**
 * Loaded first by a process under test: answers for the names that CONNECTIONS_TEST_NAMES lists, so that tests need no name server.
 * A name's value is an error code, an address, or a list of addresses that are given one after the other;
 * that of `*` counts for every name that is not in the list.
 */
import dns from "node:dns";
import { isIP } from "node:net";

type Found = { address: string; family: number }[];
type Callback = (error: NodeJS.ErrnoException | null, found?: Found | string, family?: number) => void;

const names = JSON.parse(process.env["CONNECTIONS_TEST_NAMES"] ?? "{}") as Record<string, string | string[]>;
const asked = new Map<string, number>();
const real = dns.lookup as unknown as (name: string, options: object, callback: Callback) => void;

function lookup(name: string, options: { all?: boolean } | number, callback: Callback): void {
    const given = names[name.toLowerCase()] ?? names["*"];
    if (given === undefined) {
        return real(name, options as object, callback);
    }
    const times = asked.get(name) ?? 0;
    asked.set(name, times + 1);
    const address = typeof given === "string" ? given : (given[Math.min(times, given.length - 1)] ?? "");
    process.nextTick(() => {
        if (isIP(address) === 0) {
            callback(
                Object.assign(new Error(`getaddrinfo ${address} ${name}`), {
                    code: address,
                    syscall: "getaddrinfo",
                    hostname: name,
                }),
            );
        } else if (typeof options === "object" && options.all === true) {
            callback(null, [{ address, family: isIP(address) }]);
        } else {
            callback(null, address, isIP(address));
        }
    });
}

dns.lookup = lookup as unknown as typeof dns.lookup;
