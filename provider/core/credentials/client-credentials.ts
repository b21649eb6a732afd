// OAuth 2.0 client credentials (RFC 6749, section 4.4).
import { performance } from "node:perf_hooks";
import type { z } from "zod";
import type { Answer, Problem } from "../../define/contracts";
import type { ClientCredentials } from "../../define/credentials";
import type { SecretValue } from "../../define/fields";
import type { HttpClient } from "../http/client";
import { parseJson } from "../json";
import { Fault, fault } from "../problems";
import { madeOnce } from "../zod";
import { renewalOf, type Authorizer, type AuthorizerTools } from "./authorization";
import type { AccessToken } from "./token-cache";

/** A client, with what is said of it. */
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
    readonly grant: string;
}

/** OAuth 2.0 client credentials. */
export function clientCredentialsAuthorizer(credential: ClientCredentials, tools: AuthorizerTools): Authorizer {
    const { type, values, tokens } = tools;
    const { tokenUrls, clientId, clientSecrets, authentication, scope, parameters, remark } = credential;
    const secrets = clientSecrets.filter((secret) => secret !== undefined);
    const [first] = clientSecrets;
    const renew = renewalOf(tools, first, credential.renew);
    const client: Client = {
        credential,
        title: credential.issuer ?? type.definition.title,
        secrets,
        hostArgument: type.argumentOfHost(tokenUrls[0], values),
        idArgument: type.argumentNames.find((name) => values[name] === clientId),
        renew,
        enable: credential.enable ?? `Enable the client. ${renew}`,
        grant: credential.grant ?? `Check what the client may do. ${renew}`,
    };
    const revealed = secrets.map((secret) => secret.reveal());
    const forms = [...revealed, ...revealed.map((value) => basicPair(clientId, value))];
    return {
        secretArgument: first.argument,
        renew,
        remark,
        secrets: forms,
        async authorize(http, stale) {
            const key = JSON.stringify([
                http.identity,
                tokenUrls,
                clientId,
                authentication,
                scope,
                parameters,
                revealed,
            ]);
            const wait = (token: Promise<AccessToken>): Promise<AccessToken> => http.within(token, tokenUrls[0]);
            const token = await tokens.get({ key, request: () => requestToken(http, client), wait }, stale);
            return {
                headers: {
                    authorization: `Bearer ${token.value}`,
                    ...(token.cookies === "" ? {} : { cookie: token.cookies }),
                },
                secrets: [...forms, token.value],
                token,
            };
        },
    };
}

/** Asks with one secret after the other, until the vendor takes one. */
async function requestToken(http: HttpClient, client: Client): Promise<AccessToken> {
    const refused: Problem[] = [];
    for (const secret of client.secrets) {
        let token: AccessToken;
        try {
            token = await requestTokenWith(http, client, secret);
        } catch (error) {
            if (!(error instanceof Fault) || error.problem.kind !== "credentialRefused") {
                throw error;
            }
            refused.push(error.problem);
            continue;
        }
        if (token.value === "") {
            const what = `${client.title} gave out an empty access token, as it does for a client that is disabled.`;
            throw fault("credentialRefused", secret.argument, `${what} ${client.enable}`);
        }
        return token;
    }
    const [first] = refused;
    throw first === undefined || refused.length === 1
        ? new Fault(first as Problem)
        : fault("credentialRefused", first.argument, allRefused(client));
}

function allRefused({ title, secrets, renew, credential: { remark } }: Client): string {
    return `${title} refused the client id or secret, with ${secrets.map(({ argument }) => argument).join(" and with ")} (invalid_client). ${remark ?? renew}`;
}

// RFC 6749, section 2.3.1, has both form-encoded within the header. The tilde may stay as it is, and has to for a server that does not decode.
const formEncoded = (value: string): string =>
    new URLSearchParams({ value }).toString().slice("value=".length).replace(/%7E/g, "~");

const basicPair = (id: string, secret: string): string =>
    Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString("base64");

async function requestTokenWith(http: HttpClient, client: Client, secret: SecretValue): Promise<AccessToken> {
    const { title, hostArgument, credential } = client;
    const { clientId, authentication, scope, parameters = {} } = credential;
    const form = new URLSearchParams({
        grant_type: "client_credentials",
        ...parameters,
        ...(scope === undefined ? {} : { scope }),
    });
    const headers: Record<string, string> = { "content-type": "application/x-www-form-urlencoded" };
    if (authentication === "basic") {
        headers["authorization"] = `Basic ${basicPair(clientId, secret.reveal())}`;
    } else {
        form.set("client_id", clientId);
        form.set("client_secret", secret.reveal());
    }
    const response = await askEndpoints(http, client, headers, form.toString());
    const { url, answer, body } = response;
    const { host } = new URL(url);
    if (isAbsent(answer) && errorCode(body) === undefined) {
        throw fault(
            "badAnswer",
            hostArgument,
            `there is no token endpoint of ${title} at ${host} (HTTP ${answer.status}). ${credential.absent ?? "Check the address."}`,
        );
    }
    if (answer.status !== 200 || errorCode(body) !== undefined) {
        throw refusalOf(response, client, secret);
    }
    const parsed = tokenAnswer().safeParse(body);
    if (!parsed.success) {
        const [field = "access_token"] = parsed.error.issues[0]?.path ?? [];
        const what =
            field === "access_token" ? "an answer without an access token" : `a token with an invalid ${String(field)}`;
        throw fault(
            "badAnswer",
            hostArgument,
            `${host} returned ${what} (HTTP 200). Check that it is the address of ${title}.`,
        );
    }
    const { access_token: value, expires_in: lifetime } = parsed.data;
    if (!/^[\x21-\x7e]*$/.test(value)) {
        throw fault(
            "badAnswer",
            hostArgument,
            `${host} returned an access token with characters that are not allowed in an HTTP header. Check that it is the address of ${title}.`,
        );
    }
    // RFC 6749, section 5.1: a scope that is not told is the one that was asked for.
    const scopes = (parsed.data.scope ?? scope)?.split(" ").filter((name) => name !== "");
    return {
        value,
        scopes: scopes?.sort(),
        lifetimeSeconds: lifetime ?? undefined,
        url,
        secretInUse: secret.argument,
        cookies: stickyCookies(answer, credential.stickyCookies ?? []),
        // Without a lifetime of its own a token is kept for a minute: longer than a verification takes.
        endsAt:
            performance.now() +
            (lifetime === undefined || lifetime === null ? 60_000 : lifetime * 1000 - Math.min(30_000, lifetime * 100)),
    };
}

// ---- what token endpoints answer ------------------------------------------------------------------------------------------------

/** What a token endpoint, or whatever is there in its place, answered. */
interface TokenResponse {
    readonly url: string;
    readonly answer: Answer;
    readonly body: unknown;
}

interface ParsedToken {
    readonly access_token: string;
    readonly expires_in?: number | null | undefined;
    readonly scope?: string | null | undefined;
}

const tokenAnswer = madeOnce((z): z.ZodType<ParsedToken> => {
    const seconds = z
        .union([
            z.number(),
            z
                .string()
                .regex(/^\d+(\.\d+)?$/)
                .transform(Number),
        ])
        .pipe(z.number().positive());
    return z.object({
        access_token: z.string(),
        token_type: z
            .string()
            .regex(/^bearer$/i)
            .nullish(),
        expires_in: seconds.nullish(),
        scope: z.string().nullish(),
    });
});

const refusals: ReadonlySet<string> = new Set([
    "invalid_client",
    "unauthorized_client",
    "access_denied",
    "invalid_grant",
]);
const oauthErrors: ReadonlySet<string> = new Set([
    ...refusals,
    "invalid_request",
    "invalid_scope",
    "unsupported_grant_type",
    "server_error",
    "temporarily_unavailable",
]);

/** OAuth's error code in a body; that of another protocol is none. */
function errorCode(body: unknown): string | undefined {
    const given = typeof body === "object" && body !== null ? (body as { error?: unknown }).error : undefined;
    return typeof given === "string" && oauthErrors.has(given) ? given : undefined;
}

const isAbsent = ({ status }: Answer): boolean => status === 404 || status === 405;

const holdsToken = ({ answer, body }: TokenResponse): boolean =>
    answer.status === 200 && typeof (body as { access_token?: unknown } | undefined | null)?.access_token === "string";

/** Asks one token endpoint after the other until one answers as OAuth has it; else the most telling answer counts. */
async function askEndpoints(
    http: HttpClient,
    { credential, hostArgument }: Client,
    headers: Record<string, string>,
    body: string,
): Promise<TokenResponse> {
    const others: TokenResponse[] = [];
    for (const url of credential.tokenUrls) {
        const answer = await http.send({ method: "POST", url, headers, body, argument: hostArgument });
        const response = { url, answer, body: parseJson(answer.text) };
        if (holdsToken(response) || errorCode(response.body) !== undefined) {
            return response;
        }
        others.push(response);
    }
    return (others.find(({ answer }) => answer.status === 401) ??
        others.find(({ answer }) => !isAbsent(answer)) ??
        others[0]) as TokenResponse;
}

/** What it means that no token was given. Of a vendor's texts only the codes of the standard are shown: the others may hold what was sent. */
function refusalOf({ answer: { status }, body, url }: TokenResponse, client: Client, secret: SecretValue): Fault {
    const { title, credential, grant, renew, hostArgument, idArgument } = client;
    const { scope, remark, absent, tokenUrls } = credential;
    const given = errorCode(body);
    const code = ` (${given ?? `HTTP ${status}`})`;
    // Where one of several endpoints may not be there, a refusal without OAuth's words may come from what asks for a login first.
    const doubt = given === undefined && tokenUrls.length > 1 && absent !== undefined ? `${absent} ` : "";
    if (given === "invalid_scope") {
        return fault(
            "scopeMissing",
            idArgument,
            `${title} denied this client ${scope === undefined ? "every scope" : `the scope ${scope}`}${code}. ${grant}`,
        );
    }
    if (given === "unsupported_grant_type") {
        const next = credential.absent ?? "Check the address, and that the server gives tokens for client credentials.";
        return fault(
            "badAnswer",
            hostArgument,
            `${new URL(url).host} gives no tokens for client credentials${code}. ${next}`,
        );
    }
    if (status === 401 || (given !== undefined && refusals.has(given))) {
        return fault(
            "credentialRefused",
            secret.argument,
            `${title} refused the client id or secret${code}. ${doubt}${remark ?? renew}`,
        );
    }
    if (status === 403 && body !== undefined) {
        return fault(
            "credentialRefused",
            secret.argument,
            `${title} denied this client a token${code}. ${doubt}${grant}`,
        );
    }
    return fault(
        "badAnswer",
        hostArgument,
        `${new URL(url).host} gave an unexpected answer to a token request${code}. Check that it is the address of ${title}.`,
    );
}

function stickyCookies({ headers }: Answer, wanted: readonly string[]): string {
    const given = headers["set-cookie"];
    return (Array.isArray(given) ? (given as readonly string[]) : [given ?? ""])
        .map((cookie) => String(cookie).split(";")[0]?.trim() ?? "")
        .filter((pair) => wanted.includes(pair.split("=")[0] ?? "") && /^[\x21-\x7e]+$/.test(pair))
        .join("; ");
}
