import type { Bearer } from "../../define/credentials";
import { fault } from "../problems";
import { renewalOf, type Authorizer, type AuthorizerTools } from "./authorization";

/** A bearer token (RFC 6750) that the vendor's console gave out. */
export function bearerAuthorizer({ token, renew, remark }: Bearer, tools: AuthorizerTools): Authorizer {
    const value = token.reveal();
    const renewal = renewalOf(tools, token, renew);
    return {
        secretArgument: token.argument,
        renew: renewal,
        remark,
        secrets: [value],
        authorize: async () => ({
            headers: { authorization: `Bearer ${headerValue(value, token.argument, renewal)}` },
            secrets: [value],
        }),
    };
}

/**
 * A secret that is to stand in a header.
 * @throws Fault where it holds characters that are not allowed in an HTTP header.
 */
export function headerValue(value: string, argument: string, renewal: string): string {
    if (!/^[\x21-\x7e]+$/.test(value)) {
        throw fault(
            "secretMissing",
            argument,
            `holds characters that are not allowed in an HTTP header, so it is not a valid token. ${renewal}`,
        );
    }
    return value;
}
