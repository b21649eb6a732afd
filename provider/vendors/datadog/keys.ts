import { defineConnection, headers, object, optional, secret, text } from "../../define";
import {
    apiUrlOf,
    consoleOf,
    isKeyUnknown,
    siteField,
    siteHint,
    unknownOrganization,
    userAnswer,
    userIn,
} from "./sites";

/** An API key and an application key of Datadog's, which are sent together. */
export const keys = defineConnection({
    type: "datadog:Keys",
    title: "Datadog",
    args: {
        /** An API key of the organisation, from Organization Settings > API Keys. */
        apiKey: secret(),
        /** An application key, from Organization Settings > Application Keys, or of a service account. It acts as its owner. */
        applicationKey: secret(),
        /**
         * The site, as the address of the console has it without `app.`: `datadoghq.com`, `us3.datadoghq.com`, `datadoghq.eu`, ….
         * @default datadoghq.com
         */
        site: siteField,
    },
    outputs: ({ derived }) => ({
        /** Base of the API at the site. */
        apiUrl: derived(text(), apiUrlOf),
        /** The organisation's ID. */
        organizationId: optional(text()),
    }),
    tenant: "apiUrl",
    console: {
        secret: "Organization Settings > API Keys, or > Application Keys",
        called: "key",
        url: consoleOf("api-keys"),
    },
    isCredentialRefusal: isKeyUnknown,
    credential: ({ apiKey, applicationKey }) =>
        headers({ "DD-API-KEY": apiKey, "DD-APPLICATION-KEY": applicationKey }, { hint: siteHint }),
    steps: (call) => ({
        keys: call(
            "Datadog accepts both keys.",
            (args) => `${apiUrlOf(args)}/api/v2/validate_keys`,
            object({ status: optional(text()) }),
            (_answer, _args, report) => report.found({}),
        ),
        account: call(
            "Datadog knows the keys' user.",
            (args) => `${apiUrlOf(args)}/api/v2/current_user`,
            userAnswer,
            (user, _args, report) => {
                const { account, organizationId } = userIn(user);
                const facts = { outputs: { organizationId }, account };
                return organizationId === undefined ? report.unknown(unknownOrganization, facts) : report.found(facts);
            },
        ),
    }),
});
