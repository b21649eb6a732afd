// An integration of a Nango environment, which connections belong to.
import { flag, optional, text, type Problem, type Values } from "../../define";
import { momentOf } from "../../core/days";
import { Fault, fault } from "../../core/problems";
import type { RemoteClient } from "../client";
import type { Found, RemoteDefinition, RemoteRequest, RemoteWrite, Written } from "../contracts";
import {
    connectionsUnder,
    createIntegration,
    deleteIntegration,
    isUnclear,
    mayList,
    readIntegration,
    renameIntegration,
} from "./api";
import { noteIntegration, onceInSession } from "./once";
import { authorization, integrationKey, serverArgs, serverOf, serverRules, serverWarnings } from "./server";

export const integrationArgs = {
    /**
     * Your own Nango server, such as `https://nango.example.com` or `https://nango.example.com:3003`.
     * @default Nango's cloud, `https://api.nango.dev`
     */
    serverUrl: serverArgs.serverUrl,
    /**
     * Allows plain http to the server, at an address of a private network; a loopback address needs no permission.
     * Everyone between can then read the key and the credential, so every run warns.
     * @default false
     */
    allowHttp: serverArgs.allowHttp,
    /**
     * An API key of the environment, a UUID, from Nango's Environment Settings. docs/nango.md lists the scopes that it
     * needs; a warning reports more of them. A reference (`secretFrom`) is recommended: refresh and destroy then use
     * today's key.
     */
    environmentKey: serverArgs.environmentKey,
    /** The integration's unique key, which its connections name as `integration`. */
    uniqueKey: integrationKey,
    /**
     * Nango's name of the provider: `atlassian-service-account-oauth2` for `atlassian.ServiceAccountOAuth`, `atlassian-service-account-api-token` for
     * `atlassian.ServiceAccountToken`, `jamf` for `jamf.ApiClient`, `microsoft-oauth2-cc` for `microsoft.EntraApplication`,
     * `okta-api-key` for `okta.ApiToken`, `crowdstrike` for `crowdstrike.ApiClient`,
     * `gitlab-pat` for `gitlab.AccessToken`, `github-pat` for `github.PersonalAccessToken`, `cloudflare` for
     * `cloudflare.ApiToken`, `kandji` for `kandji.ApiToken`.
     */
    provider: text({
        pattern: /^[a-zA-Z0-9_-]{1,255}$/,
        must: "must be the name of a provider in Nango's catalogue, such as atlassian-service-account-oauth2.",
    }),
    /**
     * The name that people see in Nango's forms.
     * @default Nango's own
     */
    displayName: optional(text({ length: [1, 255], must: "must be a text of up to 255 characters." })),
    /**
     * True where an existing integration is taken over. One that was taken over is never deleted.
     * @default false
     */
    adopt: optional(flag()),
};

const keyOf = ({ uniqueKey }: Values): string => String(uniqueKey);

async function look(hub: RemoteClient, { args, isProgram }: RemoteRequest): Promise<Found | undefined> {
    noteIntegration(hub);
    const row = await readIntegration(hub, keyOf(args));
    // One that was taken over is never deleted.
    const isToGo = row === undefined || args["adopt"] !== true;
    if (isProgram === true && isToGo) {
        await tryListing(hub, args, row !== undefined);
    }
    if (row === undefined) {
        return undefined;
    }
    const { provider, display_name: displayName, created_at: createdAt } = row;
    if (provider !== args["provider"]) {
        const message = `is ${String(args["provider"])}, and Nango has the integration ${keyOf(args)} with the provider ${hub.quote(provider)}, which cannot be changed. Choose another uniqueKey, or correct provider.`;
        throw fault("invalidArgument", "nango-provider-kept", "provider", message);
    }
    const named = args["displayName"] === undefined ? {} : { displayName: displayName ?? null };
    return {
        facts: { provider, ...named },
        outputs: { createdAt: momentOf(createdAt) },
        mark: {},
        memo: { createdAt: momentOf(createdAt) ?? null },
    };
}

/**
 * Warns in a preview that the key may not list connections, because one of our integrations then cannot be destroyed.
 * @param isThere True where the integration exists: then it may belong to others, and the warning says more.
 */
async function tryListing(hub: RemoteClient, args: Values, isThere: boolean): Promise<void> {
    if ((await onceInSession(hub, "list", () => mayList(hub, keyOf(args)))) !== false) {
        return;
    }
    const message =
        "may not list connections, without which no destroy can know what is under the integration. Give the key the scope environment:connections:list.";
    if (!isThere) {
        throw fault("scopeMissing", "nango-list-scope", "environmentKey", message);
    }
    hub.warn(`environmentKey: ${message}`);
}

/** True where the present integration is the recorded one: another one under the same key has another date. */
function isRecorded({ memo }: Pick<Found, "memo">, { recorded }: RemoteRequest): boolean {
    const before = recorded?.memo["createdAt"] ?? recorded?.outputs["createdAt"] ?? undefined;
    return recorded !== undefined && (before === undefined || before === memo?.["createdAt"]);
}

function foreign({ args }: RemoteRequest): Problem {
    const message = `Nango has an integration ${keyOf(args)} already. To use it, set adopt: true: it is then kept as it is but for displayName, and never deleted. Where an earlier run was stopped just after it had made it, it may be this resource's own: Nango has no place for a mark that would show it. Set adopt: true then too, or, while it has no connection, delete it at Nango and run again.`;
    return { kind: "invalidArgument", code: "nango-integration-exists", argument: "uniqueKey", message };
}

async function write(hub: RemoteClient, request: RemoteWrite): Promise<Written> {
    const { args, found, recorded } = request;
    const { provider, displayName } = args as { provider: string; displayName?: string };
    if (found !== undefined) {
        if (displayName !== undefined && found.facts["displayName"] !== displayName) {
            await renameIntegration(hub, keyOf(args), displayName);
        }
        return { memo: { isOwn: recorded?.memo["isOwn"] === true && isRecorded(found, request) } };
    }
    const create = (): Promise<boolean> => createIntegration(hub, { uniqueKey: keyOf(args), provider, displayName });
    let isMade: boolean;
    try {
        isMade = await create();
    } catch (error) {
        if (!isUnclear(error)) {
            throw error;
        }
        try {
            // It was not there before this call, so this call made the present one.
            isMade = (await look(hub, request)) !== undefined || (await create());
        } catch (again) {
            if (!(again instanceof Fault)) {
                throw again;
            }
            const { problem } = again;
            const message = `${problem.message} Whether the integration ${keyOf(args)} was made is not known: it is on record, and the next pulumi up makes it where it is not.`;
            return { memo: { isOwn: true }, problem: { ...problem, code: "nango-integration-open", message } };
        }
    }
    if (!isMade && args["adopt"] !== true) {
        throw new Fault(foreign(request));
    }
    return { memo: { isOwn: isMade } };
}

async function remove(hub: RemoteClient, { args, recorded }: RemoteRequest): Promise<void> {
    if (recorded?.memo["isOwn"] !== true) {
        return;
    }
    const [first, ...others] = await connectionsUnder(hub, keyOf(args));
    if (first !== undefined) {
        const which = `${hub.quote(first)}${others.length === 0 ? "" : ` and ${others.length} more`}`;
        const message = `the integration ${keyOf(args)} still has connections (${which}), which Nango would delete with it. Delete them first.`;
        throw fault("accessMissing", "nango-integration-used", undefined, message);
    }
    await deleteIntegration(hub, keyOf(args));
}

/** An integration of a Nango environment. */
export const nangoIntegration = {
    type: "nango:Integration",
    title: "Nango",
    args: integrationArgs,
    isUnmarked: true,
    outputs: {
        /** When Nango made the integration, in ISO 8601. */
        createdAt: text(),
    },
    replaces: ["serverUrl", "uniqueKey"],
    rules: serverRules,
    warnings: serverWarnings,
    server: serverOf,
    authorization,
    id: keyOf,
    wanted: ({ args: { provider, displayName } }) => ({
        provider,
        ...(displayName === undefined ? {} : { displayName }),
    }),
    look,
    isOurs: isRecorded,
    foreign,
    write,
    remove,
} satisfies RemoteDefinition;
