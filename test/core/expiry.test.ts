// The last day of a secret that its console alone shows: which days are refused, and from when on it is warned of.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { dayIn } from "../support/clock";
import { FileHost } from "../support/file-host";
import { typeNamed } from "../support/types";
import { startVendors, type VendorCredentials, type Vendors } from "../simulators/vendors";

let vendors: Vendors;
let folder: string;

beforeAll(async () => {
    vendors = await startVendors();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "expiry-"));
});
afterAll(async () => {
    fs.rmSync(folder, { recursive: true });
    await vendors.close();
});

const host = (type: string): FileHost =>
    new FileHost(typeNamed(type).definition, path.join(folder, `${type}.json`), {
        endpoints: vendors.endpoints,
        verify: undefined,
    });

test.each<[string, keyof VendorCredentials, boolean]>([
    ["atlassian.JiraConnector", "jiraConnector", true],
    ["atlassian.ServiceAccountToken", "atlassianToken", true],
    ["atlassian.ServiceAccountOAuth", "atlassianOAuth", false],
    ["jamf.ApiClient", "jamf", false],
    ["jumpcloud.ServiceAccount", "jumpcloud", false],
])("%s: beyond the vendor's longest life, and in the past, it is refused", async (type, credential, isBounded) => {
    const preview = (days: number): ReturnType<FileHost["preview"]> =>
        host(type).preview({ ...vendors.credentials[credential], expiresAt: dayIn(days) });
    const far = await preview(400);
    expect(far.outcome).toBe(isBounded ? "refused" : "create");
    isBounded &&
        expect(far.why).toMatch(
            /^expiresAt: is too far in the future: each API token of Atlassian .* at most 365 days/,
        );
    expect(await preview(360)).toMatchObject({ outcome: "create" });
    expect(await preview(-3)).toMatchObject({
        outcome: "refused",
        why: expect.stringMatching(
            new RegExp(`^expiresAt: the (clientSecret|apiToken) expired on ${dayIn(-3)}`),
        ) as string,
    });
});

test("warnBeforeDays moves the day from which it is warned of", async () => {
    const args = { ...vendors.credentials.jamf, expiresAt: dayIn(20) };
    expect((await host("jamf.ApiClient").preview(args)).shown["status"]).toBe("verified");
    expect((await host("jamf.ApiClient").preview({ ...args, warnBeforeDays: 30 })).shown["status"]).toBe("expiring");
    expect((await host("jamf.ApiClient").preview({ ...args, warnBeforeDays: 19 })).shown["status"]).toBe("verified");
});
