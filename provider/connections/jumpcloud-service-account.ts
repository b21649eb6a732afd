import type { z } from "zod";
import type { CommonArgs } from "../args";
import type { Probe } from "../checks";
import { defineConnection } from "../connection";
import { clientCredentials } from "../credential";
import { Fault, type Problem } from "../errors";
import { nearest } from "../nearest";
import { secret, text } from "../schema";
import type { Secret } from "../secrets";
import { later, zod } from "../zod";

/** Arguments of `jumpcloud.ServiceAccount`. */
export interface ServiceAccountArgs extends CommonArgs {
    /** Client ID of the service account. JumpCloud shows it once, in Settings > Service Accounts, when the client secret is activated. */
    clientId: string;
    /** Client secret of the service account, shown once with the client ID. JumpCloud mails seven days before it expires. */
    clientSecret: Secret;
    /**
     * The account's other client secret: each service account has two, for rotation. It is asked for only when `clientSecret` is refused, and a
     * warning then asks to replace that one.
     */
    standbyClientSecret?: Secret | undefined;
    /**
     * Where the organisation lives, as the console's address tells: `us` for `console.jumpcloud.com`, `eu` for `console.eu.jumpcloud.com`, `in`
     * for `console.in.jumpcloud.com`. `US`, `EU` and `IN` are taken as well. Default `us`.
     */
    region?: "us" | "eu" | "in" | "US" | "EU" | "IN" | undefined;
    /**
     * The organisation, 24 hexadecimal digits, from Settings > Organization Profile. Only for accounts of a Multi-Tenant Portal, which manage
     * several. Default: the account's own.
     */
    organizationId?: string | undefined;
}

/** Outputs of `jumpcloud.ServiceAccount`. */
export interface ServiceAccountOutputs {
    /** Where access tokens come from. */
    tokenUrl: string;
    /** Base of API v1. */
    apiUrl: string;
    /** Base of API v2. */
    apiV2Url: string;
    /** The organisation that the credential opens; undefined where its role may not read organisations. */
    organizationId: string | undefined;
    /** That organisation's name. */
    organizationName: string | undefined;
    /** Headers that every call needs besides its access token: `x-org-id` for an organisation that was named. */
    requestHeaders: Record<string, string>;
    /** The argument whose secret JumpCloud accepted. */
    secretInUse: "clientSecret" | "standbyClientSecret";
}

const where = "JumpCloud shows it once, under Settings > Service Accounts.";
const hint = "Activate a new client secret under Settings > Service Accounts, and check the region.";
const regions = ["us", "eu", "in"] as const;
const pageSize = 100;

const organizations = later((z) =>
    z.object({
        results: z.array(z.object({ _id: z.string(), displayName: z.string().optional() })),
        totalCount: z.number().optional(),
    }),
);

type Organization = z.infer<ReturnType<typeof organizations>>["results"][number];

function hosts(region: ServiceAccountArgs["region"] = "us"): { tokenUrl: string; console: string } {
    const label = region.toLowerCase() === "us" ? "" : `.${region.toLowerCase()}`;
    return { tokenUrl: `https://admin-oauth.id${label}.jumpcloud.com/oauth2/token`, console: `https://console${label}.jumpcloud.com` };
}

/** A JumpCloud service account with a client secret (OAuth 2.0 client credentials), as StackOne's hub asks for it. */
export const serviceAccount = defineConnection<ServiceAccountArgs, ServiceAccountOutputs>({
    vendor: "jumpcloud",
    type: "ServiceAccount",
    title: "JumpCloud",
    args: {
        clientId: () => text(where).refine((value) => !value.includes(":"), "must not hold a colon, which separates it from the secret."),
        clientSecret: () => secret(where),
        standbyClientSecret: () => secret(where).optional(),
        region: (z) =>
            z
                .enum(["us", "eu", "in", "US", "EU", "IN"], { error: "must be us, eu or in: read it off the address of your console." })
                .transform((value) => value.toLowerCase() as (typeof regions)[number])
                .optional(),
        organizationId: (z) =>
            z
                .string({ error: "must be a text." })
                .trim()
                .regex(/^[0-9a-fA-F]{24}$/, "must be 24 hexadecimal digits, as under Settings > Organization Profile.")
                .transform((value) => value.toLowerCase())
                .optional(),
    },
    secrets: ["clientSecret", "standbyClientSecret"],
    credentialArgs: ["clientId", "clientSecret", "standbyClientSecret"],
    tenantArgs: ["organizationId", "region"],
    outputs: ["tokenUrl", "apiUrl", "apiV2Url", "organizationId", "organizationName", "requestHeaders", "secretInUse"],
    checks: ["credential", "organization", "organizationAccess"],
    endpoints({ region, organizationId }) {
        const { tokenUrl, console } = hosts(region);
        return {
            tokenUrl,
            apiUrl: `${console}/api`,
            apiV2Url: `${console}/api/v2`,
            ...(organizationId === undefined ? {} : { organizationId }),
            requestHeaders: organizationId === undefined ? {} : { "x-org-id": organizationId },
        };
    },
    tenant: ({ organizationId }) => organizationId,
    credential: ({ clientId, clientSecret, standbyClientSecret, region }) =>
        clientCredentials({
            title: "JumpCloud",
            tokenUrls: [hosts(region).tokenUrl],
            property: "",
            clientId,
            secrets: [["clientSecret", clientSecret], ...(standbyClientSecret === undefined ? [] : [["standbyClientSecret", standbyClientSecret] as const])],
            authentication: "basic",
            scope: "api",
            hint,
        }),
    async verify(probe, { clientId, region, organizationId }) {
        const token = await probe.authenticate("credential", "The credential is accepted.");
        const found = await listOrganizations(probe, hosts(region).console, organizationId);
        const named = organizationId === undefined ? undefined : await enter(probe, hosts(region).console, organizationId, found);
        const [only] = found ?? [];
        const organization = organizationId === undefined ? (found?.length === 1 ? only : undefined) : named;
        const secretInUse = token?.property === "standbyClientSecret" ? "standbyClientSecret" : "clientSecret";
        return {
            facts: {
                secretInUse,
                ...(organization === undefined ? {} : { organizationId: organization._id }),
                ...(organization?.displayName === undefined ? {} : { organizationName: organization.displayName }),
            },
            account: { id: clientId, name: clientId },
            grantedScopes: token?.scopes ?? [],
            missingScopes: [],
            warnings: [
                ...(secretInUse === "clientSecret"
                    ? []
                    : ["JumpCloud refused clientSecret and took standbyClientSecret. Activate a new secret under Settings > Service Accounts and put it into clientSecret."]),
                ...(organizationId === undefined && (found?.length ?? 0) > 1
                    ? [`The account manages several organisations: name one with organizationId. They are ${listed(found ?? [])}.`]
                    : []),
            ],
        };
    },
});

const listed = (found: readonly Organization[]): string =>
    [...found]
        .sort((a, b) => (a._id < b._id ? -1 : 1))
        .map(({ _id, displayName = "" }) => `${displayName} (${_id})`)
        .join(", ");

/** All organisations, or undefined where the account's role may not read them, which proves nothing against the credential. */
async function listOrganizations(probe: Probe, console: string, wanted: string | undefined): Promise<Organization[] | undefined> {
    const all = new Map<string, Organization>();
    for (let total = 1; all.size < total; ) {
        let forbidden = false;
        const page = await probe.ask({
            check: "organization",
            url: `${console}/api/organizations?limit=${pageSize}&skip=${all.size}&sort=_id`,
            answer: organizations,
            passed: "The account reads its organisation.",
            judge: ({ status }, body) => {
                forbidden = status === 403 && body !== undefined;
                return forbidden ? "passed" : undefined;
            },
        });
        if (forbidden || page === undefined) {
            probe.record("organization", "unknown", "The account's role may not read organisations (HTTP 403): the credential is good, its organisation is not known.");
            return undefined;
        }
        const before = all.size;
        page.results.forEach((organization) => all.set(organization._id.toLowerCase(), { ...organization, _id: organization._id.toLowerCase() }));
        // A page that brings nothing new ends the list, whatever the count says.
        total = all.size === before || (wanted !== undefined && all.has(wanted)) ? 0 : (page.totalCount ?? 0);
    }
    return [...all.values()];
}

/** Proves that the account may work in the organisation that the program names. */
async function enter(probe: Probe, console: string, organizationId: string, found: readonly Organization[] | undefined): Promise<Organization> {
    const known = found?.find(({ _id }) => _id === organizationId);
    const missing = (): Problem => {
        const near = nearest(organizationId, found?.map(({ _id }) => _id) ?? []);
        const advice = found === undefined || found.length === 0 ? "" : ` It reaches ${listed(found)}${near === undefined ? "" : `; did you mean ${near}?`}.`;
        return {
            kind: "organizationMissing",
            property: "organizationId",
            message: `the account does not reach the organisation ${organizationId}.${advice.replace("?.", "?")} Take the id from Settings > Organization Profile.`,
        };
    };
    if (found !== undefined && known === undefined) {
        const problem = missing();
        probe.fail("organization", problem);
        throw new Fault(problem);
    }
    let forbidden = false;
    await probe.ask({
        check: "organizationAccess",
        url: `${console}/api/v2/directories?limit=1`,
        headers: { "x-org-id": organizationId },
        answer: () => zod().array(zod().unknown()),
        passed: "The account works in the organisation.",
        judge: ({ status }, body) => {
            forbidden = status === 403 && body !== undefined;
            return status === 400 || status === 401 || status === 404 ? missing() : forbidden ? "passed" : undefined;
        },
    });
    if (forbidden) {
        probe.record("organizationAccess", "unknown", "The account's role may not read directories (HTTP 403), so its access to the organisation is not proved.");
    }
    return known ?? { _id: organizationId };
}
