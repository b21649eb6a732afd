import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { definitions } from "../../provider/vendors";
import { providerProcess } from "../../provider/hosts/dynamic/provider";
import { allCases, type Case } from "../support/classes";
import { FileHost } from "../support/file-host";
import type { Values } from "../support/life";
import { typeNamed, verifierOf } from "../support/types";
import { startVendors, type Vendors } from "../simulators/vendors";

const named = allCases.map((one) => [`${one.type} (${one.credential})`, one] as const);

// Compiled, this file lies in build/test/core, and what it tests in build/provider.
const provider = path.resolve(__dirname, "../../provider");

/** The modules in which nothing may be shared. */
const modules = ["define", "core", "vendors"].flatMap((room) =>
    fs
        .readdirSync(path.join(provider, room), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".js"))
        .map((file) => path.join(room, file)),
);

/** Freezes what a module exports, and whatever is in it. Classes stay as they are: what they keep is checked by the linter. */
function freeze(value: unknown): void {
    if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
        Object.freeze(value);
        Object.values(value).forEach(freeze);
    }
}

describe("Sessions in one process", () => {
    let here: Vendors;
    let there: Vendors;

    beforeAll(async () => {
        [here, there] = await Promise.all([startVendors(), startVendors()]);
    });

    afterAll(async () => {
        await Promise.all([here.close(), there.close()]);
    });

    test.each(named)("with other endpoints do not meet: %s", async (_, { type, credential }: Case) => {
        // The same vendors by name, where only one knows the credential.
        const args: Values = here.credentials[credential];
        const [known, unknown] = [verifierOf(here.endpoints), verifierOf(there.endpoints)];
        const [before, beside] = [here.requests.length, there.requests.length];
        const status = async (verify: typeof known): Promise<string | undefined> =>
            (await verify(type, args)).tenants[0]?.status;
        const isNamed = "cloudId" in args || "siteUrl" in args;
        const refused = isNamed ? /^(rejected|insufficient)$/ : /^rejected$/;
        expect(await status(known)).toBe("verified");
        expect(there.requests).toHaveLength(beside);
        expect(await status(unknown)).toMatch(refused);
        expect(await status(known)).toBe("verified");
        const asked = here.requests.length;
        expect(asked).toBeGreaterThan(before);
        const [first, second] = await Promise.all([
            status(verifierOf(there.endpoints)),
            status(verifierOf(here.endpoints)),
        ]);
        expect([first, second]).toEqual([expect.stringMatching(refused), "verified"]);
    });

    test("with other settings do not meet: one that asks nobody beside one that asks", async () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sessions-"));
        const host = (file: string, verify: "always" | "never"): FileHost =>
            new FileHost(typeNamed("jamf.ApiClient").definition, path.join(folder, file), {
                endpoints: here.endpoints,
                verify,
            });
        const [asking, silent] = [host("asking.json", "always"), host("silent.json", "never")];
        await Promise.all([asking.up(here.credentials.jamf), silent.up(here.credentials.jamf)]);
        expect([asking.kept?.outputs["status"], silent.kept?.outputs["status"]]).toEqual(["verified", "unverified"]);
        fs.rmSync(folder, { recursive: true });
    });

    test("a provider's process that is configured anew uses the new settings, and the earlier provider its own", async () => {
        const provide = providerProcess();
        const configured = ({ endpoints }: Vendors): ReturnType<typeof provide> => {
            const made = provide("jamf", "ApiClient");
            made.configure({
                config: {
                    get: (key: string) => (key === "connections:endpoints" ? JSON.stringify(endpoints) : undefined),
                },
            });
            return made;
        };
        const failures = async (one: ReturnType<typeof provide>): Promise<readonly string[]> =>
            ((await one.check({}, { ...here.credentials.jamf })) as { failures: { reason: string }[] }).failures.map(
                ({ reason }) => reason,
            );
        const [first, second] = [configured(here), configured(there)];
        expect(await failures(first)).toEqual([]);
        expect(await failures(second)).toEqual([expect.stringMatching(/^clientSecret: Jamf refused/)]);
        expect(await failures(first)).toEqual([]);
    });

    test("a read hands what the program makes secret to the engine as a secret, among outputs and inputs", async () => {
        const made = providerProcess()("jamf", "ApiClient");
        made.configure({
            config: {
                get: (key: string) => (key === "connections:endpoints" ? JSON.stringify(here.endpoints) : undefined),
            },
        });
        const checked: { readonly inputs: Values } = await made.check({}, { ...here.credentials.jamf });
        const { id, outs }: { id: string; outs: Values } = await made.create(checked.inputs);
        const record = outs["__record"] as object;
        const { server } = here.fixture.jamf;
        const { version } = server;
        server.upgrade("11.31.0-t1786459500000");
        const read = await made.read(id, { ...outs, __record: { ...record, sealed: ["url"] } });
        server.upgrade(version);
        const isSecret = (value: unknown): boolean => typeof value === "object" && value !== null && "value" in value;
        expect([isSecret(read.props["url"]), isSecret(read.inputs?.["url"])]).toEqual([true, true]);
    });

    test("nothing that a module of define, core or vendors exports is ever changed", async () => {
        expect(modules.length).toBeGreaterThan(40);
        modules.forEach((file) => freeze({ ...(require(path.join(provider, file)) as object) }));
        Object.values(definitions).forEach((load) => freeze(load()));
        const verify = verifierOf(here.endpoints);
        for (const { type, credential } of allCases) {
            expect((await verify(type, here.credentials[credential])).tenants[0]?.status).toBe("verified");
        }
    });
});
