import { performance } from "node:perf_hooks";
import { Fault, fault, type Problem } from "./errors";
import type { Http, HttpAnswer } from "./http";
import { later } from "./zod";

/** What goes with a request, and what has to be kept out of every text that is shown. */
export interface Authorization {
    readonly headers: Readonly<Record<string, string>>;
    readonly secrets: readonly string[];
    /** When the access token was got from the vendor; undefined where none is used. */
    readonly token?: Token;
}

/** How a secret is shown to a vendor. Obtaining a token and applying it are apart: a strategy knows no endpoint but its token's. */
export interface Credential {
    /** The argument that holds the secret. */
    readonly property: string;
    /** Where a new secret is made, as a sentence. */
    readonly hint: string;
    /** The secrets' values. */
    readonly secrets: readonly string[];
    /** The authorization for a call; with `stale`, another one than that, which the vendor has refused. */
    authorize(http: Http, tokens: Tokens, stale?: Token): Promise<Authorization>;
}

/** HTTP Basic (RFC 7617): a user, or an e-mail address, and an API token. */
export function basic(property: string, user: string, password: string, hint: string): Credential {
    const pair = Buffer.from(`${user}:${password}`).toString("base64");
    const secrets = [password, pair];
    return {
        property,
        hint,
        secrets,
        authorize: async () => ({ headers: { authorization: `Basic ${pair}` }, secrets }),
    };
}

/** A bearer token (RFC 6750) that the vendor's console gave out. */
export function bearer(property: string, token: string, hint: string): Credential {
    return {
        property,
        hint,
        secrets: [token],
        authorize: async () => {
            if (!/^[\x21-\x7e]+$/.test(token)) {
                throw fault("secretMissing", property, `holds characters that no HTTP header can carry, so it is not a token. ${hint}`);
            }
            return { headers: { authorization: `Bearer ${token}` }, secrets: [token] };
        },
    };
}

/** An access token and what came with it. */
export interface Token {
    readonly value: string;
    /** Scopes that the token endpoint named. */
    readonly scopes: readonly string[];
    /** As the vendor told it, in seconds. */
    readonly lifetimeSeconds: number | undefined;
    /** The endpoint that gave it. */
    readonly url: string;
    /** The argument whose secret was accepted. */
    readonly property: string;
    /** `name=value` of the cookies that keep a client on one node of a cluster. */
    readonly cookies: string;
    /** On the clock of `performance.now()`: clocks on the wall may be an hour off. */
    readonly endsAt: number;
}

/** The access tokens of one run: one per credential, however many connections share it, and however many ask at once. */
export class Tokens {
    private readonly kept = new Map<string, Promise<Token>>();

    /** @param wait Waits for a token that somebody else has asked for, no longer than the caller has time. */
    async get(key: string, mint: () => Promise<Token>, wait: (token: Promise<Token>) => Promise<Token>, stale?: Token): Promise<Token> {
        const kept = this.kept.get(key);
        if (kept !== undefined) {
            const token = await wait(kept).catch((error: unknown) => {
                // Whoever asked may have had less time than the caller, whose own end `wait` tells in the next round.
                if (error instanceof Fault && error.problem.kind === "timedOut" && this.kept.get(key) !== kept) {
                    return undefined;
                }
                throw error;
            });
            if (token !== undefined && token !== stale && performance.now() < token.endsAt) {
                return token;
            }
            if (this.kept.get(key) !== kept) {
                return this.get(key, mint, wait, stale);
            }
        }
        const minting = mint();
        this.kept.set(key, minting);
        // A failure is not kept: in a long-lived process the next run asks again.
        minting.catch(() => this.kept.get(key) === minting && this.kept.delete(key));
        return minting;
    }
}

/** OAuth 2.0 client credentials (RFC 6749, section 4.4). */
export interface ClientCredentials {
    /** The vendor's name in sentences. */
    readonly title: string;
    /** Token endpoints: the next one is asked where one does not exist (HTTP 404). */
    readonly tokenUrls: readonly string[];
    /** The argument that names their host; empty for the vendor's own. */
    readonly property: string;
    readonly clientId: string;
    /** The secrets in order of preference, by argument. */
    readonly secrets: readonly (readonly [property: string, value: string])[];
    /** Where id and secret go: an HTTP Basic header or the request's body. */
    readonly authentication: "basic" | "body";
    readonly scope?: string;
    /** Where a new secret is made, as a sentence. */
    readonly hint: string;
    /** Why there may be no token endpoint, as a sentence. Default: the address is wrong. */
    readonly absent?: string;
    /** Cookies that keep a client on one node of the vendor's cluster. */
    readonly stickyCookies?: readonly string[];
}

const tokenAnswer = later((z) =>
    z.object({
        access_token: z.string(),
        token_type: z.string().regex(/^bearer$/i).nullish(),
        expires_in: z.union([z.number(), z.string().regex(/^\d+(\.\d+)?$/).transform(Number)]).pipe(z.number().positive()).nullish(),
        scope: z.string().nullish(),
    }),
);
const errorAnswer = later((z) => z.object({ error: z.string() }));
const refusals: ReadonlySet<string> = new Set(["invalid_client", "unauthorized_client", "access_denied", "invalid_grant"]);
const oauthErrors: ReadonlySet<string> = new Set([
    ...refusals,
    "invalid_request",
    "invalid_scope",
    "unsupported_grant_type",
    "server_error",
    "temporarily_unavailable",
]);

/** The value that a JSON text has, or undefined where it has none. */
export function parseJson(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}

// RFC 6749, section 2.3.1, has both form-encoded within the header.
const formEncoded = (value: string): string => new URLSearchParams({ value }).toString().slice("value=".length);

const basicPair = (id: string, secret: string): string => Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString("base64");

/** OAuth 2.0 client credentials as a {@link Credential}. */
export function clientCredentials(client: ClientCredentials): Credential {
    const values = client.secrets.map(([, value]) => value);
    const secrets = [...values, ...values.map((value) => basicPair(client.clientId, value))];
    return {
        property: client.secrets[0]?.[0] ?? "",
        hint: client.hint,
        secrets,
        async authorize(http, tokens, stale) {
            const key = JSON.stringify([http.identity, client.tokenUrls, client.clientId, client.authentication, client.scope, values]);
            const token = await tokens.get(key, () => mint(http, client), (other) => http.within(other, client.tokenUrls[0] ?? ""), stale);
            return {
                headers: { authorization: `Bearer ${token.value}`, ...(token.cookies === "" ? {} : { cookie: token.cookies }) },
                secrets: [...secrets, token.value],
                token,
            };
        },
    };
}

async function mint(http: Http, client: ClientCredentials): Promise<Token> {
    const refused: Problem[] = [];
    for (const [property, value] of client.secrets) {
        let token: Token;
        try {
            token = await mintWith(http, client, property, value);
        } catch (error) {
            if (!(error instanceof Fault) || error.problem.kind !== "credentialRefused") {
                throw error;
            }
            refused.push(error.problem);
            continue;
        }
        if (token.value === "") {
            const { title, hint } = client;
            throw fault("credentialRefused", property, `${title} gave out an empty access token, as it does for a client that is disabled. Enable the client. ${hint}`);
        }
        return token;
    }
    const [first] = refused;
    throw first === undefined || refused.length === 1 ? new Fault(first as Problem) : fault("credentialRefused", first.property, bothRefused(client));
}

function bothRefused({ title, secrets, hint }: ClientCredentials): string {
    return `${title} refused the client id or secret, with ${secrets.map(([property]) => property).join(" and with ")} (invalid_client). ${hint}`;
}

async function mintWith(http: Http, client: ClientCredentials, property: string, secret: string): Promise<Token> {
    const { title, tokenUrls, clientId, authentication, scope } = client;
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    const headers: Record<string, string> = { "content-type": "application/x-www-form-urlencoded" };
    if (scope !== undefined) {
        form.set("scope", scope);
    }
    if (authentication === "basic") {
        headers["authorization"] = `Basic ${basicPair(clientId, secret)}`;
    } else {
        form.set("client_id", clientId);
        form.set("client_secret", secret);
    }
    let answer: HttpAnswer | undefined;
    let url = "";
    for (const candidate of tokenUrls) {
        url = candidate;
        answer = await http.send({ method: "POST", url, headers, body: form.toString(), property: client.property });
        if (answer.status !== 404) {
            break;
        }
    }
    const { host } = new URL(url);
    if (answer === undefined || answer.status === 404) {
        throw fault("badAnswer", client.property, `there is no token endpoint of ${title} at ${host} (HTTP 404). ${client.absent ?? "Check the address."}`);
    }
    const body = parseJson(answer.text);
    if (answer.status !== 200) {
        throw tokenFault(answer.status, body, client, property, host);
    }
    const parsed = tokenAnswer().safeParse(body);
    if (!parsed.success) {
        const [field = "access_token"] = parsed.error.issues[0]?.path ?? [];
        const what = field === "access_token" ? "no access token but something else" : `a token whose ${String(field)} is not what RFC 6749 lets it be`;
        throw fault("badAnswer", client.property, `${host} gave ${what} (HTTP 200). Check that it is the address of ${title}.`);
    }
    const { access_token: value, scope: scopes } = parsed.data;
    const lifetime = parsed.data.expires_in ?? undefined;
    if (!/^[\x21-\x7e]*$/.test(value)) {
        throw fault("badAnswer", client.property, `${host} gave an access token that no header can carry. Check that it is the address of ${title}.`);
    }
    return {
        value,
        scopes: typeof scopes !== "string" ? [] : scopes.split(" ").filter((name) => name !== "").sort(),
        lifetimeSeconds: lifetime,
        url,
        property,
        cookies: sticky(answer, client.stickyCookies ?? []),
        // Without a lifetime of its own a token is kept for a minute: longer than a verification takes.
        endsAt: performance.now() + (lifetime === undefined ? 60_000 : lifetime * 1000 - Math.min(30_000, lifetime * 100)),
    };
}

function tokenFault(status: number, body: unknown, { title, hint, property: named }: ClientCredentials, property: string, host: string): Error {
    const given = errorAnswer().safeParse(body).data?.error;
    // Of a vendor's texts only the codes of the standard are shown: the others may hold what was sent.
    const code = given !== undefined && oauthErrors.has(given) ? ` (${given})` : ` (HTTP ${status})`;
    if (status === 401 || (given !== undefined && refusals.has(given))) {
        return fault("credentialRefused", property, `${title} refused the client id or secret${code}. ${hint}`);
    }
    if (status === 403 && body !== undefined) {
        return fault("credentialRefused", property, `${title} does not let this client have a token${code}. Check its role. ${hint}`);
    }
    return fault("badAnswer", named, `${host} did not answer a token request as ${title} does${code}. Check that it is its address.`);
}

function sticky({ headers }: HttpAnswer, wanted: readonly string[]): string {
    const given = headers["set-cookie"];
    return (Array.isArray(given) ? given : [given ?? ""])
        .map((cookie) => cookie.split(";")[0]?.trim() ?? "")
        .filter((pair) => wanted.includes(pair.split("=")[0] ?? "") && /^[\x21-\x7e]+$/.test(pair))
        .join("; ");
}
