import { BlockList, isIP } from "node:net";

/** Where hosts may lie: `public` for a vendor's own, `private` for products that customers host themselves, `any` for a target of `connections:endpoints`. */
export type Reach = "public" | "private" | "any";

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
    ["fd00:ec2::254", 128],
    ["fd20:ce::254", 128],
);
const local = blockList(["10.0.0.0", 8], ["172.16.0.0", 12], ["192.168.0.0", 16], ["100.64.0.0", 10], ["127.0.0.0", 8], ["fc00::", 7], ["::1", 128]);
const loopback = blockList(["127.0.0.0", 8], ["::1", 128]);

const has = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

/** Whether credentials may be sent to an IP address. */
export function allowed(address: string, reach: Reach): boolean {
    return isIP(address) !== 0 && !has(forbidden, address) && (reach !== "public" || !has(local, address));
}

/** Whether a URL's host name means this machine. */
export function isLoopback(hostname: string): boolean {
    const bare = hostname.replace(/^\[|\]$/g, "");
    return bare === "localhost" || (isIP(bare) !== 0 && has(loopback, bare));
}
