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

/** Calls whose texts are help or questions, and no messages: of the command line's options, and of what `init` asks. */
const isHelp = ({ expression }: ts.CallExpression): boolean =>
    /\.(summary|description|argument|option|addHelpText)$/.test(expression.getText()) ||
    /^(this\.prompts\.|this\.text$|questions\.text$)/.test(expression.getText());

/** Texts of the code that a person may read: of three words or more, with `…` for what differs. */
function textsIn(code: string): string[] {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isImportDeclaration(node) || ts.isImportTypeNode(node)) {
            return;
        }
        if (ts.isCallExpression(node) && isHelp(node)) {
            // What judges an answer is a function, and its texts are messages.
            const functions = (inner: ts.Node): void =>
                ts.isFunctionLike(inner) ? visit(inner) : ts.forEachChild(inner, functions);
            [node.expression, ...node.arguments].forEach((inner) => {
                functions(inner);
            });
            return;
        }
        if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === "markup") {
            // The page's markup; what is put into it is looked at.
            ts.forEachChild(node.template, (span) => {
                ts.forEachChild(span, visit);
            });
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
    visit(ts.createSourceFile("code.ts", code, ts.ScriptTarget.ESNext, true));
    return [...new Set(found.map((text) => text.trim()))].filter(
        // What has several lines is a query, a program or the help.
        (text) => (text.match(/[A-Za-z]{2,}/g) ?? []).length >= 3 && / \S+ /.test(text) && !text.includes("\n"),
    );
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

/** The lines of a page, as a reader sees them. */
const linesOf = (text: string): string[] => text.replaceAll("\\|", "|").split("\n");

/** Rows of tables, each with the anchor that a link can lead to. */
const anchored = (text: string): string[] => linesOf(text).filter((line) => /^\| <a id="[a-z0-9-]+"><\/a>/.test(line));

/** What is a fragment of a sentence, never shown, or no text for people. */
const others = [/^the turn of a call/, /^must be a whole number|^@pulumi/, /^not declared here$/];
/** What the simulated vendors of unit tests answer, and what a browser obeys. */
const ofMachines = [/^Unauthorized; scope does not match$/, /^Specify a valid project ID/, /^default-src 'none'/];
/** What writes programs and schemas, and the tables of encodings: those are no messages. */
const ofPrograms = /(program-writer|json-schema|decoders)\.ts$/;

/** The messages of code that a page lacks: a sentence, or what ends in the words of something else, has a row with an anchor. */
function lacking(text: string, messages: readonly string[]): string[] {
    const lines = linesOf(text);
    const rows = anchored(text);
    const isSentence = (message: string): boolean => /[.…]$/.test(message);
    return [...new Set(messages)]
        .filter((message) => ![...others, ...ofMachines].some((form) => form.test(message)))
        .filter((message) => !(isSentence(message) ? rows : lines).some((line) => holds(line, message)));
}

const vendors = fs
    .readdirSync(path.join(root, "provider/vendors"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
const generic = ["http", "oauth2"];

/** The folders of messages, each with the page that has its checks, where messages.md alone does not have them. */
const folders: readonly (readonly [page: string, folders: readonly string[]])[] = [
    ...vendors
        .filter((vendor) => !generic.includes(vendor))
        .map((vendor) => [`${vendor}.md`, [`provider/vendors/${vendor}`]] as const),
    ["generic.md", generic.map((vendor) => `provider/vendors/${vendor}`)],
    ["messages.md", ["provider/core", "provider/define"]],
    ["messages.md", ["provider/hubs"]],
    ["messages.md", ["provider/hosts"]],
];

test.each(folders)(
    "docs/messages.md (or %s) holds every message of %j, each sentence in a row with an anchor",
    (name, rooms) => {
        const messages = rooms
            .flatMap(sources)
            .filter((file) => !ofPrograms.test(file))
            .flatMap((file) => textsIn(fs.readFileSync(file, "utf8")));
        expect(messages.length).toBeGreaterThan(0);
        expect(lacking(page(name) + page("messages.md"), messages)).toEqual([]);
    },
);

test("Every folder of code belongs to a page", () => {
    const rooms = fs
        .readdirSync(path.join(root, "provider"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `provider/${name}`);
    // The suite for definitions is read by who writes one; its cases say what they hold.
    const others = ["provider/vendors", "provider/conformance", "provider/messages"];
    const held = folders.flatMap(([, some]) => some).filter((room) => !room.startsWith("provider/vendors/"));
    expect(rooms.filter((room) => !others.includes(room)).sort()).toEqual(held.sort());
});

test("A sentence that no page holds is found, wherever it stands in the code", () => {
    const code = `
        function one(name: string) { throw new Error("Nobody has written this sentence down."); }
        const two = (name: string) => \`nobody knows why \${name}: \${reason}\`;
        const three = markup\`<p>\${isEmpty ? "This stands on a page alone." : ""}</p>\`;
        const four = questions.text("Is this a question?", "", (given) => given === "" ? "It needs something to go on." : undefined);
        const five = command.option("--six", "help is no message").action(() => { throw new Error("But this is one."); });
        const six = wrapped(() => "a fragment of something");
    `;
    expect(lacking(page("messages.md"), textsIn(code))).toEqual([
        "Nobody has written this sentence down.",
        "nobody knows why …: …",
        "This stands on a page alone.",
        "It needs something to go on.",
        "But this is one.",
        "a fragment of something",
    ]);
});

test("The pages name each anchor once, and every message has one", () => {
    for (const name of new Set(folders.map(([file]) => file))) {
        const ids = [...page(name).matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id);
        expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
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
