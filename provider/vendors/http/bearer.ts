import { bearer, defineConnection, secret } from "../../define";
import { identityField, probeField, probeRules, provedByProbe, verifyByProbe } from "./probe";

/** A bearer token for whatever takes one. */
export const httpBearer = defineConnection({
    type: "http:Bearer",
    title: "the server",
    privateHosts: true,
    args: {
        /** The token: what follows `Bearer ` in the header `Authorization`. */
        token: secret(),
        /** The call that proves the credential. */
        probe: probeField,
    },
    outputs: {
        /** The tenant that the credential opens, as `probe.identity` points at it: the API's own identifier. Undefined where that is not given, or not told. */
        identity: identityField,
    },
    ...provedByProbe,
    rules: (args) => probeRules(args.probe),
    credential: ({ token }) => bearer(token, { renew: "Make a new token." }),
    verify: (vendor, args) => verifyByProbe(vendor, args),
});
