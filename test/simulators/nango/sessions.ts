import { type Answer, randomHex } from "../vendors";
import { nangoJson, refuseFields } from "./answers";
import { judge, shapes } from "./bodies";
import type { NangoCall, NangoEnvironment } from "./environment";

const lifetimeMs = 30 * 60_000;

/** POST /connect/sessions: a link by which a person can fill in the form. Needs an end user or tags. */
export function createSession({ rows, clock, tokens }: NangoEnvironment, call: NangoCall): Answer {
    judge("query", shapes.nothing, call.query);
    const sent = call.body;
    const isObject = typeof sent === "object" && sent !== null && !Array.isArray(sent);
    const body = judge(
        "body",
        isObject && "tags" in sent && !("end_user" in sent) ? shapes.sessionWithoutEndUser : shapes.session,
        sent,
    );
    const missing = (keys: readonly (readonly [string[], string])[]) =>
        keys
            .filter(([, key]) => !rows.integration(key))
            .map(([path]) => ({ code: "custom", message: "Integration does not exist", path }));
    const problems = [
        ...missing(
            (body.allowed_integrations ?? []).map((key, i) => [["allowed_integrations", String(i)], key] as const),
        ),
        ...missing(
            Object.keys(body.integrations_config_defaults ?? {}).map(
                (key) => [["integrations_config_defaults", key], key] as const,
            ),
        ),
        ...missing(Object.keys(body.overrides ?? {}).map((key) => [["overrides", key], key] as const)),
    ];
    if (problems.length > 0) {
        refuseFields("invalid_body", problems);
    }
    const token = `nango_connect_session_${randomHex(64)}`;
    tokens.push(token);
    const link = `http://localhost:3009/?session_token=${token}`;
    return nangoJson(201, {
        data: { token, connect_link: link, expires_at: new Date(clock.now() + lifetimeMs).toISOString() },
    });
}
