// Secrets, by value or by reference, from the program's value to the sent one.
import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import type { Problem, Values } from "../define/contracts";
import type { Secret, SecretReference, SecretValue } from "../define/fields";
import type { Code } from "../messages";
import { fingerprint, matches } from "./fingerprint";
import { raceAbort } from "./http/abort";
import { Fault, fault } from "./problems";
import { CommandFailed, commandName, SecretCommands, utf8Text } from "./secret-command";

/** Names the source from which a secret is read at each call, for an argument that holds a secret. */
export const secretFrom = {
    /**
     * The value of an environment variable, in the process that runs Pulumi.
     * @param name The variable's name, such as `JAMF_CLIENT_SECRET`.
     */
    env: (name: string): SecretReference => ({ secretFrom: "env", name }),
    /**
     * The content of a file, such as a mounted Kubernetes or Docker secret; white space at its end does not count. It
     * must be UTF-8 in a regular file of at most 64 KiB. A pipe, such as a shell's `<(…)`, is refused, because it can
     * be read only once.
     * @param path The file's path, absolute or from the program's folder.
     */
    file: (path: string): SecretReference => ({ secretFrom: "file", name: path }),
    /**
     * The standard output of a command, such as the client of a secrets manager; white space at its end does not count.
     * It runs each time that the secret is needed: in every preview, update and refresh, by the program and by the
     * provider. It runs without a shell and without an input, in the program's folder, with the environment of the
     * process that runs Pulumi. It has to end within `timeoutSeconds`, and may write at most 64 KiB, in UTF-8. Past
     * either limit it is ended with the processes of its group (not with those in a session of their own). A process
     * that it leaves behind goes on. Its output is kept nowhere. The program and its arguments are in the state in clear,
     * so they must not hold a secret. Everyone who can write the program or the stack's state can have any command run.
     * @param command The program, by its path or by its name on PATH, and each of its arguments:
     * `["op", "read", "op://vault/jamf/secret"]`.
     */
    command: (command: readonly string[]): SecretReference => ({ secretFrom: "command", command }),
};

/** True for a {@link SecretReference}. */
export function isReference(value: unknown): value is SecretReference {
    return typeof value === "object" && value !== null && "secretFrom" in value;
}

/** The text in a secret that was probably copied with it, or undefined. */
export function flawOf(value: string): string | undefined {
    if (value.includes("\0")) {
        return "holds NUL characters, as a text in UTF-16 does, which PowerShell writes. Write it in UTF-8.";
    }
    if (value.startsWith("\ufeff")) {
        return "begins with a byte order mark, as PowerShell writes it. Write it in UTF-8 without one.";
    }
    if (/^-----BEGIN [A-Z ]+-----\s[^\0]+-----END [A-Z ]+-----\s*$/.test(value)) {
        // A file in PEM form has lines.
        return undefined;
    }
    if (value !== value.trim()) {
        return "starts or ends with white space, which was probably copied with it.";
    }
    return /\p{Cc}/u.test(value)
        ? "holds a control character, such as a line break, which was probably copied with it."
        : undefined;
}

/** The secrets of one connection at one moment: read once, and handed on. */
export interface ResolvedSecrets {
    /** By argument. */
    readonly values: Readonly<Record<string, string>>;
    /** The faults of those that could not be read. */
    readonly problems: readonly Problem[];
}

/** A declaration with secrets among its arguments. */
export interface HasSecrets {
    /** The arguments that are. */
    readonly secretNames: readonly string[];
}

/**
 * Reads the secrets among the arguments, each once.
 * @param standIn Gives a secret by reference in place of the variable, file or command, in unit tests.
 */
export async function resolveSecrets(
    type: HasSecrets,
    given: Values,
    signal: AbortSignal,
    commands: SecretCommands,
    standIn?: (reference: SecretReference) => string,
): Promise<ResolvedSecrets> {
    const problems: Problem[] = [];
    const read = type.secretNames.map(async (name): Promise<readonly (readonly [string, string])[]> => {
        const secret = given[name] as Secret | undefined;
        if (secret === undefined) {
            return [];
        }
        try {
            const value =
                standIn !== undefined && isReference(secret)
                    ? standIn(secret)
                    : await resolveSecret(name, secret, signal, commands);
            return [[name, value]];
        } catch (error) {
            if (!(error instanceof Fault)) {
                throw error;
            }
            problems.push(error.problem);
            return [];
        }
    });
    return { values: Object.fromEntries((await Promise.all(read)).flat()), problems };
}

/** A secret's value in the form for declarations. */
export function secretValue(argument: string, value: string): SecretValue {
    const shown = {
        toString: () => "[secret]",
        toJSON: () => "[secret]",
        [Symbol.for("nodejs.util.inspect.custom")]: () => "[secret]",
    };
    return {
        argument,
        reveal: () => value,
        startsWith: (text: string) => value.startsWith(text),
        ...shown,
    } as unknown as SecretValue;
}

/**
 * The secret's value at this moment.
 * @param signal Ends the read of a file, or a command, at its deadline.
 * @param commands Runs commands. Default: one that runs this alone.
 * @throws Fault of kind `secretMissing` that names the variable, the file or the command.
 */
export async function resolveSecret(
    argument: string,
    secret: Secret,
    signal: AbortSignal,
    commands = new SecretCommands(),
): Promise<string> {
    if (!isReference(secret)) {
        return secret;
    }
    if (secret.secretFrom === "command") {
        return commandSecret(argument, secret.command, signal, commands);
    }
    const { secretFrom: source, name } = secret;
    if (source === "env") {
        // Own members alone, because every object has others, such as `toString`.
        const value = Object.hasOwn(process.env, name) ? process.env[name] : undefined;
        if (value === undefined || value === "") {
            const state = value === undefined ? "not set" : "empty";
            const message = `the environment variable ${name} is ${state}. Set it to the secret.`;
            throw fault("secretMissing", "env-missing", argument, message);
        }
        return whole(argument, `the environment variable ${name}`, value);
    }
    const text = (await fileContent(argument, name, signal)).trimEnd();
    if (text === "") {
        throw notInFile(argument, name)("file-empty", "is empty.");
    }
    return whole(argument, `the file ${name}`, text);
}

async function commandSecret(
    argument: string,
    command: readonly string[],
    signal: AbortSignal,
    commands: SecretCommands,
): Promise<string> {
    const name = commandName(command);
    try {
        const text = (await commands.output(command, signal)).trimEnd();
        if (text === "") {
            throw new CommandFailed(
                "command-silent",
                "wrote nothing to its standard output.",
                "Have it write the secret there.",
            );
        }
        return whole(argument, `what ${name} wrote`, text);
    } catch (error) {
        if (error instanceof CommandFailed) {
            throw fault("secretMissing", error.code, argument, `${name} ${error.what} ${error.remedy}`);
        }
        throw error;
    }
}

const longestFile = 64 * 1024;

const notInFile =
    (argument: string, name: string) =>
    (code: Code, what: string): Fault =>
        fault("secretMissing", code, argument, `the file ${name} ${what} Put the secret there, or name another file.`);

async function fileContent(argument: string, name: string, signal: AbortSignal): Promise<string> {
    const missing = notInFile(argument, name);
    const read = async (): Promise<string> => {
        // A pipe is opened without waiting for a writer.
        const file = await open(name, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
        try {
            const stats = await file.stat();
            if (!stats.isFile()) {
                throw missing("file-kind", `is ${kindOf(stats)} and not a regular file.`);
            }
            const buffer = Buffer.alloc(longestFile + 1);
            let length = 0;
            for (let count = -1; count !== 0 && length < buffer.length; length += count) {
                count = (await file.read(buffer, length, buffer.length - length, length)).bytesRead;
            }
            if (length > longestFile) {
                throw missing("file-long", "is longer than 64 KiB, so it is not a secret.");
            }
            const text = utf8Text(buffer.subarray(0, length));
            if (text === undefined) {
                throw missing("file-bytes", "holds bytes that are not UTF-8.");
            }
            return text;
        } finally {
            await file.close();
        }
    };
    try {
        return await raceAbort(signal, read());
    } catch (error) {
        if (error instanceof Fault) {
            throw error;
        }
        if (signal.aborted && error === signal.reason) {
            throw missing("file-slow", "was not read in time (timeoutSeconds).");
        }
        const { code = "unknown fault" } = error as NodeJS.ErrnoException;
        throw missing("file-unreadable", `cannot be read (${code}).`);
    }
}

function kindOf(stats: Stats): string {
    return stats.isDirectory() ? "a folder" : stats.isFIFO() ? "a pipe" : stats.isSocket() ? "a socket" : "a device";
}

function whole(argument: string, where: string, value: string): string {
    const flaw = flawOf(value);
    if (flaw !== undefined) {
        const message = `${where} ${flaw} Put the secret there, and nothing else.`;
        throw fault("secretMissing", "secret-unclean", argument, message);
    }
    return value;
}

// ---- what the state keeps of them -----------------------------------------------------------------------------------------------

/**
 * Keyed digests of the values behind references, by argument. They are kept as a secret, and never among checked
 * inputs.
 */
export type Digests = Readonly<Record<string, string>>;

/** A reference as older states hold it. */
type MarkedReference = SecretReference & { readonly fingerprint?: string };

/** A reference as the program gave it. */
function bare(reference: SecretReference): SecretReference {
    return reference.secretFrom === "command"
        ? { secretFrom: "command", command: reference.command }
        : { secretFrom: reference.secretFrom, name: reference.name };
}

/** Arguments with their references as the program gave them. */
export function withBareReferences(type: HasSecrets, recorded: Values): Values {
    const references = type.secretNames.flatMap((name) => {
        const value = recorded[name];
        return isReference(value) ? [[name, bare(value)] as const] : [];
    });
    return { ...recorded, ...Object.fromEntries(references) };
}

/** The digests on record: older states hold them within the references. */
export function recordedDigests(type: HasSecrets, recorded: Values, kept: Digests = {}): Digests {
    const marked = type.secretNames.flatMap((name) => {
        const value = recorded[name];
        const { fingerprint: mark } = (isReference(value) ? value : {}) as Partial<MarkedReference>;
        return typeof mark === "string" ? [[name, mark] as const] : [];
    });
    return { ...Object.fromEntries(marked), ...kept };
}

/** The digests of the values behind references, or of the earlier ones where they cannot be read now. */
export function digestsOf(
    type: HasSecrets,
    given: Values,
    { values }: ResolvedSecrets,
    earlier: Digests = {},
): Digests {
    const digests = type.secretNames.flatMap((name) => {
        const [value, mark] = [values[name], earlier[name]];
        const digest = value === undefined || (mark !== undefined && matches(value, mark)) ? mark : fingerprint(value);
        return isReference(given[name]) && digest !== undefined ? [[name, digest] as const] : [];
    });
    return Object.fromEntries(digests);
}

/** The references that lead to something else than is on record. */
export function newContents(
    type: HasSecrets,
    given: Values,
    { values }: ResolvedSecrets,
    recorded: Digests = {},
): readonly string[] {
    return type.secretNames.filter((name) => {
        const [value, mark] = [values[name], recorded[name]];
        return isReference(given[name]) && value !== undefined && (mark === undefined || !matches(value, mark));
    });
}

/** True for a secret's value that is on record, under any argument's name. */
export function isRecorded(type: HasSecrets, value: string, recorded: Values, digests: Digests = {}): boolean {
    return type.secretNames.some((name) => {
        const mark = digests[name];
        return recorded[name] === value || (mark !== undefined && matches(value, mark));
    });
}

/** A reference in a sentence. */
export function sourceName(reference: SecretReference): string {
    switch (reference.secretFrom) {
        case "env":
            return `the environment variable ${reference.name}`;
        case "file":
            return `the file ${reference.name}`;
        case "command":
            return commandName(reference.command);
    }
}
