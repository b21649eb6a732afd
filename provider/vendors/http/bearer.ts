import { bearer, defineConnection, optional, output, secret, text } from "../../define";
import { probe, probeField } from "./probe";

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
        /** The tenant that the credential opens, as `probe.identity` points at it. */
        identity: optional(output(text())),
    },
    checks: { probe: "The probe is answered." },
    tenant: "identity",
    derive: () => ({}),
    credential: ({ token }) => bearer(token, { renew: "Make a new token." }),
    verify: async (vendor, args) => {
        const { identity, account } = await probe(vendor, args.probe);
        return vendor.found({ outputs: { identity }, account });
    },
});
