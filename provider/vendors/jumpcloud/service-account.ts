import {
    anyCase,
    anything,
    basicUser,
    choice,
    clientCredentials,
    defineConnection,
    hexadecimal,
    integer,
    listOf,
    map,
    object,
    optional,
    secret,
    text,
} from "../../define";
import type { Answer, AnswerMeaning, VendorProblem, Verification } from "../../define";

/** A region of JumpCloud: `us`, `eu` or `in`, also in capitals. An organisation lives in one, and no other knows its accounts. */
export type Region = "us" | "eu" | "in" | Uppercase<"us" | "eu" | "in">;

/** An argument of `jumpcloud.ServiceAccount` that holds a client secret. */
export type SecretName = "clientSecret" | "standbyClientSecret";

const page = "Settings > Service Accounts";
const pageSize = 100;
const mustBeRegion = "must be us, eu or in, as in the address of your console.";

const organizationsAnswer = object({
    results: optional(
        listOf(optional(object({ _id: optional(text()), id: optional(text()), displayName: optional(text()) }))),
    ),
    totalCount: optional(integer()),
});

interface Organization {
    readonly id: string;
    /** An organisation can have no name. */
    readonly name: string | undefined;
}

/** The organisations that an account reaches. */
interface Organizations {
    readonly found: readonly Organization[];
    /** True where JumpCloud returned the id of each; undefined where it does not list them. */
    readonly isComplete: boolean | undefined;
}

/** JumpCloud's hosts in a region. */
function hosts(region: Lowercase<Region> = "us"): { tokenUrl: string; console: string } {
    const label = region === "us" ? "" : `.${region}`;
    return {
        tokenUrl: `https://admin-oauth.id${label}.jumpcloud.com/oauth2/token`,
        console: `https://console${label}.jumpcloud.com`,
    };
}

/** A sentence about the region that is used where the program names none. */
const assumed = (region: Lowercase<Region> | undefined): string =>
    region === undefined ? `: none is named, so us was assumed (${new URL(hosts().console).host})` : "";

/** A JumpCloud service account with a client secret (OAuth 2.0 client credentials), as StackOne's hub needs it. */
export const serviceAccount = defineConnection({
    type: "jumpcloud:ServiceAccount",
    title: "JumpCloud",
    args: {
        /** Client ID of the service account. JumpCloud shows it once, in Settings > Service Accounts, when the client secret is activated. */
        clientId: basicUser("secret", { label: "Client ID", namesAccount: true }),
        /** Client secret of the service account, shown once with the client ID. JumpCloud mails seven days before it expires. */
        clientSecret: secret({ label: "Client Secret" }),
        /**
         * The account's other client secret. Each service account has two, so that they can be rotated. It is used only
         * when `clientSecret` is refused, and a warning then says to replace that one.
         * @default none
         */
        standbyClientSecret: optional(secret()),
        /**
         * The organisation, 24 hexadecimal digits, from Settings > Organization Profile. Only for accounts of a Multi-Tenant Portal, which manage
         * several.
         * @default the account's own
         */
        organizationId: optional(
            hexadecimal(24, {
                label: "Organization ID",
                namesTenant: true,
                must: "must be 24 hexadecimal digits, as under Settings > Organization Profile.",
            }),
        ),
        /**
         * The organisation's region, from the console's address: `us` for `console.jumpcloud.com`, `eu` for
         * `console.eu.jumpcloud.com`, `in` for `console.in.jumpcloud.com`. `US`, `EU` and `IN` are accepted as well.
         * @default us
         */
        region: optional(anyCase(choice(["us", "eu", "in"], { namesTenant: true, must: mustBeRegion }))),
    },
    outputs: ({ derived, early }) => ({
        /** Where access tokens come from. */
        tokenUrl: derived(text(), ({ region }) => hosts(region).tokenUrl),
        /** Base of API v1. */
        apiUrl: derived(text(), ({ region }) => `${hosts(region).console}/api`),
        /** Base of API v2. */
        apiV2Url: derived(text(), ({ region }) => `${hosts(region).console}/api/v2`),
        /** The organisation that the credential opens. Not set where its role may not read organisations. */
        organizationId: early(optional(text()), ({ organizationId }) => organizationId),
        /** That organisation's name. Not set where it has none, or the role may not read it. */
        organizationName: optional(text()),
        /** Headers that every call needs besides its access token: `x-org-id` for an organisation that was named. */
        requestHeaders: derived(map(), ({ organizationId: id }) => (id === undefined ? {} : { "x-org-id": id })),
        /** The argument whose secret JumpCloud accepted. */
        secretInUse: choice(["clientSecret", "standbyClientSecret"]),
    }),
    checks: {
        credential: "The credential is accepted.",
        organization: "The account reads its organisation.",
        organizationAccess: "The account works in the organisation.",
    },
    tenant: "organizationId",
    hub: "StackOne",
    hubFields: { "API Region": ({ region }) => region?.toUpperCase() },
    console: {
        secret: page,
        verb: "Activate",
        called: "client secret",
        url: ({ region }) => hosts(region as Lowercase<Region> | undefined).console,
    },
    credential: ({ region, clientId, clientSecret, standbyClientSecret }) =>
        clientCredentials({
            tokenUrls: [hosts(region).tokenUrl],
            clientId,
            clientSecrets: [clientSecret, standbyClientSecret],
            authentication: "basic",
            scope: "api",
            hint: `Check the region${assumed(region)}.`,
        }),
    verify: async (vendor, { clientId, region, organizationId }) => {
        const { console } = hosts(region);
        const token = await vendor.authenticate("credential");
        const reached = await listOrganizations(vendor, console, organizationId);
        const { found, isComplete } = reached;
        const [only] = found.length === 1 && isComplete === true ? found : [];
        const organization =
            organizationId === undefined ? only : await enter(vendor, console, organizationId, reached);
        if (isComplete === false && !found.some(({ id }) => id === organization?.id)) {
            const what = "JumpCloud does not report the id of each organisation that the account reaches";
            vendor.unknown("organization", `${what}, so which ones they are is not known.`);
        }
        if (token?.secretInUse === "standbyClientSecret") {
            vendor.warn(
                `JumpCloud refused clientSecret and accepted standbyClientSecret. Activate a new secret under ${page} and put it into clientSecret.`,
            );
        }
        if (organizationId === undefined && found.length > 1) {
            vendor.warn(
                `The account manages several organisations: name one with organizationId. They are ${inWords(found)}.`,
            );
        }
        return vendor.found({
            outputs: {
                secretInUse: token?.secretInUse,
                organizationId: organization?.id,
                organizationName: organization?.name,
            },
            account: { id: clientId, name: clientId },
            scopes: token && { granted: token.scopes ?? [] },
        });
    },
});

const mostInWords = 20;

/** The organisations by their ids, the first ones of many. */
function inWords(found: readonly Organization[]): string {
    const all = [...found].sort((a, b) => (a.id < b.id ? -1 : 1));
    const names = all.map(({ id, name }) => (name === undefined ? id : `${name} (${id})`));
    const more = names.length > mostInWords ? ` and ${names.length - mostInWords} more` : "";
    return names.slice(0, mostInWords).join(", ") + more;
}

/** Lists the organisations. That the account's role may not read them proves nothing against the credential. */
async function listOrganizations(
    vendor: Verification<"organization", "organizationId">,
    console: string,
    wanted = "",
): Promise<Organizations> {
    const all = new Map<string, Organization>();
    let isComplete = true;
    for (let read = 0; ;) {
        const url = `${console}/api/organizations?limit=${pageSize}&skip=${read}&sort=_id`;
        const page = await vendor.request("organization", url, organizationsAnswer, {
            classify: (answer) => (needsOrganization(answer) ? (wanted === "" ? noneSelected : notListed) : undefined),
            statuses: { 401: { unknown: notTaken, warns: true }, 403: { unknown: mayNotRead } },
        });
        if (page === undefined) {
            return { found: [], isComplete: undefined };
        }
        const { results = [undefined], totalCount } = page;
        const before = all.size;
        for (const organization of results) {
            const id = (organization?._id ?? organization?.id)?.toLowerCase();
            if (id === undefined) {
                isComplete = false;
            } else {
                all.set(id, { id, name: organization?.displayName });
            }
        }
        read += results.length;
        // A page without new entries ends the list, whatever the count says; without a count, a page that is not full
        // ends it.
        const isLast = totalCount === undefined ? results.length < pageSize : read >= totalCount;
        if (isLast || all.size === before || all.has(wanted)) {
            return { found: [...all.values()], isComplete };
        }
    }
}

/** True where JumpCloud requires the organisation to be named, as for accounts that manage several. */
const needsOrganization = ({ status, text: body }: Answer): boolean =>
    status >= 400 && /no organi[sz]ation selected/i.test(body);

const noneSelected = {
    kind: "organizationMissing",
    code: "jumpcloud-organization-needed",
    argument: "organizationId",
    message:
        "JumpCloud needs to know which organisation is meant (no organization selected). Name it with organizationId, the id under Settings > Organization Profile.",
} as const;

const notListed = { unknown: "JumpCloud lists no organisations before one is selected." };

const notTaken =
    "JumpCloud gave out an access token and does not accept it where organisations are read (HTTP 401): the credential is good, its organisation is not known.";

const mayNotRead =
    "The account's role may not read organisations (HTTP 403): the credential is good, its organisation is not known.";

/** Proves that the account may work in the organisation that the program names. */
async function enter(
    vendor: Verification<"organization" | "organizationAccess", "organizationId">,
    console: string,
    organizationId: string,
    { found, isComplete }: Organizations,
): Promise<Organization | undefined> {
    const known = found.find(({ id }) => id === organizationId);
    const ids = found.map(({ id }) => id);
    const near = vendor.suggest(organizationId, ids);
    const guess = near === undefined ? "." : `; did you mean ${near}?`;
    const reached = found.length === 0 ? "" : ` It reaches ${inWords(found)}${guess}`;
    const missing: VendorProblem<"organizationId"> = {
        kind: "organizationMissing",
        code: "jumpcloud-organization-missing",
        argument: "organizationId",
        message: `the account does not reach the organisation ${organizationId}.${reached} Copy the id from Settings > Organization Profile.`,
    };
    if (isComplete === true && known === undefined) {
        vendor.fail("organization", missing);
        return undefined;
    }
    // JumpCloud lists the organisation, and refuses a call there: neither is proof against the other.
    const refused = (status: number): AnswerMeaning<"organizationId"> =>
        known === undefined
            ? missing
            : {
                  unknown: `JumpCloud lists the organisation ${known.id} among the account's and refuses to list its directories (HTTP ${status}), so the account's access to it is not proved. Check its role under ${page}.`,
                  warns: true,
              };
    const mayNotList =
        "The account's role may not read directories (HTTP 403), so its access to the organisation is not proved.";
    await vendor.request("organizationAccess", `${console}/api/v2/directories?limit=1`, listOf(optional(anything())), {
        headers: { "x-org-id": organizationId },
        statuses: { 400: refused(400), 401: refused(401), 403: { unknown: mayNotList }, 404: refused(404) },
    });
    const isRefused = vendor.resultOf("organizationAccess") === "failed";
    return isRefused ? undefined : (known ?? { id: organizationId, name: undefined });
}
