import { bearer, defineConnection, probeField, secret, secretHeadersField } from "../../define";
import { identityField, provedByProbe } from "./proved-by-probe";

/** A bearer token for every API that accepts one. */
export const httpBearer = defineConnection({
    type: "http:Bearer",
    args: {
        /** The token: the text after `Bearer ` in the header `Authorization`. */
        token: secret(),
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
    credential: ({ token }) => bearer(token),
});
