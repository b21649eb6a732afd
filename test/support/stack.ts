import { createCipheriv, createHash, pbkdf2Sync, randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";

/** The passphrase of the stacks of tests. */
export const passphrase = "test";

/** The engine's mark of a special value, and the one of secrets. */
const [mark, secretMark] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"] as const;
const salt = Buffer.from("of-tests");
let key: Buffer | undefined;

/** Encrypts a value as the engine does with a passphrase. */
function encrypt(value: string): string {
    key ??= pbkdf2Sync(passphrase, salt, 1_000_000, 32, "sha256");
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = Buffer.concat([cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

/** What `pulumi stack init` has encrypted with this salt, by which the engine knows the passphrase. */
const encryptionSalt = "v1:b2YtdGVzdHM=:v1:D/0uM9i6Iqw++28L:IxBAEDdii9cFCai8WCuZSFDfJgftUg==";

const configurationOf = (program: string): string => path.join(program, "Pulumi.test.yaml");

function put(file: string, text: string): void {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
}

/** Writes what `pulumi stack init test` writes, without the engine: it takes as long as a small test. */
export function writeStack(project: string, program: string, state: string, home: string): void {
    const stack = `organization/${project}/test`;
    const place = createHash("sha1").update(path.join(program, "Pulumi.yaml")).digest("hex");
    put(path.join(state, ".pulumi/meta.yaml"), "version: 1\n");
    const latest = {
        manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
        secrets_providers: { type: "passphrase", state: { salt: encryptionSalt } },
        metadata: {},
    };
    put(
        path.join(state, ".pulumi/stacks", project, "test.json"),
        JSON.stringify({ version: 3, checkpoint: { stack, latest } }),
    );
    put(path.join(home, "workspaces", `${project}-${place}-workspace.json`), JSON.stringify({ stack }));
    put(configurationOf(program), stringify({ encryptionsalt: encryptionSalt }));
}

// Quoted, because the engine reads a bare date as a moment.
const quoted = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" } as const;

/** Puts values into the stack's configuration, as `pulumi config set-all` does. */
export function configureStack(
    project: string,
    program: string,
    plain: Readonly<Record<string, string>>,
    secrets: Readonly<Record<string, string>>,
): void {
    const file = configurationOf(program);
    const settings = parse(fs.readFileSync(file, "utf8")) as { config?: Record<string, unknown> };
    const full = (name: string): string => (name.includes(":") ? name : `${project}:${name}`);
    const given = [
        ...Object.entries(plain).map(([name, value]) => [full(name), value]),
        ...Object.entries(secrets).map(([name, value]) => [full(name), { secure: encrypt(value) }]),
    ];
    put(file, stringify({ ...settings, config: { ...settings.config, ...Object.fromEntries(given) } }, quoted));
}

/** A value of the state as `pulumi stack output --json` prints it. */
export function shownValue(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (Array.isArray(value)) {
        return value.map(shownValue);
    }
    return (value as Record<string, unknown>)[mark] === secretMark
        ? "[secret]"
        : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shownValue(inner)]));
}
