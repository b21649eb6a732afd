// The message of `status` to a chat: the connections that need attention, or what has changed since an earlier report.
import { parseJson } from "../../core/json";
import { isStatus } from "../../core/statuses";
import { coded } from "../../define/coded";
import type { Values } from "../../define";
import { isObject, objectIn, textsIn } from "../../core/values";
import { usageError } from "./exit-code";
import { textOfFile } from "./given-files";
import { basisOf, needsAttention, wordOf, type ShownConnection } from "./stack-records";
import type { StackProblem, StatusReport } from "./status-report";
import { shortName } from "./terminal";

/** The most rows of a message, and the most characters of a row's text. */
const mostRows = 40;
const longestText = 400;

/** The output of an earlier `status --json`, of any version. */
export interface EarlierReport {
    readonly connections: readonly Values[];
    readonly problems: readonly Values[];
}

/**
 * Reads the file of `--since`.
 * @throws CommandError of exit code 3.
 */
export async function earlierReport(file: string): Promise<EarlierReport> {
    const { connections, problems } = objectIn(parseJson(await textOfFile(file)));
    const isReport = [connections, problems].every((list) => Array.isArray(list) && list.every(isObject));
    if (!isReport) {
        throw usageError(
            "cli-since-file",
            `--since: ${file} is not what status --json prints. Write it with status --json.`,
        );
    }
    return { connections, problems } as EarlierReport;
}

/**
 * The message, as Slack's mrkdwn; undefined where there is nothing to report.
 * @param stacks The stacks that were to be read.
 * @param earlier An earlier report: where given, only the differences from it are in the message.
 */
export function messageOf(
    report: StatusReport,
    stacks: readonly string[],
    earlier?: EarlierReport,
): string | undefined {
    const rows = earlier === undefined ? attentionRows(report) : changedRows(report, stacks, earlier);
    if (rows.length === 0) {
        return undefined;
    }
    const what = earlier === undefined ? "API connections that need attention" : "Changes of API connections";
    const more = rows.length > mostRows ? [`and ${rows.length - mostRows} more`] : [];
    const { connections } = report;
    const basis = connections.length === 0 ? "" : ` ${basisOf(connections)}`;
    return [`*${what}: ${rows.length}.*${basis}`, ...rows.slice(0, mostRows).map((row) => `• ${row}`), ...more].join(
        "\n",
    );
}

const attentionRows = ({ connections, problems }: StatusReport): readonly string[] => [
    ...problems.map(problemRow),
    ...connections.filter(needsAttention).map(connectionRow),
];

function changedRows(
    { connections, problems }: StatusReport,
    stacks: readonly string[],
    earlier: EarlierReport,
): readonly string[] {
    const before = new Map(earlier.connections.map((one) => [keyOf(one), one]));
    const now = new Set(connections.map(keyOf));
    const failed = new Set(problems.map(({ stack }) => stack));
    const failedBefore = new Set(earlier.problems.map(({ stack }) => stack));
    const changed = connections.filter((one) => {
        const old = before.get(keyOf(one));
        const mattered = old !== undefined && needsAttention(old);
        return (needsAttention(one) || mattered) && (old === undefined || factsOf(one) !== factsOf(old));
    });
    // A stack that could not be read proves nothing about its connections.
    const gone = earlier.connections.filter(
        (one) => isReadStack(one["stack"]) && !now.has(keyOf(one)) && needsAttention(one),
    );
    return [
        ...problems.filter(({ stack }) => !failedBefore.has(stack)).map(problemRow),
        ...changed.map(connectionRow),
        ...gone.map((one) => `${placeOf(one)}: is no longer in the stack.`),
        ...[...failedBefore]
            .filter(isReadStack)
            .map((stack) => `the stack ${plain(stack, 80)}: was read without a problem.`),
    ];

    function isReadStack(stack: unknown): stack is string {
        return typeof stack === "string" && stacks.includes(stack) && !failed.has(stack);
    }
}

const keyOf = ({ stack, urn }: Pick<ShownConnection, "stack" | "urn"> | Values): string => JSON.stringify([stack, urn]);

const wordIn = (one: ShownConnection | Values): string => {
    const { status } = one;
    return isStatus(status) ? wordOf({ status, drift: textsIn(one.drift) }).word : "unverified";
};

/** The facts that count as a change: no sentences, because those have times and counts in them. */
function factsOf(one: ShownConnection | Values): string {
    const objects = (list: unknown): readonly Values[] => (Array.isArray(list) ? list.map(objectIn) : []);
    return JSON.stringify([
        wordIn(one),
        [...textsIn(one.drift)].sort(),
        one.expiresAt,
        objects(one.problems).map(({ kind, argument }) => [kind, argument]),
        objects(one.hubs).map(({ urn, status, next }) => [urn, status, next !== undefined]),
    ]);
}

const problemRow = ({ stack, code, message }: StackProblem): string =>
    `*not read* the stack ${plain(stack, 80)}: ${plain(coded(message, code), longestText)}`;

function connectionRow(one: ShownConnection): string {
    const since = one.since === null ? "" : ` since ${plain(one.since, 20)}`;
    const basis = one.live ? "" : ", on record";
    const next = one.next === "" ? "nothing to do" : one.next;
    const contact = one.contact === null ? "" : ` Contact: ${plain(one.contact, 200)}`;
    return `*${wordOf(one).word}*${since}${basis} ${placeOf(one)}: ${plain(next, longestText)}${contact}`;
}

/** `mdm (jamf.ApiClient, stack dev)`. */
const placeOf = ({ name, type, stack }: ShownConnection | Values): string =>
    `${plain(name, 80)} (${plain(type, 80)}, stack ${plain(stack, 80)})`;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const lookalikes: Readonly<Record<string, string>> = { "*": "∗", _: "＿", "~": "∼", "`": "ˋ" };

/**
 * A text that a chat shows as it is: without formats, links, and mentions of persons or channels. Chats have no escape
 * for most characters, so look-alikes replace those that format, and a space without width separates others.
 */
function plain(value: unknown, most: number): string {
    return shortName(typeof value === "string" ? value : "", most)
        .replace(/[&<>]/g, (sign) => entities[sign] ?? "")
        .replace(/[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (sign) => lookalikes[sign] ?? "")
        .replace(/(?<!\w)[@#](?=\w)|:(?=\/\/)|\bwww(?=\.)|\](?=\()|:(?=[\w+-]+:)/gi, "$&\u200b");
}
