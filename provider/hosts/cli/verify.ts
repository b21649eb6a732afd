// `pulumi-connections verify`: proves connections without a stack, on the core alone.
import type { Check, Problem, Status, Values } from "../../define";
import { coded } from "../../define/coded";
import { describe } from "../../core/problems";
import { Session } from "../../core/session";
import { endpointsWarning } from "../../core/settings";
import { verifyStandalone, type Standalone } from "../../core/verified";
import { statuses } from "../../core/statuses";
import { accountText } from "./account-text";
import { readConnections, type Requested } from "./connections-file";
import { typeNamed } from "./connection-types";
import { ExitCode, exitCodeOf, problemsError, usageError } from "./exit-code";
import { argumentsFromTexts, withReferences } from "./given-arguments";
import { requireAllowedHosts } from "./given-hosts";
import { environmentSettings } from "./given-settings";
import { withProgress } from "./progress";
import { commandsOfOthers } from "./secret-commands";
import { checkWords } from "./status-words";
import { jsonText, oneLine, shortName, type Terminal } from "./terminal";
import { wrap } from "./wrap";

/** The command's options. */
export interface VerifyOptions {
    readonly arg?: readonly string[] | undefined;
    readonly file?: string | undefined;
    readonly json?: boolean | undefined;
    readonly allowCommands?: boolean | undefined;
    readonly allowHost?: readonly string[] | undefined;
}

/** A check with its result and its duration. */
export interface TimedCheck extends Check {
    /** Undefined where no call was made for it. */
    readonly milliseconds?: number | undefined;
}

/** The output of `--json` for one connection. */
export interface PrintedVerification {
    readonly name?: string | undefined;
    readonly type: string;
    readonly status: Status;
    readonly account: Values | null;
    readonly checks: Readonly<Record<string, TimedCheck>>;
    /** The outputs, as far as they are known. */
    readonly facts: Values;
    readonly problems: readonly Problem[];
    readonly warnings: readonly string[];
}

/** Proves one connection, or those of a file. */
export async function verify(label: string | undefined, options: VerifyOptions, terminal: Terminal): Promise<number> {
    const requested = await requestedBy(label, options);
    const wrong = requested.flatMap(({ name, type, args }) =>
        type.arguments.validate(args).problems.map((problem) => ({
            ...problem,
            argument: [name, problem.argument].filter((part) => part !== undefined && part !== "").join(": "),
        })),
    );
    if (wrong.length > 0) {
        throw problemsError(wrong, ExitCode.usage);
    }
    if (options.file !== undefined) {
        requireAllowedHosts(options.file, requested, options.allowHost ?? []);
    }
    const settings = environmentSettings();
    const warning = endpointsWarning(settings);
    if (warning !== undefined) {
        terminal.printError(`warning: ${warning}`);
    }
    // A command on the command line is its writer's own.
    const isAllowed = label !== undefined || options.allowCommands === true;
    const session = new Session(settings, undefined, commandsOfOthers(isAllowed));
    let open = requested.length;
    const text = (): string =>
        requested.length === 1
            ? `checking ${requested[0]?.type.definition.title ?? ""}`
            : `checking: ${requested.length - open} of ${requested.length} connections have answered`;
    const results = await withProgress(terminal, text, () =>
        Promise.all(
            requested.map(async (one) => {
                const result = await verified(one, session);
                open--;
                return result;
            }),
        ),
    );
    if (options.json === true) {
        const [first] = results;
        terminal.print(jsonText(label === undefined ? { connections: results } : first));
    } else {
        terminal.print(results.map((result) => shown(result, terminal)).join("\n\n"));
    }
    return exitCodeOf(results);
}

async function requestedBy(
    label: string | undefined,
    { arg = [], file }: VerifyOptions,
): Promise<readonly Requested[]> {
    if (label === undefined) {
        if (file === undefined || arg.length > 0) {
            throw usageError(
                "cli-verify-usage",
                "verify needs a type with its --arg name=value, or --file connections.yaml.",
            );
        }
        return readConnections(file);
    }
    if (file !== undefined) {
        throw usageError(
            "cli-verify-both",
            "verify needs a type with its --arg name=value, or --file connections.yaml, and not both.",
        );
    }
    const type = typeNamed(label);
    return [{ name: "", type, args: await withReferences(type, argumentsFromTexts(type, arg)) }];
}

async function verified({ name, type, args }: Requested, session: Session): Promise<PrintedVerification> {
    const times = new Map<string, number>();
    const onCheck = (check: string, milliseconds: number): void => {
        times.set(check, (times.get(check) ?? 0) + milliseconds);
    };
    const { connection } = await verifyStandalone(type, args, session, onCheck);
    const found = connection as NonNullable<Standalone["connection"]>;
    const { status, problems, checks, outputs, account, grantedScopes, missingScopes, warnings } = found;
    const { secretExpiresAt, secretExpirySource } = found;
    // A declared day is there as it was given.
    const reported = secretExpirySource === "declared" ? {} : { secretExpiresAt, secretExpirySource };
    const timed = Object.entries(checks).map(([name, check]): [string, TimedCheck] => {
        const took = times.get(name);
        return [name, { ...check, ...(took === undefined ? {} : { milliseconds: Math.round(took) }) }];
    });
    return {
        ...(name === "" ? {} : { name }),
        type: type.label,
        status,
        account: account === undefined ? null : { ...account },
        checks: Object.fromEntries(timed),
        facts: { ...outputs, grantedScopes, missingScopes, expiresAt: args["expiresAt"], ...reported },
        problems,
        warnings,
    };
}

// ---- for people -----------------------------------------------------------------------------------------------------------------

function shown(
    { name, type, status, account, checks, facts, problems, warnings }: PrintedVerification,
    terminal: Terminal,
): string {
    const { paint, columns } = terminal;
    const { symbol, word, tone } = statuses[status];
    const title = [...(name === undefined ? [] : [paint("strong", shortName(name))]), type].join("  ");
    const head = `${paint(tone, `${symbol} ${word}`)}  ${title}`;
    const as = account === null ? [] : [`as ${accountText(account)}`];
    const width = Math.max(...Object.keys(checks).map((check) => check.length));
    const lines = Object.entries(checks).flatMap(([check, { result, message, code, milliseconds }]) => {
        const { symbol: mark, tone: shade } = checkWords[result];
        const took = milliseconds === undefined ? "" : ` (${milliseconds} ms)`;
        const [first = "", ...rest] = wrap(
            `${oneLine(code === undefined ? message : coded(message, code))}${took}`,
            columns,
            width + 6,
        );
        return [
            `  ${paint(shade, mark)} ${check.padEnd(width)}  ${first}`,
            ...rest.map((line) => `${" ".repeat(width + 6)}${line}`),
        ];
    });
    const texts = Object.entries(facts).flatMap(([fact, value]) =>
        isShown(value) ? [`${fact}: ${textOf(value)}`] : [],
    );
    // A message of a check is not repeated.
    const said = new Set(Object.values(checks).map(({ message }) => message));
    const wrong = problems.filter(({ message }) => !said.has(message)).map(describe);
    const paragraph = (text: string, mark = ""): string =>
        wrap(oneLine(text), columns, 2 + mark.length)
            .map((line, at) => `  ${at === 0 ? mark : " ".repeat(mark.length)}${line}`)
            .join("\n");
    return [
        head,
        ...as.map((text) => paragraph(text)),
        ...lines,
        ...texts.map((text) => paint("faint", paragraph(text))),
        ...wrong.map((text) => paint("bad", paragraph(text, "✖ "))),
        ...warnings.map((text) => paint("soon", paragraph(text, "! "))),
    ].join("\n");
}

const isShown = (value: unknown): boolean =>
    value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

function textOf(value: unknown): string {
    if (Array.isArray(value)) {
        return value.map(textOf).join(", ");
    }
    if (typeof value === "object" && value !== null) {
        return Object.entries(value)
            .map(([name, inner]) => `${name}=${textOf(inner)}`)
            .join(" ");
    }
    return String(value);
}
