import { consoleUrl } from "../../provider/core/console";
import { mark } from "../../provider/core/redact";
import { startVendors, type VendorCredentials, type Vendors } from "../simulators/vendors";
import { connectionTypes, typeNamed } from "../support/types";

const at = (url: (values: Record<string, unknown>) => unknown, values = {}): string | undefined =>
    consoleUrl({ console: { secret: "Settings", url } }, values);

test("The link to a vendor's console is https, and follows from no secret value", () => {
    expect(at(({ url }) => url, { url: "https://acme.jamfcloud.com" })).toBe("https://acme.jamfcloud.com/");
    expect(at(({ region }) => (region === "eu" ? "https://console.eu.example" : "https://console.example"), {})).toBe(
        "https://console.example/",
    );
    // Another region than the one that the program keeps secret would be a guess.
    const secret = { region: "[secret]", hosts: ["[secret]"] };
    expect(at(({ region }) => (region === "eu" ? "https://eu.example" : "https://us.example"), secret)).toBeUndefined();
    expect(at(({ hosts }) => `https://${String(hosts)}.example`, secret)).toBeUndefined();
    for (const url of ["http://acme.example", "javascript:alert(1)", "https://user:password@acme.example", "acme", 1]) {
        expect(at(() => url)).toBeUndefined();
    }
    expect(consoleUrl({}, {})).toBeUndefined();
});

describe("The declarations' links", () => {
    let vendors: Vendors;

    beforeAll(async () => {
        vendors = await startVendors();
    });
    afterAll(() => vendors?.close());

    /** The arguments on record, without secrets. */
    const valuesOf = (type: string, args: object): Record<string, unknown> => {
        const connection = typeNamed(type);
        const given = connection.arguments.validate({ ...args }).args?.given ?? {};
        return Object.fromEntries(Object.entries(given).filter(([name]) => !connection.secretNames.includes(name)));
    };

    test.each<[string, keyof VendorCredentials, object, string | undefined]>([
        ["microsoft.EntraApplication", "entra", {}, "https://portal.azure.com/"],
        ["microsoft.EntraApplication", "entra", { cloud: "china" }, "https://portal.azure.cn/"],
        ["okta.ApiToken", "oktaApiToken", {}, "https://acme-admin.okta.com/"],
        ["okta.ServiceApp", "oktaServiceApp", { orgUrl: "https://login.acme.example" }, undefined],
        ["crowdstrike.ApiClient", "crowdstrike", { cloud: "eu-1" }, "https://falcon.eu-1.crowdstrike.com/"],
        ["datadog.Keys", "datadogKeys", {}, "https://app.datadoghq.com/organization-settings/api-keys"],
        [
            ...(["datadog.ServiceAccessToken", "datadogToken", { site: "us3.datadoghq.com" }] as const),
            "https://us3.datadoghq.com/organization-settings/service-accounts",
        ],
        ["snyk.ServiceAccount", "snyk", {}, "https://app.eu.snyk.io/"],
        ["gitlab.AccessToken", "gitlab", {}, "https://gitlab.com/"],
        ["gitlab.AccessToken", "gitlabSelfHosted", {}, "https://gitlab.example.com:8443/"],
        ["github.PersonalAccessToken", "githubServer", {}, "https://github.example.com/settings/tokens"],
        ["github.AppInstallation", "githubApp", {}, "https://github.com/settings/apps"],
        ["cloudflare.ApiToken", "cloudflare", {}, "https://dash.cloudflare.com/"],
        ["slack.BotToken", "slack", {}, "https://api.slack.com/apps"],
        ["kandji.ApiToken", "kandji", {}, "https://acme.kandji.io/"],
        ["kandji.ApiToken", "kandjiEu", {}, undefined],
    ])("%s, %s %j", (type, credential, args, link) => {
        const values = valuesOf(type, { ...vendors.credentials[credential], ...args });
        expect(consoleUrl(typeNamed(type).definition, values)).toBe(link);
    });

    test.each(connectionTypes.map(({ label, definition }) => [label, definition] as const))(
        "%s: none from a value that is kept secret, and no fault without values",
        (_, definition) => {
            const secret = Object.fromEntries(
                [...Object.keys(definition.args), ...Object.keys(definition.outputs)].map((name) => [name, mark]),
            );
            const [hidden, empty] = [consoleUrl(definition, secret), consoleUrl(definition, {})];
            expect([undefined, empty]).toContain(hidden);
            expect(empty ?? "https://").toMatch(/^https:\/\/[^[\]]*$/);
            expect(empty ?? "").not.toContain("undefined");
        },
    );
});
