import {
    anything,
    bearer,
    choice,
    choices,
    defineConnection,
    invalid,
    listOf,
    object,
    optional,
    secret,
    text,
    withDefault,
    type Field,
} from "../../define";

/** A region of Kandji's. No other knows its tenants. */
export type KandjiRegion = "us" | "eu";

const labels = { us: "api", eu: "api.eu" } as const;
const page = "Settings > Access > API Token";

const items = listOf(optional(anything()));
/** The permissions that a call can try, by their paths below /api/v1, each with its query and the shape of its answer. */
const tried = {
    "/audit/events": ["?limit=1", object({ results: items })],
    "/blueprints": ["?limit=1", object({ results: items })],
    "/devices": ["?limit=1", items],
    "/settings/licensing": ["", object({ counts: object({}) })],
    "/users": ["", object({ results: items })],
} as const satisfies Readonly<Record<string, readonly [query: string, answer: Field<unknown, unknown>]>>;

/** A permission of an API token of Kandji's that can be required, by its path. */
export type KandjiPermission = keyof typeof tried;

/** The permission that is tried where a program requires none. */
const unnamed = "/settings/licensing";

const urlOf = ({ subdomain, region }: { readonly subdomain: string; readonly region: KandjiRegion }): string =>
    `https://${subdomain}.${labels[region]}.kandji.io`;

/** The region in an address that a program gives as a subdomain. */
const regionIn = (address: unknown): KandjiRegion | undefined =>
    typeof address === "string" && /\.kandji\.io|\.api\b/i.test(address)
        ? /\.eu\b/i.test(address)
            ? "eu"
            : "us"
        : undefined;

/** An API token of Kandji (Iru Endpoint Management). */
export const apiToken = defineConnection({
    type: "kandji:ApiToken",
    title: "Kandji",
    args: {
        /** The first part of the API URL that Settings > Access shows: `acme` of `https://acme.api.kandji.io`. The whole address is accepted. */
        subdomain: text({
            namesTenant: true,
            parse: (value) => {
                const [name = ""] = value
                    .toLowerCase()
                    .replace(/^https:\/\//, "")
                    .split("/");
                const label = name.replace(/(\.api)?(\.eu)?(\.kandji\.io)?$/, "");
                return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)
                    ? label
                    : invalid("must be the first part of the API URL, such as acme.");
            },
        }),
        /** The token, shown once by Settings > Access > API Token > Add API Token. */
        token: secret({ label: "API Token" }),
        /**
         * The region of the API URL: `us` for `acme.api.kandji.io`, `eu` for `acme.api.eu.kandji.io`.
         * @default us
         */
        region: withDefault(choice(["us", "eu"], { namesTenant: true }), "us"),
        /**
         * Permissions that the token must have, each by its path in the API, and tried by a call that reads:
         * `/devices`, `/blueprints`, `/users`, `/audit/events` or `/settings/licensing`.
         * @default ["/settings/licensing"]
         */
        requiredPermissions: optional(
            choices(["/audit/events", "/blueprints", "/devices", "/settings/licensing", "/users"]),
        ),
    },
    outputs: ({ derived }) => ({
        /** The tenant's API URL. */
        apiUrl: derived(text(), urlOf),
    }),
    checks: { token: "Kandji accepts the token.", permissions: "No required permission is missing." },
    tenant: "apiUrl",
    hub: "Nango",
    hubFields: { Subdomain: ({ subdomain, region }) => subdomain && region && `${subdomain}.${labels[region]}` },
    console: {
        secret: page,
        called: "API token",
        verb: "Add",
        scopes: `${page} > (token) > Permissions`,
        // The address of a console in the EU is not confirmed.
        url: ({ subdomain, region }) =>
            region !== "eu" && typeof subdomain === "string" && `https://${subdomain}.kandji.io`,
    },
    scopes: {
        check: "permissions",
        required: "requiredPermissions",
        default: [unnamed],
        word: "permission",
        holder: "the token",
    },
    rules: ({ region }, { subdomain }) =>
        [region, undefined].includes(regionIn(subdomain))
            ? []
            : [{ argument: "region", message: "is not that of the address in subdomain. Correct one of them." }],
    credential: ({ token }) =>
        bearer(token, {
            hint: "Check its permissions and region too: whether Kandji answers otherwise to these is not confirmed.",
        }),
    verify: async (vendor, { requiredPermissions, ...args }) => {
        const needed: readonly KandjiPermission[] = requiredPermissions ?? [unnamed];
        const tryPath = async (path: KandjiPermission): Promise<unknown> => {
            const [query, answer]: readonly [string, Field<unknown, unknown>] = tried[path];
            const options = { argument: "subdomain", statuses: { 403: "passed" } } as const;
            return vendor.request("token", `${urlOf(args)}/api/v1${path}${query}`, answer, options);
        };
        const answers = await Promise.all(needed.map(tryPath));
        return vendor.problemOf("token") === undefined
            ? vendor.found({
                  outputs: {},
                  // With HTTP 403 Kandji knows the token, and denies it the path.
                  scopes: { granted: needed.filter((_, at) => answers[at] !== undefined) },
              })
            : vendor.incomplete({});
    },
});
