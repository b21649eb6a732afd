import { coded } from "../../define/coded";
import type { SecretHeader, SecretHeaders } from "../../define/credentials";
import type { SecretValue } from "../../define/fields";
import { adviceOn, type Authorizer, type AuthorizerTools } from "./authorization";
import { headerValue } from "./bearer";

const partsOf = (header: SecretHeader): readonly (string | SecretValue)[] => ("reveal" in header ? [header] : header);

/** The secrets of a credential in headers, each once. */
export function secretsInHeaders({ headers }: SecretHeaders): readonly SecretValue[] {
    const parts = Object.values(headers).flatMap(partsOf);
    const secrets = parts.flatMap((part) => (typeof part === "string" ? [] : [[part.argument, part] as const]));
    return [...new Map(secrets).values()];
}

/** Several secrets, each in a header. */
export function headersAuthorizer(credential: SecretHeaders, tools: AuthorizerTools): Authorizer {
    const { headers, remark } = credential;
    const [first, ...others] = secretsInHeaders(credential);
    if (first === undefined) {
        throw new Error(coded("headers: a credential in headers holds a secret.", "definition-headers"));
    }
    const whole = (header: SecretHeader): string =>
        partsOf(header)
            .map((part) => (typeof part === "string" ? part : part.reveal()))
            .join("");
    const secrets = [...[first, ...others].map((secret) => secret.reveal()), ...Object.values(headers).map(whole)];
    return {
        secretArgument: first.argument,
        otherSecrets: others.map(({ argument }) => argument),
        renew: adviceOn(tools, first, credential).renew,
        remark,
        secrets,
        async authorize() {
            [first, ...others].forEach((secret) => headerValue(secret.reveal(), secret.argument, remark));
            const sent = Object.entries(headers).map(([name, header]) => [name.toLowerCase(), whole(header)]);
            return { headers: Object.fromEntries(sent) as Record<string, string>, secrets };
        },
    };
}
