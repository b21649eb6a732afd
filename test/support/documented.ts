import fs from "node:fs";
import path from "node:path";

// Compiled, this file lies in build/test/support.
const root = path.resolve(__dirname, "../../..");

/** Lines as they are compared: what each run has anew is one word, and columns are as wide as they are. */
function lines(text: string): string[] {
    return text
        .split("\n")
        .map((line) =>
            line
                .replace(/\d{4}-\d\d-\d\d( \d\d:\d\d)?/g, "DATE")
                .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")
                .replace(/\d+ ms/g, "N ms")
                .replace(/\s+/g, " ")
                .trim(),
        )
        .filter((line) => line !== "");
}

/**
 * Holds what a page shows of a command against what the command has printed: each line of it, in order, and nothing between them but where it says `…`.
 * @param start What the command begins with, after `npx pulumi-connections`.
 */
export function expectDocumented(page: string, start: string, printed: string): void {
    const text = fs.readFileSync(path.join(root, page), "utf8");
    const blocks = [...text.matchAll(/^```console\n\$ npx pulumi-connections ([^\n]*)\n([^]*?)^```/gm)];
    const block = blocks.find(([, command]) => command?.startsWith(start));
    if (block === undefined) {
        throw new Error(`${page} shows no npx pulumi-connections ${start}`);
    }
    const shown = lines(block[2] ?? "");
    const output = lines(printed);
    let at = 0;
    let mayLeaveOut = false;
    for (const line of shown) {
        if (line === "…") {
            mayLeaveOut = true;
            continue;
        }
        at = mayLeaveOut ? output.indexOf(line, at) : at;
        expect({ line: output[at] ?? "nothing" }).toEqual({ line });
        at++;
        mayLeaveOut = false;
    }
    expect(output.slice(at)).toEqual([]);
}
