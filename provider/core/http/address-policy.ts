// Which IP addresses credentials may be sent to.
import { BlockList, isIP } from "node:net";

/**
 * The networks that hosts may be in.
 *
 * - `public`, for a vendor's own hosts: addresses that are globally reachable.
 * - `private`, for products that customers host themselves: private networks (RFC 1918, RFC 6598, unique local) and
 * this machine as well.
 * - `any`, for a target of `connections:endpoints` and for a proxy: besides these the benchmarking network, which some
 * gateways use.
 * - `loopback`, for hosts over plain http: this machine alone.
 * - `inside`, for a host that a program allows over plain http: private networks and this machine.
 *
 * No policy allows link-local, cloud metadata, multicast and reserved addresses, in any spelling.
 */
export type AddressPolicy = "public" | "private" | "any" | "loopback" | "inside";

function blocks(nat64: boolean, ...subnets: readonly string[]): BlockList {
    const list = new BlockList();
    for (const subnet of subnets) {
        const [net = "", prefix] = subnet.split("/");
        if (isIP(net) === 6) {
            list.addSubnet(net, Number(prefix), "ipv6");
        } else {
            // A list finds IPv4 addresses in their mapped form (::ffff:0:0/96) by itself.
            list.addSubnet(net, Number(prefix), "ipv4");
            if (nat64) {
                list.addSubnet(`64:ff9b::${net}`, 96 + Number(prefix), "ipv6");
            }
        }
    }
    return list;
}

// Metadata services give credentials to every caller: Alibaba, Azure, Oracle, AWS, Google, Akamai, Scaleway. The
// others' are link-local.
const metadata = blocks(
    true,
    ...["100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"],
    ...[
        "fd00:ec2::/32",
        "fd20:ce::254/128",
        "fd00:c1::a9fe:a9fe/128",
        "fd00:a9fe:a9fe::1/128",
        "fd00:42::42/128",
        "fd00:100::100:200/128",
    ],
);

const unicast = blocks(true, "0.0.0.0/0", "2000::/3");
// IANA's special-purpose address registries, iana-ipv4-special-registry and iana-ipv6-special-registry (RFC 6890, RFC
// 8190; 2025-10-09), and multicast. Addresses outside of `unicast` are left out. First the ones that are not globally
// reachable, then the exceptions within them.
const special = blocks(
    true,
    ...[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
    ],
    ...["192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
    ...["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"],
);
const reachable = blocks(
    true,
    ...["192.0.0.9/32", "192.0.0.10/32"],
    ...[
        "2001:1::1/128",
        "2001:1::2/128",
        "2001:1::3/128",
        "2001:3::/32",
        "2001:4:112::/48",
        "2001:20::/28",
        "2001:30::/28",
    ],
);

const inside = blocks(true, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7");
const benchmarking = blocks(true, "198.18.0.0/15");
// No NAT64 gateway leads back to this machine.
const loopback = blocks(false, "127.0.0.0/8", "::1/128");

const has = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

const isGlobal = (address: string): boolean =>
    has(unicast, address) && (!has(special, address) || has(reachable, address));

/** True for an IP address that credentials may be sent to. */
export function isAllowed(address: string, policy: AddressPolicy): boolean {
    const [bare = ""] = address.split("%");
    if (isIP(bare) === 0 || has(metadata, bare)) {
        return false;
    }
    if (policy === "loopback") {
        return has(loopback, bare);
    }
    if (policy === "inside") {
        return has(inside, bare) || has(loopback, bare);
    }
    const near = policy !== "public" && (has(inside, bare) || has(loopback, bare));
    return isGlobal(bare) || near || (policy === "any" && has(benchmarking, bare));
}

/** True for a URL's host name that means this machine. */
export function isLoopback(hostname: string): boolean {
    const bare = hostname.replace(/^\[|\]$/g, "");
    return bare === "localhost" || (isIP(bare) !== 0 && has(loopback, bare));
}
