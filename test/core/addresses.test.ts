import fc from "fast-check";
import { isIP } from "node:net";
import { isAllowed as allowed, type AddressPolicy as Reach } from "../../provider/core/http/address-policy";

const reaches = ["public", "private", "any", "loopback"] as const satisfies readonly Reach[];

type Takes = readonly Reach[];
const everywhere: Takes = ["public", "private", "any"];
const inside: Takes = ["private", "any"];
const thisMachine: Takes = ["private", "any", "loopback"];
const gateways: Takes = ["any"];
const never: Takes = [];

/** Every row of IANA's two special-purpose registries: what they call globally reachable (undefined where they say N/A), and which reach takes it. */
const registry: readonly (readonly [block: string, name: string, reachable: boolean | undefined, takes: Takes])[] = [
    ["0.0.0.0/8", "this network", false, never],
    ["0.0.0.0/32", "this host on this network", false, never],
    ["10.0.0.0/8", "private use", false, inside],
    ["100.64.0.0/10", "shared address space", false, inside],
    ["127.0.0.0/8", "loopback", false, thisMachine],
    ["169.254.0.0/16", "link local", false, never],
    ["172.16.0.0/12", "private use", false, inside],
    ["192.0.0.0/24", "IETF protocol assignments", false, never],
    ["192.0.0.0/29", "IPv4 service continuity", false, never],
    ["192.0.0.8/32", "dummy address", false, never],
    ["192.0.0.9/32", "port control protocol anycast", true, everywhere],
    ["192.0.0.10/32", "TURN anycast", true, everywhere],
    ["192.0.0.170/32", "NAT64 discovery", false, never],
    ["192.0.0.171/32", "NAT64 discovery", false, never],
    ["192.0.2.0/24", "documentation", false, never],
    ["192.31.196.0/24", "AS112", true, everywhere],
    ["192.52.193.0/24", "AMT", true, everywhere],
    ["192.88.99.0/24", "6to4 relay anycast, deprecated", undefined, never],
    ["192.88.99.2/32", "6a44 relay anycast", false, never],
    ["192.168.0.0/16", "private use", false, inside],
    ["192.175.48.0/24", "AS112 direct delegation", true, everywhere],
    ["198.18.0.0/15", "benchmarking", false, gateways],
    ["198.51.100.0/24", "documentation", false, never],
    ["203.0.113.0/24", "documentation", false, never],
    ["240.0.0.0/4", "reserved", false, never],
    ["255.255.255.255/32", "limited broadcast", false, never],
    ["::1/128", "loopback", false, thisMachine],
    ["::/128", "unspecified", false, never],
    ["64:ff9b:1::/48", "NAT64, local use", false, never],
    ["100::/64", "discard only", false, never],
    ["100:0:0:1::/64", "dummy prefix", false, never],
    ["2001::/23", "IETF protocol assignments", false, never],
    ["2001::/32", "Teredo", undefined, never],
    ["2001:1::1/128", "port control protocol anycast", true, everywhere],
    ["2001:1::2/128", "TURN anycast", true, everywhere],
    ["2001:1::3/128", "DNS-SD registration anycast", true, everywhere],
    ["2001:2::/48", "benchmarking", false, never],
    ["2001:3::/32", "AMT", true, everywhere],
    ["2001:4:112::/48", "AS112", true, everywhere],
    ["2001:10::/28", "ORCHID, deprecated", undefined, never],
    ["2001:20::/28", "ORCHIDv2", true, everywhere],
    ["2001:30::/28", "drone remote identification", true, everywhere],
    ["2001:db8::/32", "documentation", false, never],
    ["2002::/16", "6to4", undefined, never],
    ["2620:4f:8000::/48", "AS112 direct delegation", true, everywhere],
    ["3fff::/20", "documentation", false, never],
    ["5f00::/16", "segment routing", false, never],
    ["fc00::/7", "unique local", false, inside],
    ["fe80::/10", "link local", false, never],
];

/** What lies in no special-purpose registry and is no place for a credential all the same. */
const others: typeof registry = [
    ["224.0.0.0/4", "multicast", undefined, never],
    ["::/96", "IPv4-compatible, deprecated", undefined, never],
    ["::ffff:0:0:0/96", "IPv4-translated (RFC 2765)", undefined, never],
    ["4000::/3", "not allocated", undefined, never],
    ["e000::/4", "not allocated", undefined, never],
    ["fec0::/10", "site local, deprecated", undefined, never],
    ["ff00::/8", "multicast", undefined, never],
    // Metadata services.
    ["100.100.100.200/32", "Alibaba", undefined, never],
    ["168.63.129.16/32", "Azure", undefined, never],
    ["192.0.0.192/32", "Oracle", undefined, never],
    ["fd00:ec2::/32", "AWS", undefined, never],
    ["fd20:ce::254/128", "Google", undefined, never],
    ["fd00:c1::a9fe:a9fe/128", "Oracle", undefined, never],
    ["fd00:a9fe:a9fe::1/128", "Akamai", undefined, never],
    ["fd00:42::42/128", "Scaleway", undefined, never],
    ["fd00:100::100:200/128", "Alibaba", undefined, never],
];

const ordinary: typeof registry = [
    ["0.0.0.0/0", "IPv4", true, everywhere],
    ["2000::/3", "IPv6 global unicast", true, everywhere],
    ["::/0", "IPv6 that is not allocated", undefined, never],
];

/** Groups of 16 bits of an IPv6 address, which may end in a dotted IPv4 one. */
function groupsOf(text: string): number[] {
    const hexadecimal = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
        const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
        return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
    });
    const [head = [], tail] = hexadecimal.split("::").map((half) => half.split(":").filter((group) => group !== ""));
    return [
        ...head,
        ...Array<string>(tail === undefined ? 0 : 8 - head.length - tail.length).fill("0"),
        ...(tail ?? []),
    ].map((group) => Number.parseInt(group, 16));
}

const numberOf = (text: string): bigint =>
    isIP(text) === 4
        ? text.split(".").reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
        : groupsOf(text).reduce((sum, group) => sum * 65536n + BigInt(group), 0n);

const hexGroups = (value: bigint): string[] =>
    Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));
const dotted = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");
const textOf = (value: bigint, family: number): string => (family === 4 ? dotted(value) : hexGroups(value).join(":"));

interface Block {
    readonly family: number;
    readonly first: bigint;
    readonly last: bigint;
    readonly takes: Takes;
    readonly name: string;
}

const blocks: readonly Block[] = [...registry, ...others, ...ordinary]
    .map(([block, name, , takes]) => {
        const [net = "", length] = block.split("/");
        const family = isIP(net);
        const size = 1n << BigInt((family === 4 ? 32 : 128) - Number(length));
        return { family, first: numberOf(net), last: numberOf(net) + size - 1n, takes, name: `${block} (${name})` };
    })
    .sort((a, b) => Number(a.last - a.first < b.last - b.first ? -1n : 1n));

/** What the smallest block says that an address lies in. */
const expected = (value: bigint, family: number): Takes =>
    blocks.find((block) => block.family === family && block.first <= value && value <= block.last)?.takes ?? never;

const taking = (address: string): Reach[] => reaches.filter((reach) => allowed(address, reach));

const within = ({ first, last, family }: Block): fc.Arbitrary<string> =>
    fc.bigInt({ min: first, max: last }).map((value) => textOf(value, family));
const anyV4 = fc.oneof(
    fc.bigInt({ min: 0n, max: 0xffffffffn }).map(dotted),
    ...blocks.filter(({ family }) => family === 4).map(within),
);
const anyV6 = fc.oneof(
    fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => textOf(value, 6)),
    ...blocks.filter(({ family }) => family === 6).map(within),
);

describe("A block of addresses", () => {
    test.each(blocks.map((block) => [block.name, block] as const))("is taken as its row says: %s", (_, block) => {
        const { family, first, last } = block;
        const bits = family === 4 ? 32n : 128n;
        const edges = [first, last, (first + last) / 2n, first - 1n, last + 1n].filter(
            (value) => value >= 0n && value < 1n << bits,
        );
        for (const value of edges) {
            // Those of the mapped and of the translated forms are judged below.
            if (family === 6 && /^(0:0:0:0:0:ffff|64:ff9b:0:0:0:0):/.test(textOf(value, 6))) {
                continue;
            }
            expect({ address: textOf(value, family), takes: taking(textOf(value, family)) }).toEqual({
                address: textOf(value, family),
                takes: expected(value, family),
            });
        }
        fc.assert(
            fc.property(
                within(block),
                (address) =>
                    /^(0:0:0:0:0:ffff|64:ff9b:0:0:0:0):/.test(address) ||
                    expect(taking(address)).toEqual(expected(numberOf(address), family)),
            ),
            { numRuns: 50 },
        );
    });

    test("of IANA's registries is taken for a vendor's own host just where it is globally reachable", () => {
        for (const [block, , reachable, takes] of registry) {
            expect({ block, public: takes.includes("public") }).toEqual({ block, public: reachable === true });
        }
    });
});

describe("An IPv4 address", () => {
    const pairs = (address: string): [string, string] => hexGroups(numberOf(address)).slice(6) as [string, string];
    const zeros = (address: string): string =>
        groupsOf(address)
            .map((group) => group.toString(16).padStart(4, "0").toUpperCase())
            .join(":");

    test("is judged alike however it is mapped into IPv6", () => {
        fc.assert(
            fc.property(anyV4, (address) => {
                const mapped = [
                    `::ffff:${address}`,
                    `::ffff:${pairs(address).join(":")}`,
                    `0:0:0:0:0:FFFF:${address}`,
                    zeros(`::ffff:${address}`),
                    `::ffff:${address}%1`,
                ];
                mapped.forEach((one) =>
                    expect({ one, takes: taking(one) }).toEqual({ one, takes: expected(numberOf(address), 4) }),
                );
            }),
            { numRuns: 500 },
        );
    });

    test("is judged alike behind NAT64, but for this machine's own, which no gateway leads to", () => {
        fc.assert(
            fc.property(anyV4, (address) => {
                const takes = address.startsWith("127.") ? never : expected(numberOf(address), 4);
                const translated = [
                    `64:ff9b::${address}`,
                    `64:ff9b::${pairs(address).join(":")}`,
                    zeros(`64:ff9b::${address}`),
                ];
                translated.forEach((one) => expect({ one, takes: taking(one) }).toEqual({ one, takes }));
            }),
            { numRuns: 500 },
        );
    });

    test("is taken in no other IPv6 form, whatever it is itself", () => {
        fc.assert(
            fc.property(anyV4, fc.integer({ min: 0, max: 0xffff }), (address, other) => {
                const [high, low] = pairs(address);
                const [a = "", b = "", c = "", d = ""] = hexGroups(numberOf(address))
                    .slice(6)
                    .flatMap((group) => [group.padStart(4, "0").slice(0, 2), group.padStart(4, "0").slice(2)]);
                const some = other.toString(16);
                const hidden = (value: string): string => (Number.parseInt(value, 16) ^ 0xffff).toString(16);
                const forms = [
                    // 6to4; Teredo, as its server and, inverted, as its client.
                    ...[
                        `2002:${high}:${low}::${some}`,
                        `2002:${high}:${low}:${some}::`,
                        `2001:0:${high}:${low}:0:${some}:${high}:${low}`,
                        `2001::${some}:${hidden(high)}:${hidden(low)}`,
                    ],
                    // NAT64 for local use, as RFC 6052 puts the address after prefixes of 48, 56, 64 and 96 bits.
                    ...[
                        `64:ff9b:1:${high}:${c}:${d}00::`,
                        `64:ff9b:1:${some}:0:${high}:${low}:0`,
                        `64:ff9b:1:ffff::${address}`,
                        `64:ff9b:1:${a}:${b}${c}:${d}00::`,
                    ],
                    // IPv4-translated, and behind prefixes near the mapped and the translated ones.
                    ...[`::ffff:0:${address}`, `::fffe:${address}`, `64:ff9b::1:${address}`, `64:ff9a::${address}`],
                    ...(/^0\.0\./.test(address) ? [] : [`::${address}`]),
                ];
                forms.forEach((one) =>
                    expect({ one, ip: isIP(one), takes: taking(one) }).toEqual({ one, ip: 6, takes: never }),
                );
            }),
            { numRuns: 500 },
        );
    });
});

describe("Any address", () => {
    test("is judged alike in each of its texts", () => {
        fc.assert(
            fc.property(anyV6, (address) => {
                const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
                const long = groupsOf(address)
                    .map((group) => group.toString(16).padStart(4, "0"))
                    .join(":");
                const end = dotted(numberOf(address) & 0xffffffffn);
                const texts = [
                    short,
                    long,
                    long.toUpperCase(),
                    `${short}%eth0`,
                    [
                        ...groupsOf(address)
                            .slice(0, 6)
                            .map((group) => group.toString(16)),
                        end,
                    ].join(":"),
                ];
                texts.forEach((one) => expect({ one, takes: taking(one) }).toEqual({ one, takes: taking(address) }));
            }),
            { numRuns: 500 },
        );
    });

    test("that a narrower reach takes is taken by the wider ones, and plain http stays on this machine", () => {
        fc.assert(
            fc.property(fc.oneof(anyV4, anyV6), (address) => {
                const takes = taking(address);
                expect(takes.includes("public") && !takes.includes("private")).toBe(false);
                expect(takes.includes("private") && !takes.includes("any")).toBe(false);
                expect(takes.includes("loopback")).toBe(/^127\.|^::1$|^(0:){7}1$|^(0:){5}ffff:7f/.test(address));
            }),
            { numRuns: 1000 },
        );
    });

    test("is one: a text that is none is never taken", () => {
        for (const text of [
            "",
            "nonsense",
            "1.2.3",
            "127.1",
            "0x7f.0.0.1",
            "010.0.0.1",
            "8.8.8.8 ",
            "8.8.8.8%1%2x y",
            "[::1]",
            "::1::",
            "169.254.169.254.example",
            "localhost",
        ]) {
            // Node's own resolver gives out nothing of the kind.
            expect({ text, takes: isIP(text.split("%")[0] ?? "") === 0 ? taking(text) : never }).toEqual({
                text,
                takes: never,
            });
        }
    });
});
