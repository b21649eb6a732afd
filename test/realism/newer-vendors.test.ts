// Public clients of the newer vendors, unmodified, against the simulated ones: good, refused and insufficient answers.
import { X509Certificate } from "node:crypto";
import { importModule } from "../support/esm";
import { loadOpenIdClient, type OpenIdClient, type OpenIdConfiguration } from "../support/clients";
import { startVendors, type Vendors } from "../simulators/vendors";

/** What is used of @azure/msal-node. */
interface MsalNode {
    readonly ConfidentialClientApplication: new (configuration: object) => MsalClient;
}
interface MsalClient {
    acquireTokenByClientCredential(request: object): Promise<{ readonly accessToken: string } | null>;
}

/** What is used of @octokit/auth-app. */
interface OctokitAuthApp {
    createAppAuth(options: object): (request: object) => Promise<Record<string, unknown>>;
}

/** What is used of @octokit/request. */
interface OctokitRequest {
    readonly request: { defaults(options: object): (route: string, parameters?: object) => Promise<{ data: object }> };
}

/** What is used of @gitbeaker/rest. */
interface GitBeaker {
    readonly Gitlab: new (options: object) => {
        readonly PersonalAccessTokens: { show(): Promise<object> };
        readonly Users: { showCurrentUser(): Promise<object>; all(): Promise<object[]> };
    };
}

let vendors: Vendors;

beforeAll(async () => {
    vendors = await startVendors();
});
afterAll(() => vendors?.close());

const at = (origin: string): string => {
    const endpoint = vendors.endpoints[origin];
    if (endpoint === undefined) {
        throw new Error(`Nothing stands for ${origin}`);
    }
    return endpoint;
};

describe("@azure/msal-node, Microsoft's own", () => {
    const login = "https://login.microsoftonline.com";
    let msal: MsalNode;

    beforeAll(async () => {
        msal = await importModule<MsalNode>("@azure/msal-node");
    });

    /** Microsoft's client speaks https to a known host alone: the call goes to the simulator instead, as it is. */
    const networkClient = {
        async sendGetRequestAsync(): Promise<never> {
            throw new Error("Nothing is to be read before the token request.");
        },
        async sendPostRequestAsync(url: string, options?: { headers?: Record<string, string>; body?: string }) {
            const answer = await fetch(url.replace(login, at(login)), { method: "POST", ...options });
            const headers = Object.fromEntries(answer.headers);
            return { headers, body: (await answer.json()) as never, status: answer.status };
        },
    };
    const application = (auth: object): MsalClient => {
        const { tenant, clientId } = vendors.credentials.entra;
        const authority = `${login}/${tenant}`;
        // What an authority says of itself, so that nothing has to be read.
        const authorityMetadata = JSON.stringify({
            issuer: `${authority}/v2.0`,
            token_endpoint: `${authority}/oauth2/v2.0/token`,
            authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
            jwks_uri: `${authority}/discovery/v2.0/keys`,
        });
        const cloudDiscoveryMetadata = JSON.stringify({
            tenant_discovery_endpoint: `${authority}/v2.0/.well-known/openid-configuration`,
            "api-version": "1.1",
            metadata: [
                {
                    preferred_network: "login.microsoftonline.com",
                    preferred_cache: "login.windows.net",
                    aliases: ["login.microsoftonline.com", "login.windows.net"],
                },
            ],
        });
        return new msal.ConfidentialClientApplication({
            auth: { clientId, authority, authorityMetadata, cloudDiscoveryMetadata, ...auth },
            system: { networkClient },
        });
    };
    const scopes = ["https://graph.microsoft.com/.default"];

    it("gets a token by a client secret, and by a certificate", async () => {
        const { clientSecret } = vendors.credentials.entra;
        const { privateKey, certificate, ...other } = vendors.credentials.entraCertificate;
        const bySecret = await application({ clientSecret }).acquireTokenByClientCredential({ scopes });
        expect(bySecret).toMatchObject({ tokenType: "Bearer", scopes });
        const thumbprintSha256 = new X509Certificate(certificate).fingerprint256.replaceAll(":", "");
        const byCertificate = await application({
            clientId: other.clientId,
            clientCertificate: { privateKey, thumbprintSha256 },
        }).acquireTokenByClientCredential({ scopes });
        expect(byCertificate?.accessToken).toMatch(/^ey/);
    });

    it("meets the refusals that it knows", async () => {
        const { clientSecret } = vendors.credentials.entra;
        await expect(
            application({ clientSecret: "wrong" }).acquireTokenByClientCredential({ scopes }),
        ).rejects.toMatchObject({
            name: "ServerError",
            errorCode: "invalid_client",
            errorNo: 7000215,
            errorMessage: expect.stringMatching(
                /^Error\(s\): 7000215 - .*AADSTS7000215: Invalid client secret provided\./,
            ),
        });
        await expect(
            application({ clientSecret }).acquireTokenByClientCredential({
                scopes: ["https://nothing.acme.example/.default"],
            }),
        ).rejects.toMatchObject({ errorCode: "invalid_resource", errorNo: 500011 });
    });
});

describe("@octokit/auth-app, GitHub's own", () => {
    let octokit: OctokitAuthApp;
    let request: ReturnType<OctokitRequest["request"]["defaults"]>;

    beforeAll(async () => {
        octokit = await importModule<OctokitAuthApp>("@octokit/auth-app");
        const defaults = { baseUrl: at("https://api.github.com") };
        request = (await importModule<OctokitRequest>("@octokit/request")).request.defaults(defaults);
    });
    const auth = (more: object = {}) => {
        const { appId, installationId, privateKey } = vendors.credentials.githubApp;
        return octokit.createAppAuth({ appId, installationId, privateKey, request, ...more });
    };

    it("gets an installation token, with its permissions and its end", async () => {
        const { installation } = vendors.fixture.github;
        expect(await auth()({ type: "installation" })).toMatchObject({
            type: "token",
            tokenType: "installation",
            token: expect.stringMatching(/^ghs_/),
            permissions: installation.permissions,
            repositorySelection: "all",
            expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        });
    });

    it("is refused with another key, for another installation, and while the installation is suspended", async () => {
        const { installation } = vendors.fixture.github;
        const { privateKey } = vendors.credentials.entraCertificate;
        const refused = (more: object) => auth(more)({ type: "installation", refresh: true });
        await expect(refused({ privateKey })).rejects.toMatchObject({ name: "HttpError", status: 401 });
        await expect(refused({ installationId: "1" })).rejects.toMatchObject({ name: "HttpError", status: 404 });
        installation.isSuspended = true;
        await expect(refused({})).rejects.toMatchObject({
            status: 403,
            message: expect.stringMatching(/^This installation has been suspended/),
        });
        installation.isSuspended = false;
    });

    it("reads whose a personal access token is, and is refused with another", async () => {
        const { token } = vendors.credentials.github;
        const get = (value: string) => request("GET /user", { headers: { authorization: `Bearer ${value}` } });
        expect((await get(token)).data).toMatchObject({ login: vendors.fixture.github.token.user.login, type: "User" });
        await expect(get("ghp_wrong")).rejects.toMatchObject({
            status: 401,
            message: expect.stringMatching(/^Bad credentials/),
        });
    });
});

describe("@gitbeaker/rest, which throws for what GitLab refuses", () => {
    let gitlab: GitBeaker;
    const client = (token: string) => new gitlab.Gitlab({ host: at("https://gitlab.com"), token });

    beforeAll(async () => {
        gitlab = await importModule<GitBeaker>("@gitbeaker/rest");
    });

    it("reads the token itself and its user", async () => {
        const { token } = vendors.fixture.gitlab;
        const { user } = token;
        const acme = client(vendors.credentials.gitlab.token);
        expect(await acme.PersonalAccessTokens.show()).toMatchObject({
            name: token.name,
            scopes: token.scopes,
            active: true,
            revoked: false,
            user_id: user.id,
            expires_at: token.expiresAt,
        });
        expect(await acme.Users.showCurrentUser()).toMatchObject({ id: user.id, username: user.username });
    });

    it("is refused with another token, and without the scope", async () => {
        const { user } = vendors.fixture.gitlab.token;
        const refused = (status: number, says: RegExp) => ({
            name: "GitbeakerRequestError",
            cause: { description: expect.stringMatching(says), response: expect.objectContaining({ status }) },
        });
        await expect(client("glpat-wrong").PersonalAccessTokens.show()).rejects.toMatchObject(refused(401, /401/));
        const lacking = vendors.gitlab.addToken(user, "lacking", ["read_registry"]);
        await expect(client(lacking.value).Users.showCurrentUser()).rejects.toMatchObject(refused(403, /scope/));
        lacking.isRevoked = true;
        await expect(client(lacking.value).PersonalAccessTokens.show()).rejects.toMatchObject(
            refused(401, /^invalid_token$/),
        );
    });
});

describe("openid-client, which knows the OAuth standards and no vendor", () => {
    let oauth: OpenIdClient;
    const grant = (
        tokenUrl: string,
        { clientId, clientSecret }: { clientId: string; clientSecret: string },
        parameters?: Record<string, string>,
    ) => {
        const { origin, pathname } = new URL(tokenUrl);
        const server = { issuer: origin, token_endpoint: at(origin) + pathname };
        const configuration: OpenIdConfiguration = new oauth.Configuration(
            server,
            clientId,
            {},
            oauth.ClientSecretPost(clientSecret),
        );
        oauth.allowInsecureRequests(configuration);
        return oauth.clientCredentialsGrant(configuration, parameters);
    };

    beforeAll(async () => {
        oauth = await loadOpenIdClient();
    });

    it("gets a token from Snyk, and is refused with another secret", async () => {
        const { snykOAuth } = vendors.credentials;
        const url = "https://api.snyk.io/oauth2/token";
        expect(await grant(url, snykOAuth)).toMatchObject({ token_type: "bearer", expires_in: expect.any(Number) });
        await expect(grant(url, { ...snykOAuth, clientSecret: "wrong" })).rejects.toMatchObject({
            error: "invalid_client",
        });
    });

    it("gets a token from Microsoft Entra ID, and is refused with another secret", async () => {
        const { entra } = vendors.credentials;
        const url = `https://login.microsoftonline.com/${entra.tenant}/oauth2/v2.0/token`;
        const scope = "https://graph.microsoft.com/.default";
        expect(await grant(url, entra, { scope })).toMatchObject({ token_type: "bearer", expires_in: 3599 });
        await expect(grant(url, { ...entra, clientSecret: "wrong" }, { scope })).rejects.toMatchObject({
            error: "invalid_client",
            status: 401,
        });
    });

    it("takes no token from CrowdStrike, which answers with HTTP 201 where the standard has 200", async () => {
        const { crowdstrike } = vendors.credentials;
        await expect(grant("https://api.crowdstrike.com/oauth2/token", crowdstrike)).rejects.toMatchObject({
            code: "OAUTH_RESPONSE_IS_NOT_CONFORM",
        });
    });
});
