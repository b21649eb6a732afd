// Okta organisations: their anonymous description, API tokens (SSWS), and service apps that sign their token requests.
import { createPublicKey } from "node:crypto";
import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import {
    AccessTokens,
    alphanumeric,
    createListener,
    html,
    json,
    randomHex,
    randomText,
    sameSecret,
    signJwt,
    tokenParameters,
} from "../server";
import { commonKey, readJwt } from "../signing";

const newId = (prefix: string): string => `${prefix}${randomText(20 - prefix.length, alphanumeric)}`;

/** A person in an organisation. */
export interface OktaUser {
    readonly id: string;
    readonly login: string;
}

/** An API token, which acts as the user who has made it. */
export class OktaApiToken {
    value = `00${randomText(40, `${alphanumeric}-_`)}`;
    /** Every value that it ever had. */
    readonly issued = [this.value];
    isRevoked = false;
    /** False where its network zone does not have the caller. */
    isInZone = true;

    constructor(public user: OktaUser) {}

    /** Gives it another value, as a new token of the same user has. */
    renew(value = `00${randomText(40, `${alphanumeric}-_`)}`): string {
        this.issued.push(value);
        this.isRevoked = false;
        this.value = value;
        return value;
    }
}

/** A service app: a client that proves itself by a key. */
export class OktaServiceApp {
    clientId = newId("0oa");
    /** Its public keys, by their names. */
    readonly keys = new Map<string, string>();
    /** The scopes of the Okta API that an administrator has granted. */
    readonly granted = new Set<string>();
    isActive = true;
    /** True where each token request needs a DPoP proof, as new apps do. */
    needsProof = false;

    constructor(readonly label: string) {}

    /** Adds the public key of a private one. */
    addKey(privateKey: string, name = randomHex(16)): string {
        const key = createPublicKey(privateKey).export({ type: "spki", format: "pem" }) as string;
        this.keys.set(name, key);
        return name;
    }
}

interface Grant {
    readonly app: OktaServiceApp;
    readonly scopes: readonly string[];
}

/** What Okta answers in a refusal. */
function refusal(status: number, errorCode: string, errorSummary: string): Answer {
    const body = { errorCode, errorSummary, errorLink: errorCode, errorId: newId("oae"), errorCauses: [] };
    return json(status, body, { "x-okta-request-id": randomHex(32) });
}

/** One organisation. */
export class OktaOrg {
    readonly listener: VendorListener;
    readonly accessTokens: AccessTokens<Grant>;
    id = newId("00o");
    readonly users: OktaUser[] = [];
    readonly tokens: OktaApiToken[] = [];
    readonly apps: OktaServiceApp[] = [];

    constructor(
        private readonly context: VendorContext,
        readonly origin: string,
        public companyName: string,
    ) {
        this.accessTokens = new AccessTokens(context.clock);
        this.listener = createListener(context, origin, (request) => this.serve(request));
    }

    addUser(login: string): OktaUser {
        const user = { id: newId("00u"), login };
        this.users.push(user);
        return user;
    }

    addToken(user: OktaUser): OktaApiToken {
        const token = new OktaApiToken(user);
        this.tokens.push(token);
        return token;
    }

    addApp(label: string): OktaServiceApp {
        const app = new OktaServiceApp(label);
        this.apps.push(app);
        return app;
    }

    /** Every secret and token there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return [...this.tokens.flatMap(({ issued }) => issued), ...this.accessTokens.issued];
    }

    private serve(request: VendorRequest): Answer {
        const { method, path } = request;
        if (method === "GET" && path === "/.well-known/okta-organization") {
            return json(200, {
                id: this.id,
                _links: { organization: { href: this.origin } },
                pipeline: "idx",
                settings: { analyticsCollectionEnabled: false, bugReportingEnabled: true, omEnabled: true },
            });
        }
        if (path === "/oauth2/v1/token") {
            return method === "POST"
                ? this.token(request)
                : refusal(405, "E0000022", "The endpoint does not support the provided HTTP method");
        }
        if (!path.startsWith("/api/v1/")) {
            return html(404, "Page Not Found");
        }
        const [, scheme = "", value = ""] = /^(\S+) (\S+)$/.exec(request.header("authorization") ?? "") ?? [];
        if (scheme === "SSWS") {
            const token = this.tokens.find((one) => sameSecret(one.value, value));
            return token === undefined || token.isRevoked
                ? refusal(401, "E0000011", "Invalid token provided")
                : token.isInZone
                  ? this.api(request, token.user, undefined)
                  : refusal(403, "E0000006", "You do not have permission to perform the requested action");
        }
        const grant = scheme.toLowerCase() === "bearer" ? this.accessTokens.find(value) : undefined;
        return grant === undefined
            ? refusal(401, "E0000015", "You do not have permission to access the feature you are requesting")
            : this.api(request, undefined, grant);
    }

    private api({ method, path }: VendorRequest, user: OktaUser | undefined, grant: Grant | undefined): Answer {
        const notFound = refusal(404, "E0000007", "Not found: Resource not found");
        if (method !== "GET") {
            return refusal(405, "E0000022", "The endpoint does not support the provided HTTP method");
        }
        if (path === "/api/v1/users/me") {
            return user === undefined
                ? notFound
                : json(200, {
                      id: user.id,
                      status: "ACTIVE",
                      profile: {
                          firstName: "Isaac",
                          lastName: "Brock",
                          login: user.login,
                          email: user.login,
                          mobilePhone: null,
                      },
                  });
        }
        if (path === "/api/v1/org") {
            return user !== undefined || grant?.scopes.includes("okta.orgs.read") === true
                ? json(200, {
                      id: this.id,
                      companyName: this.companyName,
                      status: "ACTIVE",
                      subdomain: new URL(this.origin).hostname.split(".")[0],
                  })
                : refusal(403, "E0000006", "You do not have permission to perform the requested action");
        }
        return notFound;
    }

    private token(request: VendorRequest): Answer {
        const refuse = (status: number, error: string, description: string): Answer =>
            json(status, { error, error_description: description });
        const sent = tokenParameters(request);
        if ("problem" in sent) {
            return refuse(400, "invalid_request", sent.problem);
        }
        const { parameters } = sent;
        if (parameters.get("grant_type") !== "client_credentials") {
            return refuse(
                400,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.",
            );
        }
        const unknown = "The client_assertion token is invalid, or the client is not known.";
        const jwt = readJwt(parameters.get("client_assertion"));
        const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        if (jwt === undefined || parameters.get("client_assertion_type") !== type) {
            return refuse(
                401,
                "invalid_client",
                "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.",
            );
        }
        const { header, claims } = jwt;
        const app = this.apps.find(({ clientId }) => clientId === claims["iss"] && clientId === claims["sub"]);
        const named = typeof header["kid"] === "string" ? app?.keys.get(header["kid"]) : undefined;
        const keys = named === undefined ? [...(app?.keys.values() ?? [])] : [named];
        const isKnown = header["kid"] === undefined ? keys.length === 1 : named !== undefined;
        if (app === undefined || !app.isActive || !isKnown || !keys.some((key) => jwt.isSignedBy(key))) {
            return refuse(401, "invalid_client", unknown);
        }
        const now = this.context.clock.now() / 1000;
        const exp = Number(claims["exp"]);
        if (claims["aud"] !== `${this.origin}/oauth2/v1/token` || !(exp > now) || exp > now + 3600) {
            return refuse(401, "invalid_client", "The audience or the expiration of client_assertion is invalid.");
        }
        if (app.needsProof) {
            return refuse(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.");
        }
        const scopes = (parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
        if (scopes.length === 0) {
            return refuse(400, "invalid_scope", "The scope parameter is required.");
        }
        if (!scopes.every((scope) => app.granted.has(scope))) {
            return refuse(
                400,
                "invalid_scope",
                "One or more scopes are not configured for the authorization server resource.",
            );
        }
        const token = signJwt({
            ver: 1,
            jti: `AT.${randomText(43, alphanumeric)}`,
            iss: this.origin,
            aud: this.origin,
            sub: app.clientId,
            iat: Math.floor(now),
            exp: Math.floor(now) + 3600,
            cid: app.clientId,
            scp: scopes,
        });
        this.accessTokens.issue(token, { app, scopes }, 3600);
        return json(200, { token_type: "Bearer", expires_in: 3600, access_token: token, scope: scopes.join(" ") });
    }
}

/** What the seeded company has at Okta. */
export interface OktaFixture {
    readonly org: OktaOrg;
    /** Another company's. */
    readonly otherOrg: OktaOrg;
    readonly token: OktaApiToken;
    readonly app: OktaServiceApp;
}

/** The seeded credentials, in the form of the classes' arguments. */
export interface OktaCredentials {
    /** `okta.ApiToken`. */
    readonly oktaApiToken: { orgUrl: string; apiToken: string };
    /** `okta.ServiceApp`. */
    readonly oktaServiceApp: {
        orgUrl: string;
        clientId: string;
        privateKey: string;
        keyId: string;
        requiredScopes: string[];
    };
}

/** Sets up the company's organisation. */
export function seedOkta(org: OktaOrg, otherOrg: OktaOrg): { fixture: OktaFixture; credentials: OktaCredentials } {
    const token = org.addToken(org.addUser("isaac.brock@acme.example"));
    const app = org.addApp("Pulumi");
    const requiredScopes = ["okta.orgs.read", "okta.users.read"];
    requiredScopes.forEach((scope) => app.granted.add(scope));
    const privateKey = commonKey();
    return {
        fixture: { org, otherOrg, token, app },
        credentials: {
            oktaApiToken: { orgUrl: org.origin, apiToken: token.value },
            oktaServiceApp: {
                orgUrl: org.origin,
                clientId: app.clientId,
                privateKey,
                keyId: app.addKey(privateKey),
                requiredScopes,
            },
        },
    };
}
