// StackOne's API for linked accounts. The credentials in its answers are never read.
import type { z } from "zod";
import type { ProblemKind } from "../../define/contracts";
import type { Code } from "../../messages";
import { momentOf } from "../../core/days";
import { Fault, fault } from "../../core/problems";
import { madeOnce, zod } from "../../core/zod";
import { takeAway, type RemoteCall, type RemoteClient } from "../client";

/** StackOne's API. */
export const stackOneServer = { url: "https://api.stackone.com" };

/** A reason for an account's status. */
export interface StackOneStatusReason {
    readonly code: string;
    readonly description: string;
}

/** A linked account, without its credentials. */
export interface StackOneAccount {
    readonly id: string;
    readonly provider: string;
    /** `active`, `inactive`, `suspended`, `archived`, `expired` or `error`, as far as is documented. */
    readonly status: string;
    readonly statusReasons: readonly StackOneStatusReason[];
    readonly originOwnerId: string;
    readonly originOwnerName: string | undefined;
    readonly label: string | undefined;
    /** In ISO 8601; undefined where StackOne does not return it. */
    readonly createdAt: string | undefined;
    /** The form's values that are not secrets, by the keys of its fields. */
    readonly setupInformation: Readonly<Record<string, unknown>>;
}

/** A connect session, by which a person links an account. */
export interface StackOneSession {
    /** The address that the person opens. Everyone who has it can link an account. */
    readonly link: string;
    /** By StackOne's clock, in ISO 8601; undefined where StackOne does not return it. */
    readonly createdAt: string | undefined;
}

/** The parameters of a connect session. */
export interface SessionRequest {
    readonly provider: string;
    readonly originOwnerId: string;
    readonly originOwnerName: string;
    readonly label: string;
    readonly metadata: Readonly<Record<string, string>>;
    readonly expiresInSeconds: number;
}

/** The changes of an account. */
export interface AccountChange {
    readonly originOwnerName?: string | undefined;
    readonly label?: string | undefined;
    readonly metadata?: Readonly<Record<string, string>> | undefined;
    /** By the keys of the form's fields. */
    readonly credentials?: Readonly<Record<string, string>> | undefined;
}

/** A field of the form of a connector. */
export interface StackOneField {
    readonly key: string;
    readonly label: string;
    readonly isRequired: boolean;
    readonly isSecret: boolean;
    /** The values of a choice. */
    readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** Where a key is made. */
export const placeOfKey = "Create a key in StackOne's dashboard, in the project that the account belongs to.";

// ---- the answers ----------------------------------------------------------------------------------------------------------------

const accountSchema = madeOnce((z): z.ZodType<StackOneAccount> => {
    const optional = (): z.ZodType<string | undefined> =>
        z
            .string()
            .nullish()
            .transform((value) => value ?? undefined);
    // An older document has texts here.
    const reason = z.union([
        z.string().transform((text) => ({ code: text, description: text })),
        z
            .object({ code: optional(), description: optional() })
            .transform(({ code = "", description = "" }) => ({ code, description })),
    ]);
    return z
        .object({
            id: z.string().regex(/^[\w-]+$/),
            provider: z.string(),
            status: z.string(),
            status_reasons: z.array(reason).nullish(),
            origin_owner_id: z.string(),
            origin_owner_name: optional(),
            label: optional(),
            created_at: z.unknown(),
            setup_information: z.record(z.string(), z.unknown()).nullish(),
        })
        .transform((reported) => ({
            id: reported.id,
            provider: reported.provider,
            status: reported.status,
            statusReasons: reported.status_reasons ?? [],
            originOwnerId: reported.origin_owner_id,
            originOwnerName: reported.origin_owner_name,
            label: reported.label,
            createdAt: momentOf(reported.created_at),
            setupInformation: reported.setup_information ?? {},
        }));
});

/** Two forms in which connectors' fields have been seen; no document confirms either. */
const fieldsSchema = madeOnce((z): z.ZodType<readonly StackOneField[] | undefined> => {
    const option = z
        .object({
            value: z.union([z.string(), z.number(), z.boolean()]).transform(String),
            label: z.string().nullish(),
        })
        .transform(({ value, label }) => ({ value, label: label ?? value }));
    const field = z
        .object({
            key: z.string(),
            label: z.string().nullish(),
            type: z.string().nullish(),
            required: z.boolean().nullish(),
            secret: z.boolean().nullish(),
            options: z.array(option).nullish().catch(undefined),
        })
        .transform(({ key, label, type, required, secret, options }) => ({
            key,
            label: label ?? key,
            isRequired: required === true,
            isSecret: secret === true || type === "password",
            options: options ?? [],
        }));
    const fields = z.array(field);
    const environments = z.record(z.string(), z.record(z.string(), z.object({ fields: fields.nullish() }).nullable()));
    return z
        .object({
            configFields: fields.nullish().catch(undefined),
            authentication: environments.nullish().catch(undefined),
        })
        .transform(({ configFields, authentication }) => {
            const ways = Object.values(authentication ?? {}).flatMap(
                (way) => (way["production"] ?? Object.values(way)[0])?.fields ?? [],
            );
            const reported = configFields ?? ways;
            return reported.length === 0 ? undefined : reported;
        });
});

/** The account of a call: nothing more of it is read, because no document says that it is complete. */
const thatAccount = (id: string): z.ZodType<true> =>
    zod()
        .object({ id: zod().literal(id) })
        .transform(() => true as const);

// ---- calls ----------------------------------------------------------------------------------------------------------------------

/** An account; undefined where StackOne says that it does not exist. */
export async function getAccount(hub: RemoteClient, id: string): Promise<StackOneAccount | undefined> {
    return call(hub, "GET", `/accounts/${encodeURIComponent(id)}`, accountSchema());
}

const pageSize = 100;
const mostPages = 20;

/** The accounts of an owner at a provider. */
export async function findAccounts(
    hub: RemoteClient,
    originOwnerId: string,
    provider: string,
): Promise<readonly StackOneAccount[]> {
    const z = zod();
    const schema = z.array(accountSchema());
    // An older document has a page around the list.
    const page = z.union([schema, z.object({ data: schema }).transform(({ data }) => data)]);
    const query = { origin_owner_id: originOwnerId, provider, page_size: String(pageSize) };
    const found: StackOneAccount[] = [];
    for (let number = 1; number <= mostPages; number++) {
        const path = `/accounts?${new URLSearchParams({ ...query, page: String(number) }).toString()}`;
        const accounts = (await call(hub, "GET", path, page)) ?? [];
        const known = new Set(found.map(({ id }) => id));
        const others = accounts.filter(({ id }) => !known.has(id));
        found.push(...others);
        // A server without pages returns the first one again.
        if (accounts.length < pageSize || others.length === 0) {
            break;
        }
    }
    return found.filter((one) => one.originOwnerId === originOwnerId && one.provider === provider);
}

/** Makes a connect session. */
export async function createSession(hub: RemoteClient, request: SessionRequest): Promise<StackOneSession> {
    const z = zod();
    const schema = z
        .object({ auth_link_url: z.url(), created_at: z.unknown() })
        .transform(({ auth_link_url: link, created_at }) => ({ link, createdAt: momentOf(created_at) }));
    const { provider, originOwnerId, originOwnerName, label, metadata, expiresInSeconds } = request;
    const body = {
        origin_owner_id: originOwnerId,
        origin_owner_name: originOwnerName,
        provider,
        label,
        metadata,
        expires_in: expiresInSeconds,
    };
    const session = await call(hub, "POST", "/connect_sessions", schema, body);
    return session ?? missing("/connect_sessions");
}

/** Changes an account. */
export async function changeAccount(hub: RemoteClient, id: string, change: AccountChange): Promise<void> {
    const body = {
        origin_owner_name: change.originOwnerName,
        label: change.label,
        metadata: change.metadata,
        credentials: change.credentials,
    };
    const path = `/accounts/${encodeURIComponent(id)}`;
    if ((await call(hub, "PATCH", path, thatAccount(id), body)) === undefined) {
        missing(path);
    }
}

/** Deletes an account; one that is gone is fine. */
export async function deleteAccount(hub: RemoteClient, id: string): Promise<void> {
    await takeAway(
        () => call(hub, "DELETE", `/accounts/${encodeURIComponent(id)}`, thatAccount(id)),
        async () => (await getAccount(hub, id)) !== undefined,
    );
}

/** The fields of a provider's form; undefined where StackOne does not return them. */
export async function fieldsOf(hub: RemoteClient, provider: string): Promise<readonly StackOneField[] | undefined> {
    return call(hub, "GET", `/connectors/meta/${encodeURIComponent(provider)}`, fieldsSchema());
}

/**
 * Calls StackOne; undefined where StackOne says that the object does not exist. A 404 of a server between proves
 * nothing.
 */
async function call<T>(
    hub: RemoteClient,
    method: RemoteCall["method"],
    path: string,
    schema: z.ZodType<T>,
    body?: object,
): Promise<T | undefined> {
    const answered = await hub.send({ method, path, body });
    const page = hub.page(answered);
    if (page !== undefined) {
        throw new Fault(page);
    }
    const { status, body: answer } = answered;
    if (status === 404 && (answer as { statusCode?: unknown } | undefined)?.statusCode === 404) {
        return undefined;
    }
    if (status >= 400) {
        throw refused(status, messageIn(answer, hub));
    }
    const parsed = schema.safeParse(answer);
    if (!parsed.success || status < 200 || status >= 300) {
        const what = status < 300 ? "in a shape that is not known" : `with HTTP ${status}`;
        throw fault(
            "badAnswer",
            "stackone-answer",
            undefined,
            `StackOne answered ${what}. Run again later; if it stays so, report it as a bug of pulumi-connections.`,
        );
    }
    return parsed.data;
}

/** The headers that show a key: it is the user, and the password is empty. */
export const authorizationOf = (key: string): Readonly<Record<string, string>> => ({
    authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}`,
});

function refused(status: number, reported: string): Fault {
    const known: Readonly<Record<number, readonly [ProblemKind, Code, string | undefined, string]>> = {
        401: ["credentialRefused", "stackone-key", "apiKey", `StackOne refused the API key. ${placeOfKey}`],
        403: [
            "accessMissing",
            "stackone-access",
            "apiKey",
            `StackOne does not let this API key do that${reported}. Use a key that may write accounts and connect sessions.`,
        ],
        409: [
            "accessMissing",
            "stackone-other",
            "originOwnerId",
            `StackOne has another account of this owner and provider${reported}. Name the account with accountId, or choose another originOwnerId.`,
        ],
        412: [
            "accessMissing",
            "stackone-suspended",
            undefined,
            `StackOne has suspended the account${reported}, and accepts no change of it. Resume it in StackOne, then run again.`,
        ],
    };
    const unknown = `StackOne refused the call (HTTP ${status})${reported}. Correct what it names; if it names nothing, its API has changed: report it as a bug of pulumi-connections.`;
    return fault(...(known[status] ?? (["badAnswer", "stackone-refused", undefined, unknown] as const)));
}

function missing(path: string): never {
    throw fault(
        "badAnswer",
        "stackone-gone",
        undefined,
        `StackOne has no ${path} (HTTP 404). The account may have been deleted at this moment: run again.`,
    );
}

/** StackOne's words about a refusal, for the middle of a sentence. */
function messageIn(body: unknown, hub: RemoteClient): string {
    const { message } = (body ?? {}) as { message?: unknown };
    const reported = Array.isArray(message)
        ? message.map(String).join("; ")
        : typeof message === "string"
          ? message
          : "";
    const shown = hub.quote(reported).replace(/\.$/, "");
    return shown === "" ? "" : `: ${shown}`;
}
