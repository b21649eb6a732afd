// The end of an API token, which Atlassian reports to an API key of the organization alone.
import { bearer, listOf, object, optional, text } from "../../define";
import type { Account, Complaint, Credential, SecretEnd, SecretValue } from "../../define";
import type { ValueOf, Values, Verification } from "../../define";
import { remarkOn } from "./accounts";
import { hosts, type Environment } from "./hosts";

/** The list in which Atlassian has a token. */
interface TokenList {
    readonly path: (accountId: string, tokenLabel: string | undefined) => string;
    /** The scope that an API key needs for it. */
    readonly scope: string;
    /** The accounts that an entry may name: in the list of one account it may name none. */
    readonly accounts: (accountId: string) => readonly (string | undefined)[];
    /** The status of a token that works. */
    readonly live: readonly (string | undefined)[];
}

/** The tokens of all persons of an organization. */
export const userTokens: TokenList = {
    path: () => "api-tokens?pageSize=100",
    scope: "read:tokens:admin",
    accounts: (accountId) => [accountId],
    live: ["ALLOWED"],
};

/** The tokens of one service account. Their members are not confirmed: they are read as those of a person's token. */
export const serviceAccountTokens: TokenList = {
    path: (accountId, tokenLabel) =>
        `service-accounts/${encodeURIComponent(accountId)}/api-tokens${tokenLabel === undefined ? "" : `?tokenLabel=${encodeURIComponent(tokenLabel)}`}`,
    scope: "read:service-accounts-tokens:admin",
    accounts: (accountId) => [accountId, undefined],
    live: ["ALLOWED", "ACTIVE", undefined],
};

/** The sentence that the check of the list proves. */
export const tokensListed = "The organization lists the API token.";

const tokenAnswer = object({
    label: optional(text()),
    status: optional(text()),
    expiresAt: optional(text()),
    user: optional(object({ id: optional(text()) })),
});
const pageAnswer = object({
    data: listOf(optional(tokenAnswer)),
    links: optional(object({ next: optional(text()) })),
});

type ListedToken = ValueOf<typeof tokenAnswer>;

/** The most pages of 100 tokens that are read: a cursor may lead back. */
const mostPages = 50;

/** The arguments that say which token it is. */
interface TokenNames {
    readonly organizationId?: string | undefined;
    readonly tokenLabel?: string | undefined;
    readonly environment: Environment;
}

/** The credential that reads the organization's list of tokens. */
export const organizationReader = ({
    organizationApiKey: key,
}: {
    readonly organizationApiKey?: SecretValue | undefined;
}): Credential | undefined =>
    key &&
    bearer(key, {
        console: { secret: "Settings > API keys in admin.atlassian.com", called: "API key with scopes" },
        remark: remarkOn(key, "ATCTT"),
    });

/** Complains where an organization, or its API key, is missing. */
export function organizationRules({
    organizationId,
    organizationApiKey,
    tokenLabel,
}: Values): Complaint<"organizationId" | "organizationApiKey">[] {
    const isNamed = organizationId !== undefined;
    if (isNamed === (organizationApiKey !== undefined)) {
        const message =
            "is missing: tokenLabel is for the list of an organization. Give organizationId and organizationApiKey too, or leave tokenLabel out.";
        return isNamed || tokenLabel === undefined ? [] : [{ argument: "organizationId", message }];
    }
    const message = isNamed
        ? "is missing: only an API key of the organization reads when a token ends. Create one under Settings > API keys in admin.atlassian.com, or leave organizationId out."
        : "is missing: organizationApiKey needs it. It follows /o/ in an address of admin.atlassian.com.";
    return [{ argument: isNamed ? "organizationApiKey" : "organizationId", message }];
}

/** The cursor of the next page, which an address may hold; undefined on the last page. */
const cursorIn = (next = ""): string | undefined =>
    (new URLSearchParams(next.split("?")[1]).get("cursor") ?? next) || undefined;

/**
 * The end of a token, where its organization lists just one live token that it may be: a hint, because a label is a
 * name that people give.
 */
export async function tokenEnd(
    vendor: Verification<"tokens", "organizationId">,
    { path, scope, accounts, live }: TokenList,
    { organizationId, tokenLabel, environment }: TokenNames,
    account: Account | undefined,
): Promise<SecretEnd<never> | undefined> {
    if (organizationId === undefined || account === undefined) {
        return undefined;
    }
    const list = `${hosts(environment).api}/admin/api-access/v1/orgs/${organizationId}/${path(account.id, tokenLabel)}`;
    const isMeant = ({ label, status, expiresAt = "", user }: ListedToken): boolean =>
        (tokenLabel === undefined || label === tokenLabel) &&
        accounts(account.id).includes(user?.id) &&
        live.includes(status) &&
        !(Date.parse(expiresAt) < Date.now());
    const refusal = {
        unknown: `Atlassian does not show the API tokens of this organization, so when this one ends is not known. Check organizationId, and that organizationApiKey has the scope ${scope}.`,
        warns: true,
    };
    const read = async (cursor?: string, left = mostPages): Promise<readonly ListedToken[] | undefined> => {
        const url = new URL(list);
        if (cursor !== undefined) {
            url.searchParams.set("cursor", cursor);
        }
        const page = await vendor.request("tokens", url.href, pageAnswer, {
            reader: true,
            statuses: { 403: refusal, 404: refusal },
        });
        if (page === undefined) {
            return undefined;
        }
        const next = cursorIn(page.links?.next);
        if (next !== undefined && left === 1) {
            vendor.unknown(
                "tokens",
                `The organization has more than ${mostPages} pages of API tokens, so when this one ends is not known. Declare it as expiresAt.`,
            );
            return undefined;
        }
        const rest = next === undefined ? [] : await read(next, left - 1);
        return rest && [...page.data.filter((token) => token !== undefined), ...rest];
    };
    const tokens = await read();
    const [only, ...others] = tokens?.filter(isMeant) ?? [];
    if (tokens !== undefined && (only === undefined || others.length > 0)) {
        const named = tokenLabel === undefined ? "" : ` ${tokenLabel}`;
        const next =
            only === undefined
                ? "Check tokenLabel and organizationId."
                : "Give each a label of its own, and set tokenLabel to this one's.";
        vendor.unknown(
            "tokens",
            `The organization lists ${others.length === 0 ? "no" : others.length + 1} live API tokens${named} of this account, so when this one ends is not known. ${next}`,
        );
        return undefined;
    }
    return only && { at: only.expiresAt };
}
