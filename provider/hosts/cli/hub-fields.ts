// `pulumi-connections hub-fields`: what a person types into a hub's form for a connection of a stack. It is printed, and kept nowhere.
import path from "node:path";
import { hubFieldsOf } from "../../core/hub-fields";
import { describe } from "../../core/problems";
import { isReference, withoutFingerprints } from "../../core/secrets";
import { Session } from "../../core/session";
import { decodeState, pick } from "../../core/state";
import { ExitCode, unavailable, usageError } from "./exit-code";
import { withProgress } from "./progress";
import { commandsOfOthers } from "./secret-commands";
import { connectionsIn } from "./stack-records";
import { Stacks } from "./stacks";
import { jsonText, oneLine, type Terminal } from "./terminal";

/** What the command takes. */
export interface HubFieldsOptions {
    readonly stack?: string | undefined;
    readonly cwd?: string | undefined;
    readonly json?: boolean | undefined;
    readonly allowCommands?: boolean | undefined;
}

const urnForm = /^urn:pulumi:([^:]+)::[^:]+::.+::.+$/;

/** Prints the fields of the hub's form. */
export async function hubFields(
    urn: string,
    { stack, cwd = ".", json, allowCommands }: HubFieldsOptions,
    terminal: Terminal,
): Promise<number> {
    const [, ofUrn] = urnForm.exec(urn) ?? [];
    if (ofUrn === undefined) {
        throw usageError(
            "hub-fields takes the URN of a connection, as pulumi-connections status --json or pulumi stack --show-urns prints it.",
        );
    }
    const stacks = await withProgress(
        terminal,
        () => "opening the Pulumi workspace",
        () => Stacks.open(path.resolve(cwd)),
    );
    const exported = await withProgress(
        terminal,
        () => "reading the stack",
        () => stacks.export(stack ?? ofUrn, true),
    );
    const record = connectionsIn(exported).find((one) => one.urn === urn);
    if (record === undefined) {
        throw usageError(
            `the stack ${stack ?? ofUrn} has no connection of this URN. See pulumi-connections status --json.`,
        );
    }
    const { type, label, values, isKnown } = record;
    const prior = decodeState(type, values);
    if (!isKnown || prior === undefined || type.definition.hubForm === undefined) {
        throw usageError(`for ${label} no hub's form is known.`);
    }
    if (record.project !== stacks.projectName && type.secretNames.some((name) => isReference(prior.args[name]))) {
        throw usageError(
            `the secret of this connection is a reference that the runs of the project ${record.project} read. Run hub-fields in its folder, or name that with --cwd.`,
        );
    }
    if (stacks.programDir !== undefined) {
        // References to files count from the program's folder.
        process.chdir(stacks.programDir);
    }
    const given = withoutFingerprints(type, prior.args);
    // Nothing is asked, so no settings count.
    const session = new Session({ endpoints: {}, verify: undefined }, undefined, commandsOfOthers(allowCommands));
    const { secrets } = await session.resolve(type, type.arguments.accept(given));
    if (secrets.problems.length > 0) {
        throw unavailable(secrets.problems.map(describe).join("\n"));
    }
    const fields = hubFieldsOf(type, { ...given, ...secrets.values }, pick(values, type.outputNames));
    show(fields, json === true, terminal);
    return ExitCode.ok;
}

/** Prints fields. In lines, what a terminal would obey is left out of them, and said to be. */
export function show(fields: Readonly<Record<string, string>>, isJson: boolean, terminal: Terminal): void {
    terminal.tell("These are secrets. They are printed once, and stored nowhere.");
    if (isJson) {
        terminal.print(jsonText(fields));
        return;
    }
    const changed = Object.keys(fields).filter((name) => oneLine(fields[name] ?? "") !== fields[name]);
    if (changed.length > 0) {
        terminal.tell(
            `warning: ${changed.join(", ")}: control characters and line breaks are left out here. --json prints the whole value.`,
        );
    }
    const width = Math.max(...Object.keys(fields).map((name) => name.length));
    const lines = Object.entries(fields).map(
        ([name, value]) => `${terminal.paint("strong", `${name}:`.padEnd(width + 1))} ${oneLine(value)}`,
    );
    terminal.print(lines.join("\n"));
}
