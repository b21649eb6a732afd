// An account of StackOne. StackOne has no call that makes one: it is adopted, or a person links it by a connect session.
import {
    flag,
    integer,
    listOf,
    map,
    object,
    optional,
    secret,
    text,
    withDefault,
    type Problem,
    type Values,
} from "../../define";
import { momentOf } from "../../core/days";
import { fingerprint, fingerprintSource, matches } from "../../core/fingerprint";
import { Fault, fault } from "../../core/problems";
import { definedOnly } from "../../core/values";
import type { RemoteClient } from "../client";
import type { Found, RemoteDefinition, RemoteRequest, RemoteWrite, Written } from "../contracts";
import { readMark, withMark } from "../text-mark";
import {
    authorizationOf,
    changeAccount,
    createSession,
    deleteAccount,
    fieldsOf,
    findAccounts,
    getAccount,
    placeOfKey,
    stackOneServer,
    type StackOneAccount,
    type StackOneField,
} from "./api";
import {
    clearValues,
    formOf,
    refusalOf,
    secretOf,
    shownValues,
    valuesByKey,
    type FieldKeys,
    type Part,
    type StackOneForm,
} from "./form";

interface AccountArgs {
    readonly originOwnerId: string;
    readonly originOwnerName?: string | undefined;
    readonly label: string;
    readonly metadata?: Readonly<Record<string, string>> | undefined;
    readonly provider?: string | undefined;
    readonly accountId?: string | undefined;
    readonly fieldKeys?: FieldKeys | undefined;
    readonly linkLifetimeSeconds: number;
    readonly adopt: boolean;
}

/** The record of an account. */
interface AccountMemo {
    readonly provider?: string;
    readonly accountId?: string;
    /** When that account was made, in ISO 8601. */
    readonly accountMadeAt?: string;
    /** When the link that a person was given ends, in milliseconds since 1970. */
    readonly linkEndsAtMs?: number;
    /** The time when that link was made, by StackOne's clock where it is returned, in ISO 8601. */
    readonly linkMadeAt?: string;
    /** A keyed fingerprint of the credential that StackOne was given. */
    readonly proof?: string;
}

/** The other facts at StackOne. */
interface Rest {
    readonly account: StackOneAccount | undefined;
    readonly fields: readonly StackOneField[] | undefined;
    /** The owner's accounts without a mark, where there are several and the resource is destroyed. */
    readonly unmarked?: readonly StackOneAccount[] | undefined;
}

const argsOf = ({ args }: RemoteRequest): AccountArgs => args as never;
const memoOf = ({ recorded }: RemoteRequest): AccountMemo => recorded?.memo ?? {};

/** True where a person was still awaited when the resource was recorded. */
const isAwaited = (request: RemoteRequest): boolean =>
    request.recorded !== undefined && memoOf(request).accountId === undefined;

/** True where an account was made after a link: a missing time proves nothing. */
const isMadeAfter = (linkMadeAt: string | undefined, { accountMadeAt }: AccountMemo): boolean =>
    linkMadeAt !== undefined && accountMadeAt !== undefined && Date.parse(accountMadeAt) >= Date.parse(linkMadeAt);

const awaitingPerson = "awaitingPerson";
/** The state of an account that the program names and StackOne does not have. */
const gone = "gone";

/** An account of StackOne's, from a connection to Jamf Pro or JumpCloud. */
export const stackOneAccount = {
    type: "stackone:Account",
    title: "StackOne",
    args: {
        /** An API key of the StackOne project that the account belongs to. A {@link secretFrom} reference is recommended. */
        apiKey: secret({ where: placeOfKey }),
        /** The owner of the account, by your own identifier: the account that a person links is found by it. */
        originOwnerId: text(),
        /** The owner's name, as StackOne shows it. Default: `originOwnerId`. */
        originOwnerName: optional(text()),
        /**
         * The label that StackOne shows; a mark of this resource follows it.
         * @default Pulumi
         */
        label: withDefault(text({ length: [1, 100] }), "Pulumi"),
        /** Metadata of the account. It is written and cannot be read again, so that a change of it in StackOne is not seen. */
        metadata: optional(map()),
        /** StackOne's key of the connector, such as `jamf`. Default: `jamf` or `jumpcloud`, which no document confirms. */
        provider: optional(text()),
        /**
         * An account that is there already, by StackOne's identifier: it is adopted.
         * @default a person links one
         */
        accountId: optional(
            text({ pattern: /^[\w-]+$/, must: "must be an account's identifier, as on StackOne's Accounts page." }),
        ),
        /** The keys of the form's fields, where StackOne does not return them. */
        fieldKeys: optional(
            object({
                /** The key of the vendor's address. */
                url: optional(text()),
                /** The key of the client ID. */
                clientId: optional(text()),
                /** The key of the client secret. */
                clientSecret: optional(text()),
                /** The key of the region. */
                region: optional(text()),
                /** The key of the organisation. */
                organizationId: optional(text()),
            }),
        ),
        /**
         * For how long a link is good that a person is given, in seconds.
         * @default 86400
         */
        linkLifetimeSeconds: withDefault(
            integer({ least: 60, most: 2592000, must: "must be a whole number of seconds from 60 to 2592000." }),
            86400,
        ),
        /**
         * Takes over an account of the same owner that this resource did not make.
         * @default false
         */
        adopt: withDefault(flag(), false),
    },
    outputs: {
        /** `awaitingPerson`, or StackOne's own: `active`, `inactive`, `suspended`, `archived`, `expired`, `error`. */
        status: text(),
        /**
         * StackOne's reasons for that status. After a refresh, which does not know the credential's secret, a
         * `description` is `another value`, and the warning has it.
         */
        statusReasons: listOf(
            object({
                /** The reason in one word, as StackOne writes it. */
                code: text(),
                /** The reason as a sentence. */
                description: text(),
            }),
        ),
        /** StackOne's identifier of the account. Not set while a person is awaited. */
        linkedAccountId: optional(text()),
        /**
         * The address that a person has to open, a secret: everyone who has it can link an account. Not set where no
         * person has to act.
         */
        connectLink: optional(text({ sensitive: true })),
        /** When that link ends, in ISO 8601. */
        linkExpiresAt: optional(text()),
    },
    // Earlier releases recorded it of every account, also where it was not known.
    foundAsToday: ({ hasCredential, ...found }) =>
        hasCredential === false && found["status"] !== awaitingPerson && found["status"] !== gone
            ? { ...found, hasCredential }
            : found,
    awaitedLink: ({ status }) => (status === awaitingPerson ? "connectLink" : undefined),
    words: [
        ...["active", "inactive", "suspended", "archived", "expired", "error", awaitingPerson, gone],
        // The names of the two facts that a reason has.
        ...["code", "description"],
    ],
    replaces: ["originOwnerId", "provider", "accountId", "connection"],
    writesOn: ["metadata", "fieldKeys"],
    callsAtOnce: 4,
    refuses: refusalOf,
    server: () => stackOneServer,
    authorization: (secretValue) => authorizationOf(secretValue("apiKey")),
    id: ({ originOwnerId }) => `stackone/${String(originOwnerId)}`,
    credential: (connection) => {
        const value = secretOf(connection);
        return value === undefined ? undefined : { secret: value };
    },
    wanted: (request) => {
        const { originOwnerId, originOwnerName, label, provider } = argsOf(request);
        if (request.connection === undefined) {
            return undefined;
        }
        const form = formOf(request.connection, provider);
        return {
            provider: form.provider,
            ...clearValues(form),
            originOwnerId,
            originOwnerName: originOwnerName ?? originOwnerId,
            label,
            status: "active",
            statusReasons: [],
        };
    },
    look,
    isOurs: ({ memo = {}, facts, mark }, request) => {
        const { accountId } = memo as AccountMemo;
        const { recorded } = request;
        const isRecorded = accountId !== undefined && accountId === memoOf(request).accountId;
        // When the link was made there was none of this owner: one without a mark that was made since has come by it.
        const isLinked = isAwaited(request) && isMadeAfter(memoOf(request).linkMadeAt, memo);
        const isNamed = accountId !== undefined && accountId === argsOf(request).accountId;
        const isUnmarked = mark.owner === undefined && (isLinked || isNamed);
        const isGone = facts["status"] === gone && recorded !== undefined;
        return facts["status"] === awaitingPerson || isGone || isRecorded || isUnmarked;
    },
    foreign: (request, found): Problem => {
        const { accountId } = argsOf(request);
        if (accountId !== undefined && found?.facts["status"] === gone) {
            return noSuchAccount();
        }
        return {
            kind: "invalidArgument",
            code: "stackone-not-ours",
            argument: "adopt",
            message: `StackOne already has an account for this originOwnerId that this resource did not make. Set adopt: true to take it over, name it with accountId, or choose another originOwnerId.`,
        };
    },
    write,
    stays: (request, { rest, mark }) => {
        const { account, unmarked = [] } = rest as Rest;
        if (unmarked.length > 0) {
            const ids = unmarked.map(({ id }) => id).join(", ");
            return `the accounts ${ids} at StackOne bear no mark of this resource, which was still waiting for a person to link one. They stay there: delete them in StackOne if they are not needed.`;
        }
        return account !== undefined && mark.owner === undefined && isAwaited(request)
            ? `the account ${account.id} at StackOne bears no mark of this resource, which was still waiting for a person to link one. It stays there: delete it in StackOne if it is not needed.`
            : undefined;
    },
    remove: async (hub, _, { rest }) => {
        const { account } = rest as Rest;
        if (account !== undefined) {
            await deleteAccount(hub, account.id);
        }
    },
} as const satisfies RemoteDefinition;

async function look(hub: RemoteClient, request: RemoteRequest): Promise<Found | undefined> {
    const { connection, recorded, owner } = request;
    const args = argsOf(request);
    const before = recorded?.found ?? {};
    const form = connection && formOf(connection, args.provider);
    const provider = form?.provider ?? args.provider ?? memoOf(request).provider ?? "";
    const { account, unmarked } = await accountFor(hub, request, provider);
    const fields = account === undefined ? undefined : await fieldsOf(hub, provider);
    const memo: AccountMemo = {
        provider,
        ...(account === undefined ? {} : definedOnly({ accountId: account.id, accountMadeAt: account.createdAt })),
    };
    const sent: Values = form === undefined ? before : clearValues(form);
    const rest: Rest = { account, fields, unmarked };
    if (account === undefined) {
        if (args.accountId === undefined) {
            hub.warn(
                `No account of ${provider} is linked for this originOwnerId yet: a person has to, with the link that pulumi up makes (the output connectLink, a secret). Run pulumi up again afterwards.`,
            );
        }
        return withoutAccount(request, provider, sent, memo, rest);
    }
    if (account.status !== "active") {
        hub.warn(`${statusSentence(hub, account)}.`);
    }
    if (form !== undefined && fields === undefined && !isNamedWhole(form, args)) {
        hub.warn(
            `StackOne does not report the fields of ${provider}: what a person has typed stays as it is, and a new secret is not sent until fieldKeys names the keys.`,
        );
    }
    const { name, mark } = readMark(account.label, owner, recorded?.mark.owner);
    const reasons = account.statusReasons.map(({ code, description }) => ({ code, description }));
    return {
        facts: {
            provider: account.provider,
            ...shownValues(account, sent, fields, args.fieldKeys ?? {}),
            originOwnerId: account.originOwnerId,
            originOwnerName: account.originOwnerName ?? args.originOwnerName ?? args.originOwnerId,
            label: name,
            status: account.status,
            statusReasons: reasons,
            // Only the record shows it.
            ...(recorded === undefined || memoOf(request).proof !== undefined ? {} : { hasCredential: false }),
        },
        outputs: { status: account.status, statusReasons: reasons, linkedAccountId: account.id },
        mark,
        memo: { ...memo },
        rest,
    };
}

/** The facts without an account: a link at most. */
function withoutAccount(request: RemoteRequest, provider: string, sent: Values, memo: AccountMemo, rest: Rest): Found {
    const { recorded, owner } = request;
    const { accountId, originOwnerId, originOwnerName = originOwnerId, label } = argsOf(request);
    const status = accountId === undefined ? awaitingPerson : gone;
    const { linkEndsAtMs } = memoOf(request);
    const link =
        linkEndsAtMs === undefined
            ? {}
            : {
                  connectLink: recorded?.outputs["connectLink"],
                  linkExpiresAt: momentOf(linkEndsAtMs),
              };
    const nonce = recorded?.mark.nonce;
    return {
        facts: {
            provider,
            ...shownValues({ setupInformation: {} }, sent, undefined, {}),
            originOwnerId,
            originOwnerName,
            label,
            status,
            statusReasons: [],
        },
        outputs: { status, statusReasons: [], ...link },
        mark: status === gone ? {} : { owner, ...(nonce === undefined ? {} : { nonce }) },
        memo: { ...memo },
        rest,
    };
}

/** The account of the resource: the one that the program names, that is on record, or that belongs to the owner. */
async function accountFor(
    hub: RemoteClient,
    request: RemoteRequest,
    provider: string,
): Promise<Partial<Pick<Rest, "account" | "unmarked">>> {
    const { owner, recorded, connection, isProgram, isRefresh } = request;
    const { accountId, originOwnerId } = argsOf(request);
    const id = accountId ?? memoOf(request).accountId;
    const known = id === undefined ? undefined : await getAccount(hub, id);
    if (accountId !== undefined || known !== undefined) {
        return { account: known };
    }
    const accounts = await findAccounts(hub, originOwnerId, provider);
    const ours = accounts.filter(({ label }) =>
        [owner, recorded?.mark.owner].includes(readMark(label, owner, recorded?.mark.owner).mark.owner ?? ""),
    );
    const [account, ...others] = ours.length > 0 ? ours : accounts;
    const isDestroyed = connection === undefined && isProgram !== true && isRefresh !== true;
    if (others.length > 0 && ours.length === 0 && isDestroyed && isAwaited(request)) {
        return { unmarked: accounts };
    }
    if (others.length > 0) {
        const ids = accounts.map((one) => one.id).join(", ");
        const message = `is missing: StackOne has several accounts of ${provider} for this originOwnerId (${ids}). Name the one that is meant.`;
        throw fault("invalidArgument", "stackone-several", "accountId", message);
    }
    return { account };
}

function noSuchAccount(): Problem {
    const message =
        "names an account that StackOne does not have. Copy it from StackOne's Accounts page, or leave accountId out to have a person link one.";
    return { kind: "invalidArgument", code: "stackone-no-account", argument: "accountId", message };
}

async function write(hub: RemoteClient, request: RemoteWrite): Promise<Written> {
    const { connection, found, mark } = request;
    const args = argsOf(request);
    if (connection === undefined) {
        throw fault("badAnswer", "stackone-target-unknown", "connection", "it is not known yet. Run again.");
    }
    const form = formOf(connection, args.provider);
    const { account, fields } = (found?.rest ?? {}) as Partial<Rest>;
    const before = memoOf(request);
    if (account === undefined && args.accountId !== undefined) {
        throw new Fault(noSuchAccount());
    }
    if (account === undefined) {
        return linkFor(hub, request, form.provider);
    }
    if (account.provider !== form.provider) {
        const message = `is an account of ${hub.quote(account.provider)}, and this connection is for ${form.provider}.`;
        throw fault("invalidArgument", "stackone-other-connector", "accountId", message);
    }
    const source = fingerprintSource(form.values);
    const isGiven = before.accountId === account.id && before.proof !== undefined && matches(source, before.proof);
    const shown = shownValues(account, clearValues(form), fields, args.fieldKeys ?? {});
    const isOff =
        account.status !== "active" || Object.entries(shown).some(([part, value]) => clearValues(form)[part] !== value);
    const isLinkedNow =
        isAwaited(request) &&
        (found?.mark.owner === request.owner || isMadeAfter(before.linkMadeAt, found?.memo ?? {}));
    const isTyped = isLinkedNow && fields === undefined && !isNamedWhole(form, args);
    await changeAccount(hub, account.id, {
        originOwnerName: args.originOwnerName ?? args.originOwnerId,
        label: withMark(args.label, mark),
        metadata: args.metadata,
        ...((isGiven && !isOff) || isTyped ? {} : { credentials: valuesByKey(form, fields, args.fieldKeys ?? {}) }),
    });
    const now = await getAccount(hub, account.id);
    if (now === undefined) {
        throw fault(
            "badAnswer",
            "stackone-lost",
            undefined,
            `StackOne has lost the account ${account.id}. Run pulumi up again.`,
        );
    }
    if (now.status !== "active") {
        throw notActive(hub, now);
    }
    return {
        memo: { provider: form.provider, accountId: now.id, proof: fingerprint(source, before.proof) },
    };
}

/** True where the program names the keys of all values of the form. */
const isNamedWhole = ({ values }: StackOneForm, { fieldKeys = {} }: AccountArgs): boolean =>
    Object.keys(values).every((part) => fieldKeys[part as Part] !== undefined);

/** The link by which a person links the account: the one on record, while it is good. */
async function linkFor(hub: RemoteClient, request: RemoteWrite, provider: string): Promise<Written> {
    const { mark, recorded } = request;
    const {
        originOwnerId,
        originOwnerName = originOwnerId,
        label,
        metadata = {},
        linkLifetimeSeconds,
    } = argsOf(request);
    const { linkEndsAtMs, linkMadeAt } = memoOf(request);
    const link = recorded?.outputs["connectLink"];
    if (typeof link === "string" && link !== "" && linkEndsAtMs !== undefined && linkEndsAtMs > Date.now()) {
        return { outputs: { connectLink: link }, memo: { provider, linkEndsAtMs, linkMadeAt }, isPending: true };
    }
    const now = Date.now();
    const endsAt = now + linkLifetimeSeconds * 1000;
    const session = await createSession(hub, {
        provider,
        originOwnerId,
        originOwnerName,
        label: withMark(label, mark),
        metadata,
        expiresInSeconds: linkLifetimeSeconds,
    });
    return {
        outputs: { connectLink: session.link, linkExpiresAt: new Date(endsAt).toISOString() },
        memo: { provider, linkEndsAtMs: endsAt, linkMadeAt: session.createdAt ?? momentOf(now) },
        isPending: true,
    };
}

function statusSentence(hub: RemoteClient, { id, status, statusReasons }: StackOneAccount): string {
    const reported = statusReasons.map(({ code, description }) =>
        description === "" ? code : description.replace(/\.$/, ""),
    );
    return `StackOne says that the account ${id} is ${hub.quote(status)} ${reported.length === 0 ? "and does not say why" : `(${hub.quote([...new Set(reported)].join("; "))})`}`;
}

function notActive(hub: RemoteClient, account: StackOneAccount): Fault {
    const step = "The connection itself is good: check that StackOne reaches the vendor, then run pulumi up again.";
    return fault("accessMissing", "stackone-status", "connection", `${statusSentence(hub, account)}. ${step}`);
}
