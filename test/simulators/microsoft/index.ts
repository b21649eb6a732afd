// Microsoft Entra ID's token endpoint, and the part of Microsoft Graph that shows an application's credentials.
import { X509Certificate } from "node:crypto";
import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import {
    AccessTokens,
    alphanumeric,
    createListener,
    html,
    json,
    randomText,
    randomUUID,
    sameSecret,
    signJwt,
    tokenParameters,
} from "../server";
import { commonKey, readJwt, selfSigned } from "../signing";

/** A directory. */
export class EntraTenant {
    readonly id = randomUUID();

    constructor(
        /** Its first domain: `acme.onmicrosoft.com`. */
        readonly domain: string,
    ) {}
}

/** An application in one tenant: what it may do there. */
export class EntraServicePrincipal {
    objectId: string = randomUUID();
    isEnabled = true;
    /** Application permissions of Microsoft Graph that an administrator has consented to. */
    readonly roles = new Set<string>();

    constructor(readonly tenant: EntraTenant) {}
}

interface Secret {
    readonly keyId: string;
    readonly text: string;
    readonly displayName: string;
    readonly startDateTime: string;
    endDateTime: string;
}

interface Certificate {
    readonly keyId: string;
    readonly certificate: X509Certificate;
}

const day = 24 * 60 * 60 * 1000;

/** An application's registration in its home tenant. */
export class EntraApplication {
    readonly clientId = randomUUID();
    readonly secrets: Secret[] = [];
    readonly certificates: Certificate[] = [];
    /** Every secret that there ever was. */
    readonly issued: string[] = [];
    /** True where it owns itself, so that Application.ReadWrite.OwnedBy shows it. */
    ownsItself = true;
    private isRevoked = false;
    private readonly principals: EntraServicePrincipal[] = [];

    constructor(
        public displayName: string,
        readonly home: EntraTenant,
    ) {
        this.enter(home);
    }

    /** Gives the application a service principal in a tenant. */
    enter(tenant: EntraTenant): EntraServicePrincipal {
        const principal = new EntraServicePrincipal(tenant);
        this.principals.push(principal);
        return principal;
    }

    /** Its service principal in a tenant. */
    in(tenant: EntraTenant): EntraServicePrincipal | undefined {
        return this.principals.find((one) => one.tenant === tenant);
    }

    /** Adds a client secret. Earlier ones stay. */
    addSecret(days = 180, displayName = "pulumi"): string {
        const text = `${randomText(3, alphanumeric)}8Q~${randomText(34, `${alphanumeric}-_.~`)}`;
        const now = Math.floor(Date.now() / 1000) * 1000;
        const [startDateTime, endDateTime] = [now, now + days * day].map((at) => moment(at)) as [string, string];
        this.secrets.push({ keyId: randomUUID(), text, displayName, startDateTime, endDateTime });
        this.issued.push(text);
        return text;
    }

    /** Registers a certificate, in PEM form. */
    addCertificate(pem: string): void {
        this.certificates.push({ keyId: randomUUID(), certificate: new X509Certificate(pem) });
    }

    /** Refuses all secrets and certificates that there are. */
    revoke(): void {
        this.isRevoked = true;
    }

    /** Accepts them again. */
    restore(): void {
        this.isRevoked = false;
    }

    /** The secret of a text. */
    secretOf(text: string): Secret | undefined {
        return this.isRevoked ? undefined : this.secrets.find((one) => sameSecret(one.text, text));
    }

    /** The certificate of a thumbprint. */
    certificateOf(isIt: (certificate: X509Certificate) => boolean): X509Certificate | undefined {
        return this.isRevoked ? undefined : this.certificates.find((one) => isIt(one.certificate))?.certificate;
    }
}

/** A moment as Graph writes it. */
const moment = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z");

interface Grant {
    readonly application: EntraApplication;
    readonly principal: EntraServicePrincipal;
    readonly roles: readonly string[];
    readonly resource: string;
}

/** The hosts of a cloud. */
export interface EntraHosts {
    readonly login: string;
    readonly graph: string;
}

/** Answers a refusal: the OAuth code, Microsoft's own code, and its words. */
class Refusal extends Error {
    constructor(
        readonly status: number,
        readonly error: string,
        readonly code: number,
        message: string,
    ) {
        super(message);
    }
}

/** Microsoft Entra ID of one cloud, with Microsoft Graph. */
export class MicrosoftEntra {
    readonly login: VendorListener;
    readonly graph: VendorListener;
    readonly tokens: AccessTokens<Grant>;
    readonly tenants: EntraTenant[] = [];
    readonly applications: EntraApplication[] = [];
    /** Resources besides Microsoft Graph that have a service principal in each tenant. */
    readonly resources: string[] = ["https://vault.azure.net"];
    /** True for a resource whose access tokens clients cannot read. */
    hidesClaims = false;
    /** True where a Conditional Access policy for workloads blocks this caller. */
    blocksWorkloads = false;

    constructor(
        private readonly context: VendorContext,
        readonly hosts: EntraHosts,
    ) {
        this.tokens = new AccessTokens(context.clock);
        this.login = createListener(context, hosts.login, (request) => this.serveLogin(request));
        this.graph = createListener(context, hosts.graph, (request) => this.serveGraph(request));
    }

    addTenant(domain: string): EntraTenant {
        const tenant = new EntraTenant(domain);
        this.tenants.push(tenant);
        return tenant;
    }

    addApplication(displayName: string, home: EntraTenant): EntraApplication {
        const application = new EntraApplication(displayName, home);
        this.applications.push(application);
        return application;
    }

    /** Every secret and token there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return [...this.applications.flatMap(({ issued }) => issued), ...this.tokens.issued];
    }

    private serveLogin(request: VendorRequest): Answer {
        const [, tenant = "", rest = ""] = /^\/([^/]+)\/(.*)$/.exec(request.path) ?? [];
        if (rest !== "oauth2/v2.0/token") {
            return html(404, "404 - File or directory not found.");
        }
        if (request.method !== "POST") {
            return this.refused(
                new Refusal(400, "invalid_request", 900561, "The endpoint only accepts POST requests."),
            );
        }
        try {
            return this.token(request, decodeURIComponent(tenant));
        } catch (error) {
            if (error instanceof Refusal) {
                return this.refused(error);
            }
            throw error;
        }
    }

    private refused({ status, error, code, message }: Refusal): Answer {
        const timestamp = new Date(this.context.clock.now()).toISOString().replace(/T(.*)\..*/, " $1Z");
        const ids = { trace_id: randomUUID(), correlation_id: randomUUID() };
        const lines = `\r\nTrace ID: ${ids.trace_id}\r\nCorrelation ID: ${ids.correlation_id}\r\nTimestamp: ${timestamp}`;
        return json(status, {
            error,
            error_description: `AADSTS${code}: ${message}${lines}`,
            error_codes: [code],
            timestamp,
            ...ids,
            error_uri: `${this.hosts.login}/error?code=${code}`,
        });
    }

    private token(request: VendorRequest, named: string): Answer {
        // Microsoft's own clients name each request so.
        const sent = tokenParameters(request, ["client-request-id"]);
        if ("problem" in sent) {
            throw new Refusal(400, "invalid_request", 900144, sent.problem);
        }
        const { parameters } = sent;
        const missing = (name: string): Refusal =>
            new Refusal(
                400,
                "invalid_request",
                900144,
                `The request body must contain the following parameter: '${name}'.`,
            );
        const tenant = this.tenants.find(({ id, domain }) => [id, domain].includes(named.toLowerCase()));
        if (tenant === undefined) {
            const check = "Check to make sure you have the correct tenant ID and are signing into the correct cloud.";
            throw new Refusal(400, "invalid_request", 90002, `Tenant '${named}' not found. ${check}`);
        }
        const grantType = parameters.get("grant_type");
        if (grantType === undefined) {
            throw missing("grant_type");
        }
        if (grantType !== "client_credentials") {
            throw new Refusal(
                400,
                "unsupported_grant_type",
                70003,
                `The app requested an unsupported grant type '${grantType}'.`,
            );
        }
        const { basic } = request;
        const clientId = basic === undefined ? parameters.get("client_id") : decodeURIComponent(basic.username);
        if (clientId === undefined) {
            throw missing("client_id");
        }
        const application = this.applications.find((one) => one.clientId === clientId);
        const principal = application?.in(tenant);
        if (application === undefined || principal === undefined) {
            const what = `Application with identifier '${clientId}' was not found in the directory '${tenant.domain}'.`;
            throw new Refusal(400, "unauthorized_client", 700016, what);
        }
        if (!principal.isEnabled) {
            const what = `Application '${clientId}'(${application.displayName}) is disabled.`;
            throw new Refusal(400, "unauthorized_client", 7000112, what);
        }
        const secret = basic === undefined ? parameters.get("client_secret") : decodeURIComponent(basic.password);
        const assertion = parameters.get("client_assertion");
        if (secret !== undefined) {
            this.provesBySecret(application, secret);
        } else if (assertion !== undefined) {
            this.provesByCertificate(application, tenant, parameters, request.path);
        } else {
            const what =
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
            throw new Refusal(401, "invalid_client", 7000218, what);
        }
        if (this.blocksWorkloads) {
            const what = "Access has been blocked by Conditional Access policies.";
            throw new Refusal(400, "invalid_grant", 53003, what);
        }
        const resource = this.resourceIn(parameters.get("scope") ?? "", tenant);
        return this.granted({
            application,
            principal,
            resource,
            roles: resource === this.hosts.graph ? [...principal.roles] : [],
            acr: secret === undefined ? "2" : "1",
        });
    }

    private provesBySecret(application: EntraApplication, secret: string): void {
        const known = application.secretOf(secret);
        if (known === undefined) {
            const what =
                "Ensure the secret being sent in the request is the client secret value, not the client secret ID,";
            throw new Refusal(
                401,
                "invalid_client",
                7000215,
                `Invalid client secret provided. ${what} for a secret added to app '${application.clientId}'.`,
            );
        }
        if (Date.parse(known.endDateTime) <= this.context.clock.now()) {
            const what = `The provided client secret keys for app '${application.clientId}' are expired.`;
            throw new Refusal(401, "invalid_client", 7000222, what);
        }
    }

    private provesByCertificate(
        application: EntraApplication,
        tenant: EntraTenant,
        parameters: ReadonlyMap<string, string>,
        path: string,
    ): void {
        const refuse = (code: number, what: string): never => {
            throw new Refusal(401, "invalid_client", code, what);
        };
        if (parameters.get("client_assertion_type") !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
            refuse(50027, "Invalid client assertion type.");
        }
        const jwt = readJwt(parameters.get("client_assertion"));
        if (jwt === undefined) {
            return refuse(50027, "JWT token is invalid or malformed.");
        }
        const { header, claims } = jwt;
        const { "x5t#S256": sha256, x5t: sha1 } = header;
        const thumbprint = (hex: string): string => Buffer.from(hex.replaceAll(":", ""), "hex").toString("base64url");
        const certificate = application.certificateOf(({ fingerprint256, fingerprint }) =>
            sha256 === undefined ? sha1 === thumbprint(fingerprint) : sha256 === thumbprint(fingerprint256),
        );
        if (certificate === undefined) {
            const why = "[Reason - The key was not found., Please visit the Azure Portal to check the credentials.]";
            return refuse(
                700027,
                `The certificate with identifier used to sign the client assertion is not registered. ${why}`,
            );
        }
        const now = this.context.clock.now() / 1000;
        if (Date.parse(certificate.validTo) / 1000 <= now) {
            return refuse(
                700027,
                "Client assertion contains an invalid signature. [Reason - The key used is expired.]",
            );
        }
        if (!jwt.isSignedBy(certificate.publicKey.export({ type: "spki", format: "pem" }) as string)) {
            return refuse(700027, "Client assertion contains an invalid signature. [Reason - The key was not found.]");
        }
        if (claims["iss"] !== application.clientId || claims["sub"] !== application.clientId) {
            return refuse(700021, "Client assertion application identifier doesn't match 'client_id' parameter.");
        }
        const audiences = [
            `${this.hosts.login}${path}`,
            `${this.hosts.login}/${tenant.id}/v2.0`,
            `${this.hosts.login}/${tenant.id}/oauth2/v2.0/token`,
        ];
        if (!audiences.includes(String(claims["aud"]))) {
            return refuse(700023, "Client assertion audience claim does not match Realm issuer.");
        }
        const { exp, nbf = 0, jti } = claims;
        if (typeof exp !== "number" || exp <= now - 300 || Number(nbf) > now + 300 || typeof jti !== "string") {
            return refuse(700024, "Client assertion is not within its valid time range.");
        }
    }

    private resourceIn(scope: string, tenant: EntraTenant): string {
        if (scope === "") {
            throw new Refusal(
                400,
                "invalid_request",
                900144,
                "The request body must contain the following parameter: 'scope'.",
            );
        }
        const [, resource = ""] = /^(\S+)\/\.default$/.exec(scope) ?? [];
        if (resource === "") {
            const form =
                "Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).";
            throw new Refusal(
                400,
                "invalid_scope",
                1002012,
                `The provided value for scope ${scope} is not valid. ${form}`,
            );
        }
        if (resource !== this.hosts.graph && !this.resources.includes(resource)) {
            const what = `The resource principal named ${resource} was not found in the tenant named ${tenant.domain}.`;
            throw new Refusal(400, "invalid_resource", 500011, what);
        }
        return resource;
    }

    private granted({ application, principal, roles, resource, acr }: Grant & { readonly acr: string }): Answer {
        const { tenant, objectId } = principal;
        const now = Math.floor(this.context.clock.now() / 1000);
        const claims = {
            aud: resource,
            iss: `https://sts.windows.net/${tenant.id}/`,
            iat: now,
            nbf: now,
            exp: now + 3900,
            app_displayname: application.displayName,
            appid: application.clientId,
            appidacr: acr,
            idp: `https://sts.windows.net/${tenant.id}/`,
            idtyp: "app",
            oid: objectId,
            ...(roles.length > 0 && { roles }),
            sub: objectId,
            tid: tenant.id,
            uti: randomText(22, alphanumeric),
            ver: "1.0",
        };
        const token = this.hidesClaims ? `EwB${randomText(900, alphanumeric)}` : signJwt(claims);
        this.tokens.issue(token, { application, principal, roles, resource }, 3900);
        return json(200, { token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599, access_token: token });
    }

    private serveGraph(request: VendorRequest): Answer {
        const error = (status: number, code: string, message: string): Answer =>
            json(status, {
                error: {
                    code,
                    message,
                    innerError: { date: "2026-12-01T00:00:00", "request-id": randomUUID() },
                },
            });
        const grant = this.tokens.find(request.bearer);
        if (grant === undefined || grant.resource !== this.hosts.graph) {
            return error(401, "InvalidAuthenticationToken", "Access token is empty, or its validation failed.");
        }
        const [, clientId] =
            /^\/v1\.0\/applications\(appId='([0-9a-f-]+)'\)$/.exec(decodeURIComponent(request.path)) ?? [];
        if (request.method !== "GET" || clientId === undefined) {
            return error(400, "BadRequest", "Resource not found for the segment.");
        }
        const application = this.applications.find((one) => one.clientId === clientId);
        const { roles, principal } = grant;
        const reads =
            ["Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"].some((role) =>
                roles.includes(role),
            ) ||
            (roles.includes("Application.ReadWrite.OwnedBy") && application?.ownsItself === true);
        if (!reads) {
            return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        }
        if (application?.home !== principal.tenant) {
            const what = `Resource '${clientId}' does not exist or one of its queried reference-property objects are not present.`;
            return error(404, "Request_ResourceNotFound", what);
        }
        const selected = request.query.get("$select")?.split(",");
        const all = {
            id: randomUUID(),
            appId: application.clientId,
            displayName: application.displayName,
            passwordCredentials: application.secrets.map(({ text, ...secret }) => ({
                customKeyIdentifier: null,
                ...secret,
                hint: text.slice(0, 3),
                secretText: null,
            })),
            keyCredentials: application.certificates.map(({ keyId, certificate }) => ({
                customKeyIdentifier: certificate.fingerprint.replaceAll(":", ""),
                displayName: certificate.subject,
                endDateTime: moment(Date.parse(certificate.validTo)),
                // The certificate itself is shown only where it is selected.
                key: selected?.includes("keyCredentials") === true ? certificate.raw.toString("base64") : null,
                keyId,
                startDateTime: moment(Date.parse(certificate.validFrom)),
                type: "AsymmetricX509Cert",
                usage: "Verify",
            })),
        };
        const shown = Object.entries(all).filter(([name]) => selected?.includes(name) ?? true);
        return json(200, {
            "@odata.context": `${this.hosts.graph}/v1.0/$metadata#applications/$entity`,
            ...Object.fromEntries(shown),
        });
    }
}

/** What the seeded company has there. */
export interface EntraFixture {
    readonly tenant: EntraTenant;
    /** Another company's. */
    readonly otherTenant: EntraTenant;
    /** The application of both credentials. */
    readonly application: EntraApplication;
}

/** The seeded credentials, in the form of `microsoft.EntraApplication`'s arguments. */
export interface EntraCredentials {
    readonly entra: { tenant: string; clientId: string; clientSecret: string; requiredPermissions: string[] };
    readonly entraCertificate: { tenant: string; clientId: string; privateKey: string; certificate: string };
}

/** Registers the company's application. */
export async function seedEntra(
    entra: MicrosoftEntra,
): Promise<{ fixture: EntraFixture; credentials: EntraCredentials }> {
    const tenant = entra.addTenant("acme.onmicrosoft.com");
    const otherTenant = entra.addTenant("globex.onmicrosoft.com");
    const application = entra.addApplication("Directory sync", tenant);
    ["User.Read.All", "Application.Read.All"].forEach((role) => application.in(tenant)?.roles.add(role));
    const privateKey = commonKey();
    const certificate = await commonCertificate();
    application.addCertificate(certificate);
    const client = { tenant: tenant.id, clientId: application.clientId };
    return {
        fixture: { tenant, otherTenant, application },
        credentials: {
            entra: { ...client, clientSecret: application.addSecret(), requiredPermissions: ["User.Read.All"] },
            entraCertificate: { ...client, privateKey, certificate },
        },
    };
}

let common: Promise<string> | undefined;
const commonCertificate = (): Promise<string> => (common ??= selfSigned(commonKey(), "pulumi"));
