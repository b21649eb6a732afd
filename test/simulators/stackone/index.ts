import * as z from "zod";
import {
    alphanumeric,
    type Answer,
    createListener,
    json,
    randomText,
    randomUUID,
    type VendorContext,
    type VendorListener,
    type VendorRequest,
} from "../vendors";
import type { Outbound } from "../outbound";
import { shownAccount, type StackOneAccount, StackOneProject, type StackOneSession } from "./accounts";
import { StackOneAdministration, type StackOneKey } from "./administration";
import { connectorFor, connectors, shownConnector } from "./connectors";

export { StackOneAdministration, StackOneKey } from "./administration";
export type { StackOneAccount, StackOneSession, StackOneStatus, StackOneStatusReason } from "./accounts";
export type { StackOneConnector, StackOneField, StackOneMetaStyle, StackOneValues } from "./connectors";

class Refusal extends Error {
    constructor(
        readonly status: number,
        message: string,
    ) {
        super(message);
    }
}

const text = z.string().nullish();
const object = z.record(z.string(), z.unknown()).nullish();
const values = z.record(z.string(), z.string()).nullish();
const categories = [
    "ats",
    "hris",
    "hris-legacy",
    "crm",
    "iam",
    "marketing",
    "lms",
    "stackone",
    "documents",
    "ticketing",
    "screening",
    "messaging",
    "accounting",
    "scheduling",
];

const shapes = {
    session: z.strictObject({
        origin_owner_id: z.string().min(1),
        origin_owner_name: z.string().min(1),
        origin_username: text,
        provider: text,
        provider_version: text,
        account_id: text,
        integration_id: text,
        categories: z.array(z.enum(categories)).nullish(),
        expires_in: z.number().positive().nullish(),
        label: text,
        metadata: object,
        multiple: z.boolean().nullish(),
        shared: z.boolean().nullish(),
        type: z.enum(["production", "test"]).nullish(),
    }),
    update: z.strictObject({
        provider: text,
        origin_owner_id: text,
        origin_owner_name: text,
        origin_username: text,
        credentials: values,
        setup_information: values,
        secrets: values,
        authentication_config_key: text,
        environment: text,
        integration_id: text,
        label: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
        metadata: object,
        shared: z.boolean().nullish(),
        type: z.enum(["production", "test"]).nullish(),
    }),
};

function judge<Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> {
    let sent: unknown;
    try {
        sent = JSON.parse(body);
    } catch {
        throw new Refusal(400, "The request body is not valid JSON");
    }
    const result = schema.safeParse(sent);
    if (!result.success) {
        throw new Refusal(
            400,
            result.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; "),
        );
    }
    return result.data;
}

/** StackOne's API. */
export class StackOne {
    readonly listener: VendorListener;
    readonly project: StackOneProject;
    readonly keys: StackOneKey[] = [];
    /** What a test can do to it. */
    readonly administration: StackOneAdministration;
    private readonly organizationId = randomText(8, "0123456789");
    private readonly projectId = randomText(8, "0123456789");

    constructor(
        private readonly context: VendorContext,
        readonly outbound: Outbound,
        origin = "https://api.stackone.com",
    ) {
        this.listener = createListener(context, origin, (request) => this.serve(request));
        this.project = new StackOneProject(context.clock, outbound);
        this.administration = new StackOneAdministration(this, context, {
            serverError: (_, status) =>
                this.refusal(status, status === 408 ? "Request timed out" : "Internal server error"),
            unauthorized: () => this.refusal(401, "Unauthorized"),
            tooManyRequests: (_, seconds) => this.refusal(429, "Too many requests", { "retry-after": String(seconds) }),
        });
    }

    /** Every key and session, and every secret in accounts, for tests that look for leaks. */
    get secrets(): string[] {
        const isSecret = (provider: string, name: string) =>
            connectorFor(provider)?.fields.some(({ key, secret }) => secret && key === name);
        const held = this.project.accounts.flatMap((account) =>
            Object.entries(account.values).filter(([name]) => isSecret(account.provider, name)),
        );
        return [
            ...this.keys.map(({ value }) => value),
            ...this.project.sessions.map(({ token }) => token),
            ...held.map(([, value]) => value),
        ];
    }

    private refusal(status: number, message: string, headers: Record<string, string> = {}): Answer {
        return json(
            status,
            { statusCode: status, message, timestamp: new Date(this.context.clock.now()).toISOString() },
            headers,
        );
    }

    private async serve(request: VendorRequest): Promise<Answer> {
        // The key is the user; the password stays empty.
        const { username, password } = request.basic ?? { username: "", password: "none" };
        const key = password === "" ? this.keys.find(({ value, live }) => live && value === username) : undefined;
        if (!key) {
            return this.refusal(401, "Unauthorized");
        }
        if (key.readOnly && request.method !== "GET") {
            return this.refusal(403, "Forbidden resource");
        }
        if (request.body !== "" && request.mediaType !== "application/json") {
            return this.refusal(415, "Unsupported Media Type");
        }
        try {
            return await this.route(request);
        } catch (error) {
            if (error instanceof Refusal) {
                return this.refusal(error.status, error.message);
            }
            throw error;
        }
    }

    private async route(request: VendorRequest): Promise<Answer> {
        const { method, path } = request;
        const account = /^\/accounts\/([^/]+)(\/meta)?$/.exec(path);
        if (account) {
            const found = this.project.account(decodeURIComponent(account[1]!));
            if (!found) {
                throw new Refusal(404, "Account not found");
            }
            return this.onAccount(request, found, account[2] !== undefined);
        }
        if (method === "GET" && path === "/accounts") {
            return json(
                200,
                this.list(request.query).map((entry) => shownAccount(entry, this.administration.showsSecrets)),
            );
        }
        if (method === "POST" && path === "/connect_sessions") {
            return this.createSession(request);
        }
        const meta = /^\/connectors\/meta(?:\/([^/]+))?$/.exec(path);
        if (method === "GET" && meta) {
            const { metaStyle } = this.administration;
            if (meta[1] === undefined) {
                return json(
                    200,
                    connectors.map((connector) => shownConnector(connector, metaStyle)),
                );
            }
            const connector = connectorFor(decodeURIComponent(meta[1]));
            return connector
                ? json(200, shownConnector(connector, metaStyle))
                : this.refusal(404, "Connector not found");
        }
        return this.refusal(404, `Cannot ${method} ${path}`);
    }

    private async onAccount(request: VendorRequest, account: StackOneAccount, meta: boolean): Promise<Answer> {
        const shown = () => json(200, shownAccount(account, this.administration.showsSecrets));
        if (meta) {
            const { provider, category, models } = shownConnector(
                connectorFor(account.provider) ?? connectors[0]!,
                "models",
            );
            return request.method === "GET"
                ? json(200, { provider, category, models })
                : this.refusal(404, `Cannot ${request.method} ${request.path}`);
        }
        switch (request.method) {
            case "GET":
                return shown();
            case "PATCH":
                await this.update(account, judge(shapes.update, request.body));
                return shown();
            case "DELETE":
                this.administration.deleteAccount(account.id);
                return shown();
            default:
                return this.refusal(404, `Cannot ${request.method} ${request.path}`);
        }
    }

    private async update(account: StackOneAccount, body: z.output<typeof shapes.update>): Promise<void> {
        if (account.status === "suspended") {
            throw new Refusal(412, "The account is suspended");
        }
        if (body.provider && body.provider !== account.provider) {
            throw new Refusal(422, "The provider of an account cannot be changed");
        }
        const owner = body.origin_owner_id ?? account.originOwnerId;
        if (
            this.project.accounts.some(
                (other) => other !== account && other.originOwnerId === owner && other.provider === account.provider,
            ) &&
            owner !== account.originOwnerId
        ) {
            throw new Refusal(409, "An account with this owner and provider exists");
        }
        const given = { ...body.setup_information, ...body.secrets, ...body.credentials };
        const fields = connectorFor(account.provider)?.fields ?? [];
        const unknown = Object.keys(given).filter((key) => !fields.some((known) => known.key === key));
        if (unknown.length > 0) {
            throw new Refusal(422, `Unknown credentials fields: ${unknown.join(", ")}`);
        }
        account.originOwnerId = owner;
        account.originOwnerName = body.origin_owner_name ?? account.originOwnerName;
        account.originUsername = body.origin_username ?? account.originUsername;
        account.label = typeof body.label === "string" ? body.label : account.label;
        account.metadata = { ...account.metadata, ...body.metadata };
        account.updatedAt = this.context.clock.now();
        if (Object.keys(given).length > 0) {
            await this.project.use(account, given);
        }
    }

    private list(query: URLSearchParams): StackOneAccount[] {
        const all = (...names: string[]) =>
            names.flatMap((name) => query.getAll(name)).flatMap((value) => value.split(","));
        const owners = all("origin_owner_id", "origin_owner_ids");
        const providers = all("provider", "providers");
        const ids = all("account_ids");
        const statuses = all("status");
        const fits = (wanted: readonly string[], value: string) => wanted.length === 0 || wanted.includes(value);
        const number = (name: string, otherwise: number) => {
            const value = query.get(name);
            if (value !== null && !/^[1-9]\d*$/.test(value)) {
                throw new Refusal(400, `${name} must be a positive number`);
            }
            return value === null ? otherwise : Number(value);
        };
        const size = number("page_size", 25);
        const from = (number("page", 1) - 1) * size;
        return this.project.accounts
            .filter(
                (account) =>
                    fits(owners, account.originOwnerId) &&
                    fits(providers, account.provider) &&
                    fits(ids, account.id) &&
                    fits(statuses, account.status),
            )
            .slice(from, from + size);
    }

    private createSession(request: VendorRequest): Answer {
        const body = judge(shapes.session, request.body);
        if (body.provider && !connectorFor(body.provider)) {
            throw new Refusal(400, `Provider ${body.provider} is not enabled in this project`);
        }
        if (body.account_id && !this.project.account(body.account_id)) {
            throw new Refusal(404, "Account not found");
        }
        const now = this.context.clock.now();
        const token = randomText(120, `${alphanumeric}-_`);
        const session: StackOneSession = {
            id: this.project.sessions.length + 1,
            token,
            link: `https://app.stackone.com/auth_link/${token}`,
            expiresAt: now + (body.expires_in ?? 1800) * 1000,
            provider: body.provider ?? null,
            originOwnerId: body.origin_owner_id,
            originOwnerName: body.origin_owner_name,
            originUsername: body.origin_username ?? null,
            accountId: body.account_id ?? null,
            label: body.label ?? null,
            metadata: body.metadata ?? {},
            multiple: body.multiple ?? false,
            type: body.type ?? "production",
            createdAt: now,
        };
        this.project.sessions.push(session);
        return json(201, {
            id: session.id,
            organization_id: this.organizationId,
            project_id: this.projectId,
            categories: body.categories ?? null,
            provider: session.provider,
            origin_owner_id: session.originOwnerId,
            origin_owner_name: session.originOwnerName,
            origin_username: session.originUsername,
            account_id: session.accountId,
            label: session.label,
            created_at: new Date(now).toISOString(),
            metadata: session.metadata,
            external_trigger_token: randomUUID(),
            token,
            auth_link_url: session.link,
            type: session.type,
            integration_id: body.integration_id ?? null,
        });
    }
}
