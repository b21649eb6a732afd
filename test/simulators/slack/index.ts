// Slack's Web API, as far as it says whose a token is and what it may do. Refusals have HTTP 200.
import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import { alphanumeric, createListener, json, randomText, randomUUID, sameSecret } from "../server";

const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const idOf = (kind: string): string => `${kind}${randomText(10, upper)}`;

/** A workspace, on its own or in an Enterprise organisation. */
export interface SlackWorkspace {
    readonly id: string;
    name: string;
    readonly domain: string;
    /** The ID of its organisation; undefined outside of one. */
    readonly enterpriseId: string | undefined;
}

/** A token of an app. */
export class SlackToken {
    value: string;
    /** Every value that it ever had. */
    readonly issued: string[] = [];
    readonly userId = idOf("U");
    readonly botId: string | undefined;
    readonly appId = idOf("A");
    readonly scopes: Set<string>;
    /** The error that Slack answers with, in place of what was asked for. */
    error: string | undefined;
    /** Seconds until it ends, for an app that rotates its tokens. */
    expiresIn: number | undefined;
    /** True where the app is installed in the whole organisation. */
    isOrganizationWide = false;
    /** True where Slack lists the scopes in a header. */
    areScopesTold = true;

    constructor(
        public workspace: SlackWorkspace,
        readonly name: string,
        scopes: readonly string[],
        private readonly kind: "xoxb" | "xoxp" = "xoxb",
    ) {
        this.botId = kind === "xoxb" ? idOf("B") : undefined;
        this.scopes = new Set(scopes);
        this.value = this.renew();
    }

    renew(
        value = `${this.kind}-${randomText(12, "0123456789")}-${randomText(13, "0123456789")}-${randomText(24, alphanumeric)}`,
    ): string {
        this.issued.push(value);
        this.error = undefined;
        this.value = value;
        return value;
    }
}

/** What a method needs, and what it answers. */
interface Method {
    readonly scopes: readonly string[];
    readonly answer: (token: SlackToken) => object;
}

const methods: Readonly<Record<string, Method>> = {
    "auth.test": {
        scopes: [],
        answer: ({ workspace, name, userId, botId, appId, expiresIn, isOrganizationWide }) => ({
            url: `https://${workspace.domain}.slack.com/`,
            team: workspace.name,
            user: name,
            team_id: isOrganizationWide ? workspace.enterpriseId : workspace.id,
            user_id: userId,
            ...(botId !== undefined && { bot_id: botId }),
            ...(workspace.enterpriseId !== undefined && { enterprise_id: workspace.enterpriseId }),
            is_enterprise_install: isOrganizationWide,
            app_id: appId,
            ...(expiresIn !== undefined && { expires_in: expiresIn }),
        }),
    },
    "users.list": {
        scopes: ["users:read"],
        answer: ({ userId, name }) => ({ members: [{ id: userId, name, is_bot: true }], cache_ts: 1 }),
    },
};

/** `https://slack.com`. */
export class Slack {
    readonly listener: VendorListener;
    readonly tokens: SlackToken[] = [];

    constructor(context: VendorContext) {
        this.listener = createListener(context, "https://slack.com", (request) => this.serve(request));
    }

    addWorkspace(name: string, isInOrganization = false): SlackWorkspace {
        const domain = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
        return { id: idOf("T"), name, domain, enterpriseId: isInOrganization ? idOf("E") : undefined };
    }

    add(...of: ConstructorParameters<typeof SlackToken>): SlackToken {
        const token = new SlackToken(...of);
        this.tokens.push(token);
        return token;
    }

    /** Every value there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return this.tokens.flatMap(({ issued }) => issued);
    }

    private serve(request: VendorRequest): Answer {
        const [, name = ""] = /^\/api\/([\w.]+)$/.exec(request.path) ?? [];
        const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
        const headers = { "x-slack-req-id": randomUUID(), "cache-control": "private, no-cache" };
        const refuse = (error: string, more: object = {}, told = {}): Answer =>
            json(200, { ok: false, error, ...more }, { ...headers, ...told });
        if (!request.path.startsWith("/api/")) {
            return { status: 302, headers: { location: "https://slack.com/signin" }, body: "" };
        }
        if (method === undefined) {
            return refuse("unknown_method", { req_method: name });
        }
        const form = /^application\/x-www-form-urlencoded/.test(request.header("content-type") ?? "");
        const sent = request.bearer ?? (form ? new URLSearchParams(request.body).get("token") : null) ?? "";
        if (sent === "") {
            return refuse("not_authed");
        }
        const token = this.tokens.find(({ value }) => sameSecret(value, sent));
        if (token === undefined) {
            return refuse("invalid_auth");
        }
        if (token.error !== undefined) {
            return refuse(token.error);
        }
        const granted = [...token.scopes].join(",");
        const told = {
            ...(token.areScopesTold && { "x-oauth-scopes": granted }),
            "x-accepted-oauth-scopes": method.scopes.join(","),
        };
        const needed = method.scopes.filter((scope) => !token.scopes.has(scope));
        return needed.length > 0
            ? refuse("missing_scope", { needed: needed.join(","), provided: granted }, told)
            : json(200, { ok: true, ...method.answer(token) }, { ...headers, ...told });
    }
}

/** What the seeded company has at Slack. */
export interface SlackFixture {
    readonly workspace: SlackWorkspace;
    readonly token: SlackToken;
    /** Of a workspace in an Enterprise organisation. */
    readonly enterpriseToken: SlackToken;
}

/** The seeded credentials, in the form of `slack.BotToken`'s arguments. */
export interface SlackCredentials {
    readonly slack: { token: string; requiredScopes: string[] };
    /** Of a workspace in an Enterprise organisation. */
    readonly slackEnterprise: { token: string; teamId: string };
}

/** Makes the company's bot tokens. */
export function seedSlack(slack: Slack): { fixture: SlackFixture; credentials: SlackCredentials } {
    const workspace = slack.addWorkspace("Acme");
    const token = slack.add(workspace, "pulumi", ["chat:write", "users:read"]);
    const retail = slack.addWorkspace("Acme Retail", true);
    const enterpriseToken = slack.add(retail, "pulumi", ["chat:write"]);
    return {
        fixture: { workspace, token, enterpriseToken },
        credentials: {
            slack: { token: token.value, requiredScopes: ["chat:write", "users:read"] },
            slackEnterprise: { token: enterpriseToken.value, teamId: retail.id },
        },
    };
}
