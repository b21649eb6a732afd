// Turns a credential as data into the credential's part of a request.
import type { Credential } from "../../define/credentials";
import type { SecretValue } from "../../define/fields";
import { apiKeyAuthorizer } from "./api-key";
import type { Authorizer, AuthorizerTools } from "./authorization";
import { basicAuthorizer } from "./basic";
import { bearerAuthorizer } from "./bearer";
import { clientCredentialsAuthorizer } from "./client-credentials";
import { headersAuthorizer, secretsInHeaders } from "./headers";
import { pastedWith } from "./pasted";
import { signedBearerAuthorizer } from "./signed-bearer";

/** The authorizer of a credential. */
export function authorizerOf(declared: Credential, tools: AuthorizerTools): Authorizer {
    const credential = withRemark(declared);
    switch (credential.scheme) {
        case "none":
            return {
                secretArgument: "",
                renew: "",
                secrets: [],
                authorize: async () => ({ headers: {}, secrets: [] }),
            };
        case "basic":
            return basicAuthorizer(credential, tools);
        case "bearer":
            return bearerAuthorizer(credential, tools);
        case "apiKey":
            return apiKeyAuthorizer(credential, tools);
        case "headers":
            return headersAuthorizer(credential, tools);
        case "signedBearer":
            return signedBearerAuthorizer(credential, tools);
        case "clientCredentials":
            return clientCredentialsAuthorizer(credential, tools);
    }
}

/**
 * The credential with a remark about a text that was probably copied with its secret, where the definition has no
 * remark.
 */
function withRemark(credential: Credential): Credential {
    if (credential.scheme === "none") {
        return credential;
    }
    return { ...credential, remark: credential.remark ?? pastedWith(secretsOf(credential)) };
}

function secretsOf(credential: Exclude<Credential, { readonly scheme: "none" }>): readonly SecretValue[] {
    switch (credential.scheme) {
        case "basic":
            return [credential.password];
        case "bearer":
            return [credential.token];
        case "apiKey":
        case "signedBearer":
            return [credential.key];
        case "headers":
            return secretsInHeaders(credential);
        case "clientCredentials":
            return credential.clientSecrets.filter((secret) => secret !== undefined);
    }
}
