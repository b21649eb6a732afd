import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { Project } from "./project";

/** The root of this repository. */
export const root = path.resolve(__dirname, "../../..");

/** The text of a page, such as `README.md` or `docs/jamf.md`. */
export const page = (name: string): string => fs.readFileSync(path.join(root, name), "utf8");

/** The pages below docs/. */
export const docs: readonly string[] = fs
    .readdirSync(path.join(root, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`)
    .sort();

/** A block of code on a page. */
export interface Block {
    readonly language: string;
    readonly text: string;
}

/** The blocks of code of a page, in order. */
export const blocksOf = (text: string): Block[] =>
    [...text.matchAll(/^```(\w*)[^\n`]*\n([\s\S]*?)^```/gm)].map(([, language = "", code = ""]) => ({
        language,
        text: code,
    }));

/** The commands of a console block, each with the output that is shown of it. */
export function commandsOf(text: string): { command: string; shown: string }[] {
    const parts = text.split(/^\$ /m).filter((part) => part.trim() !== "");
    return parts.map((part) => {
        const [command = "", ...shown] = part.split("\n");
        return { command, shown: shown.join("\n") };
    });
}

/** Lines as they are compared: without their spaces, and without the identifiers that each run has anew. */
export function linesOf(text: string): string[] {
    const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
    return text.split("\n").map((line) => line.replace(uuid, "<id>").replace(/\s+/g, " ").trim());
}

/** The first line that is shown of a run and that the run did not print, in this order; undefined where there is none. */
export function missingLine(shown: string, output: string): string | undefined {
    const printed = linesOf(output);
    let at = 0;
    for (const line of linesOf(shown).filter((text) => text !== "" && text !== "…")) {
        const form = new RegExp(
            `^${line
                .split("…")
                .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
                .join(".*")}$`,
        );
        const found = printed.findIndex((text, index) => index >= at && form.test(text));
        if (found < 0) {
            return line;
        }
        at = found + 1;
    }
    return undefined;
}

/** The places on a page that a link can lead to: headings and anchors. */
export function anchorsOf(text: string): Set<string> {
    const headings = [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        heading
            .toLowerCase()
            .replace(/[^\w\- ]/g, "")
            .replaceAll(" ", "-"),
    );
    return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id)]);
}

/** Whether a block is a whole program. */
export const isProgram = ({ language, text }: Block): boolean =>
    language === "ts" && /from "pulumi-connections"/.test(text);

/**
 * Goes through blocks as a reader does: programs are saved, commands are typed, and what the page shows of their output is held against what they print.
 * @returns What the commands have printed.
 */
export async function follow(project: Project, blocks: readonly Block[]): Promise<string[]> {
    const printed: string[] = [];
    for (const block of blocks) {
        if (isProgram(block)) {
            project.write("index.ts", block.text);
        }
        for (const { command, shown } of block.language === "console" ? commandsOf(block.text) : []) {
            const { code, output } = await typed(project, command);
            expect({ command, code, output: code === 0 ? "" : output }).toEqual({ command, code: 0, output: "" });
            const missing = missingLine(shown, output);
            expect({ command, missing, output: missing === undefined ? "" : output }).toEqual({
                command,
                missing: undefined,
                output: "",
            });
            printed.push(output);
        }
    }
    return printed;
}

/** Runs a line as somebody types it. */
function typed(project: Project, command: string): Promise<{ code: number; output: string }> {
    const shell = spawn("bash", ["-e", "-o", "pipefail", "-c", command], { cwd: project.dir, env: project.env });
    let output = "";
    shell.stdout.on("data", (data: Buffer) => (output += data.toString()));
    shell.stderr.on("data", (data: Buffer) => (output += data.toString()));
    return new Promise((resolve) => shell.on("close", (code) => resolve({ code: code ?? -1, output })));
}
