// The parts of the connections that only a probe proves.
import { optional, probeRules, probeRulesForNew, text } from "../../define";
import type { Outcome, Probing, VerificationOf } from "../../define";

/** The output `identity`. Each declaration lists it itself, because a spread loses its comment in the package's declarations. */
export const identityField = optional(text());

/** The parts that a connection has where only its probe proves it, besides its outputs. */
export const provedByProbe = {
    title: "the server",
    privateHosts: true,
    rules: (args: Probing) => probeRules(args, "authorization"),
    rulesForNew: probeRulesForNew,
    checks: { probe: "The probe is answered." },
    tenant: "identity",
    verify: verifyByProbe,
} as const;

/** Verifies by the probe alone. `known`: the account where the answer does not name one. */
export async function verifyByProbe<SecretName extends string>(
    vendor: VerificationOf<{ readonly identity: typeof identityField }, "probe", "probe", SecretName>,
    args: Probing,
    known?: string,
): Promise<Outcome> {
    const probed = await vendor.probe("probe", args);
    const named = probed === undefined || known === undefined ? undefined : { id: known, name: known };
    return vendor.found({ outputs: { identity: probed?.identity }, account: probed?.account ?? named });
}
