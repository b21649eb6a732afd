import { basic, basicUser, defineConnection, probeField, secret, secretHeadersField } from "../../define";
import { identityField, provedByProbe, verifyByProbe } from "./proved-by-probe";

/** A user and a password (HTTP Basic) for every API that accepts them. */
export const httpBasic = defineConnection({
    type: "http:Basic",
    args: {
        /** The user, an e-mail address, or the text that the vendor's documents put before the colon. */
        username: basicUser("password", { namesAccount: true }),
        /** The password, or the API token in its place. */
        password: secret(),
        /** The call that proves the credential. */
        probe: probeField,
        /**
         * Headers of the probe that hold a secret besides the credential, such as `dd-application-key`. They are kept as
         * secrets, and are sent to `probe.url` alone.
         * @default none
         */
        secretHeaders: secretHeadersField,
    },
    outputs: () => ({
        /**
         * The tenant that the credential opens, by the API's own identifier, at `probe.identity` in the answer.
         * Not set where that is not given or the answer has none.
         */
        identity: identityField,
    }),
    ...provedByProbe,
    credential: ({ username, password }) => basic(username, password, { hint: "Check username." }),
    verify: (vendor, args) => verifyByProbe(vendor, args, args.username),
});
