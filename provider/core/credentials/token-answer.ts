// The answers of token endpoints, and their meaning.
import { STATUS_CODES } from "node:http";
import type { z } from "zod";
import type { Answer } from "../../define/contracts";
import type { ClientCredentials, TokenErrorAdvice, TokenErrorMeaning } from "../../define/credentials";
import { parseJson } from "../json";
import { isObject } from "../values";
import { madeOnce } from "../zod";

/** An endpoint's differences from RFC 6749. */
export type Dialect = Pick<ClientCredentials, "members" | "codes">;

/** An answer to a token request, with the endpoint that gave it. */
export interface TokenResponse {
    readonly url: string;
    readonly answer: Answer;
    readonly body: unknown;
    readonly dialect: Dialect;
}

/** A member of an answer, by names with dots between them. */
export const memberOf = (body: unknown, names: string): unknown =>
    names.split(".").reduce((at, name) => (isObject(at) ? at[name] : undefined), body);

const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** True for an answer that can mean a missing token endpoint. */
export const isAbsent = ({ status }: Answer): boolean => status === 404 || status === 405;

/** True for an answer with a token, even an empty one. */
export const holdsToken = ({ answer, body, dialect: { members } }: TokenResponse): boolean =>
    isSuccess(answer) && typeof memberOf(body, members?.token ?? "access_token") === "string";

// ---- a token --------------------------------------------------------------------------------------------------------------------

interface ParsedToken {
    readonly access_token: string;
    readonly token_type?: string | null | undefined;
    readonly expires_in?: number | null | undefined;
    readonly scope?: readonly string[] | null | undefined;
}

const parsed = madeOnce((z): z.ZodType<ParsedToken> => {
    const seconds = z
        .union([
            z.number(),
            z
                .string()
                .regex(/^(-?\d+(\.\d+)?)?$/)
                .transform(Number),
        ])
        // A lifetime of zero means that the server gives no lifetime.
        .transform((value) => (value > 0 ? value : undefined));
    const scopes = z
        .union([z.string().transform((text) => text.split(" ")), z.array(z.string())])
        .transform((names) => names.filter((name) => name !== ""));
    return z.object({
        access_token: z.string(),
        // Apigee calls it BearerToken.
        token_type: z
            .string()
            .regex(/^(|bearer[ _-]?(token)?|dpop)$/i)
            .nullish(),
        expires_in: seconds.nullish(),
        scope: scopes.nullish(),
    });
});

/** A token in its endpoint's answer. */
export interface GrantedToken {
    readonly value: string;
    readonly lifetimeSeconds: number | undefined;
    /** Undefined where the answer does not name them. */
    readonly scopes: readonly string[] | undefined;
    /** True for a token that is bound to a key which each call has to prove (RFC 9449). */
    readonly isBound: boolean;
    /** The other members of the answer. */
    readonly members: Readonly<Record<string, unknown>>;
    /** The claims of a token that is a JWT. */
    readonly claims: Readonly<Record<string, unknown>>;
}

/** The token of an answer, or its fault as a part of a sentence. */
export function grantedToken({ body, dialect: { members = {} } }: TokenResponse): GrantedToken | string {
    const { token = "access_token", lifetime = "expires_in", scope = "scope" } = members;
    const granted = {
        access_token: memberOf(body, token),
        // Beside a token by another name, it is a word of the vendor's own.
        token_type: token === "access_token" ? memberOf(body, "token_type") : undefined,
        expires_in: memberOf(body, lifetime),
        scope: memberOf(body, scope),
    };
    const { data, error } = parsed().safeParse(granted);
    if (data === undefined) {
        const [field = "access_token"] = error.issues[0]?.path ?? [];
        const name = { expires_in: lifetime, scope }[String(field)] ?? String(field);
        return field === "access_token" ? "an answer without an access token" : `a token with an invalid ${name}`;
    }
    return {
        value: data.access_token,
        lifetimeSeconds: data.expires_in ?? undefined,
        scopes: data.scope ?? undefined,
        isBound: /^dpop$/i.test(data.token_type ?? ""),
        members: withoutTokens(body, data.access_token) as Readonly<Record<string, unknown>>,
        claims: claimsOf(data.access_token),
    };
}

const isToken = (name: string): boolean => /^(access|refresh|id)_?token$/i.test(name);

/** An answer without its tokens, at any depth. */
function withoutTokens(value: unknown, token: string): unknown {
    if (Array.isArray(value)) {
        return value.map((item) => withoutTokens(item, token));
    }
    if (!isObject(value)) {
        return value;
    }
    const others = Object.entries(value).filter(([name, inner]) => !isToken(name) && inner !== token);
    return Object.fromEntries(others.map(([name, inner]) => [name, withoutTokens(inner, token)]));
}

/** The claims of a JWT (RFC 7519), which are not proved here, because the token comes from its endpoint. */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
    const [header = "", payload = "", ...rest] = token.split(".");
    const [head, claims] = [header, payload].map((part) => parseJson(Buffer.from(part, "base64url").toString()));
    return rest.length === 1 && isObject(head) && isObject(claims) ? claims : {};
}

// ---- no token -------------------------------------------------------------------------------------------------------------------

/**
 * The meaning of an answer without a token.
 *
 * - `nothing`: the answer is nothing for or against the client.
 */
export type Meaning = TokenErrorMeaning | "nothing";

/** The answer of a token endpoint that gave no token. */
export interface Refusal {
    readonly meaning: Meaning;
    /** Its code, where it is one. */
    readonly code: string | undefined;
    /** The declaration's own advice for the code. */
    readonly advice?: TokenErrorAdvice | undefined;
}

// RFC 6749, section 5.2 and 4.1.2.1; RFC 8707.
const standard: Readonly<Record<string, Meaning>> = {
    invalid_client: "client",
    unauthorized_client: "refused",
    access_denied: "refused",
    invalid_grant: "refused",
    invalid_scope: "scope",
    unsupported_grant_type: "grant",
    invalid_request: "request",
    invalid_target: "request",
    server_error: "faulty",
    temporarily_unavailable: "faulty",
};

const isStandard = (code: string): boolean => Object.hasOwn(standard, code);

const others: readonly (readonly [RegExp, Meaning])[] = [
    [/(?<![a-z])rate|limit|slow|throttl|too_many/i, "limited"],
    [/unavailable|maintenance|timed?_?out/i, "faulty"],
    [/dpop/i, "proof"],
    [/^invalid_client|credential|secret/i, "client"],
];

/** True for an error in the form of the standard. */
export function isStandardError({ body }: TokenResponse): boolean {
    const error = memberOf(body, "error");
    return typeof error === "string" && isStandard(error);
}

/** The meaning of an answer without a token. */
export function refusalIn({ answer, body, dialect: { codes: own = {} } }: TokenResponse): Refusal {
    const said = isObject(body) ? everythingIn(body) : [];
    const ownCode = said.map(([, value]) => value).find((value) => Object.hasOwn(own, value));
    if (ownCode !== undefined) {
        const meaning = own[ownCode] as TokenErrorMeaning | TokenErrorAdvice;
        return typeof meaning === "string"
            ? { meaning, code: ownCode }
            : { meaning: meaning.meaning, code: ownCode, advice: meaning };
    }
    const codes = said.filter(([name, value]) => isCodeName(name) && isCode(value, answer)).map(([, value]) => value);
    const known = codes.find((code) => isStandard(code.toLowerCase()));
    if (known !== undefined) {
        return { meaning: standard[known.toLowerCase()] as Meaning, code: known };
    }
    const isRefusal = isSuccess(answer)
        ? isObject(body) && isError(body)
        : [400, 401, 403].includes(answer.status) && !(answer.status === 403 && isGateways(answer, said));
    const isSaid = said.some(([, value]) => value !== "");
    if (!isRefusal || !isSaid) {
        return { meaning: "nothing", code: undefined };
    }
    const [code] = codes;
    const words = code?.replace(/(?<=[a-z])(?=[A-Z])/g, "_") ?? "";
    const [, meaning = "refused"] = others.find(([form]) => form.test(words)) ?? [];
    return { meaning, code };
}

type Said = readonly (readonly [name: string, value: string])[];

/** The texts and numbers of an object, the outer ones first, as far as a person would look. */
function everythingIn(body: object): Said {
    const found: [string, string][] = [];
    let level: readonly (readonly [string, unknown])[] = Object.entries(body);
    for (let depth = 0; depth < 5 && level.length > 0; depth++) {
        const inner: (readonly [string, unknown])[] = [];
        for (const [name, value] of level.slice(0, 100)) {
            if (typeof value === "string" || typeof value === "number") {
                found.push([name, String(value).trim()]);
            } else if (Array.isArray(value)) {
                inner.push(...value.slice(0, 10).map((item: unknown) => [name, item] as const));
            } else if (isObject(value)) {
                inner.push(...Object.entries(value));
            }
        }
        level = inner;
    }
    return found;
}

const isCodeName = (name: string): boolean => /^(errors?|(err(or)?)?[_-]?code)$/i.test(name);

/** True for a code of the server's own: HTTP's numbers and phrases are not codes. */
const isCode = (value: string, { status }: Answer): boolean =>
    /^[A-Za-z0-9._-]{1,40}$/.test(value) && value !== String(status) && value !== STATUS_CODES[status];

/** True for an object that calls itself an error. */
function isError(body: Readonly<Record<string, unknown>>): boolean {
    const isNothing = (value: unknown): boolean =>
        value === undefined ||
        value === null ||
        value === "" ||
        value === 0 ||
        value === "0" ||
        value === false ||
        (typeof value === "object" && Object.keys(value).length === 0);
    return (
        body["ok"] === false ||
        body["success"] === false ||
        Object.entries(body).some(([name, value]) => /^err/i.test(name) && !isNothing(value))
    );
}

const gatewaysWords =
    /^(missing authentication token|forbidden|access (is )?denied|(the |your )?request (was |has been |is )?(blocked|denied|rejected).*|.*\b(firewall|waf|blocked|incident id|ray id|support id)\b.*|user is not authorized to access this resource.*)\.?$/i;

/** True for a 403 from a gateway before the server: AWS, Cloudflare, a firewall. */
function isGateways({ headers }: Answer, said: Said): boolean {
    const isBare = said.every(([name]) =>
        /^(message|msg|status|status_?code|(request|event|incident|support)_?id)$/i.test(name),
    );
    return (
        headers["x-amzn-errortype"] !== undefined ||
        headers["cf-mitigated"] !== undefined ||
        said.some(([name, value]) => /^error_code$/i.test(name) && /^10\d\d$/.test(value)) ||
        said.some(([, value]) => /^missing authentication token\.?$/i.test(value)) ||
        (isBare && said.some(([, value]) => gatewaysWords.test(value)))
    );
}
