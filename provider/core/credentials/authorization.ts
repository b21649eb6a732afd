// The parts of a request that carry the credential, and the tools that make them.
import type { CredentialOptions } from "../../define/credentials";
import type { SecretValue } from "../../define/fields";
import type { ConnectionType } from "../connection-type";
import { adviceOf, type Advice } from "../console";
import type { HttpClient } from "../http/client";
import type { AccessToken, TokenCache } from "./token-cache";

/** The credential's part of a request, and the texts that must never be shown. */
export interface Authorization {
    readonly headers: Readonly<Record<string, string>>;
    /** The address with the credential in it, where that is its place. */
    readonly urlWith?: ((url: string) => string) | undefined;
    readonly secrets: readonly string[];
    /** The access token, where the credential gets one. */
    readonly token?: AccessToken | undefined;
}

/** Shows a credential to a vendor. */
export interface Authorizer {
    /** The argument that holds the secret. */
    readonly secretArgument: string;
    /** The arguments of secrets that are sent with it: any of them may be the one that is refused. */
    readonly otherSecrets?: readonly string[] | undefined;
    /** The arguments of secrets that are used where the first one is refused: each is good alone. */
    readonly standbySecrets?: readonly string[] | undefined;
    /** The place where a new secret is made, and other possible reasons of a refusal, in sentences. */
    readonly renew: string;
    /** That the secret looks like one of another kind, as a sentence. */
    readonly remark?: string | undefined;
    /** The end of the certificate of a key that signs. */
    readonly keyEnds?: Date | undefined;
    /** The secrets' values, in each form in which they are sent. */
    readonly secrets: readonly string[];
    /** Makes the credential differ from others, where it gets access tokens. */
    readonly tokenKey?: ((http: HttpClient) => string) | undefined;
    /**
     * The authorization for a call to the origin that gave the token, with the token's cookies; undefined where that
     * has no cookies.
     */
    readonly withCookies?:
        ((http: HttpClient, url: string, token: AccessToken) => Promise<Authorization | undefined>) | undefined;
    /** The authorization for a call; with `stale`, another one than that, which the vendor has refused. */
    readonly authorize: (http: HttpClient, stale?: AccessToken) => Promise<Authorization>;
    /** The same secret, shown in the other way in which it may be meant. */
    readonly alternative?: Authorizer | undefined;
}

/** The tools of an authorizer. */
export interface AuthorizerTools {
    readonly type: ConnectionType;
    readonly tokens: TokenCache;
    /** The arguments, without secrets. */
    readonly values: Readonly<Record<string, unknown>>;
}

/** Advice about a credential: the way to make a new secret, with the credential's hint, and the rest. */
export function adviceOn(
    { type: { definition } }: AuthorizerTools,
    { argument }: SecretValue,
    { console = definition.console, hint }: CredentialOptions,
): Advice {
    const advice = adviceOf(definition.title, console, argument);
    return hint === undefined ? advice : { ...advice, renew: `${advice.renew} ${hint}` };
}
