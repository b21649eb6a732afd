import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Project, type RunResult } from "./project";
import { exampleConfiguration, exampleFolder, exampleNames } from "./support/examples";
import { startVendors, type Vendors } from "./vendors";

interface Life {
    readonly preview: RunResult;
    readonly up: RunResult;
    /** The files that the program has written, with their texts. */
    readonly written: Record<string, string>;
    readonly again: RunResult;
    readonly destroy: RunResult;
    readonly left: string[];
}

let vendors: Vendors;
const lives = new Map<string, Promise<Life | Error>>();
let demonstration: Promise<{ code: number | null; output: string; left: string[] }>;

beforeAll(async () => {
    vendors = await startVendors();
    // Two at a time: more do not get done sooner on two cores.
    const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
    const enqueue = <T>(job: () => Promise<T>): Promise<T> => {
        const result = (lanes.shift() as Promise<unknown>).then(job);
        lanes.push(result);
        return result;
    };
    demonstration = enqueue(demonstrate);
    for (const name of exampleNames) {
        lives.set(
            name,
            enqueue(() => live(name).catch((error: Error) => error)),
        );
    }
});

afterAll(async () => {
    await Promise.all([demonstration, ...lives.values()]);
    await vendors.close();
});

async function live(name: string): Promise<Life> {
    const project = await Project.create({
        name,
        program: exampleFolder(name),
        ...exampleConfiguration(name, vendors),
        env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
    });
    const files = (): string[] => fs.readdirSync(project.dir).filter((file) => !fs.existsSync(path.join(exampleFolder(name), file)));
    try {
        const given = files();
        const written = (): string[] => files().filter((file) => !given.includes(file));
        const preview = await project.preview();
        // The types have been checked: the further runs need not do it again.
        project.env["PULUMI_NODEJS_TRANSPILE_ONLY"] = "true";
        const up = await project.upOnly();
        const texts = written().map((file) => [file, fs.readFileSync(path.join(project.dir, file), "utf8")]);
        return {
            preview,
            up,
            written: Object.fromEntries(texts) as Record<string, string>,
            again: await project.preview("--expect-no-changes"),
            destroy: await project.destroy("--skip-preview"),
            left: written(),
        };
    } finally {
        await project.dispose();
    }
}

function outputsIn({ stdout }: RunResult): string[] {
    const [, section = ""] = stdout.split("Outputs:\n");
    return (section.split("\n\n")[0] ?? "").split("\n");
}

function projectFolders(): string[] {
    return fs.readdirSync(path.resolve(__dirname, "../projects")).filter((name) => name.startsWith("demonstration-"));
}

async function demonstrate(): Promise<{ code: number | null; output: string; left: string[] }> {
    const child = spawn(process.execPath, [path.resolve(__dirname, "../examples/demonstration.js")], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, output, left: projectFolders().filter((name) => name.includes(`-${child.pid}-`)) };
}

test("what npm start shows does what it says, and leaves nothing behind", async () => {
    const { code, output, left } = await demonstration;
    expect(output).toContain('~ status          : "verified" => "rejected"');
    expect(output.trimEnd().split("\n").slice(-3).every((line) => line.startsWith("npm run pulumi -- -C examples/"))).toBe(true);
    expect({ code, left }).toEqual({ code: 0, left: [] });
});

describe.each(exampleNames)("examples/%s", (name) => {
    const its = async (): Promise<Life> => {
        const life = (await lives.get(name)) as Life | Error;
        if (life instanceof Error) {
            throw life;
        }
        return life;
    };

    test("is previewed with the very outputs that up then records", async () => {
        const { preview, up } = await its();
        expect(preview.output).toMatch(/to create/);
        expect([preview.code, up.code]).toEqual([0, 0]);
        expect(outputsIn(preview).length).toBeGreaterThan(1);
        expect(outputsIn(up)).toEqual(outputsIn(preview));
    });

    test("is unchanged in the next preview", async () => {
        const { again } = await its();
        expect(again.output).not.toMatch(/^ [~+-]/m);
        expect(again.code).toBe(0);
    });

    test("is destroyed whole", async () => {
        const { destroy, left } = await its();
        expect(destroy.output).toMatch(/- \d+ deleted/);
        expect({ code: destroy.code, left }).toEqual({ code: 0, left: [] });
    });
});

test("the file of examples/all-connections takes what the connections give, and no secret", async () => {
    const { written } = (await lives.get("all-connections")) as Life;
    expect(Object.keys(written)).toEqual(["forms.json"]);
    const { cloudId } = vendors.credentials.jiraConnector;
    const text = written["forms.json"] ?? "";
    expect(JSON.parse(text)).toMatchObject({
        jumpcloud: { status: "verified", apiUrl: "https://console.jumpcloud.com/api", organization: "Acme" },
        jamf: { url: "https://acme.jamfcloud.com", version: vendors.fixture.jamf.server.version },
        atlassianOAuth: { subdomain: "acme", cloudId },
        jira: { hostUrl: `https://api.atlassian.com/ex/jira/${cloudId}` },
    });
    vendors.secrets.forEach((secret) => expect(text).not.toContain(secret));
});
