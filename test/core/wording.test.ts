import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { Core } from "../support/core";
import { startVendors } from "../simulators/vendors";

const root = path.resolve(__dirname, "../../..");

/** The texts in a source file, with their lines: what people may come to read is among them. */
function textsOf(file: string): string[] {
    const source = ts.createSourceFile(
        file,
        fs.readFileSync(path.join(root, file), "utf8"),
        ts.ScriptTarget.Latest,
        true,
    );
    const texts: string[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
            texts.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText()}`);
        }
        ts.forEachChild(node, visit);
    };
    visit(source);
    return texts;
}

/** The comments in a source file, each with its line and without code; lines in a row are one comment. */
function commentsOf(file: string): string[] {
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
    const ranges = new Map<number, ts.CommentRange>();
    const visit = (node: ts.Node): void => {
        const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
        if (children.length === 0) {
            const at = [
                ts.getLeadingCommentRanges(source.text, node.pos),
                ts.getTrailingCommentRanges(source.text, node.end),
            ];
            at.flatMap((some) => some ?? []).forEach((range) => ranges.set(range.pos, range));
        }
        children.forEach(visit);
    };
    visit(source);
    const blocks: { from: number; to: number }[] = [];
    for (const { pos, end, kind } of [...ranges.values()].sort((one, other) => one.pos - other.pos)) {
        const last = blocks.at(-1);
        const goesOn = last !== undefined && /^\n *$/.test(source.text.slice(last.to, pos));
        if (goesOn && kind === ts.SyntaxKind.SingleLineCommentTrivia) {
            last.to = end;
        } else {
            blocks.push({ from: pos, to: end });
        }
    }
    return blocks.map(({ from, to }) => {
        const text = source.text
            .slice(from, to)
            .replace(/^\/\*+|\*\/$|^ *(\/\/|\*)/gm, "")
            .replace(/`[^`]*`|\{@link [^}]*\}/g, "CODE")
            .replace(/@param \S+/g, "@param")
            .replace(/\s+/g, " ")
            .trim();
        return `${file}:${source.getLineAndCharacterOfPosition(from).line + 1} ${text}`;
    });
}

const sources = ["provider", "setup"].flatMap((folder) =>
    fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(ts|mjs|cjs)$/.test(file) && !file.includes("node_modules"))
        .map((file) => path.join(folder, file)),
);
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");
/** What people who use the package, or work on it, read: of what has changed, only what is not released yet. */
const pages: readonly (readonly [file: string, text: string])[] = [
    ...["README.md", "CONTRIBUTING.md", "SECURITY.md"],
    ...fs
        .readdirSync(path.join(root, "docs"))
        .filter((file) => file.endsWith(".md"))
        .map((file) => `docs/${file}`),
]
    .map((file): [string, string] => [file, read(file)])
    .concat([["CHANGELOG.md", (read("CHANGELOG.md").split(/^(?=## )/m)[1] ?? "").trimEnd()]]);
const numbered = ([file, text]: readonly [string, string]): string[] =>
    text.split("\n").map((line, at) => `${file}:${at + 1}: ${line}`);
const lines = pages.flatMap(numbered);
/** A page's own sentences: without code, which is what the engine, a program or this package prints. */
const prose = pages.flatMap(([file, text]) =>
    numbered([
        file,
        text
            .replace(/^ *```[\s\S]*?^ *```$/gm, (code) => code.replace(/.+/g, ""))
            .replace(/`[^`\n]*`/g, "CODE")
            .replace(/<a id="[^"]*"><\/a>/g, ""),
    ]),
);

describe("What people read", () => {
    /** Phrases that say in a roundabout way what has a name in the field. */
    const riddles: [RegExp, string][] = [
        [/\bmend/i, "repair, renew, replace"],
        [/\bthat is none\b/, "invalid"],
        [/\bdoes not tell\b/, "does not report"],
        [/\b(any|every|no)body (between|can|may)\b/i, "everyone, others"],
        [/\bwhoever\b/i, "the author, the person who"],
        [/\bstands? (there twice|in the state|on record)\b/, "is"],
        [/\b(was|were|be|been) asked: /, "checked"],
        [/\bfault of its own\b/, "server error"],
        [/\bname servers?\b/, "DNS server"],
        [/\bits (own )?address\b\.$/, "the address of what"],
        [/\bwhoever stands between\b/i, "anybody between this machine and the server"],
        [/\bnobody's\b/i, "anonymous"],
        [/\blets it be\b/, "invalid"],
        [/\bwhose it is\b/, "which account it belongs to"],
        [/\bheader can carry\b/, "characters that are not allowed in an HTTP header"],
        [/\bread it off\b/, "it is in"],
        [/\bas \$\{[^}]*title\} does\b/, "an unexpected answer"],
        [/\bof another shape\b/, "unexpected JSON"],
        [/\ba second time\b/, "names it too"],
        [/\bbut something else\b/, "what it is"],
    ];

    test.each(riddles)("says it in the words of the field: not %s", (riddle) => {
        expect([...sources.flatMap(textsOf), ...lines].filter((text) => riddle.test(text))).toEqual([]);
    });
});

describe("The pages", () => {
    /** The house rule of CONTRIBUTING.md, under "Write": words that a reader has to read twice, and the plain ones. */
    const rules: [RegExp, string][] = [
        [/\b(no|some|any)body\b/i, "no vendor, a person, everyone"],
        [/\bwho(m)?ever\b/i, "everyone who, the person who"],
        [/\b(is|are) none\b/i, "is not, has no"],
        [/\bone's own\b/i, "your own"],
        [/\bOf\b/, "a sentence begins with its subject"],
        [/\bask(s|ed|ing)?\b/i, "check, contact, prompt for, need"],
        [/\b(stand(s|ing)?|stood)\b(?!-ins?\b)/i, "is, applies"],
        [/\b(tell(s|ing)?|told|untold)\b/i, "says, reports, returns"],
        [
            /\btakes? (?!(it |them )?over\b|place\b|away\b|precedence\b|at (most|least)\b|longer\b|\d)/i,
            "accepts, uses, needs",
        ],
        [/[,;:] for (it|they|there|this|that|these|those|you|we|what|whatever|no|some)\b/i, "because"],
        [
            /[,;:] for (?!example\b|CODE\b)(\S+ ){1,5}(is|are|was|has|have|had|can|could|may|might|does|do|would|will)\b/i,
            "because",
        ],
        [/\bjudged?\b|\bjudges\b/i, "check, validate"],
        [/\b(needs?|need) a hand\b/i, "needs attention"],
        [/\bbeyond (this machine|what)\b/i, "other than, on another machine"],
        [/\blead(s|ing)? elsewhere\b/i, "redirect"],
        [/\bput right\b|\bputs (it|them) right\b/i, "correct"],
        [/\bthe matter\b/i, "the cause, wrong"],
    ];

    const comments = sources.filter((file) => file.startsWith("provider/")).flatMap(commentsOf);
    const opening =
        /(:\d+|[.!?:]|^|@(param|returns|throws|default|packageDocumentation)) (What|Whether|Who|Whose|Whom|Why|How)\b/;
    const commentRules = [...rules, [opening, "a verb, or a noun that names the thing"] as const];

    test.each(commentRules)("follow it, as comments and TSDoc do: not %s, but %s", (rule) => {
        expect(comments.filter((comment) => rule.test(comment))).toEqual([]);
    });

    const sentences = sources
        .filter((file) => file.startsWith("provider/"))
        .flatMap(textsOf)
        .map((text) => text.replace(/\$\{[^}]*\}/g, "CODE"))
        .filter((text) => / \S+ \S+ /.test(text.replace(/^\S+ /, "")));
    // A message may begin with a preposition, and name what a person asked for.
    const sentenceRules = rules.filter(([rule]) => !/Of|for/.test(rule.source));

    test.each(sentenceRules)("follow it, as messages do: not %s, but %s", (rule) => {
        expect(sentences.filter((text) => rule.test(text))).toEqual([]);
    });

    /** The names of variables, members and types in a source file. */
    const namesIn = (file: string): string[] => {
        const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
        const names: string[] = [];
        const visit = (node: ts.Node): void => {
            if (ts.isIdentifier(node)) {
                names.push(`${file}: ${node.text}`);
            }
            ts.forEachChild(node, visit);
        };
        visit(source);
        return names;
    };

    test("follow it, as names in code do", () => {
        const word =
            /: (.*[a-z](?=[A-Z]))?([Aa]sk(s|ed|ing)?|[Tt](ell|ells|elling|old)|[Uu]ntold|[Jj]udge[sd]?)(?![a-z])/;
        const names = sources.filter((file) => file.startsWith("provider/")).flatMap(namesIn);
        expect(names.length).toBeGreaterThan(10_000);
        expect(names.filter((name) => word.test(name))).toEqual([]);
        expect(["a.ts: isAsked", "a.ts: toldEnd", "a.ts: untold"].every((name) => word.test(name))).toBe(true);
        expect(["a.ts: task", "a.ts: threshold", "a.ts: cast"].some((name) => word.test(name))).toBe(false);
    });

    test.each([
        "a.ts:1 Whose a credential is.",
        "a.ts:1 A call. How it ends.",
        "a.ts:1 A call. @returns Whether it ended.",
    ])("would not begin: %s", (comment) => {
        expect(comment).toMatch(opening);
    });

    test("are read with every comment of a source", () => {
        expect(commentsOf("test/core/wording.test.ts")).toEqual(
            expect.arrayContaining([expect.stringMatching(/\d The comments in a source file, each with its line/)]),
        );
        expect(comments.length).toBeGreaterThan(2000);
    });

    test("are there, each with its own sentences", () => {
        expect(pages.length).toBeGreaterThan(15);
        expect(prose.join("\n")).toContain("CHANGELOG.md:1: ## [Unreleased]");
        expect(prose.join("\n")).not.toMatch(/```|CONNECTIONS_/);
    });

    test.each(rules)("follow the house rule of CONTRIBUTING.md: not %s, but %s", (rule) => {
        expect(prose.filter((line) => rule.test(line))).toEqual([]);
    });

    test.each([
        "Nobody was asked.",
        "It goes to whoever answers.",
        "A page of HTML is none.",
        "Of the rest, the first counts.",
        "The vendor was not asked.",
        "It stands in the state.",
        "The message tells why.",
        "The API takes a token.",
        "It fails, for it has no token.",
        "It is recorded, for the first answer was good.",
    ])("would not say: %s", (sentence) => {
        expect(rules.filter(([rule]) => rule.test(sentence))).not.toEqual([]);
    });

    test.each([
        "A call takes at most 30 seconds.",
        "To take over an account, set adopt.",
        "Run it first, for example.",
    ])("may say: %s", (sentence) => {
        expect(rules.filter(([rule]) => rule.test(sentence))).toEqual([]);
    });
});

describe("A sentence that a release puts another way", () => {
    test.each(["always", "changes", "never"])("is no change of a connection on record: verify %s", async (verify) => {
        type State = Record<string, unknown> & { warnings: string[]; checks: Record<string, { message: string }> };
        const vendors = await startVendors();
        const core = Core.start();
        try {
            const ask = <T>(call: "check" | "create" | "diff", ...args: unknown[]): Promise<T> =>
                core
                    .ask<T>({ connection: "jamf.ApiClient", call, args, endpoints: vendors.endpoints, run: "wording" })
                    .then(({ value, error }) => {
                        expect(error).toBeUndefined();
                        return value as T;
                    });
            const given = {
                ...vendors.credentials.jamf,
                requiredPrivileges: ["Read Computers"],
                tls: { insecureSkipVerify: true },
                verify,
            };
            const { inputs } = await ask<{ inputs: State }>("check", {}, given);
            const { id, outs } = await ask<{ id: string; outs: State }>("create", inputs);
            expect(outs.warnings.length).toBeGreaterThan(0);
            const before = {
                ...outs,
                warnings: outs.warnings.map((one) => one.replace(/ .*/, " in the words of an earlier release.")),
                checks: Object.fromEntries(
                    Object.entries(outs.checks).map(([name, check]) => [
                        name,
                        { ...check, message: "In earlier words." },
                    ]),
                ),
            };
            const again = await ask<{ inputs: State }>("check", before, given);
            expect(await ask<{ changes: boolean }>("diff", id, before, again.inputs)).toMatchObject({ changes: false });
            const more = { ...again.inputs, warnings: [...again.inputs.warnings, "One more."] };
            expect(await ask<{ changes: boolean }>("diff", id, before, more)).toMatchObject({ changes: true });
        } finally {
            await core.close();
            await vendors.close();
        }
    });
});
