// Texts that people copy together with a secret, without a part of the secret itself.
import type { SecretValue } from "../../define/fields";

const signs: readonly (readonly [sign: RegExp, what: string, step: string])[] = [
    [/^(?:Bearer|Basic|Token|ApiKey)\s/i, "begins with the name of a scheme, such as Bearer", "Remove that"],
    [/^(["'`\u2018\u201c]).*["'`\u2019\u201d]$/s, "is in quotation marks", "Remove them"],
    [
        // Atlassian's tokens end with = and a checksum.
        /^(?!\w{40,}=[0-9A-F]{8}$)(?:export\s+|set\s+)?[A-Za-z_]\w*\s?=\s?[^=\s]/,
        "begins with a name and =",
        "Remove both if they are no part of it",
    ],
    [/[\p{Cf}\p{Zl}\p{Zp}\u00a0]/u, "holds a character that nothing shows", "Copy it without that"],
];

/**
 * The text that was probably copied with one of these secrets, and the next step, as two sentences; undefined where no
 * secret looks so.
 */
export function pastedWith(secrets: readonly SecretValue[]): string | undefined {
    for (const secret of secrets) {
        const [, what, step] = signs.find(([sign]) => sign.test(secret.reveal())) ?? [];
        if (what !== undefined && step !== undefined) {
            return `The secret in ${secret.argument} ${what}, which was probably copied with it. ${step}.`;
        }
    }
    return undefined;
}
