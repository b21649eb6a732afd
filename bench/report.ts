import { median as medianOf } from "simple-statistics";
import type { Usage } from "./processes";
import type { Variant } from "./programs";
import type { Start } from "./start";

/** What is measured. */
export type Operation = "up" | "preview" | "previewRefresh" | "refresh" | "update" | "destroy";

/** One run of the engine. */
export interface Sample extends Usage {
    readonly variant: Variant;
    readonly count: number;
    readonly latency: number;
    readonly operation: Operation;
    readonly round: number;
    readonly calls: Readonly<Record<string, number>>;
}

/** How large a stack's state is. */
export interface StateSize {
    readonly variant: Variant;
    readonly count: number;
    /** Of the whole resource, in bytes. */
    readonly bytes: number;
    /** Of its `__provider`, each time it is stored. */
    readonly provider: number;
}

/** What one type of connection costs. */
export interface TypeCost {
    readonly type: string;
    /** Calls of one preview. */
    readonly calls: Readonly<Record<string, number>>;
    readonly bytes: number;
    readonly provider: number;
}

/** One start of the provider process. */
export interface StartSample extends Start {
    readonly variant: Variant;
    readonly call: "check" | "read";
    readonly round: number;
}

/** Everything that a run of the bench has measured. */
export interface Results {
    readonly machine: string;
    readonly samples: Sample[];
    readonly growth: Sample[];
    readonly sizes: StateSize[];
    readonly starts: StartSample[];
    readonly types: TypeCost[];
}

const titles: Readonly<Record<Operation, string>> = {
    up: "first up",
    preview: "preview, unchanged",
    previewRefresh: "the same, refresh: always",
    refresh: "refresh",
    update: "up, all secrets new",
    destroy: "destroy",
};

/** The tables, in Markdown. */
export function report(results: Results): string {
    const { machine, samples, growth, sizes, starts, types } = results;
    const parts = [
        `Machine: ${machine}. Every figure is a median; a ratio is the median of the ratios of runs that were made in turns.`,
        ...section("Wall time", timeTable(samples)),
        ...section("The plugin, with YAML, beside TypeScript's classes", pluginTable(samples)),
        ...section("Processor time and memory", costTable(samples)),
        ...section("Calls to the vendors for each connection", callTable(samples)),
        ...section("State of a resource", sizeTable(sizes)),
        ...section("By type: calls of a preview, and state", typeTable(types)),
        ...section("Start of the provider process", startTable(starts)),
        ...section("Growth", growthTable(growth)),
    ];
    return `${parts.join("\n\n")}\n`;
}

type Row = readonly (string | number)[];

function section(title: string, [head, ...rows]: readonly Row[]): string[] {
    if (head === undefined || rows.length === 0) {
        return [];
    }
    const line = (cells: Row): string => `| ${cells.join(" | ")} |`;
    return [
        `### ${title}`,
        [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n"),
    ];
}

const median = (values: number[]): number => (values.length === 0 ? Number.NaN : medianOf(values));

const shown = (value: number, digits = 2): string => (Number.isFinite(value) ? value.toFixed(digits) : "");

interface Cell {
    readonly count: number;
    readonly latency: number;
    readonly operation: Operation;
}

/** In which order operations are shown. */
const place = (operation: Operation): number => Object.keys(titles).indexOf(operation);

function cellsOf(samples: readonly Sample[]): Cell[] {
    const cells = new Map(
        samples
            .filter(({ variant }) => variant === "ours")
            .map(({ count, latency, operation }) => [
                `${count} ${latency} ${operation}`,
                { count, latency, operation },
            ]),
    );
    return [...cells.values()].sort(
        (a, b) => a.count - b.count || a.latency - b.latency || place(a.operation) - place(b.operation),
    );
}

/** The runs of a cell by variant: no-op resources ask no vendor and stand for every latency. */
function runsOf(samples: readonly Sample[], cell: Cell, wanted: Variant): Sample[] {
    return samples
        .filter(
            ({ variant, count, latency, operation }) =>
                variant === wanted &&
                count === cell.count &&
                operation === cell.operation &&
                (wanted === "floor" || latency === cell.latency),
        )
        .sort((a, b) => a.round - b.round);
}

function ratio(over: readonly Sample[], under: readonly Sample[], of: (sample: Sample) => number): number {
    return median(over.flatMap((sample, at) => (under[at] === undefined ? [] : [of(sample) / of(under[at])])));
}

function timeTable(samples: readonly Sample[]): Row[] {
    const seconds = ({ seconds: value }: Sample): number => value;
    return [
        ["", "connections", "vendor ms", "floor s", "plain s", "ours s", "plain / floor", "ours / floor"],
        ...cellsOf(samples).map((cell): Row => {
            const [floor, plain, ours] = (["floor", "plain", "ours"] as const).map((variant) =>
                runsOf(samples, cell, variant),
            ) as [Sample[], Sample[], Sample[]];
            const medians = [floor, plain, ours].map((runs) => shown(median(runs.map(seconds))));
            return [
                titles[cell.operation],
                cell.count,
                cell.latency,
                ...medians,
                shown(ratio(plain, floor, seconds)),
                `**${shown(ratio(ours, floor, seconds))}**`,
            ];
        }),
    ];
}

/** The plugin beside the classes: time, calls of the run, and the memory of a provider process. */
function pluginTable(samples: readonly Sample[]): Row[] {
    const calls = ({ calls: all }: Sample): number => Object.values(all).reduce((sum, value) => sum + value, 0);
    const rows = cellsOf(samples).flatMap((cell): Row[] => {
        const [ours, plugin] = (["ours", "plugin"] as const).map((variant) => runsOf(samples, cell, variant)) as [
            Sample[],
            Sample[],
        ];
        const both = (of: (sample: Sample) => number, digits: number): string[] =>
            [ours, plugin].map((runs) => shown(median(runs.map(of)), digits));
        return plugin.length === 0
            ? []
            : [
                  [
                      titles[cell.operation],
                      cell.count,
                      cell.latency,
                      ...both(({ seconds }) => seconds, 2),
                      `**${shown(ratio(plugin, ours, ({ seconds }) => seconds))}**`,
                      ...both(calls, 0),
                      ...both(({ providerPeak }) => providerPeak, 0),
                  ],
              ];
    });
    const head = ["", "connections", "vendor ms", "classes s", "plugin s", "plugin / classes"];
    return rows.length === 0 ? [] : [[...head, "calls, classes", "plugin", "provider MiB, classes", "plugin"], ...rows];
}

function costTable(samples: readonly Sample[]): Row[] {
    return [
        [
            "",
            "connections",
            "vendor ms",
            "cpu s, floor",
            "plain",
            "ours",
            "ours / floor",
            "provider MiB, floor",
            "plain",
            "ours",
            "program MiB, floor",
            "plain",
            "ours",
        ],
        ...cellsOf(samples).map((cell): Row => {
            const runs = (["floor", "plain", "ours"] as const).map((variant) => runsOf(samples, cell, variant));
            const each = (of: (sample: Sample) => number, digits: number): string[] =>
                runs.map((list) => shown(median(list.map(of)), digits));
            return [
                titles[cell.operation],
                cell.count,
                cell.latency,
                ...each(({ cpu }) => cpu, 2),
                shown(ratio(runs[2] ?? [], runs[0] ?? [], ({ cpu }) => cpu)),
                ...each(({ providerPeak }) => providerPeak, 0),
                ...each(({ programPeak }) => programPeak, 0),
            ];
        }),
    ];
}

function callTable(samples: readonly Sample[]): Row[] {
    const per = ({ calls, count }: Sample): number =>
        Object.values(calls).reduce((sum, value) => sum + value, 0) / count;
    return [
        ["", "connections", "vendor ms", "plain", "ours"],
        ...cellsOf(samples).map((cell): Row => {
            const [plain, ours] = (["plain", "ours"] as const).map((variant) =>
                shown(median(runsOf(samples, cell, variant).map(per)), 1),
            );
            return [titles[cell.operation], cell.count, cell.latency, plain ?? "", ours ?? ""];
        }),
    ];
}

function sizeTable(sizes: readonly StateSize[]): Row[] {
    const sizeOf = (wanted: Variant): StateSize | undefined => sizes.filter(({ variant }) => variant === wanted).at(-1);
    return [
        ["", "bytes", "bytes of `__provider`, each time"],
        ...(["floor", "plain", "ours", "plugin"] as const).flatMap((variant): Row[] => {
            const size = sizeOf(variant);
            return size === undefined ? [] : [[variant, size.bytes, size.provider]];
        }),
    ];
}

function typeTable(types: readonly TypeCost[]): Row[] {
    return [
        ["", "calls", "how many", "bytes of state", "bytes of `__provider`"],
        ...types.map(({ type, calls, bytes, provider }): Row => {
            const named = Object.entries(calls).map(
                ([call, count]) => `${count === 1 ? "" : `${count} x `}\`${call}\``,
            );
            const all = Object.values(calls).reduce((sum, count) => sum + count, 0);
            return [`\`${type}\``, named.join("<br>"), all, bytes, provider];
        }),
    ];
}

function startTable(starts: readonly StartSample[]): Row[] {
    return [
        ["first call", "floor ms", "ours ms", "ours / floor", "floor MiB", "ours MiB"],
        ...(["check", "read"] as const).flatMap((call): Row[] => {
            const [floor, ours] = (["floor", "ours"] as const).map((variant) =>
                starts.filter((one) => one.variant === variant && one.call === call),
            ) as [StartSample[], StartSample[]];
            const ratios = ours.flatMap((start, at) =>
                floor[at] === undefined ? [] : [start.answered / floor[at].answered],
            );
            const [a, b] = [floor, ours].map((list) => shown(median(list.map(({ answered }) => answered)), 0));
            const [c, d] = [floor, ours].map((list) => shown(median(list.map(({ peak }) => peak)), 0));
            return ours.length === 0
                ? []
                : [[call, a ?? "", b ?? "", `**${shown(median(ratios))}**`, c ?? "", d ?? ""]];
        }),
    ];
}

function growthTable(samples: readonly Sample[]): Row[] {
    const floor = (cell: Cell): Sample | undefined => runsOf(samples, cell, "floor")[0];
    return [
        [
            "",
            "connections",
            "floor s",
            "ours s",
            "ours / floor",
            "ours ms for each",
            "provider MiB, floor",
            "ours",
            "program MiB, floor",
            "ours",
        ],
        ...samples
            .filter(({ variant }) => variant === "ours")
            .sort((a, b) => place(a.operation) - place(b.operation) || a.count - b.count)
            .map((ours): Row => {
                const none = floor(ours);
                return [
                    titles[ours.operation],
                    ours.count,
                    shown(none?.seconds ?? Number.NaN),
                    shown(ours.seconds),
                    `**${shown(ours.seconds / (none?.seconds ?? Number.NaN))}**`,
                    shown((ours.seconds * 1000) / ours.count, 1),
                    shown(none?.providerPeak ?? Number.NaN, 0),
                    shown(ours.providerPeak, 0),
                    shown(none?.programPeak ?? Number.NaN, 0),
                    shown(ours.programPeak, 0),
                ];
            }),
    ];
}
