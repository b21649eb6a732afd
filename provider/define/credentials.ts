// The ways to show a credential to a vendor, as data: the core carries them out.
import type { Console } from "./contracts";
import type { SecretValue } from "./fields";

/** OAuth 2.0 client credentials (RFC 6749, section 4.4). */
export interface ClientCredentials extends CredentialOptions {
    /** The way in which it is shown. */
    readonly scheme: "clientCredentials";
    /** The issuer of tokens, in sentences. Default: the connection's title. */
    readonly issuer?: string | undefined;
    /** Token endpoints. The next one is used where one answers with neither a token nor an OAuth error. */
    readonly tokenUrls: readonly [string, ...string[]];
    /** The client ID. */
    readonly clientId: string;
    /** In order of preference: the next one is tried where the vendor refuses one. */
    readonly clientSecrets: readonly [SecretValue, ...(SecretValue | undefined)[]];
    /**
     * The place of id and secret: an HTTP Basic header or the request's body. Or the secrets are private keys, which
     * sign a JWT (RFC 7523).
     */
    readonly authentication: "basic" | "body" | SignedRequest;
    /**
     * Scopes to request, separated by spaces.
     * @default the server's own
     */
    readonly scope?: string | undefined;
    /** Further parameters of the token request, such as `audience`. */
    readonly parameters?: Readonly<Record<string, string>> | undefined;
    /** The possible reason for a missing token endpoint, as a sentence. Default: the address may be wrong. */
    readonly absent?: string | undefined;
    /**
     * The form of the token request's body: as in RFC 6749, or a JSON object.
     * @default form
     */
    readonly request?: "form" | "json" | undefined;
    /** Names of a vendor's own in the place of those of RFC 6749. */
    readonly members?: TokenMembers | undefined;
    /** The meaning of the vendor's own codes, by the code, in any member of the answer. */
    readonly codes?: Readonly<Record<string, TokenErrorMeaning | TokenErrorAdvice>> | undefined;
}

/** The signature of a JWT (RFC 7515, RFC 7519). */
export interface Signature {
    /** The algorithm and its key: an RSA key of at least 2048 bits, or for `ES256` a key on the curve P-256. */
    readonly algorithm: "RS256" | "PS256" | "ES256";
    /** The name that the vendor has for the key (`kid`). */
    readonly keyId?: string | undefined;
    /**
     * The certificate of the key, in PEM form: its thumbprint is sent (`x5t#S256`), and its end counts as the key's.
     */
    readonly certificate?: string | undefined;
    /** Further members of its header, such as `x5t`. */
    readonly header?: Readonly<Record<string, string>> | undefined;
    /** Claims besides the ordinary ones, or in their place; one that is undefined is left out. */
    readonly claims?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>> | undefined;
    /**
     * For how many seconds it is good.
     * @default 300
     */
    readonly lifetimeSeconds?: number | undefined;
}

/** A token request that a JWT signs, by the client's private key. */
export interface SignedRequest extends Signature {
    /**
     * The use of the JWT: it proves the client (RFC 7523, section 2.2), or it is the grant for the token (section 2.1).
     */
    readonly proves: "client" | "grant";
}

/** A JWT that is sent as a bearer token to each call, such as that of a GitHub App. */
export interface SignedBearer extends CredentialOptions {
    /** The way in which it is shown. */
    readonly scheme: "signedBearer";
    /** The private key in PEM form. */
    readonly key: SecretValue;
    /** The signature of the JWT. */
    readonly signature: Signature;
}

/** The names in the answer of a token endpoint that differs from RFC 6749. Dots lead into objects: `data.token`. */
export interface TokenMembers {
    /** The client ID in the request's body. Default `client_id`. */
    readonly clientId?: string | undefined;
    /** The client secret in the request's body. Default `client_secret`. */
    readonly clientSecret?: string | undefined;
    /** The grant type in the request's body; `false` where it has none. Default `grant_type`. */
    readonly grantType?: string | false | undefined;
    /** The access token in the answer. Default `access_token`. */
    readonly token?: string | undefined;
    /** The member with the token's lifetime in seconds. Default `expires_in`. */
    readonly lifetime?: string | undefined;
    /** The scopes that the token has, in the answer. Default `scope`. */
    readonly scope?: string | undefined;
}

/**
 * The meaning of a token endpoint's own code.
 *
 * - `client`: client id or secret are wrong. `refused`: the endpoint refuses, for a reason of its own.
 * - `scope`, `grant`, `request`: a scope is denied; the endpoint has no such grants; the request lacks something.
 * - `proof`: the client has to prove a key with each token (DPoP, RFC 9449).
 * - `limited`, `faulty`: too many requests; the endpoint does not work at present.
 */
export type TokenErrorMeaning = "client" | "refused" | "scope" | "grant" | "request" | "proof" | "limited" | "faulty";

/** The meaning of a token endpoint's own code, where the usual next step does not fit. */
export interface TokenErrorAdvice {
    /** The meaning. */
    readonly meaning: TokenErrorMeaning;
    /** The next step, as a sentence. */
    readonly next: string;
    /** The argument at fault. Default: by the meaning. */
    readonly argument?: string | undefined;
}

/** Sentences for people about a refused credential, besides those of the definition's `console`. */
export interface CredentialOptions {
    /** The places in the console, where they differ with the arguments. Default: the definition's. */
    readonly console?: Console | undefined;
    /** A sentence about other causes to check where the credential is refused. */
    readonly hint?: string | undefined;
    /**
     * A sentence for a secret that looks like another kind, with the class that accepts it: it replaces the advice to
     * make a new secret.
     */
    readonly remark?: string | undefined;
}

/** HTTP Basic (RFC 7617): a user, or an e-mail address, and a password or an API token. */
export interface Basic extends CredentialOptions {
    /** The way in which it is shown. */
    readonly scheme: "basic";
    /** The part before the colon. */
    readonly user: string;
    /** The part after the colon. */
    readonly password: SecretValue;
    /** The other way in which the secret may be meant: `vendor.alternative` then sends it in that way. */
    readonly alternative?: "bearer" | undefined;
}

/** A bearer token (RFC 6750) from the vendor's console. */
export interface Bearer extends CredentialOptions {
    /** The way in which it is shown. */
    readonly scheme: "bearer";
    /** The text after `Bearer `. */
    readonly token: SecretValue;
}

/** A key in a header or in the query. */
export interface ApiKey extends CredentialOptions {
    /** The way in which it is shown. */
    readonly scheme: "apiKey";
    /** The key. */
    readonly key: SecretValue;
    /** The header or the parameter that carries it. */
    readonly place: ApiKeyPlace;
}

/**
 * The place of an API key: a parameter of the query, or a header, after a prefix and one space. No space follows a
 * prefix that ends with `=`, `:` or a space.
 */
export type ApiKeyPlace =
    { readonly header: string; readonly prefix?: string | undefined } | { readonly query: string };

/** Several secrets, each in a header: one proves nothing without the other. */
export interface SecretHeaders extends CredentialOptions {
    /** The way in which they are shown. */
    readonly scheme: "headers";
    /** The headers by name: a secret, or the parts of a header that holds secrets and words. */
    readonly headers: Readonly<Record<string, SecretHeader>>;
}

/** A header that is a secret, or is made of secrets and of words: `["accessKey=", accessKey, ";secretKey=", secretKey]`. */
export type SecretHeader = SecretValue | readonly [string | SecretValue, ...(string | SecretValue)[]];

/** No credential, for public facts of a vendor. */
export interface NoCredential {
    /** The way in which it is shown: none. */
    readonly scheme: "none";
}

/** A way to show a credential to a vendor. */
export type Credential = NoCredential | ClientCredentials | Basic | Bearer | ApiKey | SecretHeaders | SignedBearer;

/** OAuth 2.0 client credentials. */
export const clientCredentials = (client: Omit<ClientCredentials, "scheme">): Credential => ({
    scheme: "clientCredentials",
    ...client,
});
/** A client with private keys in PEM form in the place of secrets. */
export interface SigningClient extends Omit<ClientCredentials, "scheme" | "clientSecrets" | "authentication"> {
    /** The private keys in PEM form, in order of preference. */
    readonly keys: ClientCredentials["clientSecrets"];
    /** The signature of the JWT. Its issuer and subject are the client ID, its audience the token endpoint. */
    readonly signature: Signature;
}

/** OAuth 2.0 client credentials by a client assertion (RFC 7523, section 2.2; `private_key_jwt`). */
export const clientAssertion = ({ keys, signature, ...client }: SigningClient): Credential =>
    clientCredentials({ ...client, clientSecrets: keys, authentication: { ...signature, proves: "client" } });
/**
 * The JWT bearer grant (RFC 7523, section 2.1), as for Google's service accounts. `claims: { sub }` names the account
 * that it acts for.
 */
export const jwtGrant = ({ keys, signature, ...client }: SigningClient): Credential =>
    clientCredentials({ ...client, clientSecrets: keys, authentication: { ...signature, proves: "grant" } });
/** A signed JWT as a bearer token. `claims: { iss }` names who signs it. */
export const signedBearer = (key: SecretValue, signature: Signature, options?: CredentialOptions): Credential => ({
    scheme: "signedBearer",
    key,
    signature,
    ...options,
});
/** HTTP Basic. */
export const basic = (
    user: string,
    password: SecretValue,
    options?: CredentialOptions & Pick<Basic, "alternative">,
): Credential => ({ scheme: "basic", user, password, ...options });
/** A bearer token. */
export const bearer = (token: SecretValue, options?: CredentialOptions): Credential => ({
    scheme: "bearer",
    token,
    ...options,
});
/** A key in a header or in the query. */
export const apiKey = (key: SecretValue, place: ApiKeyPlace, options?: CredentialOptions): Credential => ({
    scheme: "apiKey",
    key,
    place,
    ...options,
});
/** Several secrets, each in a header. */
export const headers = (headers: Readonly<Record<string, SecretHeader>>, options?: CredentialOptions): Credential => ({
    scheme: "headers",
    headers,
    ...options,
});
