import coerce from "semver/functions/coerce";
import lt from "semver/functions/lt";
import type { z } from "zod";
import type { CommonArgs } from "../args";
import type { Probe } from "../checks";
import { defineConnection } from "../connection";
import { clientCredentials } from "../credential";
import { nearest } from "../nearest";
import { baseUrl, names, secret, text } from "../schema";
import type { Secret } from "../secrets";
import { later } from "../zod";

/** Arguments of `jamf.ApiClient`. */
export interface ApiClientArgs extends CommonArgs {
    /** The Jamf Pro server: `https://acme.jamfcloud.com`, or `https://jamf.example.com:8443` where you host it yourselves. */
    url: string;
    /** Client ID of the API client, a UUID, from Settings > System > API Roles and Clients > API Clients. */
    clientId: string;
    /** Client secret of the API client, shown once by Generate Client Secret on the same page. */
    clientSecret: Secret;
    /** Privileges that the API client must have, in Jamf's own words, such as `Read Computers`. Default: none. */
    requiredPrivileges?: string[] | undefined;
    /** Privileges besides the required ones that the API client is meant to have, so that no warning names them; `*` for any. */
    allowedPrivileges?: string[] | undefined;
    /** The oldest Jamf Pro to accept, such as `11.5.0`. Default, and the least that has API clients: `10.49.0`. */
    minimumVersion?: string | undefined;
}

/** Outputs of `jamf.ApiClient`. */
export interface ApiClientOutputs {
    /** The server, without a trailing slash. */
    url: string;
    /** Base of the Jamf Pro API. */
    apiUrl: string;
    /** Base of the Classic API. */
    classicApiUrl: string;
    /** The token endpoint that answered. */
    tokenUrl: string;
    /** Version of Jamf Pro. */
    version: string;
    /** How long an access token lives, as set for the API client. */
    tokenLifetimeSeconds: number | undefined;
}

const page = "Settings > System > API Roles and Clients";
const where = `It stands under ${page}.`;
const hint = `Generate a new secret under ${page}.`;
const floor = "10.49.0";

const versionAnswer = later((z) => z.object({ version: z.string().regex(/^\d+\.\d+/) }));
const privilegeList = later((z) => z.array(z.string()));
const authAnswer = later((z) =>
    z.object({
        account: z.object({
            id: z.coerce.string().optional(),
            username: z.string().optional(),
            realName: z.string().nullish(),
            email: z.string().nullish(),
            privilegesBySite: z.record(z.string(), privilegeList()).nullish(),
        }),
        accountGroups: z.array(z.object({ privileges: privilegeList().nullish() })).nullish(),
    }),
);
const knownPrivileges = later((z) => z.object({ privileges: privilegeList() }));

/** Whether a version is older than another, by its first three numbers. */
function isOlder(version: string, than: string): boolean {
    // What follows them is Jamf's build, not a pre-release as semantic versions have it.
    return lt(coerce(version) ?? version, coerce(than) ?? than);
}

/** A Jamf Pro API client (OAuth 2.0 client credentials), as StackOne's hub asks for it. */
export const apiClient = defineConnection<ApiClientArgs, ApiClientOutputs>({
    vendor: "jamf",
    type: "ApiClient",
    title: "Jamf Pro",
    reach: "private",
    // Jamf's own advice: no more than five connections at once.
    concurrency: 5,
    args: {
        url: () =>
            baseUrl("https://acme.jamfcloud.com or https://jamf.example.com:8443").refine(
                (value) => !/\.(api\.jamfcloud|apigw\.jamf)\.com$/.test(new URL(value).hostname),
                "is the Jamf Platform gateway, which has credentials of its own. Name the Jamf Pro server, like https://acme.jamfcloud.com.",
            ),
        clientId: () =>
            text(where)
                .refine((value) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value), `must be a UUID. ${where}`)
                .transform((value) => value.toLowerCase()),
        clientSecret: () => secret(`Jamf Pro shows it once, under ${page}.`),
        requiredPrivileges: () => names("privileges, such as Read Computers").optional(),
        allowedPrivileges: () => names("privileges, such as Read Computers, or *").optional(),
        minimumVersion: (z) =>
            z
                .string({ error: "must be a version, such as 11.5.0." })
                .trim()
                .regex(/^\d+\.\d+(\.\d+)?$/, { error: "must be a version, such as 11.5.0.", abort: true })
                .refine((value) => !isOlder(value, floor), `must be ${floor} or later: an older Jamf Pro has no API clients.`)
                .optional(),
    },
    secrets: ["clientSecret"],
    credentialArgs: ["clientId", "clientSecret"],
    tenantArgs: ["url"],
    outputs: ["url", "apiUrl", "classicApiUrl", "tokenUrl", "version", "tokenLifetimeSeconds"],
    checks: ["credential", "version", "account", "privileges"],
    endpoints: ({ url }) => ({ url, apiUrl: `${url}/api`, classicApiUrl: `${url}/JSSResource` }),
    tenant: ({ url }) => url,
    credential: ({ url, clientId, clientSecret }) =>
        clientCredentials({
            title: "Jamf",
            tokenUrls: [`${url}/api/v1/oauth/token`, `${url}/api/oauth/token`],
            property: "url",
            clientId,
            secrets: [["clientSecret", clientSecret]],
            authentication: "body",
            hint,
            absent: `Check the address, and that Jamf Pro there is ${floor} or later: an older one has no API clients.`,
            stickyCookies: ["jpro-ingress", "APBALANCEID", "JSESSIONID"],
        }),
    async verify(probe, { url, clientId, requiredPrivileges = [], allowedPrivileges, minimumVersion = floor }) {
        const token = await probe.authenticate("credential", "The credential is accepted.");
        const ask = { property: "url" };
        const [server, auth] = await Promise.all([
            probe.attempt(
                probe.ask({ ...ask, check: "version", url: `${url}/api/v1/jamf-pro-version`, answer: versionAnswer, passed: `Jamf Pro is not older than ${minimumVersion}.` }),
            ),
            probe.attempt(probe.ask({ ...ask, check: "account", url: `${url}/api/v1/auth`, answer: authAnswer, passed: "Jamf Pro knows the account." })),
        ]);
        if (server !== undefined && isOlder(server.version, minimumVersion)) {
            const problem = `Jamf Pro there is ${server.version}, and ${minimumVersion} or later is needed. Upgrade the server${minimumVersion === floor ? "" : ", or lower minimumVersion"}.`;
            probe.fail("version", { kind: "tooOld", property: "url", message: problem });
        }
        const { account } = auth ?? {};
        const granted = auth === undefined ? undefined : privilegesOf(auth);
        const missing = granted && requiredPrivileges.filter((name) => !granted.includes(name));
        if (missing !== undefined && missing.length > 0) {
            const known = await allPrivileges(probe, url);
            probe.fail("privileges", { kind: "scopeMissing", property: "requiredPrivileges", message: lacking(missing, granted ?? [], known) });
        } else if (granted !== undefined) {
            const any = requiredPrivileges.length > 0;
            probe.record("privileges", any ? "passed" : "skipped", any ? "No required privilege is missing." : "No privilege is required.");
        }
        const lifetime = token?.lifetimeSeconds;
        return {
            facts: {
                ...(token === undefined ? {} : { tokenUrl: token.url }),
                ...(server === undefined ? {} : { version: server.version }),
                // Jamf reports a lifetime one second short: 599 for 600.
                ...(lifetime === undefined ? {} : { tokenLifetimeSeconds: lifetime % 10 === 9 ? lifetime + 1 : lifetime }),
            },
            ...(account === undefined
                ? {}
                : {
                      account: {
                          id: account.id ?? clientId,
                          name: account.username ?? account.realName ?? clientId,
                          ...(account.email ? { email: account.email } : {}),
                      },
                  }),
            grantedScopes: granted,
            missingScopes: missing,
            warnings: granted === undefined ? [] : beyond(granted, requiredPrivileges, allowedPrivileges),
        };
    },
});

function privilegesOf({ account, accountGroups }: z.infer<ReturnType<typeof authAnswer>>): string[] {
    const all = [...Object.values(account.privilegesBySite ?? {}), ...(accountGroups ?? []).map(({ privileges }) => privileges ?? [])].flat();
    return [...new Set(all)].sort();
}

/** Every privilege that this Jamf Pro knows, where the client may read the list. */
async function allPrivileges(probe: Probe, url: string): Promise<readonly string[]> {
    const aside = probe.fork();
    const list = await aside.attempt(
        aside.ask({ check: "suggestions", url: `${url}/api/v1/api-role-privileges`, property: "url", answer: knownPrivileges, passed: "Jamf Pro lists its privileges." }),
    );
    return list?.privileges ?? [];
}

function lacking(missing: readonly string[], granted: readonly string[], known: readonly string[]): string {
    const told = missing.map((name) => {
        const near = known.includes(name) ? undefined : nearest(name, known.length > 0 ? known : granted);
        return near === undefined ? `"${name}"` : `"${name}" (Jamf calls it "${near}")`;
    });
    return `the API client lacks ${told.join(", ")}. Add what is missing to its API role under ${page}, or correct the name.`;
}

function beyond(granted: readonly string[], required: readonly string[], allowed: readonly string[] = []): string[] {
    const extra = granted.filter((name) => !required.includes(name) && !allowed.includes(name));
    return required.length === 0 || extra.length === 0 || allowed.includes("*")
        ? []
        : [`The API client has privileges beyond those required: ${extra.join(", ")}. Take them from its API role, or name them in allowedPrivileges.`];
}
