import type { VerifyMode } from "../define/contracts";
import { choice, flag, map, optional } from "../define/fields";
import type { Code } from "../messages";
import { isLoopback } from "./http/address-policy";
import { parseJson } from "./json";
import { fault, type Fault } from "./problems";
import { isObject } from "./values";

/** From a vendor's origin to where its calls go instead. */
export type Endpoints = Readonly<Record<string, string>>;

/** The settings of all connections of a stack. */
export interface Settings {
    readonly endpoints: Endpoints;
    /** The source of the endpoints. Default: the stack's configuration. */
    readonly endpointsFrom?: string | undefined;
    readonly verify: VerifyMode | undefined;
    /** True where every connection is checked, and a run fails where that is impossible. */
    readonly strict?: boolean | undefined;
}

/** The settings as a stack's configuration has them. */
export const settingFields = {
    /**
     * The runs that contact the vendors: `always` (every run), `changes` (when an argument changed, on refresh, and
     * while the record is unhealthy) or `never`. The environment variable `CONNECTIONS_VERIFY` takes precedence.
     * @default always
     */
    verify: optional(choice(["always", "changes", "never"])),
    /**
     * True where every connection is checked, and a run fails where that is impossible. The environment variable
     * `CONNECTIONS_STRICT` takes precedence.
     * @default false
     */
    strict: optional(flag()),
    /**
     * Origins by the vendors' origins that calls go to in their place, such as a gateway's. Credentials are sent there:
     * for another machine, the environment variable `CONNECTIONS_ALLOW_ENDPOINTS=1` is needed. The environment variable
     * `CONNECTIONS_ENDPOINTS` takes precedence.
     * @default none
     */
    endpoints: optional(map()),
};

type SettingName = keyof typeof settingFields;

interface Setting {
    readonly where: string;
    /** True for a value from the environment. */
    readonly fromEnvironment: boolean;
    readonly text: string;
    /** Says where to remove it. */
    readonly remedy: string;
}

// Programs show where endpoints lead, so nothing that may be a secret belongs in them.
function isOrigin(text: unknown): text is string {
    if (typeof text !== "string" || !URL.canParse(text)) {
        return false;
    }
    const { protocol, username, password, search, hash } = new URL(text);
    return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "";
}

/** The origins that calls are led away from, each with where to. One that is led to itself is not. */
function redirected(endpoints: Endpoints): [from: string, to: string][] {
    return Object.entries(endpoints).filter(([from, to]) => new URL(to).href !== new URL(from).href);
}

const isHere = (to: string): boolean => isLoopback(new URL(to).hostname);

/**
 * The warning for runs that redirect calls; undefined where no call is redirected. One origin is named for all that go
 * to this machine.
 */
export function endpointsWarning({ endpoints, endpointsFrom = "connections:endpoints" }: Settings): string | undefined {
    const all = redirected(endpoints);
    const [first, ...others] = all.filter(([, to]) => isHere(to));
    const shown = [...all.filter(([, to]) => !isHere(to)), ...(first === undefined ? [] : [first])];
    const where = shown.map(([from, to]) => `${from} at ${to}`).join(", ");
    const more = others.length === 0 ? "" : ` and ${others.length} more on this machine`;
    return where === ""
        ? undefined
        : `${endpointsFrom} is set: credentials go to other hosts than the vendors', ${where}${more}.`;
}

// Another person may have written the configuration, and credentials go to its endpoints.
function requireConsent({ where, remedy }: Setting, endpoints: Endpoints): void {
    const beyond = redirected(endpoints).filter(([, to]) => !isHere(to));
    if (beyond.length > 0 && process.env["CONNECTIONS_ALLOW_ENDPOINTS"] !== "1") {
        const led = beyond.map(([from, to]) => `${from} to ${to}`).join(", ");
        const message =
            `${where} leads ${led}, which is not on this machine, and credentials would be sent there. ` +
            "If that is meant, set the environment variable CONNECTIONS_ALLOW_ENDPOINTS=1, or give the addresses in CONNECTIONS_ENDPOINTS. " +
            `If not, remove them${remedy}.`;
        throw fault("invalidArgument", "endpoints-refused", undefined, message);
    }
}

const notOf = (code: Code, { where }: Setting, form: string): Fault =>
    fault("invalidArgument", code, undefined, `${where} is not ${form}. Correct it, or remove it.`);

function readEndpoints(setting: Setting): Endpoints {
    const { text, fromEnvironment } = setting;
    const given = parseJson(text);
    const pairs = isObject(given) ? Object.entries(given) : undefined;
    if (pairs?.every(([from, to]) => isOrigin(from) && isOrigin(to)) !== true) {
        const form =
            'a JSON object from one origin to another, such as {"https://auth.atlassian.com": "https://gateway.example.com"}';
        throw notOf("endpoints-form", setting, form);
    }
    const endpoints = Object.fromEntries(pairs.map(([from, to]) => [new URL(from).origin, to as string]));
    if (!fromEnvironment) {
        requireConsent(setting, endpoints);
    }
    return endpoints;
}

function readMode(setting: Setting): VerifyMode {
    if (settingFields.verify.values?.includes(setting.text) !== true) {
        throw notOf("verify-setting", setting, "always, changes or never");
    }
    return setting.text as VerifyMode;
}

function readStrict(setting: Setting): boolean {
    const { text } = setting;
    if (!["1", "true", "0", "false"].includes(text)) {
        throw notOf("strict-setting", setting, "true or false (1 or 0)");
    }
    return text === "1" || text === "true";
}

/**
 * Settings of the stack's configuration (`connections:endpoints`, `connections:verify`, `connections:strict`) and of
 * the environment (`CONNECTIONS_ENDPOINTS`, `CONNECTIONS_VERIFY`, `CONNECTIONS_STRICT`), which takes precedence.
 * Endpoints of the configuration on other machines need the environment's consent (`CONNECTIONS_ALLOW_ENDPOINTS=1`).
 * @param provider The name of the resource that holds them, in a program with a provider of its own.
 * @throws Fault of kind `invalidArgument`.
 */
export function readSettings(config: (key: SettingName) => string | undefined, provider?: string): Settings {
    const pick = (key: SettingName): Setting | undefined => {
        const variable = `CONNECTIONS_${key.toUpperCase()}`;
        const value = process.env[variable];
        if (value !== undefined && value !== "") {
            return { where: `the environment variable ${variable}`, fromEnvironment: true, text: value, remedy: "" };
        }
        const text = config(key);
        if (text === undefined || text === "") {
            return undefined;
        }
        return provider === undefined
            ? {
                  where: `the configuration connections:${key}`,
                  fromEnvironment: false,
                  text,
                  remedy: `: pulumi config rm connections:${key}`,
              }
            : {
                  where: `${key} of the provider ${provider}`,
                  fromEnvironment: false,
                  text,
                  remedy: " from the program",
              };
    };
    const endpoints = pick("endpoints");
    const verify = pick("verify");
    const strict = pick("strict");
    return {
        endpoints: endpoints === undefined ? {} : readEndpoints(endpoints),
        ...(endpoints?.fromEnvironment === true ? { endpointsFrom: "CONNECTIONS_ENDPOINTS" } : {}),
        ...(endpoints?.fromEnvironment === false && provider !== undefined ? { endpointsFrom: endpoints.where } : {}),
        verify: verify === undefined ? undefined : readMode(verify),
        strict: strict !== undefined && readStrict(strict),
    };
}
