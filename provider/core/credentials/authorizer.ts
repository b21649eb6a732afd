// From a credential as data to what goes with a request.
import type { Credential } from "../../define/credentials";
import { apiKeyAuthorizer } from "./api-key";
import type { Authorizer, AuthorizerTools } from "./authorization";
import { basicAuthorizer } from "./basic";
import { bearerAuthorizer } from "./bearer";
import { clientCredentialsAuthorizer } from "./client-credentials";

/** How a credential is shown to a vendor. */
export function authorizerOf(credential: Credential, tools: AuthorizerTools): Authorizer {
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
        case "clientCredentials":
            return clientCredentialsAuthorizer(credential, tools);
    }
}
