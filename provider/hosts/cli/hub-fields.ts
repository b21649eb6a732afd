// `pulumi-connections hub-fields`: prints the values that a person types into a hub's form for a connection of a stack,
// and stores them nowhere.
import path from "node:path";
import { ConnectionType } from "../../core/connection-type";
import { hubFieldsOf } from "../../core/hub-fields";
import { nearest } from "../../core/nearest";
import { nameOfError } from "../../core/problems";
import { isReference } from "../../core/secrets";
import { Session } from "../../core/session";
import { decodeState, pick, type PriorState } from "../../core/state";
import { ExitCode, problemsError, unavailable, usageError } from "./exit-code";
import { typeOfRecord } from "./own-types";
import { withProgress } from "./progress";
import { commandsOfOthers } from "./secret-commands";
import { connectionsIn, unusableMessage, type ConnectionRecord } from "./stack-records";
import { Stacks } from "./stacks";
import { jsonText, oneLine, type Terminal } from "./terminal";

/** The command's options. */
export interface HubFieldsOptions {
    readonly stack?: string | undefined;
    readonly cwd?: string | undefined;
    readonly json?: boolean | undefined;
    readonly allowCommands?: boolean | undefined;
    readonly allowModules?: boolean | undefined;
}

const urnForm = /^urn:pulumi:([^:]+)::[^:]+::.+::.+$/;

/** Prints the fields of the hub's form, of the connection with a URN or with a name. */
export async function hubFields(
    which: string,
    { stack, cwd = ".", json, allowCommands, allowModules }: HubFieldsOptions,
    terminal: Terminal,
): Promise<number> {
    const stacks = await withProgress(terminal, "opening the Pulumi workspace", () => Stacks.open(path.resolve(cwd)));
    const name = stack ?? urnForm.exec(which)?.[1] ?? (await stacks.current());
    const exported = await withProgress(terminal, "reading the stack", () => stacks.export(name, true));
    const record = recordNamed(which, connectionsIn(exported), name);
    if (record.fault !== undefined) {
        throw unavailable("state-unusable", unusableMessage(record, record.fault));
    }
    if (stacks.programDir !== undefined) {
        // References to files count from the program's folder, and so do modules.
        process.chdir(stacks.programDir);
    }
    const type = typeOfRecord(record, stacks, allowModules === true);
    if (!(type instanceof ConnectionType)) {
        throw problemsError([type], ExitCode.unknown);
    }
    const prior = priorOf(type, record);
    if (prior === undefined || type.definition.hub === undefined) {
        throw usageError("cli-no-form", `for ${record.label} no hub's form is known.`);
    }
    if (record.project !== stacks.projectName && type.secretNames.some((one) => isReference(prior.args[one]))) {
        throw usageError(
            "cli-elsewhere",
            `the secret of this connection is a reference that the runs of the project ${record.project} read. Run hub-fields in its folder, or name that with --cwd.`,
        );
    }
    const given = prior.args;
    // No vendor is contacted, so no settings count.
    const session = new Session({ endpoints: {}, verify: undefined }, undefined, commandsOfOthers(allowCommands));
    const { secrets } = await session.resolve(type, type.arguments.accept(given));
    if (secrets.problems.length > 0) {
        throw problemsError(secrets.problems, ExitCode.unknown);
    }
    const fields = hubFieldsOf(type, { ...given, ...secrets.values }, pick(record.values, type.outputNames));
    show(fields, json === true, terminal);
    return ExitCode.ok;
}

function priorOf(type: ConnectionType, record: ConnectionRecord): PriorState | undefined {
    try {
        return decodeState(type, record.values);
    } catch (error) {
        throw unavailable("state-unusable", unusableMessage(record, nameOfError(error)));
    }
}

/**
 * The connection of a stack with a URN, or with a name that no other has.
 * @throws CommandError of exit code 3.
 */
export function recordNamed(which: string, records: readonly ConnectionRecord[], stack: string): ConnectionRecord {
    const found = records.filter(({ urn, name }) => urn === which || name === which);
    const [record, other] = found;
    if (record === undefined) {
        const near = nearest(
            which,
            records.map(({ name }) => name),
        );
        const hint = near === undefined ? "See pulumi-connections status --json." : `Did you mean ${near}?`;
        throw usageError("cli-no-urn", `the stack ${stack} has no connection of this name or URN. ${hint}`);
    }
    if (other !== undefined) {
        const urns = found.map(({ urn }) => `  ${urn}`).join("\n");
        throw usageError(
            "cli-two-names",
            `the stack ${stack} has ${found.length} connections of this name. Give the URN of one:\n${urns}`,
        );
    }
    return record;
}

/** Prints fields. In lines, control characters are left out, and the output says so. */
export function show(fields: Readonly<Record<string, string>>, isJson: boolean, terminal: Terminal): void {
    terminal.printError("These are secrets. They are printed once, and stored nowhere.");
    if (isJson) {
        terminal.print(jsonText(fields));
        return;
    }
    const changed = Object.keys(fields).filter((name) => oneLine(fields[name] ?? "") !== fields[name]);
    if (changed.length > 0) {
        terminal.printError(
            `warning: ${changed.join(", ")}: control characters and line breaks are left out here. --json prints the whole value.`,
        );
    }
    const width = Math.max(...Object.keys(fields).map((name) => name.length));
    const lines = Object.entries(fields).map(
        ([name, value]) => `${terminal.paint("strong", `${name}:`.padEnd(width + 1))} ${oneLine(value)}`,
    );
    terminal.print(lines.join("\n"));
}
