import { Lab, succeeded } from "../support/programs";

describe("the site of a credential that reaches several", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await Lab.start({ name: "sites" });
        const { clientId, clientSecret } = lab.vendors.credentials.atlassianOAuth;
        lab.declare({
            connections: {
                unnamed: { type: "atlassian.ServiceAccountOAuth", args: { clientId, clientSecret } },
                named: {
                    type: "atlassian.ServiceAccountOAuth",
                    args: { clientId, clientSecret, subdomain: "acme-sandbox" },
                },
            },
        });
    });
    afterAll(async () => {
        await lab.dispose();
    });

    const several = (sites: string): RegExp =>
        new RegExp(
            `warning: The credential reaches several sites and the program names none: name one with subdomain or cloudId\\. They are ${sites}\\.`,
        );
    const siteOf = async (name: string): Promise<unknown> => (await lab.recorded())[name]?.outputs["siteUrl"];

    test("is the first by name in every preview, whatever the vendor's order, with a warning that lists them all", async () => {
        for (let run = 0; run < 3; run++) {
            const output = succeeded(await lab.preview());
            expect(lab.known()["unnamed"]).toMatchObject({ siteUrl: "https://acme.atlassian.net", siteName: "Acme" });
            expect(lab.known()["unnamed"]?.["sites"]).toEqual([
                expect.objectContaining({ name: "Acme" }),
                expect.objectContaining({ name: "Acme Sandbox" }),
            ]);
            expect(output).toMatch(several("acme, acme-sandbox"));
        }
    });

    test("is the one that is named, without a warning", async () => {
        const output = succeeded(await lab.up());
        expect(await siteOf("named")).toBe("https://acme-sandbox.atlassian.net");
        expect(output).not.toMatch(/\(named\):\s+warning/);
        expect(output).toMatch(several("acme, acme-sandbox"));
        for (let run = 0; run < 2; run++) {
            expect(succeeded(await lab.preview("--expect-no-changes"))).toMatch(several("acme, acme-sandbox"));
        }
    });

    test("stays the one on record although one that sorts before it can be reached", async () => {
        const { organization, oauthAccount } = lab.vendors.fixture.atlassian;
        oauthAccount.addSite(await organization.addSite("aardvark", "Aardvark"));
        lab.project.env["CONNECTIONS_ENDPOINTS"] = JSON.stringify(lab.vendors.endpoints);
        const preview = succeeded(await lab.preview("--diff"));
        expect(lab.known()["unnamed"]).toMatchObject({ siteUrl: "https://acme.atlassian.net", status: "verified" });
        expect(preview).toMatch(several("aardvark, acme, acme-sandbox"));
        succeeded(await lab.up());
        expect(await siteOf("unnamed")).toBe("https://acme.atlassian.net");
        succeeded(await lab.refresh("--expect-no-changes"));
        succeeded(await lab.preview("--expect-no-changes"));
        expect(await siteOf("unnamed")).toBe("https://acme.atlassian.net");
    });

    test("is not exchanged for another in silence when it can be reached no longer", async () => {
        const { oauthAccount, acme } = lab.vendors.fixture.atlassian;
        oauthAccount.removeSite(acme);
        succeeded(await lab.preview());
        expect(lab.known()["unnamed"]).toMatchObject({ status: "tenantChanged" });
        const up = await lab.up();
        expect(up.code).not.toBe(0);
        expect(up.output).toMatch(/the credential opens .*, which is on record/);
        expect(await siteOf("unnamed")).toBe("https://acme.atlassian.net");
        oauthAccount.addSite(acme);
        succeeded(await lab.up());
        await lab.settled();
        expect(await siteOf("unnamed")).toBe("https://acme.atlassian.net");
    });
});
