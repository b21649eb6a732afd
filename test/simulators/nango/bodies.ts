import * as z from "zod";
import { refuseShape } from "./answers";

const integrationKey = z
    .string()
    .regex(/^[a-zA-Z0-9~:.@ _-]+$/)
    .max(255);
const connectionId = z
    .string()
    .regex(/^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/)
    .max(255);
const displayName = z.string().min(1).max(255);
const anything = z.record(z.string(), z.unknown());

const tagName = z
    .string()
    .regex(/^[a-zA-Z][a-zA-Z0-9_\-./]*$/, {
        message:
            "Tag keys must start with a letter and contain only alphanumerics, underscores, hyphens, periods, or slashes",
    })
    .max(64, { message: "Tag keys must be at most 64 characters" });

function caseProblems(names: readonly string[]): string[] {
    if (names.length > 10) {
        return ["Tags cannot contain more than 10 keys"];
    }
    const small = names.map((name) => name.toLowerCase());
    return small
        .filter((name, i) => small.indexOf(name) < i)
        .map((name) => `Duplicate tag key after case normalization: "${name}"`);
}

const isEmail = (value: string): boolean => z.email().min(5).safeParse(value).success;

const tags = z
    .record(tagName, z.string().min(1).max(255, { message: "Tag values must be at most 255 characters" }))
    .check((payload) => {
        const mistyped = Object.entries(payload.value)
            .filter(([name, value]) => name.toLowerCase() === "end_user_email" && !isEmail(value))
            .map(() => 'Tag "end_user_email" must be a valid email');
        for (const message of [...caseProblems(Object.keys(payload.value)), ...mistyped]) {
            payload.issues.push({ code: "custom", message, input: payload.value });
        }
    })
    .transform((sent) => Object.fromEntries(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value])));

const endUser = z.strictObject({
    id: z.string().max(255).min(1),
    email: z.email().min(5).optional(),
    display_name: z.string().max(255).optional(),
    tags: z.record(tagName, z.string().max(255)).optional(),
});

const webhookUrl = z
    .union([z.url(), z.literal("")])
    .optional()
    .refine((url) => !url || !URL.canParse(url) || !/(^|\.)nango\.dev\.*$/.test(new URL(url).hostname), {
        message: "Webhook URLs cannot point to Nango's domain (nango.dev).",
    });

const token = z.string().min(1);
const clientOverride = z
    .strictObject({ client_id: token.max(255).optional(), client_secret: token.max(2048).optional() })
    .optional();

// TWO_STEP, JWT, BILL and SIGNATURE cannot be imported: they are no part of the union.
const credentials = z.discriminatedUnion(
    "type",
    [
        z.strictObject({
            type: z.literal("OAUTH2"),
            access_token: token,
            refresh_token: token.optional(),
            expires_at: z.coerce.date().optional(),
            config_override: clientOverride,
        }),
        z.strictObject({
            type: z.literal("OAUTH2_CC"),
            token: token.max(4096),
            client_id: token.max(255),
            client_secret: token.max(2048),
            client_certificate: token.max(10_000).optional(),
            client_private_key: token.max(10_000).optional(),
            expires_at: z.coerce.date().optional(),
        }),
        z.strictObject({
            type: z.literal("OAUTH1"),
            oauth_token: token.max(2048),
            oauth_token_secret: token.max(2048),
        }),
        z.strictObject({ type: z.literal("API_KEY"), apiKey: token.max(1024) }),
        z.strictObject({ type: z.literal("BASIC"), username: z.string().max(1024), password: z.string().max(1024) }),
        z.strictObject({ type: z.literal("NONE") }),
        z.strictObject({
            type: z.literal("TBA"),
            token_id: token,
            token_secret: token,
            config_override: clientOverride,
        }),
        z.strictObject({ type: z.literal("APP"), app_id: token.max(255), installation_id: token.max(255) }),
        z.strictObject({ type: z.literal("CUSTOM"), app_id: token.max(255), installation_id: token.max(255) }),
    ],
    {
        // Newer versions of zod name the choices; Nango's does not.
        error: ({ code }) => (code === "invalid_union" ? "Invalid input" : undefined),
    },
);

const session = z.strictObject({
    end_user: endUser,
    organization: z.strictObject({ id: z.string().max(255), display_name: z.string().max(255).optional() }).optional(),
    allowed_integrations: z.array(integrationKey).optional(),
    integrations_config_defaults: z
        .record(
            integrationKey,
            z.strictObject({
                user_scopes: z.string().optional(),
                authorization_params: z.record(z.string(), z.string()).optional(),
                connection_config: z.looseObject({ oauth_scopes_override: z.string().optional() }).optional(),
            }),
        )
        .optional(),
    overrides: z.record(integrationKey, z.object({ docs_connect: z.string().optional() })).optional(),
    webhook_url_override: webhookUrl,
    tags: tags.optional(),
});

const metadata = z.strictObject({
    connection_id: z.union([connectionId, z.array(connectionId)]),
    provider_config_key: integrationKey,
    metadata: anything,
});

/** What each call takes. */
export const shapes = {
    createIntegration: z.strictObject({
        provider: z
            .string()
            .regex(/^[a-zA-Z0-9_-]+$/)
            .max(255),
        unique_key: integrationKey,
        display_name: displayName.optional(),
        forward_webhooks: z.boolean().optional(),
        credentials: anything.optional(),
        integration_config: z.record(z.string(), z.string().max(8192)).optional(),
        custom: z.record(z.string(), z.string()).optional(),
    }),
    updateIntegration: z.strictObject({
        unique_key: integrationKey.optional(),
        display_name: displayName.optional(),
        credentials: anything.optional(),
        forward_webhooks: z.boolean().optional(),
        integration_config: z.record(z.string(), z.string().max(8192)).optional(),
        custom: z.record(z.string(), z.string()).optional(),
    }),
    integrationParams: z.strictObject({ uniqueKey: integrationKey }),
    integrationQuery: z.strictObject({
        include: z.union([z.enum(["webhook", "credentials"]), z.array(z.enum(["webhook", "credentials"]))]).optional(),
    }),
    // Neither the integration nor the identifier is judged here: only what reads them is strict.
    writeConnection: z.strictObject({
        provider_config_key: z.string(),
        metadata: anything.optional(),
        connection_config: z.looseObject({ oauth_scopes_override: z.string().array().optional() }).optional(),
        webhook_url_override: webhookUrl,
        connection_id: z.string().optional(),
        credentials,
        end_user: endUser.optional(),
        tags: tags.optional(),
    }),
    updateConnection: z.strictObject({
        end_user: endUser.optional(),
        tags: tags.optional(),
        webhook_url_override: webhookUrl,
    }),
    connectionParams: z.strictObject({ connectionId }),
    connectionQuery: z.strictObject({ provider_config_key: integrationKey }),
    readQuery: z.strictObject({
        provider_config_key: integrationKey,
        refresh_token: z.stringbool().optional().default(false),
        force_refresh: z.stringbool().optional().default(false),
        refresh_github_app_jwt_token: z.stringbool().optional().default(false),
    }),
    listQuery: z.strictObject({
        connectionId: z.string().min(1).max(255).optional(),
        search: z.string().min(1).max(255).optional(),
        endUserId: z.string().min(1).max(255).optional(),
        integrationId: z.string().min(1).optional(),
        endUserOrganizationId: z.string().min(1).max(255).optional(),
        tags: tags.optional(),
        limit: z.coerce.number().min(1).max(2000).optional(),
        page: z.coerce.number().min(0).optional(),
    }),
    metadata,
    session,
    sessionWithoutEndUser: session.extend({ end_user: endUser.optional(), tags }),
    nothing: z.strictObject({}),
};

/** The parts of a request that a shape is for, and the code by which each is refused. */
const codes = { body: "invalid_body", query: "invalid_query_params", params: "invalid_uri_params" } as const;

/** What a part of a request says, or a 400 that names the fields that are not in order. */
export function judge<Schema extends z.ZodType>(
    part: keyof typeof codes,
    schema: Schema,
    value: unknown,
): z.output<Schema> {
    const result = schema.safeParse(value);
    return result.success ? result.data : refuseShape(codes[part], result.error);
}

/** What `end_user` says as tags: what a connection gets by it. */
export function tagsOfEndUser(user: z.output<typeof endUser> | undefined): Record<string, string> {
    if (!user) {
        return {};
    }
    const own = Object.entries({
        end_user_id: user.id,
        end_user_email: user.email,
        end_user_display_name: user.display_name,
    }).filter(([, value]) => value);
    const further = Object.entries(user.tags ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
    const all = Object.fromEntries([...own, ...further]) as Record<string, string>;
    return Object.keys(all).length > 10 ? (Object.fromEntries(own) as Record<string, string>) : all;
}
