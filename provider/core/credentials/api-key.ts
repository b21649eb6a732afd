import type { ApiKey } from "../../define/credentials";
import { adviceOn, type Authorizer, type AuthorizerTools } from "./authorization";
import { headerValue } from "./bearer";

/** A key in a header or in the query. */
export function apiKeyAuthorizer(credential: ApiKey, tools: AuthorizerTools): Authorizer {
    const { key, place, remark } = credential;
    const value = key.reveal();
    const secrets = [value];
    return {
        secretArgument: key.argument,
        renew: adviceOn(tools, key, credential).renew,
        remark,
        secrets,
        authorize: async () =>
            "header" in place
                ? {
                      headers: {
                          [place.header.toLowerCase()]:
                              beginning(place.prefix) + headerValue(value, key.argument, remark),
                      },
                      secrets,
                  }
                : { headers: {}, urlWith: (url) => withParameter(url, place.query, value), secrets },
    };
}

/** The text before a key: a space follows it, unless another character separates them. */
export const beginning = (prefix = ""): string => (prefix === "" || /[=:\s]$/.test(prefix) ? prefix : `${prefix} `);

function withParameter(url: string, name: string, value: string): string {
    const target = new URL(url);
    target.searchParams.set(name, value);
    return target.href;
}
