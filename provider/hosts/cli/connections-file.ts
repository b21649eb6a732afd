// connections.yaml: connections outside of a Pulumi program.
import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { zod } from "../../core/zod";
import { typeNamed } from "./connection-types";
import { CommandError, usageError } from "./exit-code";
import { withReferences } from "./given-arguments";

/** A connection to be verified. */
export interface Requested {
    readonly name: string;
    readonly type: ConnectionType;
    readonly args: Values;
}

const example = "- { name: mdm, type: jamf.ApiClient, args: { url: …, clientId: …, clientSecret: env:JAMF_SECRET } }";

/** Reads a list of connections, its secrets as references. */
export async function readConnections(file: string): Promise<readonly Requested[]> {
    let text: string;
    try {
        text = await readFile(file, "utf8");
    } catch (error) {
        const { code = "unknown fault" } = error as NodeJS.ErrnoException;
        throw usageError(`${file} cannot be read (${code}).`);
    }
    const entries = listOf(file, text);
    const names = entries.map(({ name }) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) {
        throw usageError(`${file}: two connections are called ${twice}. Give each a name of its own.`);
    }
    return Promise.all(entries.map((entry) => requested(file, entry)));
}

interface Entry {
    readonly name: string;
    readonly type: string;
    readonly args?: Values | undefined;
}

function listOf(file: string, text: string): readonly Entry[] {
    const z = zod();
    // The parser's own message quotes the line, which may hold a secret.
    const document = parseDocument(text, { prettyErrors: false, stringKeys: true });
    const [fault] = document.errors;
    if (fault !== undefined) {
        const line = text.slice(0, fault.pos[0]).split("\n").length;
        throw usageError(`${file}: line ${line} is not YAML (${fault.code}). Correct it.`);
    }
    const entry = z.strictObject({
        name: z.string().min(1),
        type: z.string(),
        args: z.record(z.string(), z.unknown()).optional(),
    });
    const { data, error } = z.array(entry).min(1).safeParse(document.toJS());
    if (data === undefined) {
        const at = error.issues[0]?.path.map(String).join(".") ?? "";
        const where = at === "" ? "" : ` (at ${at})`;
        throw usageError(`${file} is not a list of connections${where}. Each is written like this: ${example}`);
    }
    return data;
}

async function requested(file: string, { name, type: label, args = {} }: Entry): Promise<Requested> {
    try {
        const type = typeNamed(label);
        return { name, type, args: await withReferences(type, args) };
    } catch (error) {
        throw error instanceof CommandError
            ? new CommandError(`${file}, ${name}: ${error.message}`, error.exitCode)
            : error;
    }
}
