// `pulumi-connections status`: the connections of stacks, from their state or checked now.
import path from "node:path";
import { ConnectionType } from "../../core/connection-type";
import { inspectLive } from "../../core/inspect";
import { coded } from "../../define/coded";
import { describe, nameOfError } from "../../core/problems";
import type { SecretCommands } from "../../core/secret-command";
import { isReference } from "../../core/secrets";
import { Semaphore } from "../../core/semaphore";
import { Session } from "../../core/session";
import { endpointsWarning } from "../../core/settings";
import type { Problem } from "../../define";
import { CommandError, ExitCode, exitCodeOf, usageError } from "./exit-code";
import { environmentSettings, stackSettings } from "./given-settings";
import { typeOfRecord } from "./own-types";
import { requireReplaceable, writeOwn, type FileKind } from "./own-file";
import { withProgress } from "./progress";
import { commandsOfOthers } from "./secret-commands";
import {
    byUrgency,
    connectionsIn,
    recordedConnection,
    shownConnection,
    type ConnectionRecord,
    type ShownConnection,
} from "./stack-records";
import { Stacks } from "./stacks";
import { csvFile, csvOf } from "./status-csv";
import { earlierReport, messageOf } from "./status-message";
import type { StatusReport } from "./status-report";
import { statusTable } from "./status-table";
import { jsonText, type Terminal } from "./terminal";

/** The command's options. */
export interface StatusOptions {
    readonly stack?: readonly string[] | undefined;
    readonly all?: boolean | undefined;
    readonly cwd?: string | undefined;
    readonly live?: boolean | undefined;
    readonly json?: boolean | undefined;
    readonly html?: string | undefined;
    readonly csv?: string | undefined;
    readonly webhook?: string | undefined;
    readonly since?: string | undefined;
    readonly force?: boolean | undefined;
    readonly allowCommands?: boolean | undefined;
    readonly allowModules?: boolean | undefined;
}

/** The number of stacks that are read at once. */
const atOnce = 4;

/** Shows the connections of one stack, several or all of a backend. */
export async function status(options: StatusOptions, terminal: Terminal): Promise<number> {
    const { stack: named = [], all = false, live = false, json = false, cwd = "." } = options;
    if (all && named.length > 0) {
        throw usageError("cli-status-usage", "status accepts --stack or --all, and not both.");
    }
    if (live) {
        // A fault of the environment is a fault for every stack.
        environmentSettings();
    }
    const files = await filesToWrite(options);
    const post = await posting(options);
    const dir = path.resolve(cwd);
    const stacks = await withProgress(terminal, "opening the Pulumi workspace", () => Stacks.open(dir));
    const names = await withProgress(terminal, "listing the stacks", async () =>
        all ? stacks.all() : named.length > 0 ? [...new Set(named)] : [await stacks.current()],
    );
    let read = 0;
    const reading = (): string =>
        `reading ${names.length === 1 ? `the stack ${names[0] ?? ""}` : `${names.length} stacks (${read} done)`}`;
    const turns = new Semaphore(atOnce);
    const found = await withProgress(terminal, reading, () =>
        Promise.all(
            names.map(async (name) => {
                const one = await turns.run(new AbortController().signal, () => readStack(stacks, name, live));
                read++;
                return one;
            }),
        ),
    );
    const [first] = found;
    if (found.length === 1 && first?.exported === undefined && first?.fault !== undefined) {
        throw first.fault;
    }
    const ready = live ? withSessions(found, commandsOfOthers(options.allowCommands), terminal) : found;
    const connections = live
        ? await checkAll(ready, stacks, options.allowModules === true, terminal)
        : ready.flatMap(recordedConnections);
    const report: StatusReport = {
        connections: [...connections].sort(byUrgency),
        problems: ready.flatMap(({ name, fault }) =>
            fault === undefined ? [] : [{ stack: name, code: fault.code, message: fault.sentence }],
        ),
    };
    report.problems.forEach(({ code, message }) => {
        terminal.printError(`warning: ${coded(message, code)}`);
    });
    for (const { kind, file, textOf } of files) {
        await writeOwn(kind, file, textOf(report), options.force === true);
        terminal.printError(`wrote ${file}`);
    }
    if (json) {
        terminal.print(jsonText(report));
    } else {
        terminal.print(statusTable(report.connections, names, terminal));
    }
    await post?.(report, names, terminal);
    return exitCodeOf(report.connections, { isLive: live, isIncomplete: report.problems.length > 0 });
}

/** A file that an option names, and the function that writes its text. */
interface NamedFile {
    readonly kind: FileKind;
    readonly file: string;
    readonly textOf: (report: StatusReport) => string;
}

/** The files that options name. A name that must not be replaced is refused at once. */
async function filesToWrite({ html, csv, force = false }: StatusOptions): Promise<readonly NamedFile[]> {
    const files: NamedFile[] = [];
    if (html !== undefined) {
        const { pageFile, pageOf } = require("./page") as typeof import("./page");
        files.push({ kind: pageFile, file: path.resolve(html), textOf: (report) => pageOf(report, new Date()) });
    }
    if (csv !== undefined) {
        files.push({ kind: csvFile, file: path.resolve(csv), textOf: ({ connections }) => csvOf(connections) });
    }
    await Promise.all(files.map(({ kind, file }) => requireReplaceable(kind, file, force)));
    return files;
}

type Post = (report: StatusReport, stacks: readonly string[], terminal: Terminal) => Promise<void>;

/** The posting to the webhook that options name; wrong options are refused at once. */
async function posting({ webhook, since }: StatusOptions): Promise<Post | undefined> {
    if (webhook === undefined) {
        if (since !== undefined) {
            throw usageError("cli-since", "--since belongs to --webhook. Write --webhook env:NAME --since FILE.");
        }
        return undefined;
    }
    const { postTo, webhookNamed } = require("./webhook") as typeof import("./webhook");
    const url = await webhookNamed(webhook);
    const earlier = since === undefined ? undefined : await earlierReport(since);
    return async (report, stacks, terminal) => {
        const text = messageOf(report, stacks, earlier);
        if (text === undefined) {
            terminal.printError(
                `--webhook: nothing was posted, because nothing ${earlier === undefined ? "needs attention" : "has changed"}.`,
            );
            return;
        }
        await withProgress(terminal, "posting to the webhook", () => postTo(url, text));
        terminal.printError("--webhook: one message was posted.");
    };
}

interface ReadStack {
    readonly name: string;
    readonly exported?: unknown;
    readonly isDecrypted: boolean;
    readonly fault?: CommandError | undefined;
    /** Undefined where its vendors cannot be contacted. */
    readonly session?: Session | undefined;
}

const onRecord = (error: CommandError): CommandError => error.with(`${error.sentence} What is shown is on record.`);

/** Reads a stack; where its secrets are needed and cannot be decrypted, the rest of it. */
async function readStack(stacks: Stacks, name: string, decrypted: boolean): Promise<ReadStack> {
    try {
        return { name, exported: await stacks.export(name, decrypted), isDecrypted: decrypted };
    } catch (error) {
        if (!(error instanceof CommandError)) {
            throw error;
        }
        if (!decrypted || error.exitCode === ExitCode.usage) {
            return { name, isDecrypted: false, fault: error };
        }
        const { exported } = await readStack(stacks, name, false);
        return { name, exported, isDecrypted: false, fault: exported === undefined ? error : onRecord(error) };
    }
}

function recordedConnections({ name, exported }: ReadStack): readonly ShownConnection[] {
    return connectionsIn(exported).map((record) => recordedConnection(name, record));
}

// ---- checked now ----------------------------------------------------------------------------------------------------------------

async function checkAll(
    found: readonly ReadStack[],
    stacks: Stacks,
    allowModules: boolean,
    terminal: Terminal,
): Promise<readonly ShownConnection[]> {
    if (stacks.programDir !== undefined) {
        // References to files count from the program's folder.
        process.chdir(stacks.programDir);
    }
    const work = found.flatMap(({ name, exported, session }) =>
        connectionsIn(exported).map(
            (record) => (): Promise<ShownConnection> =>
                session === undefined
                    ? Promise.resolve(recordedConnection(name, record))
                    : checkOne(name, record, session, stacks, allowModules),
        ),
    );
    let answered = 0;
    const progress = (): string => `checking the vendors (${answered} of ${work.length} connections have answered)`;
    return withProgress(terminal, progress, () =>
        Promise.all(
            work.map(async (check) => {
                const shown = await check();
                answered++;
                return shown;
            }),
        ),
    );
}

/** Stacks with a session each, shared by those with the same settings; a fault where its settings cannot be used. */
function withSessions(found: readonly ReadStack[], commands: SecretCommands, terminal: Terminal): readonly ReadStack[] {
    const sessions = new Map<string, Session>();
    return found.map((stack) => {
        if (!stack.isDecrypted) {
            return stack;
        }
        try {
            const settings = stackSettings(stack.name, stack.exported);
            const key = JSON.stringify(settings);
            const known = sessions.get(key);
            const warning = known === undefined ? endpointsWarning(settings) : undefined;
            if (warning !== undefined) {
                terminal.printError(`warning: ${warning}`);
            }
            const session = known ?? new Session(settings, undefined, commands);
            sessions.set(key, session);
            return { ...stack, session };
        } catch (error) {
            if (error instanceof CommandError) {
                return { ...stack, fault: onRecord(error) };
            }
            throw error;
        }
    });
}

async function checkOne(
    stack: string,
    record: ConnectionRecord,
    session: Session,
    stacks: Stacks,
    allowModules: boolean,
): Promise<ShownConnection> {
    if (record.fault !== undefined) {
        return recordedConnection(stack, record);
    }
    const type = typeOfRecord(record, stacks, allowModules);
    const why = type instanceof ConnectionType ? secretElsewhere({ ...record, type }, stacks) : type;
    if (!(type instanceof ConnectionType) || why !== undefined) {
        const { message = "", ...problem } = why ?? {};
        return unchecked(stack, record, {
            kind: "internal",
            code: "internal",
            ...problem,
            message: `it was not checked: ${message}`,
        });
    }
    try {
        return shownConnection(stack, { ...record, type }, await inspectLive(type, record.values, session));
    } catch (error) {
        const message = `the verification failed (${nameOfError(error)}). Report it as a bug of pulumi-connections.`;
        return unchecked(stack, record, { kind: "internal", code: "internal", message });
    }
}

/** The record of a connection that could not be checked; a record that cannot be used says so. */
function unchecked(stack: string, record: ConnectionRecord, problem: Problem): ShownConnection {
    const shown = recordedConnection(stack, record);
    return shown.problems.some(({ kind }) => kind === "internal")
        ? shown
        : { ...shown, status: "unreachable", problems: [problem], next: describe(problem) };
}

/**
 * The reason why a connection's secret cannot be read here. The same name may mean another variable, file or command in
 * its project. A secret of this project must not be sent to the other's hosts.
 */
function secretElsewhere({ type, values, project }: ConnectionRecord, { projectName }: Stacks): Problem | undefined {
    const isOther = project !== projectName;
    const name = isOther ? type.secretNames.find((one) => isReference(values[one])) : undefined;
    return name === undefined
        ? undefined
        : {
              kind: "internal",
              code: "cli-secret-elsewhere",
              message: `${name} is a reference that the runs of the project ${project} read. Run status --live in its folder.`,
          };
}
