import { Core } from "../support/core";
import { Life, type Kept } from "../support/life";
import { startVendors, type Vendors } from "../simulators/vendors";

describe("The contact of a connection", () => {
    let vendors: Vendors;
    let core: Core;
    let life: Life;
    const contact = "it-ops@acme.example";
    const args = (more: object): object => ({ ...vendors.credentials.jamf, timeoutSeconds: 1, ...more });
    const made = async (more: object): Promise<Kept> => {
        const { outcome, kept } = await life.up(undefined, args(more));
        expect(outcome).toBe("create");
        return kept as Kept;
    };

    beforeAll(async () => {
        vendors = await startVendors();
        core = Core.start();
        life = new Life(core, "jamf.ApiClient", () => vendors.endpoints);
    });

    afterAll(async () => {
        await core.close();
        await vendors.close();
    });

    test("is an update for which no vendor is contacted, where unchanged arguments are not verified", async () => {
        const kept = await made({ verify: "changes" });
        vendors.requests.clear();
        const { outcome, kept: after } = await life.up(kept, args({ verify: "changes", contact }));
        expect([outcome, vendors.requests.length]).toEqual(["update", 0]);
        expect(after?.outputs).toEqual({ ...kept.outputs, contact });
        const other = { verify: "changes", contact: "another", warnBeforeDays: 9 };
        expect((await life.up(after, args(other))).outcome).toBe("update");
        expect(vendors.requests.length).toBeGreaterThan(0);
    });

    test("is recorded where the vendor cannot be reached, and left out by leaving it out", async () => {
        const kept = await made({});
        vendors.listener("https://acme.jamfcloud.com").fault({ kind: "status", status: 503 });
        const { outcome, kept: after } = await life.up(kept, args({ contact }));
        expect([outcome, after?.outputs]).toEqual(["update", { ...kept.outputs, contact }]);
        const { outcome: again, kept: without } = await life.up(after, args({}));
        expect([again, without?.outputs]).toEqual(["update", kept.outputs]);
        vendors.listener("https://acme.jamfcloud.com").clearFaults();
    });

    test("has at most 200 characters", async () => {
        const { outcome, why } = await life.preview(undefined, args({ contact: "x".repeat(201) }));
        expect([outcome, why]).toEqual([
            "refused",
            "contact: must be a text of at most 200 characters. [invalid-argument]",
        ]);
    });
});
