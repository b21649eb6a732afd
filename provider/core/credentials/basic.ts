import type { Basic } from "../../define/credentials";
import { renewalOf, type Authorizer, type AuthorizerTools } from "./authorization";
import { bearerAuthorizer } from "./bearer";

/** HTTP Basic (RFC 7617). */
export function basicAuthorizer(
    { user, password, renew, remark, alternative }: Basic,
    tools: AuthorizerTools,
): Authorizer {
    const value = password.reveal();
    const pair = Buffer.from(`${user}:${value}`).toString("base64");
    const secrets = [value, pair];
    return {
        secretArgument: password.argument,
        renew: renewalOf(tools, password, renew),
        remark,
        secrets,
        authorize: async () => ({ headers: { authorization: `Basic ${pair}` }, secrets }),
        alternative:
            alternative === "bearer"
                ? bearerAuthorizer({ scheme: "bearer", token: password, renew, remark }, tools)
                : undefined,
    };
}
