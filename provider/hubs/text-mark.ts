// The owner of a hub's object, for hubs that keep no other readable value: it is written after the name that people see
// there.
import { createHash } from "node:crypto";
import type { Mark } from "../core/program-report";

const pattern = /^([^]*?) ?\[pulumi (\S+ [0-9a-f]{8}) ([0-9a-f]{32})\]$/;

/** A resource in words, and so that no other one has the same: `project/stack/name 1a2b3c4d`. */
function ownerText(urn: string): string {
    const [stack = "", project = "", , ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
    const words = [project, stack, name.join("::")].map((part) => part.replace(/[\s\][]+/g, "-"));
    return `${words.join("/")} ${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}

/** A name with a mark behind it. */
export function withMark(name: string, { owner, nonce }: Mark): string {
    return `${name} [pulumi ${ownerText(owner)} ${nonce}]`;
}

/**
 * A name in a hub's answer, and the mark after it.
 * @param owners Resources, by their URNs, which the mark may name. For any other, the mark itself is returned.
 */
export function readMark(
    text: string | null | undefined,
    ...owners: readonly (string | undefined)[]
): { readonly name: string; readonly mark: Partial<Mark> } {
    const [, name = "", written, nonce] = pattern.exec(text ?? "") ?? [];
    if (written === undefined || nonce === undefined) {
        return { name: text ?? "", mark: {} };
    }
    const known = owners.find((owner) => owner !== undefined && ownerText(owner) === written);
    return { name, mark: { owner: known ?? written, nonce } };
}
