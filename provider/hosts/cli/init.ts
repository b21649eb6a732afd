// `pulumi-connections init`: asks what to connect, and writes a program and the commands that configure it. Secrets are not asked for.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type * as clack from "@clack/prompts";
import type { Field, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { UNKNOWN } from "../../core/unknown";
import { typeNamed, typeNames } from "./connection-types";
import { ExitCode, usageError } from "./exit-code";
import { configurationCommands, identifier, projectFiles, type SecretSource, type Wanted } from "./program-writer";
import type { Terminal } from "./terminal";

/** Asks, and writes a project into a folder. */
export async function init(dir: string | undefined, version: string, terminal: Terminal): Promise<number> {
    if (!process.stdin.isTTY || !process.stdout.isTTY) {
        throw usageError("init asks questions, and needs a terminal for them. The examples show programs to copy.");
    }
    const prompts = require("@clack/prompts") as typeof clack;
    const ask = new Questions(prompts);
    prompts.intro("pulumi-connections");
    const wanted: Wanted[] = [];
    do {
        wanted.push(await ask.connection(wanted));
    } while (await ask.more());
    const folder = path.resolve(dir ?? (await ask.text("Folder for the project", "connections")));
    const stack = await ask.text("Name of the stack", "dev", nameFlaw);
    const project = path.basename(folder).replace(/[^A-Za-z0-9_.-]+/g, "-") || "connections";
    const request = { project, stack, version, wanted };
    const files = projectFiles(request);
    const [taken] = files.filter(({ name }) => existsSync(path.join(folder, name)));
    if (taken !== undefined) {
        throw usageError(`${path.join(folder, taken.name)} exists already, and is left as it is. Name another folder.`);
    }
    await mkdir(folder, { recursive: true });
    for (const { name, text, mode } of files) {
        await writeFile(path.join(folder, name), text, { flag: "wx", ...(mode === undefined ? {} : { mode }) });
    }
    prompts.outro(`wrote ${files.map(({ name }) => name).join(", ")} to ${folder}`);
    const commands = [`cd ${folder}`, "npm install", ...configurationCommands(request), "pulumi preview"];
    terminal.print(["Next (configure.sh has the pulumi commands):", ...commands.map((line) => `  ${line}`)].join("\n"));
    return ExitCode.ok;
}

const nameFlaw = (text: string): string | undefined =>
    /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text) ? undefined : "Letters, digits, ., _ and - are possible.";

class Questions {
    constructor(private readonly prompts: typeof clack) {}

    async connection(others: readonly Wanted[]): Promise<Wanted> {
        const options = typeNames.map((value) => ({ value, label: value, hint: typeNamed(value).definition.title }));
        const label = await this.answer(this.prompts.select({ message: "What do you want to connect?", options }));
        const type = typeNamed(label);
        const isTaken = (text: string): string | undefined =>
            others.some(({ name }) => identifier(name) === identifier(text))
                ? "Another connection is called so."
                : nameFlaw(text);
        const name = await this.text("A name for the connection in the program", type.vendor, isTaken);
        const args: Record<string, unknown> = {};
        for (const argument of await this.argumentsOf(type)) {
            args[argument] = await this.value(type, argument, type.args[argument] as Field<unknown>, args);
        }
        const secrets: Record<string, SecretSource> = {};
        for (const secret of type.secretNames.filter((one) => isRequired(type.args[one]))) {
            secrets[secret] = await this.secret(secret);
        }
        const expiresAt = await this.text(
            `When does the ${Object.keys(secrets)[0] ?? "secret"} expire, as ${type.definition.title} showed it? Empty: not known`,
            "",
            (text) => (text === "" ? undefined : this.flawOf(type, { expiresAt: text }, "expiresAt")),
            "2027-06-30",
        );
        return { name, type, args: expiresAt === "" ? args : { ...args, expiresAt }, secrets };
    }

    async more(): Promise<boolean> {
        return this.answer(this.prompts.confirm({ message: "Another connection?", initialValue: false }));
    }

    async text(
        message: string,
        initial: string,
        flaw: (text: string) => string | undefined = () => undefined,
        placeholder = "",
    ): Promise<string> {
        const validate = (text: string | undefined): string | undefined => flaw((text ?? "").trim());
        const given = await this.answer(
            this.prompts.text({ message, placeholder, ...(initial === "" ? {} : { initialValue: initial }), validate }),
        );
        // Nothing typed is no text at all.
        return ((given as string | undefined) ?? "").trim();
    }

    /** The arguments to be asked for: those that must be there, and the way to name the tenant that somebody chooses. */
    private async argumentsOf(type: ConnectionType): Promise<readonly string[]> {
        const { oneOf } = type.definition;
        const chosen =
            oneOf?.needed === true
                ? [
                      await this.answer(
                          this.prompts.select({
                              message: `How do you name ${oneOf.names}?`,
                              options: oneOf.of.map((value) => ({ value, label: value })),
                          }),
                      ),
                  ]
                : [];
        const required = type.argumentNames.filter(
            (name) => isRequired(type.args[name]) && !type.secretNames.includes(name),
        );
        return [...new Set([...required, ...chosen])];
    }

    private async value(
        type: ConnectionType,
        argument: string,
        field: Field<unknown>,
        given: Values,
    ): Promise<unknown> {
        if (field.type === "object") {
            const inner: Record<string, unknown> = {};
            for (const [name, one] of Object.entries(field.fields ?? {}).filter(([, other]) => isRequired(other))) {
                inner[name] = await this.text(questionOf(`${argument}.${name}`, one), "", (text) =>
                    this.flawOf(type, { ...given, [argument]: { ...inner, [name]: text } }, argument),
                );
            }
            return inner;
        }
        if (field.values !== undefined) {
            const options = field.values.map((value) => ({ value, label: value }));
            return this.answer(this.prompts.select({ message: argument, options }));
        }
        const text = await this.text(
            questionOf(argument, field),
            "",
            (one) => this.flawOf(type, { ...given, [argument]: one }, argument),
            field.options.like ?? "",
        );
        return field.type === "list" ? text.split(",").map((one) => one.trim()) : text;
    }

    private async secret(argument: string): Promise<SecretSource> {
        const from = await this.answer(
            this.prompts.select<SecretSource["from"]>({
                message: `Where does the program take ${argument} from? (It is not asked for here.)`,
                options: [
                    { value: "config", label: "the stack's configuration, encrypted" },
                    { value: "env", label: "an environment variable, read in each run" },
                    { value: "file", label: "a file, read in each run" },
                ],
            }),
        );
        if (from === "config") {
            return { from };
        }
        const isVariable = from === "env";
        const flaw = (text: string): string | undefined =>
            text === "" || (isVariable && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(text))
                ? "Give its name, not the secret."
                : undefined;
        const initial = isVariable ? argument.replace(/([A-Z])/g, "_$1").toUpperCase() : "/run/secrets/…";
        return { from, name: await this.text(isVariable ? "Name of the variable" : "Path of the file", initial, flaw) };
    }

    /** What is wrong with an argument, by the judgement that every connection goes through; what is not given yet is left open. */
    private flawOf(type: ConnectionType, given: Values, argument: string): string | undefined {
        const open = type.argumentNames.filter((name) => isRequired(type.args[name]) && !(name in given));
        const { problems } = type.arguments.judge({
            ...Object.fromEntries(open.map((name) => [name, UNKNOWN])),
            ...given,
        });
        const flaw = problems.find((problem) => problem.argument?.split(".")[0] === argument);
        return flaw === undefined ? undefined : `It ${flaw.message}`;
    }

    private async answer<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
        const given = await question;
        if (this.prompts.isCancel(given)) {
            throw usageError("cancelled: nothing was written.");
        }
        return given as Exclude<T, symbol>;
    }
}

const isRequired = (field: Field<unknown> | undefined): boolean =>
    field !== undefined && (field.presence === undefined || field.presence === "required");

const questionOf = (argument: string, { options: { where } }: Field<unknown>): string =>
    where === undefined ? argument : `${argument}: ${where}`;
