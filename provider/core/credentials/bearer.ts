import type { Bearer } from "../../define/credentials";
import { fault } from "../problems";
import { adviceOn, type Authorizer, type AuthorizerTools } from "./authorization";

/** A bearer token (RFC 6750) from the vendor's console. */
export function bearerAuthorizer(credential: Bearer, tools: AuthorizerTools): Authorizer {
    const { token, remark } = credential;
    const value = token.reveal();
    return {
        secretArgument: token.argument,
        renew: adviceOn(tools, token, credential).renew,
        remark,
        secrets: [value],
        authorize: async () => ({
            headers: { authorization: `Bearer ${headerValue(value, token.argument, remark)}` },
            secrets: [value],
        }),
    };
}

/**
 * A secret for a header.
 * @param remark A sentence about a text that was probably copied with it.
 * @throws Fault where it holds characters that are not allowed in an HTTP header.
 */
export function headerValue(
    value: string,
    argument: string,
    remark = "Something else was probably copied with it. Copy it again, and nothing else.",
): string {
    if (!/^[\x20-\x7e]+$/.test(value)) {
        throw fault(
            "secretMissing",
            "secret-header",
            argument,
            `holds characters that are not allowed in an HTTP header. ${remark}`,
        );
    }
    return value;
}
