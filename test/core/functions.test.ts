// What functions that contact a vendor are refused for, without the engine.
import { Session } from "../../provider/core/session";
import { functionOf } from "../../provider/hosts/handlers";
import { startVendors, type Vendors } from "../simulators/vendors";

let vendors: Vendors;

beforeAll(async () => {
    vendors = await startVendors();
});
afterAll(() => vendors.close());

const wrong = "planted-wrong-secret";

test.each<[string, Record<string, unknown>, RegExp]>([
    [
        "getTenantInfo",
        { subdomain: "acm" },
        /^subdomain: https:\/\/acm\.atlassian\.net answered with a page of HTML where its Cloud ID would be \(HTTP 404\)\./,
    ],
    ["getTenantInfo", { subdomain: "acme.example.com" }, /^subdomain: must be what is before \.atlassian\.net/],
    [
        "getTenantInfo",
        { subdomain: "https://acme-gov.atlassian-us-gov-mod.net" },
        /^environment: must be usGov for a site at/,
    ],
    [
        "getSites",
        { clientId: "other", clientSecret: wrong },
        /^clientSecret: Atlassian refused the client id or secret/,
    ],
    ["getSites", { clientSecret: wrong }, /^clientId: is missing\./],
])("atlassian.%s with %j is refused in one sentence", async (name, args, message) => {
    const session = new Session({ endpoints: vendors.endpoints, verify: undefined });
    const refusal = await functionOf(`atlassian:${name}`)!(args, session).then(
        (value) => JSON.stringify(value),
        (error: Error) => error.message,
    );
    expect(refusal).toMatch(message);
    expect(refusal).not.toMatch(/\n|planted/);
});
