import { z } from "zod";
import { fault } from "./errors";

/** From a vendor's origin to where its calls go instead. */
export type Endpoints = Readonly<Record<string, string>>;

/** When a connection is verified: in every preview, when its arguments changed, or never. */
export type VerifyMode = "always" | "changes" | "never";

/** What holds for all connections of a stack. */
export interface Settings {
    readonly endpoints: Endpoints;
    readonly verify: VerifyMode | undefined;
}

// Programs show where endpoints lead, so nothing that may be a secret belongs in them.
const origin = z.url({ protocol: /^https?$/ }).refine((text) => {
    const { username, password, search, hash } = new URL(text);
    return `${username}${password}${search}${hash}` === "";
});
const endpointsSchema = z.record(origin, origin);
const verifySchema = z.enum(["always", "changes", "never"]);

function parse<T>(schema: z.ZodType<T>, where: string, text: string, form: string, read: (text: string) => unknown): T {
    try {
        return schema.parse(read(text));
    } catch {
        throw fault("invalidArgument", "", `${where} is not ${form}. Correct it, or take it out.`);
    }
}

/**
 * Settings of the stack's configuration (`connections:endpoints`, `connections:verify`) and of the environment
 * (`CONNECTIONS_ENDPOINTS`, `CONNECTIONS_VERIFY`), which wins.
 * @throws Fault of kind `invalidArgument`.
 */
export function readSettings(config: (key: "endpoints" | "verify") => string | undefined): Settings {
    const pick = (key: "endpoints" | "verify"): { where: string; text: string } | undefined => {
        const variable = `CONNECTIONS_${key.toUpperCase()}`;
        const fromEnvironment = process.env[variable];
        if (fromEnvironment !== undefined && fromEnvironment !== "") {
            return { where: `the environment variable ${variable}`, text: fromEnvironment };
        }
        const text = config(key);
        return text === undefined || text === "" ? undefined : { where: `the configuration connections:${key}`, text };
    };
    const endpoints = pick("endpoints");
    const verify = pick("verify");
    return {
        endpoints:
            endpoints === undefined
                ? {}
                : Object.fromEntries(
                      Object.entries(
                          parse(
                              endpointsSchema,
                              endpoints.where,
                              endpoints.text,
                              'a JSON object from one origin to another, such as {"https://auth.atlassian.com": "https://gateway.example.com"}',
                              JSON.parse,
                          ),
                      ).map(([from, to]) => [new URL(from).origin, to]),
                  ),
        verify: verify === undefined ? undefined : parse(verifySchema, verify.where, verify.text, "always, changes or never", (text) => text),
    };
}
