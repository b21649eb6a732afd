// What a declaration of one's own can say of a credential, an answer and a token beyond the ordinary, each by a small definition that the suite passes.
import { conformance, type ConformanceOptions } from "../../provider/conformance";
import {
    clientCredentials,
    defineConnection,
    bearer,
    object,
    secret,
    text,
    type AnyDefinition,
} from "../../provider/define";

/** The messages of the cases that a definition does not pass, by the case's first word. */
async function failures(definition: AnyDefinition, options: ConformanceOptions): Promise<Record<string, string>> {
    const failed: Record<string, string> = {};
    for (const { name, run } of conformance(definition, options as never)) {
        await run().catch((error: Error) => (failed[name.split(":")[0] ?? ""] = error.message));
    }
    return failed;
}

const me = object({ id: text() });
const origin = "https://api.acme.example";
const meAnswer = { [`GET ${origin}/me`]: { body: { id: "u-17" } } };
const console = { secret: "Settings > Keys" };

const clientArgs = { clientId: text({ namesAccount: true }), clientSecret: secret() };
const givenClient = { clientId: "acme-client-4711", clientSecret: "acme-secret-0123456789" };

describe("Headers of an answer", () => {
    const definition = defineConnection({
        type: "acme:Token",
        title: "Acme",
        args: { token: secret() },
        outputs: () => ({ workspace: text() }),
        tenant: "workspace",
        console,
        credential: ({ token }) => bearer(token),
        steps: (call) => ({
            account: call(
                "Acme knows the token.",
                () => `${origin}/me`,
                me,
                ({ id }, _, tell) => {
                    const workspace = tell.header("X-Workspace");
                    return workspace === undefined
                        ? tell.problem({
                              kind: "badAnswer",
                              message: "Acme does not tell the workspace. Run again later.",
                          })
                        : tell.found({ outputs: { workspace }, account: { id, name: id } });
                },
            ),
        }),
    });
    const inVerify = {
        ...definition,
        steps: undefined,
        checks: { account: "Acme knows the token." },
        verify: async (vendor: Parameters<NonNullable<(typeof definition)["verify"]>>[0]) => {
            const account = await vendor.request("account", `${origin}/me`, me);
            const workspace = vendor.header("account", "x-workspace");
            // A cookie opens what the token opens.
            expect(vendor.header("account", "Set-Cookie")).toBeUndefined();
            return vendor.found({ outputs: { workspace }, account: account && { id: account.id, name: account.id } });
        },
    };
    const headers = { "x-workspace": "w-4711", "set-cookie": "session=0123456789" };
    const answers = { [`GET ${origin}/me`]: { body: { id: "u-17" }, headers } };
    const args = { token: "acme-token-0123456789" };

    test.each([
        ["a step", definition],
        ["verify", inVerify],
    ])("are told to %s", async (_, one) => {
        expect(await failures(one as never, { args, answers })).toEqual({});
    });

    test("that gave a token are told to its step", async () => {
        const regional = defineConnection({
            type: "acme:Client",
            title: "Acme",
            args: clientArgs,
            outputs: () => ({ region: text() }),
            tenant: "region",
            console,
            credential: ({ clientId, clientSecret }) =>
                clientCredentials({
                    tokenUrls: [`${origin}/token`],
                    clientId,
                    clientSecrets: [clientSecret],
                    authentication: "body",
                }),
            token: (_token, _, tell) => {
                const region = tell.header("X-Acme-Region");
                return region === undefined
                    ? tell.problem({ kind: "badAnswer", message: "Acme does not tell the region. Run again later." })
                    : tell.found({ outputs: { region } });
            },
            steps: (call) => ({
                account: call(
                    "Acme knows the client.",
                    () => `${origin}/me`,
                    me,
                    ({ id }, _, tell) => tell.found({ account: { id, name: id } }),
                ),
            }),
        });
        const token = {
            body: { access_token: "acme-access-0123456789", token_type: "bearer" },
            headers: { "x-acme-region": "eu-1" },
        };
        const given = { args: givenClient, answers: { ...meAnswer, [`POST ${origin}/token`]: token } };
        expect(await failures(regional as never, given)).toEqual({});
    });
});
