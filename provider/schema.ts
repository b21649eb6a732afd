import { X509Certificate } from "node:crypto";
import type { z } from "zod";
import { flawOf, isReference, type Secret } from "./secrets";
import { zod, type Zod } from "./zod";

/** An argument that must be there: what it is and where to find it is said when it is not. */
export function text(where: string): z.ZodType<string> {
    return zod()
        .string({ error: (issue) => (issue.input === undefined ? `is missing. ${where}` : `must be a text. ${where}`) })
        .trim()
        .min(1, `must not be empty. ${where}`);
}

/** A secret, or a reference to one. No message holds what was given. */
export function secret(where: string): z.ZodType<Secret> {
    return zod().custom<Secret>().check((context) => {
        const { value } = context;
        const complain = (message: string): void => {
            context.issues.push({ code: "custom", message: `${message} ${where}`, input: undefined });
        };
        if (isReference(value)) {
            if ((value.secretFrom !== "env" && value.secretFrom !== "file") || typeof value.name !== "string" || value.name === "") {
                complain('must be a text, secretFrom.env("NAME") or secretFrom.file("PATH").');
            }
        } else if (value === undefined) {
            complain("is missing.");
        } else if (typeof value !== "string") {
            complain('must be a text, secretFrom.env("NAME") or secretFrom.file("PATH").');
        } else if (value.trim() === "") {
            complain("must not be empty.");
        } else if (flawOf(value) !== undefined) {
            complain(flawOf(value) ?? "");
        }
    });
}

/** A list of names without repetitions, in order. */
export function names(what: string): z.ZodType<string[]> {
    return zod()
        .array(zod().string({ error: `must be a list of ${what}` }).trim().min(1, `must be a list of ${what}, none of them empty`), {
            error: `must be a list of ${what}`,
        })
        .transform((list) => [...new Set(list)].sort());
}

/** A base URL: https (http to this machine alone), no user, no query; its trailing slash is taken off. */
export function baseUrl(example: string): z.ZodType<string> {
    const form = `Write it like ${example}.`;
    return text(form).transform((value, context) => {
        const complain = (message: string): never => {
            context.addIssue({ code: "custom", message: `${message} ${form}` });
            return zod().NEVER;
        };
        let url: URL;
        try {
            url = new URL(value);
        } catch {
            return complain("is not a URL.");
        }
        if (url.username !== "" || url.password !== "") {
            return complain("must not hold a user or a password.");
        }
        if (url.protocol !== "https:" && !(url.protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))) {
            return complain("must start with https://.");
        }
        if (url.search !== "" || url.hash !== "") {
            return complain("must end with its path, without ? or #.");
        }
        return url.origin + url.pathname.replace(/\/+$/, "");
    });
}

function isCertificates(pem: string): boolean {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    try {
        return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).subject !== undefined);
    } catch {
        return false;
    }
}

const day = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Milliseconds since 1970 of an `expiresAt`: a day lasts until its end, in UTC. */
export function endOf(expiresAt: string): number {
    return Date.parse(expiresAt.length === 10 ? `${expiresAt}T23:59:59.999Z` : expiresAt);
}

/** The names that `tls` takes. */
export const tlsNames = ["caCertificates", "insecureSkipVerify"] as const;

// Date takes the 30th of February for the 2nd of March.
function isDay(value: string): boolean {
    const date = new Date(value);
    return !Number.isNaN(date.getTime()) && date.getUTCFullYear() < 9999 && date.toISOString().startsWith(value);
}

const proxyForm = "Write it like http://proxy.example.com:3128.";

/** The arguments that every connection takes. */
export const commonShape = {
    expiresAt: (z: Zod) =>
        z
            .string({ error: "must be a day, like 2027-06-30" })
            .refine((value) => day.test(value) && isDay(value.slice(0, 10)) && !Number.isNaN(endOf(value)), "must be a day, like 2027-06-30")
            .optional(),
    warnBeforeDays: (z: Zod) => z.int({ error: "must be a whole number of days from 0 to 365" }).min(0).max(365).optional(),
    verify: (z: Zod) => z.enum(["always", "changes", "never"], { error: "must be always, changes or never" }).optional(),
    tls: (z: Zod) =>
        z
            .strictObject(
                {
                    caCertificates: z
                        .string({ error: "must be certificates in PEM form" })
                        .refine(isCertificates, "must be certificates in PEM form (-----BEGIN CERTIFICATE-----)")
                        .optional(),
                    insecureSkipVerify: z.boolean({ error: "must be true or false" }).optional(),
                },
                { error: "must be { caCertificates?, insecureSkipVerify? }" },
            )
            .optional(),
    proxyUrl: (z: Zod) =>
        z
            .string({ error: `must be a URL. ${proxyForm}` })
            .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), `must be an http or https URL. ${proxyForm}`)
            .optional(),
    timeoutSeconds: (z: Zod) =>
        z
            .number({ error: "must be a number of seconds from 1 to 600" })
            .min(1, "must be a number of seconds from 1 to 600")
            .max(600, "must be a number of seconds from 1 to 600")
            .optional(),
};
