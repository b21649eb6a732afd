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

interface Setting {
    readonly where: string;
    readonly text: string;
}

const modes: readonly string[] = ["always", "changes", "never"] satisfies readonly VerifyMode[];

// Programs show where endpoints lead, so nothing that may be a secret belongs in them.
function isOrigin(text: unknown): text is string {
    if (typeof text !== "string" || !URL.canParse(text)) {
        return false;
    }
    const { protocol, username, password, search, hash } = new URL(text);
    return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "";
}

function readEndpoints({ where, text }: Setting): Endpoints {
    let given: unknown;
    try {
        given = JSON.parse(text);
    } catch {
        given = undefined;
    }
    const pairs = typeof given === "object" && given !== null && !Array.isArray(given) ? Object.entries(given) : [["", undefined] as const];
    if (!pairs.every(([from, to]) => isOrigin(from) && isOrigin(to))) {
        const form = 'a JSON object from one origin to another, such as {"https://auth.atlassian.com": "https://gateway.example.com"}';
        throw fault("invalidArgument", "", `${where} is not ${form}. Correct it, or take it out.`);
    }
    return Object.fromEntries(pairs.map(([from, to]) => [new URL(from).origin, to as string]));
}

function readMode({ where, text }: Setting): VerifyMode {
    if (!modes.includes(text)) {
        throw fault("invalidArgument", "", `${where} is not always, changes or never. Correct it, or take it out.`);
    }
    return text as VerifyMode;
}

/**
 * Settings of the stack's configuration (`connections:endpoints`, `connections:verify`) and of the environment
 * (`CONNECTIONS_ENDPOINTS`, `CONNECTIONS_VERIFY`), which wins.
 * @throws Fault of kind `invalidArgument`.
 */
export function readSettings(config: (key: "endpoints" | "verify") => string | undefined): Settings {
    const pick = (key: "endpoints" | "verify"): Setting | undefined => {
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
        endpoints: endpoints === undefined ? {} : readEndpoints(endpoints),
        verify: verify === undefined ? undefined : readMode(verify),
    };
}
