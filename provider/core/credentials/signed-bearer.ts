import { performance } from "node:perf_hooks";
import type { SignedBearer } from "../../define/credentials";
import { adviceOn, type Authorizer, type AuthorizerTools } from "./authorization";
import { keyEnds, lifetimeOf, secretsOfKey, signedJwt } from "./signed-jwt";

/** A JWT that the credential's key signs, as a bearer token. */
export function signedBearerAuthorizer(credential: SignedBearer, tools: AuthorizerTools): Authorizer {
    const { key, signature, remark } = credential;
    const secrets = secretsOfKey(key);
    let last: { readonly jwt: Promise<string>; readonly goodUntil: number } | undefined;
    const current = (): Promise<string> => {
        const now = performance.now();
        if (last === undefined || now >= last.goodUntil) {
            last = { jwt: signedJwt(key, signature), goodUntil: now + lifetimeOf(signature) * 500 };
        }
        return last.jwt;
    };
    return {
        secretArgument: key.argument,
        renew: adviceOn(tools, key, credential).renew,
        remark,
        secrets,
        keyEnds: keyEnds(signature),
        async authorize() {
            const jwt = await current();
            return { headers: { authorization: `Bearer ${jwt}` }, secrets: [...secrets, jwt] };
        },
    };
}
