// `pulumi-connections init`: prompts for the connections, and writes a program and the commands that configure it. It
// does not prompt for secrets.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type * as clack from "@clack/prompts";
import type { Field, Values } from "../../define";
import type { ConnectionType } from "../../core/connection-type";
import { UNKNOWN } from "../../core/unknown";
import { typeNamed, typeNames } from "./connection-types";
import { ExitCode, problemsError, usageError } from "./exit-code";
import { argumentsFromTexts, withReferences } from "./given-arguments";
import { packageSource } from "./package-source";
import { configurationCommands, identifier, projectFiles, type SecretSource, type Wanted } from "./program-writer";
import type { Terminal } from "./terminal";

/** The command's options. */
export interface InitOptions {
    readonly type?: string | undefined;
    readonly arg?: readonly string[] | undefined;
    readonly yes?: boolean | undefined;
}

interface Answers {
    readonly wanted: readonly Wanted[];
    readonly dir: string;
    readonly stack: string;
}

const script = "init DIR --type jamf.ApiClient --arg url=https://acme.jamfcloud.com --arg clientId=… --yes";

/** Prompts for answers, or accepts those of a script, and writes a project into a folder. */
export async function init(
    dir: string | undefined,
    options: InitOptions,
    version: string,
    terminal: Terminal,
): Promise<number> {
    const { type, arg = [], yes = false } = options;
    if (type === undefined && (yes || arg.length > 0)) {
        throw usageError("cli-init-usage", `init accepts --arg and --yes only together with --type. Write ${script}.`);
    }
    const source = packageSource(version);
    const {
        wanted,
        dir: name,
        stack,
    } = yes
        ? { wanted: [await given(type ?? "", arg)], dir: dir ?? "connections", stack: "dev" }
        : await prompted(dir, type, arg);
    const folder = path.resolve(name);
    const project = path.basename(folder).replace(/[^A-Za-z0-9_.-]+/g, "-") || "connections";
    const request = { project, stack, dependency: source(folder), wanted };
    const files = projectFiles(request);
    const [taken] = files.filter(({ name }) => existsSync(path.join(folder, name)));
    if (taken !== undefined) {
        throw usageError(
            "cli-init-exists",
            `${path.join(folder, taken.name)} exists already, and is left as it is. Name another folder.`,
        );
    }
    await mkdir(folder, { recursive: true });
    for (const { name, text, mode } of files) {
        await writeFile(path.join(folder, name), text, { flag: "wx", ...(mode === undefined ? {} : { mode }) });
    }
    terminal.printError(`wrote ${files.map((file) => file.name).join(", ")} to ${folder}`);
    const commands = [`cd ${folder}`, "npm install", ...configurationCommands(request), "pulumi preview"];
    terminal.print(["Next (configure.sh has the pulumi commands):", ...commands.map((line) => `  ${line}`)].join("\n"));
    return ExitCode.ok;
}

async function prompted(
    dir: string | undefined,
    label: string | undefined,
    texts: readonly string[],
): Promise<Answers> {
    if (!process.stdin.isTTY || !process.stdout.isTTY) {
        throw usageError(
            "cli-init-terminal",
            `init prompts for answers, and needs a terminal for them. In a script, give the answers: ${script}.`,
        );
    }
    const prompts = require("@clack/prompts") as typeof clack;
    const questions = new Questions(prompts);
    prompts.intro("pulumi-connections");
    const wanted: Wanted[] = [];
    do {
        const first = label !== undefined && wanted.length === 0 ? await answersIn(label, texts) : undefined;
        wanted.push(await questions.connection(wanted, first));
    } while (await questions.more());
    return {
        wanted,
        dir: dir ?? (await questions.text("Folder for the project", "connections")),
        stack: await questions.text("Name of the stack", "dev", nameFlaw),
    };
}

/** The facts about a connection on a command line. */
interface GivenAnswers {
    readonly type: ConnectionType;
    readonly args: Values;
    readonly secrets: Readonly<Record<string, SecretSource>>;
}

/**
 * The answers that `--type` and `--arg` give.
 * @throws CommandError where a secret is given as it is, or an argument that a program must not hold in clear.
 */
async function answersIn(label: string, texts: readonly string[]): Promise<GivenAnswers> {
    const type = typeNamed(label);
    const all = Object.entries(argumentsFromTexts(type, texts));
    const hidden = all.find(([name]) => type.args[name]?.options.sensitive === true);
    if (hidden !== undefined) {
        throw usageError(
            "cli-init-sensitive",
            `init writes no ${hidden[0]}, because a password may be in it. Add it to the program by hand.`,
        );
    }
    const isSecret = ([name]: readonly [string, unknown]): boolean => type.secretNames.includes(name);
    const secrets = await withReferences(type, Object.fromEntries(all.filter(isSecret)));
    return {
        type,
        args: Object.fromEntries(all.filter((entry) => !isSecret(entry))),
        secrets: secrets as GivenAnswers["secrets"],
    };
}

/** The secrets that are still needed: the required ones, and the first of those of which one is needed. */
function neededSecrets(type: ConnectionType, given: Values): readonly string[] {
    const { of = [], needed } = type.definition.oneOf ?? {};
    const first = needed === true && !of.some((name) => name in given) ? of[0] : undefined;
    return type.secretNames.filter((name) => !(name in given) && (isRequired(type.args[name]) || name === first));
}

/**
 * A connection as a script gives it: a secret that it does not name comes from the stack's configuration.
 * @throws CommandError where an argument is wrong or missing.
 */
async function given(label: string, texts: readonly string[]): Promise<Wanted> {
    const { type, args, secrets } = await answersIn(label, texts);
    const open = neededSecrets(type, { ...args, ...secrets });
    const validated = {
        ...args,
        ...Object.fromEntries([...open, ...Object.keys(secrets)].map((name) => [name, UNKNOWN])),
    };
    const { problems } = type.arguments.validate(validated);
    if (problems.length > 0) {
        throw problemsError(problems, ExitCode.usage);
    }
    const configured = Object.fromEntries(open.map((name) => [name, "config" as const]));
    return { name: type.vendor, type, args, secrets: { ...secrets, ...configured } };
}

const nameFlaw = (text: string): string | undefined =>
    /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text) ? undefined : "Letters, digits, ., _ and - are possible.";

class Questions {
    constructor(private readonly prompts: typeof clack) {}

    async connection(others: readonly Wanted[], first?: GivenAnswers): Promise<Wanted> {
        const type = first?.type ?? (await this.type());
        const isTaken = (text: string): string | undefined =>
            others.some(({ name }) => identifier(name) === identifier(text))
                ? "Another connection is called so."
                : nameFlaw(text);
        const name = await this.text("A name for the connection in the program", type.vendor, isTaken);
        const args: Record<string, unknown> = { ...first?.args };
        const prompted = await this.argumentsOf(type, { ...args, ...first?.secrets });
        const isSecret = (argument: string): boolean => type.secretNames.includes(argument);
        // A secret is never typed here, because the program would hold it.
        for (const argument of prompted.filter((one) => !isSecret(one))) {
            args[argument] ??= await this.value(type, argument, type.args[argument] as Field<unknown>, args);
        }
        const secrets: Record<string, SecretSource> = { ...first?.secrets };
        const needed = type.secretNames.filter((one) => isRequired(type.args[one]) || prompted.includes(one));
        for (const secret of needed) {
            secrets[secret] ??= await this.secret(secret);
        }
        if (args["expiresAt"] !== undefined) {
            return { name, type, args, secrets };
        }
        const expiresAt = await this.text(
            `When does the ${Object.keys(secrets)[0] ?? "secret"} expire, as ${type.definition.title} showed it? Empty: not known`,
            "",
            (text) => (text === "" ? undefined : this.flawOf(type, { expiresAt: text }, "expiresAt")),
            "2027-06-30",
        );
        return { name, type, args: expiresAt === "" ? args : { ...args, expiresAt }, secrets };
    }

    private async type(): Promise<ConnectionType> {
        const options = typeNames.map((value) => ({ value, label: value, hint: typeNamed(value).definition.title }));
        return typeNamed(await this.answer(this.prompts.select({ message: "What do you want to connect?", options })));
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
        // Without input, the prompt returns undefined.
        return ((given as string | undefined) ?? "").trim();
    }

    /** The arguments to prompt for: the required ones, one that names the tenant, and choices such as a region. */
    private async argumentsOf(type: ConnectionType, given: Values): Promise<readonly string[]> {
        const { oneOf } = type.definition;
        const chosen =
            oneOf?.needed === true && !oneOf.of.some((name) => name in given)
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
        const choices = Object.keys(type.definition.args).filter((name) => type.args[name]?.values !== undefined);
        return [...new Set([...required, ...chosen, ...choices])];
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
            const initial = typeof field.default === "string" ? { initialValue: field.default } : {};
            return this.answer(this.prompts.select({ message: questionOf(argument, field), options, ...initial }));
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
            this.prompts.select<"config" | "env" | "file">({
                message: `From where does the program get ${argument}? (Do not type it here.)`,
                options: [
                    { value: "config", label: "the stack's configuration, encrypted" },
                    { value: "env", label: "an environment variable, read in each run" },
                    { value: "file", label: "a file, read in each run" },
                ],
            }),
        );
        if (from === "config") {
            return from;
        }
        const isVariable = from === "env";
        const flaw = (text: string): string | undefined =>
            text === "" || (isVariable && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(text))
                ? "Give its name, not the secret."
                : undefined;
        const initial = isVariable ? argument.replace(/([A-Z])/g, "_$1").toUpperCase() : "/run/secrets/…";
        const name = await this.text(isVariable ? "Name of the variable" : "Path of the file", initial, flaw);
        return { secretFrom: from, name };
    }

    /**
     * The fault of an argument, by the validation of every connection. Arguments that are not given yet are left open.
     */
    private flawOf(type: ConnectionType, given: Values, argument: string): string | undefined {
        const open = type.argumentNames.filter((name) => isRequired(type.args[name]) && !(name in given));
        const { problems } = type.arguments.validate({
            ...Object.fromEntries(open.map((name) => [name, UNKNOWN])),
            ...given,
        });
        const flaw = problems.find((problem) => problem.argument?.split(".")[0] === argument);
        return flaw === undefined ? undefined : `It ${flaw.message}`;
    }

    private async answer<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
        const given = await question;
        if (this.prompts.isCancel(given)) {
            throw usageError("cli-init-cancelled", "cancelled: nothing was written.");
        }
        return given as Exclude<T, symbol>;
    }
}

const isRequired = (field: Field<unknown> | undefined): boolean =>
    field !== undefined && (field.presence === undefined || field.presence === "required");

const questionOf = (argument: string, { options: { where } }: Field<unknown>): string =>
    where === undefined ? argument : `${argument}: ${where}`;
