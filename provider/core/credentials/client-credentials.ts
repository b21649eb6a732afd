// OAuth 2.0 client credentials (RFC 6749, section 4.4).
import { performance } from "node:perf_hooks";
import type { ClientCredentials, SignedRequest } from "../../define/credentials";
import type { Code } from "../../messages";
import type { SecretValue } from "../../define/fields";
import { shortestPiece } from "../decoders";
import type { HttpClient } from "../http/client";
import { parseJson } from "../json";
import { Fault, fault } from "../problems";
import { adviceOn, type Authorization, type Authorizer, type AuthorizerTools } from "./authorization";
import { Cookies } from "./cookies";
import { keyEnds, secretsOfKey, signedJwt } from "./signed-jwt";
import { holdsToken, isAbsent, isStandardError, refusalIn, grantedToken, type TokenResponse } from "./token-answer";
import type { AccessToken } from "./token-cache";

/** A client with the words for messages about it. */
interface Client {
    readonly credential: ClientCredentials;
    /** The vendor's name in sentences. */
    readonly title: string;
    readonly secrets: readonly SecretValue[];
    /** The argument that names the host of the token endpoint; undefined for the vendor's own. */
    readonly hostArgument: string | undefined;
    /** The argument that holds the client ID. */
    readonly idArgument: string | undefined;
    readonly renew: string;
    readonly enable: string;
    readonly grant: string | undefined;
}

/** OAuth 2.0 client credentials. */
export function clientCredentialsAuthorizer(credential: ClientCredentials, tools: AuthorizerTools): Authorizer {
    const { type, values, tokens } = tools;
    const { tokenUrls, clientId, clientSecrets, authentication, scope, parameters, remark } = credential;
    const { request: written, members, codes } = credential;
    const secrets = clientSecrets.filter((secret) => secret !== undefined);
    const [first] = clientSecrets;
    const { renew, enable, grant } = adviceOn(tools, first, credential);
    const client: Client = {
        credential,
        title: credential.issuer ?? type.definition.title,
        secrets,
        hostArgument: type.argumentOfHost(tokenUrls[0], values),
        idArgument: type.argumentNames.find((name) => values[name] === clientId),
        renew,
        enable,
        grant,
    };
    const revealed = secrets.map((secret) => secret.reveal());
    const forms =
        typeof authentication === "object"
            ? secrets.flatMap(secretsOfKey)
            : [...revealed, ...revealed.map((value) => basicPair(clientId, value))];
    const jar = new WeakMap<AccessToken, Cookies>();
    let another: Promise<AccessToken> | undefined;
    const request = async (http: HttpClient): Promise<AccessToken> => {
        const { token, cookies } = await requestToken(http, client);
        jar.set(token, cookies);
        return token;
    };
    const tokenKey = (http: HttpClient): string =>
        JSON.stringify([
            ...[http.identity, tokenUrls, clientId, authentication, scope, parameters, revealed],
            ...[written, members, codes],
        ]);
    const shown = (token: AccessToken, cookies?: Cookies, cookie?: string): Authorization => ({
        headers: { authorization: `Bearer ${token.value}`, ...(cookie !== undefined && { cookie }) },
        secrets: [...forms, token.value, ...token.assertions, ...(cookies?.secrets ?? [])],
        token,
    });
    return {
        secretArgument: first.argument,
        standbySecrets: secrets.slice(1).map(({ argument }) => argument),
        renew,
        remark,
        secrets: forms,
        ...(typeof authentication === "object" && { keyEnds: keyEnds(authentication) }),
        tokenKey,
        async authorize(http, stale) {
            const wait = (token: Promise<AccessToken>): Promise<AccessToken> => http.within(token, tokenUrls[0]);
            const token = await tokens.get({ key: tokenKey(http), request: () => request(http), wait }, stale);
            return shown(token, jar.get(token));
        },
        async withCookies(http, url, token) {
            if (!token.hasCookies || new URL(token.url).origin !== new URL(url).origin) {
                return undefined;
            }
            // A token that another connection has got came with cookies of that one.
            const own = jar.has(token) ? token : await (another ??= request(http));
            const cookies = jar.get(own);
            const cookie = cookies?.headerFor(url);
            return cookie === undefined ? undefined : shown(own, cookies, cookie);
        },
    };
}

interface Granted {
    readonly token: AccessToken;
    readonly cookies: Cookies;
}

/** Requests a token with one secret after the other, until the vendor accepts one. */
async function requestToken(http: HttpClient, client: Client): Promise<Granted> {
    const refused: RefusedClient[] = [];
    for (const secret of client.secrets) {
        let granted: Granted;
        try {
            granted = await requestTokenWith(http, client, secret);
        } catch (error) {
            if (!(error instanceof RefusedClient)) {
                throw error;
            }
            refused.push(error);
            continue;
        }
        if (granted.token.value === "") {
            const what = `${client.title} gave out an empty access token, as it does for a client that is disabled.`;
            throw fault("credentialRefused", "client-disabled", secret.argument, `${what} ${client.enable}`);
        }
        return granted;
    }
    const [first] = refused as [RefusedClient];
    throw refused.length === 1 ? first : new RefusedClient({ ...first.refusal, secrets: client.secrets });
}

/** A client that a token endpoint has refused, with the endpoint's answer. */
class RefusedClient extends Fault {
    constructor(
        readonly refusal: {
            /** The code of the message. */
            readonly code: Code;
            /** A clause with the endpoint and the credential that it refused. */
            readonly what: string;
            /** The code, in brackets. */
            readonly said: string;
            readonly next: string;
            /** The argument at fault, where it is not the secret. */
            readonly argument?: string | undefined;
            readonly secrets: readonly SecretValue[];
        },
    ) {
        const { code, what, said, next, argument, secrets } = refusal;
        const names = secrets.map(({ argument }) => argument);
        const which = names.length === 1 ? "" : `, with ${names.join(" and with ")}`;
        super({
            kind: "credentialRefused",
            code,
            argument: argument ?? names[0],
            message: `${what}${which}${said}. ${next}`,
        });
    }
}

// RFC 6749, section 2.3.1, has both form-encoded within the header. The tilde may stay as it is, and has to for a server that does not decode.
const formEncoded = (value: string): string =>
    new URLSearchParams({ value }).toString().slice("value=".length).replace(/%7E/g, "~");

const basicPair = (id: string, secret: string): string =>
    Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString("base64");

/** A token request, less its address. */
interface Sent {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

const assertionFor = (
    url: string,
    { clientId }: ClientCredentials,
    key: SecretValue,
    signature: SignedRequest,
): Promise<string> => signedJwt(key, signature, { iss: clientId, sub: clientId, aud: url });

function sent(credential: ClientCredentials, secret: SecretValue, assertion: string | undefined): Sent {
    const { clientId, authentication, request = "form" } = credential;
    const members = sentMembers(credential, secret, assertion);
    const basic = authentication === "basic" && { authorization: `Basic ${basicPair(clientId, secret.reveal())}` };
    return request === "json"
        ? { headers: { "content-type": "application/json", ...basic }, body: JSON.stringify(members) }
        : {
              headers: { "content-type": "application/x-www-form-urlencoded", ...basic },
              body: new URLSearchParams(members).toString(),
          };
}

/** The members of a token request's body. */
function sentMembers(
    credential: ClientCredentials,
    secret: SecretValue,
    assertion: string | undefined,
): Record<string, string> {
    const { clientId, authentication, scope, parameters, members = {} } = credential;
    const { grantType = "grant_type", clientId: id = "client_id", clientSecret = "client_secret" } = members;
    const isGrant = typeof authentication === "object" && authentication.proves === "grant";
    const grant = isGrant ? `${oauthUrn}:grant-type:jwt-bearer` : "client_credentials";
    return {
        ...(grantType !== false && { [grantType]: grant }),
        ...parameters,
        ...(scope !== undefined && { scope }),
        ...(authentication === "body" && { [id]: clientId, [clientSecret]: secret.reveal() }),
        ...(assertion !== undefined && (isGrant ? { assertion } : clientAssertionOf(id, clientId, assertion))),
    };
}

const oauthUrn = "urn:ietf:params:oauth";

const clientAssertionOf = (id: string, clientId: string, assertion: string): Record<string, string> => ({
    [id]: clientId,
    client_assertion_type: `${oauthUrn}:client-assertion-type:jwt-bearer`,
    client_assertion: assertion,
});

async function requestTokenWith(http: HttpClient, client: Client, secret: SecretValue): Promise<Granted> {
    const { title, hostArgument, credential } = client;
    const { authentication, scope } = credential;
    // An assertion names the endpoint that it is for.
    const isSigned = typeof authentication === "object";
    const assertions: string[] = [];
    const sentTo = async (url: string): Promise<Sent> => {
        const assertion = isSigned ? await assertionFor(url, credential, secret, authentication) : undefined;
        assertions.push(...(assertion === undefined ? [] : [assertion]));
        return sent(credential, secret, assertion);
    };
    const response = await contactEndpoints(http, client, sentTo);
    const { url, answer } = response;
    const odd = (code: Code, what: string, step = `Check that it is the address of ${title}.`): Fault =>
        fault("badAnswer", code, hostArgument, `${new URL(url).host} returned ${what}. ${step}`);
    if (!holdsToken(response)) {
        throw answer.status >= 200 && answer.status < 300 && refusalIn(response).meaning === "nothing"
            ? odd("token-missing", `an answer without an access token (HTTP ${answer.status})`)
            : refusalOf(response, client, secret, (text) =>
                  text.length >= shortestPiece && assertions.some((assertion) => assertion.includes(text))
                      ? ""
                      : http.redacted(text),
              );
    }
    const token = grantedToken(response);
    if (typeof token === "string") {
        throw odd("token-invalid", `${token} (HTTP ${answer.status})`);
    }
    if (token.isBound) {
        throw odd(
            "proof-of-possession",
            "an access token that is bound to a key (DPoP), which no hub sends a proof of",
            withoutProofs,
        );
    }
    const { value, lifetimeSeconds, members, claims } = token;
    if (!/^[\x21-\x7e]*$/.test(value)) {
        throw odd("token-invalid", "an access token with characters that are not allowed in an HTTP header");
    }
    // RFC 6749, section 5.1: a scope that the answer does not name is the requested one.
    const scopes = token.scopes ?? scope?.split(" ").filter((name) => name !== "");
    const grantedAt = performance.now();
    const cookies = new Cookies(url, answer);
    const granted: AccessToken = {
        value,
        scopes: scopes && [...scopes].sort(),
        lifetimeSeconds,
        url,
        secretInUse: secret.argument,
        members,
        claims,
        assertions,
        headers: answer.headers,
        hasCookies: cookies.secrets.length > 0,
        grantedAt,
        // Without a lifetime of its own a token is kept for a minute: longer than a verification takes.
        endsAt:
            grantedAt +
            (lifetimeSeconds === undefined ? 60_000 : lifetimeSeconds * 1000 - Math.min(30_000, lifetimeSeconds * 100)),
    };
    return { token: granted, cookies };
}

// ---- answers of token endpoints -------------------------------------------------------------------------------------------------

const withoutProofs = "Switch off DPoP (proof of possession) in the settings of this client.";

/** Tries one token endpoint after the other until one answers as in OAuth; else the most specific answer counts. */
async function contactEndpoints(
    http: HttpClient,
    { credential, hostArgument }: Client,
    sentTo: (url: string) => Promise<Sent>,
): Promise<TokenResponse> {
    const others: TokenResponse[] = [];
    for (const url of credential.tokenUrls) {
        const answer = await http.send({ method: "POST", url, ...(await sentTo(url)), argument: hostArgument });
        const response = { url, answer, body: parseJson(answer.text), dialect: credential };
        if (holdsToken(response) || isStandardError(response)) {
            return response;
        }
        others.push(response);
    }
    return (others.find((response) => refusalIn(response).meaning !== "nothing") ??
        others.find(({ answer }) => answer.status === 401) ??
        others.find(({ answer }) => !isAbsent(answer)) ??
        others[0]) as TokenResponse;
}

/**
 * The meaning of an answer without a token. From a vendor's texts only a code is shown, because the others may hold the
 * request.
 */
function refusalOf(
    response: TokenResponse,
    client: Client,
    secret: SecretValue,
    redacted: (text: string) => string,
): Fault {
    const { title, credential, grant, renew, hostArgument, idArgument } = client;
    const { scope, remark, absent, tokenUrls } = credential;
    const isSigned = typeof credential.authentication === "object";
    const proof = isSigned ? "private key" : "secret";
    const way = isSigned ? "signed JWTs" : "client credentials";
    const { status } = response.answer;
    const { host } = new URL(response.url);
    const { meaning, code, advice } = refusalIn(response);
    const { argument } = advice ?? {};
    const said = ` (${code === undefined || redacted(code) !== code ? `HTTP ${status}` : code})`;
    const isVague = code === undefined && tokenUrls.length > 1;
    // One of several endpoints may not exist, so a refusal without a code may come from a login page before it.
    const doubt = isVague && absent !== undefined ? `${absent} ` : "";
    switch (meaning) {
        case "scope": {
            const denied = scope === undefined ? "every scope" : `the scope ${scope}`;
            return fault(
                "scopeMissing",
                "scope-denied",
                argument ?? idArgument,
                `${title} denied this client ${denied}${said}. ${advice?.next ?? grant ?? "Check what the client may do."}`,
            );
        }
        case "grant": {
            const next = advice?.next ?? absent ?? `Check the address, and that the server gives tokens for ${way}.`;
            return fault(
                "badAnswer",
                "grant-unsupported",
                argument ?? hostArgument,
                `${host} gives no tokens for ${way}${said}. ${next}`,
            );
        }
        case "proof": {
            const what = `${host} gives this client a token only with the proof of a key${said}, which no hub sends.`;
            return fault(
                "badAnswer",
                "proof-of-possession",
                argument ?? hostArgument,
                `${what} ${advice?.next ?? withoutProofs}`,
            );
        }
        case "limited":
            return fault(
                "rateLimited",
                "rate-limited",
                undefined,
                `${host} has reached its rate limit${said}. Run again later.`,
            );
        case "faulty": {
            const next = "Run again later; see the vendor's status page.";
            return fault(
                "serverFault",
                "tokens-unavailable",
                undefined,
                `${host} gives no tokens at present${said}. ${next}`,
            );
        }
        case "client": {
            const what = `${title} refused the client id or ${proof}`;
            const next = remark ?? advice?.next ?? renew;
            return new RefusedClient({ code: "credential-refused", what, said, next, argument, secrets: [secret] });
        }
        case "refused": {
            const clock = isSigned ? " Check this machine's clock too." : "";
            const check =
                doubt === ""
                    ? `Check client id, ${proof} and address.${clock}`
                    : `${doubt}Check client id and ${proof}.${clock}`;
            const more = [status === 403 ? grant : undefined, remark].filter((text) => text !== undefined);
            const what = `${title} refused the token request`;
            const next = advice?.next ?? [check, ...more].join(" ");
            return new RefusedClient({ code: "token-request-refused", what, said, next, argument, secrets: [secret] });
        }
        case "request": {
            const next = advice?.next ?? "Check the address, and which parameters it needs.";
            return fault(
                "badAnswer",
                "token-request-form",
                argument ?? hostArgument,
                `${host} does not accept this form of token request${said}. ${next}`,
            );
        }
        case "nothing": {
            const isMissing = isAbsent(response.answer);
            const what = isMissing
                ? `there is no token endpoint of ${title} at ${host}${said}. ${absent ?? "Check the address."}`
                : `${host} gave an unexpected answer to a token request${said}. Check that it is the address of ${title}.`;
            return fault(
                "badAnswer",
                isMissing ? "token-endpoint-missing" : "token-answer-unexpected",
                hostArgument,
                what,
            );
        }
    }
}
