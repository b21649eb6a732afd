import type { Basic } from "../../define/credentials";
import { adviceOn, type Authorizer, type AuthorizerTools } from "./authorization";
import { bearerAuthorizer } from "./bearer";

/** HTTP Basic (RFC 7617). */
export function basicAuthorizer(credential: Basic, tools: AuthorizerTools): Authorizer {
    const { user, password, remark, alternative } = credential;
    const value = password.reveal();
    const pair = Buffer.from(`${user}:${value}`).toString("base64");
    const secrets = [value, pair];
    return {
        secretArgument: password.argument,
        renew: adviceOn(tools, password, credential).renew,
        remark,
        secrets,
        authorize: async () => ({ headers: { authorization: `Basic ${pair}` }, secrets }),
        alternative:
            alternative === "bearer"
                ? bearerAuthorizer({ ...credential, scheme: "bearer", token: password }, tools)
                : undefined,
    };
}
