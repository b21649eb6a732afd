// What `init` writes for a class of which one secret out of several is needed: the secret's source, and never the secret.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { init } from "../../provider/hosts/cli/init";
import type { Terminal } from "../../provider/hosts/cli/terminal";

const answers: unknown[] = [];
const questions: string[] = [];
const answer = async ({ message }: { readonly message: string }): Promise<unknown> => {
    questions.push(message);
    return answers.shift();
};
jest.mock("@clack/prompts", () => ({
    intro: () => undefined,
    isCancel: () => false,
    text: (question: { readonly message: string }) => answer(question),
    select: (question: { readonly message: string }) => answer(question),
    confirm: (question: { readonly message: string }) => answer(question),
}));

let folder: string;
const terminal = { printError: () => undefined, print: () => undefined } as unknown as Terminal;
const written = (): string => fs.readFileSync(path.join(folder, "index.ts"), "utf8");

beforeEach(() => {
    folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "init-secrets-")), "project");
});
afterEach(() => fs.rmSync(path.dirname(folder), { recursive: true }));

test("A script that names no secret gets the first one from the stack's configuration", async () => {
    const arg = ["tenant=acme.onmicrosoft.com", "clientId=6841a8be-5733-4eba-a565-0fd059a797eb"];
    await init(folder, { type: "microsoft.EntraApplication", arg, yes: true }, "0.0.0", terminal);
    expect(written()).toMatch(/clientSecret: config\.requireSecret\("\w*"\)/i);
    expect(written()).not.toContain("privateKey");
});

test("A person is prompted for the source of the secret, and never for the secret", async () => {
    const [stdin, stdout] = [process.stdin.isTTY, process.stdout.isTTY];
    Object.assign(process.stdin, { isTTY: true });
    Object.assign(process.stdout, { isTTY: true });
    try {
        answers.push("scanner", "token", "us-01", "env", "SNYK_TOKEN", "", false, "dev");
        await init(folder, { type: "snyk.ServiceAccount" }, "0.0.0", terminal);
    } finally {
        Object.assign(process.stdin, { isTTY: stdin });
        Object.assign(process.stdout, { isTTY: stdout });
    }
    expect(questions.filter((question) => /token/i.test(question))).toEqual([
        expect.stringContaining("From where does the program get token?"),
        expect.stringContaining("When does the token expire"),
    ]);
    expect(answers).toEqual([]);
    expect(written()).toContain('secretFrom.env("SNYK_TOKEN")');
});
