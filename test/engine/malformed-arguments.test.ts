import path from "node:path";
import { createRequire } from "node:module";
import { failed, Lab } from "../support/programs";

type Failures = { inputs: Record<string, unknown>; failures: { property: string; reason: string }[] };
interface Provider {
    check(olds: object, news: object): Promise<Failures>;
}

// What users get: the packed package, as it is installed for the projects.
const installed = createRequire(path.resolve(__dirname, "../../projects/program.js"));
const { provider } = installed("pulumi-connections/dynamic") as { provider(vendor: string, type: string): Provider };

const uuid = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const secret = "Zx81-planted-secret-Qq";

/** A complete set of arguments for each class, which each case spoils in one place. */
const good: Record<string, Record<string, unknown>> = {
    "jumpcloud.ServiceAccount": { clientId: uuid, clientSecret: secret },
    "jamf.ApiClient": { url: "https://acme.jamfcloud.com", clientId: uuid, clientSecret: secret },
    "atlassian.ServiceAccountOAuth": { clientId: "abc", clientSecret: secret },
    "atlassian.ServiceAccountToken": { cloudId: uuid, email: "bot@serviceaccount.atlassian.com", apiToken: secret },
    "atlassian.JiraConnector": { cloudId: uuid, apiToken: secret },
    "atlassian.JiraUserToken": {
        siteUrl: "https://acme.atlassian.net",
        username: "mia@acme.example",
        apiToken: secret,
    },
};

type Case = readonly [property: string, value: unknown, words: RegExp];

const secretCases = (name: string): Case[] => [
    [name, undefined, /is missing\. .*shows it once/],
    [name, "", /must not be empty\./],
    [name, ` ${secret}`, /starts or ends with white space/],
    [name, `${secret}\n`, /white space/],
    [name, `Zx81-planted\u0007-secret`, /control character/],
    [name, 42, /must be a text/],
    [name, { secretFrom: "vault", name: "x" }, /a reference: secretFrom "env" or "file"/],
];

const commonCases: Case[] = [
    ["expiresAt", "soon", /must be a day, like 2027-06-30\./],
    ["expiresAt", "2027-02-30", /must be a day/],
    ["expiresAt", 20270630, /must be a day/],
    ["warnBeforeDays", -1, /0 to 365/],
    ["warnBeforeDays", 1.5, /whole number/],
    ["warnBeforeDays", "7", /whole number/],
    ["verify", "sometimes", /always, changes or never/],
    ["tls", "yes", /caCertificates/],
    ["tls.caCertificates", { caCertificates: "certificate" }, /PEM/],
    ["tls.insecureSkipVerify", { insecureSkipVerify: "yes" }, /true or false/],
    ["tls.caCertificate", { caCertificate: "x" }, /Did you mean caCertificates\?/],
    ["proxyUrl", "proxy.example.com:3128", /http or https URL.*http:\/\/proxy\.example\.com:3128/],
    ["proxyUrl", `ftp://user:${secret}@proxy.example.com`, /http or https URL/],
    ["timeoutSeconds", 0, /1 to 600/],
    ["timeoutSeconds", 601, /1 to 600/],
    ["timeoutSeconds", "30", /number of seconds/],
];

const listCases = (name: string, words: RegExp): Case[] => [
    [name, "one", words],
    [`${name}.1`, ["one", ""], words],
    [`${name}.0`, [7], words],
];

const siteCases: Case[] = [
    ["cloudId", "acme", /must be a Cloud ID, a UUID\. .*\/s\//],
    ["cloudId", 5, /must be a Cloud ID/],
    ["subdomain", "acme.example.com", /before \.atlassian\.net.*as a whole/],
    ["subdomain", "https://acme.example.com", /before \.atlassian\.net/],
    ["subdomain", `https://mia:${secret}@acme.atlassian.net`, /before \.atlassian\.net/],
    ["subdomain", "https://acme.atlassian.net.example.com", /before \.atlassian\.net/],
    ["subdomain", "https://admin.acme.atlassian.net", /before \.atlassian\.net/],
    ["subdomain", "-acme", /before \.atlassian\.net/],
    ["environment", "gov", /commercial or usGov/],
];

const cases: Record<string, Case[]> = {
    "jumpcloud.ServiceAccount": [
        ["clientId", undefined, /is missing\. It is under Settings > Service Accounts\./],
        ["clientId", "", /must not be empty/],
        ["clientId", "a:b", /colon/],
        ["clientId", 5, /must be a text/],
        ...secretCases("clientSecret"),
        ["standbyClientSecret", ` ${secret}`, /white space/],
        ["region", "uk", /us, eu or in/],
        ["region", "Us", /us, eu or in/],
        ["organizationId", "12", /24 hexadecimal digits/],
        ["organizationId", "g".repeat(24), /24 hexadecimal digits/],
        ["organizationId", 5, /must be 24 hexadecimal digits/],
        ["clientSecrets", secret, /has no such argument\. Did you mean clientSecret\?/],
        ["organisationId", "a".repeat(24), /Did you mean organizationId\?/],
        ["flavour", "sweet", /has no such argument\. Its arguments: .*clientId/],
    ],
    "jamf.ApiClient": [
        ["url", undefined, /is missing\. Write it like https:\/\/acme\.jamfcloud\.com/],
        ["url", "", /must not be empty/],
        ["url", "acme.jamfcloud.com", /is not a URL|must start with https/],
        ["url", "http://acme.jamfcloud.com", /must start with https:\/\//],
        ["url", `https://admin:${secret}@acme.jamfcloud.com`, /must not hold a user or a password/],
        ["url", "https://acme.jamfcloud.com/?x=1", /without \? or #/],
        ["url", "https://us.apigw.jamf.com", /Jamf Platform gateway/],
        ["clientId", undefined, /is missing\. It is under Settings > System > API Roles and Clients > API Clients\./],
        ["clientId", "stackone", /must be a UUID/],
        ...secretCases("clientSecret"),
        ...listCases("requiredPrivileges", /list of privileges/),
        ...listCases("allowedPrivileges", /list of privileges/),
        ["minimumVersion", "11", /must be a version, such as 11\.5\.0\./],
        ["minimumVersion", "10.48.9", /must be 10\.49\.0 or later/],
        ["minimumVersion", 11.5, /must be a version/],
        ["requiredPrivilege", ["Read User"], /Did you mean requiredPrivileges\?/],
        ["URL", "https://acme.jamfcloud.com", /Did you mean url\?/],
    ],
    "atlassian.ServiceAccountOAuth": [
        ["clientId", undefined, /is missing\. It is under Directory > Service accounts/],
        ...secretCases("clientSecret"),
        ...siteCases,
        ["products", "jira", /list of jira and confluence/],
        ["products.0", ["jiras"], /list of jira and confluence/],
        ["products", [], /must name jira or confluence/],
        ...listCases("requiredScopes", /list of scopes/),
        ...listCases("allowedScopes", /list of scopes/),
        ["requiredScope", ["x"], /Did you mean requiredScopes\?/],
        ["subDomain", "acme", /Did you mean subdomain\?/],
    ],
    "atlassian.ServiceAccountToken": [
        ["email", undefined, /is missing\. It is under Directory > Service accounts/],
        [
            "email",
            "bot",
            /must be an e-mail address, such as bot@serviceaccount\.atlassian\.com\. It is under Directory > Service accounts/,
        ],
        ...secretCases("apiToken"),
        ...siteCases,
        ["adminUrl", `https://admin.atlassian.com/o/${uuid}`, /https:\/\/admin\.atlassian\.com\/s\/<Cloud ID>/],
        ["adminUrl", `https://example.com/s/${uuid}`, /the site's address in the administration/],
        ["products.0", ["trello"], /list of jira and confluence/],
        ...listCases("requiredScopes", /list of scopes/),
        ["apitoken", secret, /Did you mean apiToken\?/],
    ],
    "atlassian.JiraConnector": [
        ...secretCases("apiToken"),
        ...siteCases,
        ["adminUrl", "acme", /the site's address in the administration/],
        ["hostUrl", "https://acme.atlassian.net", /https:\/\/api\.atlassian\.com\/ex\/jira\/<Cloud ID>/],
        ["hostUrl", `https://api.atlassian.com/ex/confluence/${uuid}`, /the gateway's URL/],
        ["serviceAccountName", "oxbot", /6 to 30 characters/],
        ["serviceAccountName", "x".repeat(31), /6 to 30 characters/],
        ...listCases("requiredScopes", /list of scopes/),
        ["hostURL", "x", /Did you mean hostUrl\?/],
    ],
    "atlassian.JiraUserToken": [
        ...secretCases("apiToken").filter(([, value]) => value !== undefined),
        ["apiToken", undefined, /is missing\. Cloud shows it once/],
        ["siteUrl", "", /must not be empty/],
        ["siteUrl", "acme.atlassian.net", /is not a URL|must start with https/],
        ["siteUrl", `https://mia:${secret}@acme.atlassian.net`, /must not hold a user or a password/],
        ["username", "mia", /must be an e-mail address/],
        [
            "username",
            undefined,
            /is missing: a cloud site accepts an API token together with its user's e-mail address/,
        ],
        ["environment", "gov", /commercial or usGov/],
        ["userName", "x", /Did you mean username\?/],
    ],
};

/** Rules that hold between arguments: the arguments that go over the good ones, the property that is named, and words. */
const combinations: Record<string, [given: Record<string, unknown>, property: string, words: RegExp][]> = {
    "atlassian.ServiceAccountOAuth": [
        [
            { cloudId: uuid, subdomain: "acme" },
            "subdomain",
            /names the site too, like cloudId\. Give only one of cloudId or subdomain\./,
        ],
    ],
    "atlassian.ServiceAccountToken": [
        [{ cloudId: undefined }, "cloudId", /is missing: name the site with cloudId, subdomain or adminUrl\./],
        [{ subdomain: "acme" }, "subdomain", /names the site too, like cloudId/],
        [
            { cloudId: undefined, subdomain: "https://acme.atlassian-us-gov-mod.net" },
            "environment",
            /must be usGov for a site at acme\.atlassian-us-gov-mod\.net/,
        ],
        [
            { cloudId: undefined, subdomain: "acme", adminUrl: `https://admin.atlassian.com/s/${uuid}` },
            "adminUrl",
            /names the site too, like subdomain/,
        ],
    ],
    "atlassian.JiraConnector": [
        [{ cloudId: undefined }, "cloudId", /is missing: name the site with cloudId, subdomain, adminUrl or hostUrl\./],
        [{ hostUrl: `https://api.atlassian.com/ex/jira/${uuid}` }, "hostUrl", /names the site too, like cloudId/],
        [
            { cloudId: undefined, hostUrl: `https://api.atlassian-us-gov-mod.com/ex/jira/${uuid}` },
            "environment",
            /must be usGov for a site at api\.atlassian-us-gov-mod\.com/,
        ],
        [
            { cloudId: undefined, hostUrl: `https://api.atlassian.com/ex/jira/${uuid}`, environment: "usGov" },
            "environment",
            /must be commercial or left out/,
        ],
    ],
    "atlassian.JiraUserToken": [
        [{ siteUrl: undefined }, "siteUrl", /is missing: name Jira with siteUrl or subdomain/],
        [{ subdomain: "acme" }, "subdomain", /names Jira too, like siteUrl/],
        [{ siteUrl: "https://jira.acme.example" }, "username", /is not for a Data Center/],
        [{ siteUrl: undefined, subdomain: "acme", username: undefined }, "username", /is missing: a cloud site/],
    ],
};

const at = (type: string): Provider => provider(...(type.split(".") as [string, string]));

async function reasons(type: string, changed: Record<string, unknown>): Promise<string[]> {
    const { failures } = await at(type).check({}, { ...good[type], ...changed });
    // The engine prints the value of a property that a failure names.
    expect(failures.map(({ property }) => property)).toEqual(failures.map(() => ""));
    return failures.map(({ reason }) => reason);
}

describe.each(Object.keys(good))("a malformed argument of %s", (type) => {
    test.each([...(cases[type] ?? []), ...commonCases])("%s: %j is refused by name", async (property, value, words) => {
        const instead = ["subdomain", "adminUrl", "hostUrl"].includes(property) ? { cloudId: undefined } : {};
        const told = await reasons(type, { ...instead, [property.split(".")[0] ?? ""]: value });
        expect(told).toHaveLength(1);
        expect(told[0]).toMatch(new RegExp(`^${property.replace(".", "\\.")}: `));
        expect(told[0]).toMatch(words);
        expect(told[0]).toMatch(/[.?] \[[a-z-]+\]$/);
        expect(told[0]).not.toContain("planted");
    });

    test("that others contradict is refused", async () => {
        for (const [given, property, words] of combinations[type] ?? []) {
            const told = await reasons(type, given);
            expect(told).toEqual([expect.stringMatching(words)]);
            expect(told[0]).toMatch(new RegExp(`^${property}: `));
        }
    });

    test("is told of together with all the others", async () => {
        const spoilt = [...(cases[type] ?? []), ...commonCases].filter(([, value]) => value !== undefined);
        const bad = new Map(spoilt.map(([property, value]) => [property.split(".")[0] ?? "", value]));
        const told = await reasons(type, Object.fromEntries(bad));
        const named = new Set(told.map((reason) => reason.split(/[.:]/)[0]));
        expect([...named].sort()).toEqual([...bad.keys()].sort());
    });
});

describe("previews of malformed arguments", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await Lab.start({ name: "malformed" });
    });
    afterAll(async () => {
        await lab.dispose();
    });

    test("a preview names everything that is wrong with every connection, asks nobody and shows no value", async () => {
        const given = Object.fromEntries(
            Object.entries(cases).map(([type, list]) => {
                const bad = Object.fromEntries(
                    list
                        .filter(([, value]) => value !== undefined)
                        .map(([property, value]) => [property.split(".")[0] ?? "", value]),
                );
                return [type.toLowerCase().replace(".", "-"), { type, args: { ...good[type], ...bad } }];
            }),
        );
        lab.declare({ connections: given });
        const output = failed(await lab.preview());
        for (const { args } of Object.values(given)) {
            for (const property of Object.keys(args).filter(
                (name) => !["clientId", "cloudId", "email", "subdomain", "siteUrl", "url"].includes(name),
            )) {
                expect(output).toMatch(new RegExp(`\\b${property}[.0-9]*: `));
            }
        }
        for (const name of Object.keys(given)) {
            expect(output).toContain(name);
        }
        expect(output).not.toContain("planted");
        expect(lab.vendors.requests.length).toBe(0);
    });

    test("an up of malformed arguments records nothing", async () => {
        const before = (await lab.project.exportState()).deployment.resources ?? [];
        failed(await lab.up());
        const after = (await lab.project.exportState()).deployment.resources ?? [];
        expect(after.filter(({ type }) => type.includes("connections"))).toEqual([]);
        expect(before).toEqual([]);
    });
});
