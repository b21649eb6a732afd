import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { until } from "../support/until";
import { Core, type CoreReply, type Verified } from "../support/core";
import { Life, type Kept } from "../support/life";
import { startVendors, type Vendors } from "../simulators/vendors";

describe("A secret that a command writes", () => {
    let vendors: Vendors;
    let core: Core;
    let folder: string;
    const printed: string[] = [];

    beforeAll(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "secret-command-"));
        vendors = await startVendors();
        core = Core.start({ VAULT_ANSWER: vendors.credentials.jamf.clientSecret });
    });

    afterAll(async () => {
        await Promise.all([core.close(), vendors.close()]);
        fs.rmSync(folder, { recursive: true });
    });

    const node = (code: string, ...args: string[]): string[] => [process.execPath, "-e", code, ...args];
    const print = (text: string): string[] => node(`process.stdout.write(${text})`);

    const ask = async (command: readonly unknown[], more: object = {}): Promise<CoreReply<Verified>> => {
        const args = {
            ...vendors.credentials.jamf,
            clientSecret: { secretFrom: "command", command },
            timeoutSeconds: 20,
            ...more,
        };
        const reply = await core.verify("jamf.ApiClient", args, vendors.endpoints);
        printed.push(JSON.stringify(reply));
        return reply;
    };
    const verify = async (
        command: readonly unknown[],
        more: object = {},
    ): Promise<{ status: string | undefined; messages: readonly string[] | undefined }> => {
        const { value } = await ask(command, more);
        return { status: value?.result?.tenants[0]?.status, messages: value?.messages };
    };
    const refused = (what: string, program = process.execPath): object => ({
        status: "unreachable",
        messages: [expect.stringContaining(`clientSecret: the command ${program} ${what} [command-`)],
    });

    test.each([
        ["whole", "process.env.VAULT_ANSWER"],
        ["with a line's end after it", 'process.env.VAULT_ANSWER + "\\r\\n"'],
        [
            "in pieces",
            'process.env.VAULT_ANSWER.slice(0, 5)); setTimeout(() => process.stdout.write(process.env.VAULT_ANSWER.slice(5) + "\\n"), 50); (0',
        ],
        ["with other words beside it", 'process.env.VAULT_ANSWER); console.error("Signed in as somebody."); (0'],
    ])("is taken: %s", async (_, text) => {
        expect(await verify(print(text))).toEqual({ status: "verified", messages: [] });
    });

    test("is not run by a shell: what a shell would replace reaches the program as it stands, and no input does", async () => {
        const seen = path.join(folder, "seen.json");
        const code = `
            require("fs").writeFileSync(process.argv[1], JSON.stringify({ args: process.argv.slice(2), input: require("fs").readFileSync(0, "utf8"), folder: process.cwd() }));
            process.stdout.write(process.env.VAULT_ANSWER);`;
        const args = ["$HOME", "$(id)", "`id`", "a; id", "*", "", "two words", '"', "op://vault/jamf/secret"];
        expect(await verify([...node(code), seen, ...args])).toEqual({ status: "verified", messages: [] });
        expect(JSON.parse(fs.readFileSync(seen, "utf8"))).toEqual({ args, input: "", folder: process.cwd() });
    });

    const runs: readonly (readonly [string, () => string[], string])[] = [
        [
            "ends with an exit code",
            () => node('console.log("PLANTED-secret"); console.error("no access to PLANTED-secret"); process.exit(3)'),
            "ended with exit code 3. What it wrote is not shown, because it may hold the secret. Run it yourself to see why.",
        ],
        [
            "is killed",
            () => node('process.kill(process.pid, "SIGKILL")'),
            "was ended by SIGKILL. What it wrote is not shown, because it may hold the secret. Run it yourself to see why.",
        ],
        ["writes nothing", () => node("0"), "wrote nothing to its standard output. Have it write the secret there."],
        [
            "writes an empty line",
            () => print('" \\n"'),
            "wrote nothing to its standard output. Have it write the secret there.",
        ],
        [
            "writes to its other output alone",
            () => node('console.error("PLANTED-secret")'),
            "wrote nothing to its standard output. Have it write the secret there.",
        ],
        [
            "writes too much",
            () => print('"PLANTED-secret".repeat(5000)'),
            "wrote more than 64 KiB, so that is not a secret. Have it write the secret, and nothing else.",
        ],
        [
            "never stops writing",
            () => node('const go = () => process.stdout.write("PLANTED-secret".repeat(1000), go); go()'),
            "wrote more than 64 KiB, so that is not a secret. Have it write the secret, and nothing else.",
        ],
    ];

    test.each(runs)("one that %s is refused in one sentence, and nobody is asked", async (_, command, what) => {
        vendors.requests.clear();
        expect(await verify(command())).toEqual(refused(what));
        expect(vendors.requests.length).toBe(0);
    });

    test("more than a secret is refused without being shown", async () => {
        const { messages } = await verify(print('"PLANTED-secret\\nPLANTED-other"'));
        expect(messages).toEqual([
            expect.stringMatching(
                /^clientSecret: what the command \S+ wrote holds a control character, such as a line break.* Put the secret there, and nothing else\. \[secret-unclean\]$/,
            ),
        ]);
    });

    test("a program that is not there, and one that cannot be run, are named", async () => {
        const remedy = "Install it, or correct its name: the first item is a program on PATH, or its path.";
        expect(await verify(["no-such-secrets-manager", "read"])).toEqual(
            refused(`cannot be run (ENOENT). ${remedy}`, "no-such-secrets-manager"),
        );
        expect(await verify([folder])).toEqual(refused(`cannot be run (EACCES). ${remedy}`, folder));
    });

    test("a hanging one is ended at the deadline, with the processes of its group", async () => {
        const pids = path.join(folder, "pids");
        const code = `
            const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], { stdio: "inherit" });
            require("fs").writeFileSync(process.argv[1], process.pid + " " + child.pid);
            process.on("SIGTERM", () => 0);
            setInterval(() => 0, 1000);`;
        const what =
            "did not end in time (timeoutSeconds), and was ended with the processes of its group. See what it waits for by running it yourself, or increase timeoutSeconds.";
        expect(await verify([...node(code), pids], { timeoutSeconds: 3 })).toEqual(refused(what));
        await until("both processes to end", () =>
            fs
                .readFileSync(pids, "utf8")
                .split(" ")
                .every((pid) => !isRunning(Number(pid))),
        );
    });

    test.each([
        ["its own group", false],
        ["a session of its own", true],
    ])(
        "one that has ended is not waited for, where a process in %s keeps its output open and goes on",
        async (_, detached) => {
            const pids = path.join(folder, `kept-open-${detached}`);
            const code = `
            const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], { detached: ${detached}, stdio: ["ignore", "inherit", "ignore"] });
            child.unref();
            require("fs").writeFileSync(process.argv[1], String(child.pid));
            process.stdout.write(process.env.VAULT_ANSWER);`;
            // With the whole time of a verification for the command, the vendor could not be asked any more.
            expect(await verify([...node(code), pids])).toEqual({ status: "verified", messages: [] });
            const pid = Number(fs.readFileSync(pids, "utf8"));
            expect(isRunning(pid)).toBe(true);
            process.kill(pid);
        },
    );

    test.each([
        ["Latin-1", 'Buffer.from("PLANTED-s\u00e9cret", "latin1")'],
        ["a sequence that is cut", 'Buffer.from("PLANTED-s\u00e9").subarray(0, 10)'],
    ])("bytes that are not UTF-8 are refused: %s", async (_, bytes) => {
        expect(await verify(print(bytes))).toEqual(
            refused("wrote bytes that are not UTF-8. Have it write the secret in UTF-8."),
        );
    });

    test("hundreds at once are run a few at a time", async () => {
        const log = path.join(folder, "at-once");
        const code = `
            const fs = require("fs");
            fs.appendFileSync(process.argv[1], "+");
            setTimeout(() => { fs.appendFileSync(process.argv[1], "-"); process.stdout.write(process.env.VAULT_ANSWER); }, 20);`;
        const all = await Promise.all(
            Array.from({ length: 30 }, () => verify([...node(code), log], { timeoutSeconds: 120 })),
        );
        expect(all.filter(({ status }) => status !== "verified")).toEqual([]);
        let [now, most] = [0, 0];
        for (const mark of fs.readFileSync(log, "utf8")) {
            now += mark === "+" ? 1 : -1;
            most = Math.max(most, now);
        }
        expect([now, most <= 8, most > 1]).toEqual([0, true, true]);
    });

    test.each([[[]], [[""]], [["op", 7]], [["op", "a\0b"]], ["op read"], [null]])(
        "a command %j is refused before anything is run",
        async (command) => {
            const { messages } = await verify(command as string[]);
            expect(messages).toEqual([
                expect.stringMatching(
                    /^clientSecret: must be a text or a reference: secretFrom "env" or "file" with a name, or "command" with a command, a list of texts\./,
                ),
            ]);
        },
    );

    test("the state holds the command and, as a secret, a keyed digest; a rotated secret is a change, and a refresh uses today's", async () => {
        const life = new Life(core, "jamf.ApiClient", () => vendors.endpoints);
        const vault = path.join(folder, "vault");
        const put = (secret: string): void => fs.writeFileSync(vault, `${secret}\n`);
        put(vendors.credentials.jamf.clientSecret);
        const command = node('process.stdout.write(require("fs").readFileSync(process.argv[1]))', vault);
        const args = { ...vendors.credentials.jamf, clientSecret: { secretFrom: "command", command } };
        const { kept } = await life.up(undefined, args);
        const bare = { secretFrom: "command", command };
        expect([kept?.inputs["clientSecret"], kept?.outputs["clientSecret"]]).toEqual([bare, bare]);
        expect(JSON.stringify(kept?.inputs)).not.toMatch(/[0-9a-f]{32}:[0-9a-f]{64}/);
        expect(kept?.outputs["__sealed"]).toMatchObject({
            value: { digests: { clientSecret: expect.stringMatching(/^[0-9a-f]{32}:[0-9a-f]{64}$/) as string } },
        });
        expect(JSON.stringify(kept)).not.toContain(vendors.credentials.jamf.clientSecret);
        expect((await life.preview(kept, args)).outcome).toBe("clean");
        const rotated = vendors.fixture.jamf.client.generateClientSecret();
        put(rotated);
        expect((await life.preview(kept, args)).outcome).toBe("update");
        const refreshed = await life.refresh(kept as Kept);
        expect([refreshed.outcome, refreshed.kept?.outputs["status"]]).toEqual(["clean", "verified"]);
        const up = await life.up(kept, args);
        expect([up.outcome, up.kept?.outputs["status"]]).toEqual(["update", "verified"]);
        expect((await life.preview(up.kept, args)).outcome).toBe("clean");
        expect(JSON.stringify(up.kept)).not.toContain(rotated);
    });

    test("nothing that a command wrote stands in an answer, a message or the process's output", () => {
        expect(printed.join() + core.output + core.astray.join()).not.toContain("PLANTED");
        expect(printed.join() + core.output).not.toContain("Signed in");
        expect(core.astray).toEqual([]);
    });
});

function isRunning(pid: number): boolean {
    try {
        process.kill(pid, 0);
        // Whoever has ended and was not waited for yet is no process any more.
        return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
        return false;
    }
}
