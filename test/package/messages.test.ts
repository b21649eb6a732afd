import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { kinds } from "../../provider/core/problems";

const root = path.resolve(__dirname, "../../..");
const page = (name: string): string => fs.readFileSync(path.join(root, "docs", name), "utf8");

const sources = (folder: string): string[] =>
    fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => path.join(root, folder, file));

/** Texts of the code that a person may read: of three words or more, with `…` for what differs. */
function textsIn(file: string): string[] {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isImportDeclaration(node)) {
            return;
        }
        if (ts.isStringLiteralLike(node)) {
            found.push(node.text);
        } else if (ts.isTemplateExpression(node)) {
            found.push(node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join(""));
            node.templateSpans.forEach(({ expression }) => visit(expression));
            return;
        }
        ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.ESNext, true));
    return found.filter((text) => (text.match(/[A-Za-z]{2,}/g) ?? []).length >= 3 && / \S+ /.test(text));
}

/** Whether a line of a page holds a text, whatever stands for what differs. */
function holds(line: string, text: string): boolean {
    let at = 0;
    return text
        .split("…")
        .map((piece) => piece.trim())
        .every((piece) => {
            const found = line.indexOf(piece, at);
            at = found + piece.length;
            return found >= 0;
        });
}

/** Rows of tables, each with the anchor that a link can lead to. */
const anchored = (text: string): string[] =>
    text.split("\n").filter((line) => /^\| <a id="[a-z0-9-]+"><\/a>/.test(line));

/** What is a fragment of a sentence, never shown, or no text for people. */
const others = [/^the turn of a call/, /^must be a whole number|^@pulumi/];

test.each([
    ["jumpcloud.md", ["provider/vendors/jumpcloud"]],
    ["jamf.md", ["provider/vendors/jamf"]],
    ["atlassian.md", ["provider/vendors/atlassian"]],
    ["generic.md", ["provider/vendors/http", "provider/vendors/oauth2"]],
    ["messages.md", ["provider/core"]],
])("docs/%s holds every message of its code, each sentence in a row with an anchor", (name, folders) => {
    const text = page(name);
    const lines = text.split("\n");
    const rows = anchored(text);
    const messages = folders
        .flatMap(sources)
        .flatMap(textsIn)
        .filter((message) => !others.some((form) => form.test(message)));
    expect(messages.length).toBeGreaterThan(10);
    const isSentence = (message: string): boolean => message.trimEnd().endsWith(".");
    expect(
        [...new Set(messages)].filter(
            (message) => !(isSentence(message) ? rows : lines).some((line) => holds(line, message)),
        ),
    ).toEqual([]);
});

test("The pages name each anchor once, and every message of every vendor's page has one", () => {
    for (const name of ["jumpcloud.md", "jamf.md", "atlassian.md", "generic.md", "messages.md"]) {
        const ids = [...page(name).matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id);
        expect(new Set(ids).size).toBe(ids.length);
        const rows = page(name)
            .split("\n")
            .filter((line) => /^\| .*`(?:\w+(?:\.\w+)*: )?[A-Za-z… ]+\.` \|/.test(line));
        expect(rows.filter((row) => !row.includes('<a id="'))).toEqual([]);
    }
});

test("docs/messages.md has every kind of problem with its status, in the order of precedence", () => {
    const table = page("messages.md")
        .split("\n")
        .filter((line) => /^\| `\w+`/.test(line));
    const shown = table.flatMap((row) => {
        const [, names = "", status = "", stops = ""] = row.split("|");
        return [...names.matchAll(/`(\w+)`/g)].map(([, kind]) => ({
            kind,
            status: /`(\w+)`/.exec(status)?.[1] ?? "unverified",
            stops: stops.trim().split(/[ :]/)[0],
        }));
    });
    const words = { always: "always", named: "where", never: "never" } as const;
    expect(shown).toEqual(
        Object.entries(kinds).map(([kind, { status, stops }]) => ({ kind, status, stops: words[stops] })),
    );
});
