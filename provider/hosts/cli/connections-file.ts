// connections.yaml: connections outside of a Pulumi program.
import { parseDocument } from "yaml";
import type { Code, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { nameOfError } from "../../core/problems";
import { zod } from "../../core/zod";
import { typeNamed } from "./connection-types";
import { CommandError, usageError } from "./exit-code";
import { withReferences } from "./given-arguments";
import { textOfFile } from "./given-files";

/** A connection to be verified. */
export interface Requested {
    readonly name: string;
    readonly type: ConnectionType;
    readonly args: Values;
}

const example = "- { name: mdm, type: jamf.ApiClient, args: { url: …, clientId: …, clientSecret: env:JAMF_SECRET } }";

/** Reads a list of connections, its secrets as references. */
export async function readConnections(file: string): Promise<readonly Requested[]> {
    const entries = listOf(file, await textOfFile(file));
    const names = entries.map(({ name }) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) {
        throw usageError(
            "cli-file-twice",
            `${file}: two connections are called ${twice}. Give each a name of its own.`,
        );
    }
    return Promise.all(entries.map((entry) => requested(file, entry)));
}

interface Entry {
    readonly name: string;
    readonly type: string;
    readonly args?: Values | undefined;
}

/** The value of a YAML text, as in JSON; a sentence where it has no usable value. */
function valueIn(text: string): { readonly value?: unknown; readonly code?: Code; readonly fault?: string } {
    try {
        // The parser's own message quotes the line, which may hold a secret.
        const document = parseDocument(text, { prettyErrors: false, stringKeys: true });
        const [fault] = document.errors;
        if (fault !== undefined) {
            const line = text.slice(0, fault.pos[0]).split("\n").length;
            return { code: "cli-file-yaml", fault: `line ${line} is not YAML (${fault.code}). Correct it.` };
        }
        // An alias can refer to its own parent, and a few bytes of aliases can expand to many gigabytes.
        return { value: JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }))) as unknown };
    } catch (error) {
        return {
            code: "cli-file-aliases",
            fault: `its aliases (*name) are too many or lead back to themselves, or it is nested too deeply (${nameOfError(error)}). Write the values out.`,
        };
    }
}

function listOf(file: string, text: string): readonly Entry[] {
    const z = zod();
    const { value, code = "cli-file", fault } = valueIn(text);
    if (fault !== undefined) {
        throw usageError(code, `${file}: ${fault}`);
    }
    const entry = z.strictObject({
        name: z.string().min(1),
        type: z.string(),
        args: z.record(z.string(), z.unknown()).optional(),
    });
    const { data, error } = z.array(entry).min(1).safeParse(value);
    if (data === undefined) {
        const at = error.issues[0]?.path.map(String).join(".") ?? "";
        const where = at === "" ? "" : ` (at ${at})`;
        throw usageError(
            "cli-file-list",
            `${file} is not a list of connections${where}. Each is written like this: ${example}`,
        );
    }
    return data;
}

async function requested(file: string, { name, type: label, args = {} }: Entry): Promise<Requested> {
    try {
        const type = typeNamed(label);
        return { name, type, args: await withReferences(type, args) };
    } catch (error) {
        throw error instanceof CommandError ? error.with(`${file}, ${name}: ${error.sentence}`) : error;
    }
}
