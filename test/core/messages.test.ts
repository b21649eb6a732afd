import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { messages, sections } from "../../provider/messages";
import { messagesPage, pageOfMessages } from "../support/messages-page";

const root = path.resolve(__dirname, "../../..");
const codes = sections.flatMap(({ errors }) => Object.keys(errors));

test("docs/messages.md is as the registry has it", () => {
    const page = pageOfMessages();
    if (process.env["WRITE_PAGES"] === "1") {
        fs.writeFileSync(messagesPage, page);
    }
    expect(fs.readFileSync(messagesPage, "utf8")).toBe(page);
});

test("Each message has a name of its own, and each code that a message shows is an error's", () => {
    const anchors = messages.map(({ anchor }) => anchor);
    expect(anchors.filter((anchor, at) => anchors.indexOf(anchor) !== at)).toEqual([]);
    expect(anchors.filter((anchor) => !/^[a-z]+[a-z0-9]*(-[a-z0-9]+)*$/.test(anchor))).toEqual([]);
    expect(messages.flatMap(({ code }) => code ?? []).filter((code) => !codes.includes(code))).toEqual([]);
});

/** The texts of the code that are codes of errors, wherever they are. */
function codesIn(file: string): string[] {
    const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isStringLiteralLike(node) && codes.includes(node.text)) {
            found.push(node.text);
        }
        ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
}

test("Each code is some error's in the sources", () => {
    const files = fs
        .readdirSync(path.join(root, "provider"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts") && !file.startsWith("messages"))
        .map((file) => path.join(root, "provider", file));
    const used = new Set(files.flatMap(codesIn));
    expect(codes.filter((code) => !used.has(code))).toEqual([]);
});
