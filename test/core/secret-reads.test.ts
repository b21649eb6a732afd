import fs from "node:fs";
import promises from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Run } from "../../provider/hosts/dynamic/run";
import { FileHost } from "../support/file-host";
import { allCases, type Case } from "../support/classes";
import type { Values } from "../support/life";
import { typeNamed } from "../support/types";
import { startVendors, type Vendors } from "../simulators/vendors";

const named = allCases.map((one) => [`${one.type} (${one.credential})`, one] as const);

describe("A secret in a file is read once for each verb", () => {
    let vendors: Vendors;
    let folder: string;
    let opened: jest.SpyInstance;

    beforeAll(async () => {
        vendors = await startVendors();
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "secret-reads-"));
        opened = jest.spyOn(promises, "open");
    });

    beforeEach(() => fs.rmSync(path.join(folder, "state.json"), { force: true }));

    afterAll(async () => {
        opened.mockRestore();
        fs.rmSync(folder, { recursive: true });
        await vendors.close();
    });

    /** How often each secret's file is opened meanwhile. */
    async function readsOf(secrets: readonly string[], work: () => Promise<unknown>): Promise<readonly number[]> {
        opened.mockClear();
        await work();
        const files = opened.mock.calls.map(([file]) => String(file));
        return secrets.map((name) => files.filter((file) => file === path.join(folder, name)).length);
    }

    /** The arguments with each secret in a file of its own. */
    function referenced({ type, credential }: Case): { args: Values; secrets: readonly string[] } {
        const args: Values = vendors.credentials[credential];
        const secrets = typeNamed(type).secretNames.filter((name) => name in args);
        const references = secrets.map((name) => {
            fs.writeFileSync(path.join(folder, name), String(args[name]));
            return [name, { secretFrom: "file", name: path.join(folder, name) }] as const;
        });
        return { args: { ...args, ...Object.fromEntries(references) }, secrets };
    }

    test.each(named)("%s: by check, diff, create, update, read and delete", async (_, one) => {
        const { args, secrets } = referenced(one);
        const once = secrets.map(() => 1);
        const host = (): FileHost =>
            new FileHost(typeNamed(one.type).definition, path.join(folder, "state.json"), {
                endpoints: vendors.endpoints,
                verify: undefined,
            });
        // An up is a check and what it leads to; a preview is a check and a diff, which needs no secret.
        expect(await readsOf(secrets, () => host().preview(args))).toEqual(once);
        expect(await readsOf(secrets, () => host().up(args))).toEqual(once.map((count) => count * 2));
        expect(await readsOf(secrets, () => host().preview(args))).toEqual(once);
        expect(await readsOf(secrets, () => host().up({ ...args, timeoutSeconds: 31 }))).toEqual(
            once.map((count) => count * 2),
        );
        expect(await readsOf(secrets, () => host().refresh())).toEqual(once);
        expect(await readsOf(secrets, () => host().destroy())).toEqual(once.map(() => 0));
    });

    test.each(named)("%s: by the program's side", async (_, one) => {
        const { args, secrets } = referenced(one);
        const run = new Run({ endpoints: vendors.endpoints, verify: undefined });
        expect(await readsOf(secrets, () => run.verify("it", typeNamed(one.type), args, []))).toEqual(
            secrets.map(() => 1),
        );
    });
});
