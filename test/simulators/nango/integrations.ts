import type { Answer } from "../vendors";
import { nangoJson, refuse, refuseFields } from "./answers";
import { judge, shapes } from "./bodies";
import type { NangoCall, NangoEnvironment } from "./environment";
import { providerNamed } from "./providers";
import type { JsonObject, NangoIntegrationRow } from "./rows";

function shown({ publicUrl }: NangoEnvironment, row: NangoIntegrationRow): JsonObject {
    return {
        unique_key: row.uniqueKey,
        provider: row.provider,
        display_name: row.displayName ?? providerNamed(row.provider)?.displayName ?? row.provider,
        logo: `${publicUrl()}/images/template-logos/${row.provider}.svg`,
        forward_webhooks: row.forwardWebhooks,
        created_at: new Date(row.createdAt).toISOString(),
        updated_at: new Date(row.updatedAt).toISOString(),
    };
}

/** None of the providers here has fields of an integration. */
function judgeConfig(config: Readonly<Record<string, string>> = {}): void {
    if (Object.keys(config).length > 0) {
        refuse(400, "invalid_body", "This provider does not accept integration configuration");
    }
}

/** GET /integrations. */
export function listIntegrations(environment: NangoEnvironment, call: NangoCall): Answer {
    judge("query", shapes.nothing, call.query);
    return nangoJson(200, { data: environment.rows.integrations.map((row) => shown(environment, row)) });
}

/** POST /integrations. */
export function createIntegration(environment: NangoEnvironment, call: NangoCall): Answer {
    judge("query", shapes.nothing, call.query);
    const body = judge("body", shapes.createIntegration, call.body);
    const provider =
        providerNamed(body.provider) ??
        refuseFields("invalid_body", [{ code: "invalid_string", message: "Invalid provider", path: ["provider"] }]);
    if (body.credentials && body.credentials["type"] !== provider.authMode) {
        refuse(400, "invalid_body", "incompatible credentials auth type and provider auth");
    }
    if (!body.credentials && provider.authMode === "OAUTH2") {
        refuse(400, "invalid_body", "Missing credentials");
    }
    if (environment.rows.integration(body.unique_key)) {
        // Named as Nango's own code names it, and not as the body does.
        refuseFields("invalid_body", [
            { code: "invalid_string", message: "Unique key already exists", path: ["uniqueKey"] },
        ]);
    }
    judgeConfig(body.integration_config);
    const now = environment.clock.now();
    const row = environment.rows.addIntegration({
        uniqueKey: body.unique_key,
        provider: body.provider,
        displayName: body.display_name ?? null,
        forwardWebhooks: body.forward_webhooks ?? true,
        createdAt: now,
        updatedAt: now,
    });
    return nangoJson(200, { data: shown(environment, row) });
}

/** GET /integrations/{key}. */
export function readIntegration(environment: NangoEnvironment, call: NangoCall): Answer {
    const { include } = judge("query", shapes.integrationQuery, call.query);
    const { uniqueKey } = judge("params", shapes.integrationParams, call.params);
    const row =
        environment.rows.integration(uniqueKey) ??
        refuse(404, "not_found", `Integration "${uniqueKey}" does not exist`);
    const wanted = [include ?? []].flat();
    const mayRead = call.key.may("environment:integrations:read_credentials");
    return nangoJson(200, {
        data: {
            ...shown(environment, row),
            ...(wanted.includes("webhook") && { webhook_url: null }),
            ...(wanted.includes("credentials") && mayRead && { credentials: null }),
        },
    });
}

/** PATCH /integrations/{key}. */
export function updateIntegration(environment: NangoEnvironment, call: NangoCall): Answer {
    const { rows, clock } = environment;
    judge("query", shapes.nothing, call.query);
    const body = judge("body", shapes.updateIntegration, call.body);
    const { uniqueKey } = judge("params", shapes.integrationParams, call.params);
    const row = rows.integration(uniqueKey) ?? refuse(404, "not_found", `Integration "${uniqueKey}" does not exist`);
    if (body.unique_key !== undefined && body.unique_key !== uniqueKey) {
        if (rows.integration(body.unique_key)) {
            refuse(400, "invalid_body", "uniqueKey is already used by another integration");
        }
        if (rows.under(row).length > 0) {
            refuse(400, "invalid_body", "Can't rename an integration with active connections");
        }
    }
    judgeConfig(body.integration_config);
    row.uniqueKey = body.unique_key ?? row.uniqueKey;
    row.displayName = body.display_name ?? row.displayName;
    row.forwardWebhooks = body.forward_webhooks ?? row.forwardWebhooks;
    row.updatedAt = clock.now();
    return nangoJson(200, { data: shown(environment, row) });
}

/** DELETE /integrations/{key}: it goes, and every connection under it goes with it. */
export function deleteIntegration({ rows }: NangoEnvironment, call: NangoCall): Answer {
    judge("query", shapes.nothing, call.query);
    const { uniqueKey } = judge("params", shapes.integrationParams, call.params);
    rows.removeIntegration(rows.integration(uniqueKey) ?? refuse(404, "not_found", "Integration does not exist"));
    return nangoJson(200, { success: true });
}
