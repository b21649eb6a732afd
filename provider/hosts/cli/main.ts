#!/usr/bin/env node
// `npx pulumi-connections`: each command is loaded when it is called, so that verify needs no Pulumi.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Command, CommanderError } from "commander";
import { coded } from "../../define/coded";
import { CommandError, ExitCode, usageError } from "./exit-code";
import { version } from "../../core/manifest";
import { nameOfError } from "../../core/problems";
import { jsonText, processTerminal, type Terminal } from "./terminal";

const exitCodes = `
Exit codes:
  0  everything is verified, or expiring
  1  something is refused, insufficient, expired or drifted
  2  something could not be checked, or was never checked
  3  the command was not understood
verify and status --live count what they have checked; status counts the record and the calendar.`;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the option that allows commands of secrets that another person may have written. */
const allowingCommands = (command: Command): Command =>
    command.option(
        "--allow-commands",
        "run the commands that a file or a state names for its secrets (secretFrom.command)",
    );

/** Where another person may have written which module declares a class. */
const allowingModules = (command: Command): Command =>
    allowingCommands(command).option(
        "--allow-modules",
        "load the modules that a state names, also outside of the program's work tree: loading runs them",
    );

interface Help {
    readonly examples: readonly [string, string];
    /** The text after a wrong use. */
    readonly hint: string;
    /** True where it accepts the name of a type. */
    readonly isOfTypes?: boolean;
}

const helps: Readonly<Record<string, Help>> = {
    "pulumi-connections": {
        examples: [
            "verify jamf.ApiClient --arg url=https://acme.jamfcloud.com --arg clientId=… --arg clientSecret=env:SECRET",
            "status --stack dev --live",
        ],
        hint: "See pulumi-connections --help.",
        isOfTypes: true,
    },
    verify: {
        examples: [
            "verify jamf.ApiClient --arg url=https://acme.jamfcloud.com --arg clientId=… --arg clientSecret=env:SECRET",
            "verify --file connections.yaml",
        ],
        hint: "Each argument of the connection has an --arg of its own.",
        isOfTypes: true,
    },
    status: {
        examples: ["status --stack dev --live", "status --all --webhook env:CHAT --since yesterday.json"],
        hint: "A stack is named with --stack.",
    },
    "hub-fields": {
        examples: ["hub-fields mdm --stack dev", "hub-fields mdm --json"],
        hint: "A connection is named by its name in the program, or by its URN.",
    },
    init: {
        examples: [
            "init my-project --type jamf.ApiClient --arg url=https://acme.jamfcloud.com --arg clientId=… --yes",
            "init",
        ],
        hint: "One folder can be named; everything else is an option or a prompt.",
        isOfTypes: true,
    },
    explain: {
        examples: ["explain credential-refused", "explain cli-no-type"],
        hint: "A message is given by its code, or as a whole.",
    },
    schema: {
        examples: ["schema jamf.ApiClient", "schema > connections.schema.json"],
        hint: "One type can be named.",
        isOfTypes: true,
    },
};

/** The page about a command, which comes with the package. */
function pageUrl(name: string): string {
    const { href } = pathToFileURL(path.resolve(__dirname, "../../../../docs/command-line.md"));
    return name === "pulumi-connections" ? href : `${href}#${name}`;
}

function withHelp(command: Command): void {
    const name = command.name();
    const { examples, hint, isOfTypes = false } = helps[name] as Help;
    const [example] = examples;
    // Types are loaded for the help alone.
    command.addHelpText("after", () => {
        const { typeNames } = require("./connection-types") as typeof import("./connection-types");
        return [
            ...["", "Examples:", ...examples.map((one) => `  pulumi-connections ${one}`)],
            ...(isOfTypes ? ["", "Types:", ...typeNames.map((type) => `  ${type}`)] : []),
            ...["", `Page: ${pageUrl(name)}`],
        ].join("\n");
    });
    if (command.parent !== null) {
        command.showHelpAfterError(
            `${hint}\nExample: pulumi-connections ${example}\nSee pulumi-connections ${name} --help.`,
        );
    }
}

/** The message of commander, with a hint about an option that is an argument, or that another command has. */
function withOptionHint(text: string, commands: readonly Command[]): string {
    const [line = "", name = ""] = /^error: unknown option '(?:--)?([\w.-]+)[^\n]*/.exec(text) ?? [];
    const owners = commands.filter(({ options }) => options.some(({ long }) => long === `--${name}`));
    const { argumentNames } = require("./connection-types") as typeof import("./connection-types");
    const hint =
        owners.length > 0
            ? `(--${name} is an option of ${owners.map((command) => command.name()).join(" and ")}.)`
            : argumentNames().has(name)
              ? `(${name} is an argument of a connection: write --arg ${name}=….)`
              : undefined;
    return line === "" || hint === undefined ? text : `${line}\n${hint}\n`;
}

/** Names that people type for a command that has another name. */
const otherNames: Readonly<Record<string, string>> = {
    version: "--version",
    check: "verify",
    test: "verify",
    validate: "verify",
    list: "status",
    ls: "status",
    show: "status",
    fields: "hub-fields",
    new: "init",
    create: "init",
};

/** A sentence about a word that is not a command. It is not repeated, because it may be a secret in the wrong place. */
function unknownCommand(word: string, names: readonly string[]): string {
    const { nearest } = require("../../core/nearest") as typeof import("../../core/nearest");
    const meant =
        (Object.hasOwn(otherNames, word) ? otherNames[word] : undefined) ??
        (/^[a-z]\w*\.[A-Z]\w*$/.test(word) ? "verify TYPE" : nearest(word, names));
    const hint =
        meant === undefined ? `The commands are ${names.join(", ")}.` : `Did you mean pulumi-connections ${meant}?`;
    return `unknown command. ${hint}\nSee pulumi-connections --help.`;
}

function commands(end: (code: number) => void, terminal: Terminal): Command {
    const program: Command = new Command("pulumi-connections")
        .description("Proves API connections and shows the state of those in Pulumi stacks.")
        .version(version)
        .exitOverride()
        .showHelpAfterError("See pulumi-connections --help.")
        // The text after an unknown option may be a secret.
        .configureOutput({
            outputError: (text, write) => {
                const shown = withOptionHint(text.replace(/(--?[\w-]+)=[^']*/g, "$1=…"), program.commands);
                write(shown.replace(/^error: .*/, (line) => coded(line, "cli-usage")));
            },
        })
        .addHelpText("after", exitCodes);
    allowingCommands(program.command("verify"))
        .summary("prove a connection, without a stack")
        .description(
            'Proves a connection against its vendor, without Pulumi and without a stack. Secrets are given by reference: env:NAME, file:PATH or command:["PROGRAM", "ARGUMENT"].',
        )
        .argument("[type]", "type of connection, such as jamf.ApiClient")
        .option("-a, --arg <name=value>", "an argument of the connection; repeat it for each", collect)
        .option("-f, --file <file>", "verify the connections of a YAML file instead")
        .option("--allow-host <host...>", "hosts that the secrets of the file may go to, besides those of vendors")
        .option("--json", "print JSON")
        .action(async (type: string | undefined, options: object) => {
            const { verify } = require("./verify") as typeof import("./verify");
            end(await verify(type, options, terminal));
        });
    allowingModules(program.command("status"))
        .summary("the connections of Pulumi stacks")
        .description(
            "Shows the connections of a stack, of several or of a whole backend, what needs attention first. It reads the stack's state, and needs no passphrase; --live checks the vendors, and needs the stack's.",
        )
        .option("-s, --stack <stack...>", "the stack; default: the one that is selected in the folder")
        .option("--all", "all stacks of the backend")
        .option("-C, --cwd <dir>", "folder of the Pulumi project; default: this one")
        .option("--live", "check the vendors now, with the recorded arguments")
        .option("--json", "print JSON, by the schema pulumi-connections/schemas/status.json")
        .option("--html <file>", "write one self-contained page as well")
        .option("--csv <file>", "write a table for spreadsheets as well")
        .option("--webhook <reference>", "post what needs attention to a chat, at the URL in env:NAME or file:PATH")
        .option("--since <file>", "post only what has changed since an earlier status --json")
        .option("--force", "let --html and --csv replace a file that is not their own")
        .action(async (options: object) => {
            const { status } = require("./status") as typeof import("./status");
            end(await status(options, terminal));
        });
    allowingModules(program.command("hub-fields"))
        .summary("the fields of a hub's form")
        .description(
            "Prints the fields of the hub's form for a connection of a stack, secrets among them, and stores nothing. It needs the stack's passphrase, or its key.",
        )
        .argument("<connection>", "its name, or its URN as status --json prints it")
        .option(
            "-s, --stack <stack>",
            "the stack; default: the one that the URN names, or that is selected in the folder",
        )
        .option("-C, --cwd <dir>", "folder of the Pulumi project; default: this one")
        .option("--json", "print JSON: the fields by name")
        .action(async (connection: string, options: object) => {
            const { hubFields } = require("./hub-fields") as typeof import("./hub-fields");
            end(await hubFields(connection, options, terminal));
        });
    program
        .command("init")
        .summary("write a program")
        .description(
            "Prompts for what to connect, and writes a Pulumi program and the commands that configure it. It prompts for no secret.",
        )
        .argument("[dir]", "folder to write to")
        .option("-t, --type <type>", "type of the connection, such as jamf.ApiClient")
        .option("-a, --arg <name=value>", "an argument of it, secrets by reference; repeat it for each", collect)
        .option("-y, --yes", "prompt for nothing: secrets that are not given come from the configuration")
        .action(async (dir: string | undefined, options: object) => {
            const { init } = require("./init") as typeof import("./init");
            end(await init(dir, options, version, terminal));
        });
    program
        .command("explain")
        .summary("what a message means")
        .description("Explains a message: what it means, and what to do. It needs no stack and no network.")
        .argument("<code...>", "the code in brackets at the end of a message, or the whole message")
        .option("--json", "print JSON")
        .action((words: readonly string[], options: object) => {
            const { explain } = require("./explain") as typeof import("./explain");
            explain(words, options, terminal);
        });
    program
        .command("schema")
        .summary("JSON Schema of arguments")
        .description("Prints the JSON Schema of a type's arguments or, without a type, of a file of connections.")
        .argument("[type]", "type of connection, such as jamf.ApiClient")
        .option("--json", "print JSON, as it does anyway")
        .action((type: string | undefined) => {
            const { schema } = require("./schema") as typeof import("./schema");
            terminal.print(jsonText(schema(type)));
        });
    [program, ...program.commands].forEach(withHelp);
    program.on("command:*", ([word = ""]: readonly string[]) => {
        throw usageError(
            "cli-unknown",
            unknownCommand(
                word,
                program.commands.map((command) => command.name()),
            ),
        );
    });
    return program;
}

async function main(): Promise<void> {
    // The reader of a pipe may close it early.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "EPIPE") {
            throw error;
        }
        process.exit();
    });
    // Commands of secrets have process groups of their own, and must end with this process.
    for (const [signal, code] of [
        ["SIGINT", 130],
        ["SIGTERM", 143],
    ] as const) {
        process.once(signal, () => process.exit(code));
    }
    const terminal = processTerminal();
    try {
        await commands((code) => (process.exitCode = code), terminal).parseAsync();
    } catch (error) {
        process.exitCode = reportError(error, terminal);
    }
}

/**
 * Reports the error that ended a command, and returns its exit code. No stack trace is shown, because it may hold a
 * secret.
 */
function reportError(error: unknown, { printError }: Terminal): number {
    if (error instanceof CommanderError) {
        return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    }
    if (error instanceof CommandError) {
        printError(`error: ${error.message}`);
        return error.exitCode;
    }
    const name = nameOfError(error);
    printError(coded(`error: the command failed (${name}). Report it as a bug of pulumi-connections.`, "cli-bug"));
    return ExitCode.unknown;
}

void main();
