import { BlockList, isIP } from "node:net";

/**
 * Where hosts may lie: `public` for a vendor's own, `private` for products that customers host themselves, `any` for a target of
 * `connections:endpoints`, `loopback` for what is reached over plain http.
 */
export type Reach = "public" | "private" | "any" | "loopback";

function blockList(...subnets: readonly (readonly [string, number])[]): BlockList {
    const list = new BlockList();
    for (const [net, prefix] of subnets) {
        list.addSubnet(net, prefix, isIP(net) === 6 ? "ipv6" : "ipv4");
    }
    return list;
}

// Metadata services hand credentials to whoever asks and answer at these; nothing that a user means lies there.
const forbidden = blockList(
    ["0.0.0.0", 8],
    ["169.254.0.0", 16],
    ["100.100.100.200", 32],
    ["168.63.129.16", 32],
    ["192.0.0.192", 32],
    ["::", 128],
    ["fe80::", 10],
    ["fd00:ec2::", 32],
    ["fd20:ce::254", 128],
);
const local = blockList(["10.0.0.0", 8], ["172.16.0.0", 12], ["192.168.0.0", 16], ["100.64.0.0", 10], ["127.0.0.0", 8], ["fc00::", 7], ["::1", 128]);
const loopback = blockList(["127.0.0.0", 8], ["::1", 128]);

const has = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

/** The IPv4 address within an IPv6 one that a gateway would unpack: NAT64 (RFC 6052), 6to4 (RFC 3056), and the older compatible form. */
function embedded(address: string): string | undefined {
    if (isIP(address) !== 6) {
        return undefined;
    }
    // As URLs have it: the shortest form, all in hexadecimal.
    const parts = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::").map((half) => (half === "" ? [] : half.split(":")));
    const [head = [], tail = []] = parts;
    const groups = [...head, ...Array<string>(parts.length === 1 ? 0 : 8 - head.length - tail.length).fill("0"), ...tail].map((group) => Number.parseInt(group, 16));
    const prefix = (...start: number[]): boolean => start.every((group, at) => groups[at] === group);
    const at = prefix(0x2002) ? 1 : prefix(0x64, 0xff9b, 0, 0, 0, 0) || prefix(0, 0, 0, 0, 0, 0) ? 6 : undefined;
    return at === undefined ? undefined : groups.slice(at, at + 2).flatMap((group) => [group >> 8, group & 255]).join(".");
}

/** Whether credentials may be sent to an IP address. */
export function allowed(address: string, reach: Reach): boolean {
    const [bare = ""] = address.split("%");
    const inner = embedded(bare);
    const refused = (one: string): boolean => has(forbidden, one) || (reach === "public" && has(local, one)) || (reach === "loopback" && !has(loopback, one));
    return isIP(bare) !== 0 && !refused(bare) && (inner === undefined || bare === "::1" || !refused(inner));
}

/** Whether a URL's host name means this machine. */
export function isLoopback(hostname: string): boolean {
    const bare = hostname.replace(/^\[|\]$/g, "");
    return bare === "localhost" || (isIP(bare) !== 0 && has(loopback, bare));
}
