// Two secrets of one connection, one of which stands by: a new one is proved, whichever it is.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { FileHost } from "../support/file-host";
import { typeNamed } from "../support/types";
import { startVendors, type Vendors } from "../simulators/vendors";

let vendors: Vendors;
let folder: string;

beforeAll(async () => {
    vendors = await startVendors();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "standby-"));
});
afterAll(async () => {
    fs.rmSync(folder, { recursive: true });
    await vendors.close();
});

test("A new standby that the vendor refuses is refused by its name; the two may change places", async () => {
    const { account } = vendors.fixture.jumpcloud;
    const { clientId } = vendors.credentials.jumpcloud;
    const [first = "", second = ""] = account.clientSecrets;
    const { definition } = typeNamed("jumpcloud.ServiceAccount");
    const host = (): FileHost =>
        new FileHost(definition, path.join(folder, "state.json"), { endpoints: vendors.endpoints, verify: undefined });
    const args = (clientSecret: string, standbyClientSecret: string) => ({
        clientId,
        clientSecret,
        standbyClientSecret,
    });
    expect(await host().up(args(first, second))).toMatchObject({ outcome: "create" });
    const wrong = args(first, "wrong".repeat(12));
    for (const run of [await host().preview(wrong), await host().up(wrong)]) {
        expect(run).toMatchObject({
            outcome: "refused",
            why: expect.stringMatching(/^standbyClientSecret: JumpCloud refused the client id or secret/) as string,
        });
    }
    expect(await host().up(args(second, first))).toMatchObject({ outcome: "update" });
    account.revokeClientSecret(second);
    // A known one may stand by although it is refused: it is no new secret.
    expect(await host().up(args(first, second))).toMatchObject({ outcome: "update" });
    expect(host().kept?.outputs["secretInUse"]).toBe("clientSecret");
    account.restoreClientSecret(second);
});
