// What can be done from outside to the credentials of the further vendors: the same few verbs for each.
import type { Vendors } from "./vendors";

/** A credential at its vendor. */
export interface ControlledCredential {
    /** The vendor no longer knows it, or has switched it off. */
    readonly revoke: () => void;
    /** The vendor accepts it again, without an end that is past. */
    readonly restore: () => void;
    /** Its end is past. Undefined where the vendor has none. */
    readonly expire?: () => void;
    /** Takes a scope away, or a permission, by its name. Undefined where the vendor has none by name. */
    readonly unscope?: (scope: string) => void;
    /** Gives it back. */
    readonly scope?: (scope: string) => void;
}

const [past, far] = ["2024-01-01", "2099-01-01"];

const inSet = (scopes: Set<string>): Pick<ControlledCredential, "scope" | "unscope"> => ({
    unscope: (scope) => void scopes.delete(scope),
    scope: (scope) => void scopes.add(scope),
});

/** What has a mark for a credential that was revoked. */
const marked = (...of: readonly { isRevoked: boolean }[]): Pick<ControlledCredential, "restore" | "revoke"> => ({
    revoke: () => of.forEach((one) => (one.isRevoked = true)),
    restore: () => of.forEach((one) => (one.isRevoked = false)),
});

/** What can be both revoked and past its end. */
function ending<T>(
    of: T,
    { revoke, restore }: Pick<ControlledCredential, "restore" | "revoke">,
    ends: { readonly past: Partial<T>; readonly open: Partial<T> },
): Pick<ControlledCredential, "expire" | "restore" | "revoke"> {
    return {
        revoke,
        expire: () => void Object.assign(of as object, ends.past),
        restore: () => {
            Object.assign(of as object, ends.open);
            restore();
        },
    };
}

type Of<T> = Readonly<Record<string, T>>;

/** The credentials of each further vendor, by their names in the list of credentials. */
export function furtherCredentials(vendors: Vendors): Of<Of<ControlledCredential>> {
    const { fixture, credentials } = vendors;
    const { application, tenant } = fixture.microsoft;
    const roles = application.in(tenant)?.roles ?? new Set<string>();
    const secret = application.secrets[0];
    const [falcon, falconEu] = vendors.crowdstrike.clients
        .slice(0, 2)
        .map((one) => ({ ...marked(one), ...inSet(one.scopes) }));
    const [snyk, snykOAuth] = vendors.snyk.accounts.slice(0, 2).map((one) => marked(one));
    const gitLab = [fixture.gitlab.token, vendors.gitlabSelfHosted.tokens[0]].map((one) => ({
        ...(one && ending(one, marked(one), { past: { expiresAt: past }, open: { expiresAt: far } })),
        unscope: (scope: string) => one?.removeScope(scope),
        scope: (scope: string) => one?.addScope(scope),
    }));
    const gitHub = [fixture.github.token, fixture.github.serverToken].map((one) => ({
        ...ending(one, marked(one), { past: { expiresAt: Date.parse(past ?? "") }, open: { expiresAt: null } }),
        unscope: (scope: string) => one.removeScope(scope),
        scope: (scope: string) => one.addScope(scope),
    }));
    const { app, installation } = fixture.github;
    const cloudflare = [fixture.cloudflare.accountToken, fixture.cloudflare.userToken].map((one) =>
        ending(one, marked(one), {
            past: { status: "expired", expiresOn: `${past}T00:00:00Z` },
            open: { status: "active", expiresOn: undefined },
        }),
    );
    const slack = [fixture.slack.token, fixture.slack.enterpriseToken].map((one) => ({
        revoke: () => void (one.error = "token_revoked"),
        expire: () => void (one.error = "token_expired"),
        restore: () => void (one.error = undefined),
        ...inSet(one.scopes),
    }));
    const kandji = [fixture.kandji.token, fixture.kandji.euToken].map((one) => ({
        ...marked(one),
        ...inSet(one.permissions),
    }));
    const { app: oktaApp, token: oktaToken } = fixture.okta;
    const { token: datadogToken, keys } = fixture.datadog;
    const entra = { revoke: () => application.revoke(), restore: () => application.restore() };
    return {
        microsoft: named({
            entra: {
                ...(secret &&
                    ending(secret, entra, {
                        past: { endDateTime: `${past}T00:00:00Z` },
                        open: { endDateTime: `${far}T00:00:00Z` },
                    })),
                ...inSet(roles),
            },
            entraCertificate: { ...entra, ...inSet(roles) },
        }),
        okta: named({
            oktaApiToken: marked(oktaToken),
            oktaServiceApp: {
                revoke: () => void (oktaApp.isActive = false),
                restore: () => void (oktaApp.isActive = true),
                ...inSet(oktaApp.granted),
            },
        }),
        crowdstrike: named({ crowdstrike: falcon, crowdstrikeEu: falconEu }),
        datadog: named({
            datadogToken: {
                ...ending(datadogToken, marked(datadogToken), {
                    past: { expiresAt: `${past}T00:00:00.000Z` },
                    open: { expiresAt: null },
                }),
                ...inSet(datadogToken.scopes),
            },
            datadogKeys: marked(keys),
        }),
        snyk: named({ snyk, snykOAuth }),
        gitlab: named({ gitlab: gitLab[0], gitlabSelfHosted: gitLab[1] }),
        github: named({
            github: gitHub[0],
            githubServer: gitHub[1],
            githubApp: {
                revoke: () => app.revokeKeys(),
                restore: () => app.shareKey(credentials.githubApp.privateKey),
                unscope: (permission: string) => {
                    const { [permission]: _, ...rest } = installation.permissions;
                    installation.permissions = rest;
                },
                scope: (permission: string) => {
                    installation.permissions = { ...installation.permissions, [permission]: "write" };
                },
            },
        }),
        cloudflare: named({ cloudflare: cloudflare[0], cloudflareUser: cloudflare[1] }),
        slack: named({ slack: slack[0], slackEnterprise: slack[1] }),
        kandji: named({ kandji: kandji[0], kandjiEu: kandji[1] }),
    };
}

/** The credentials that there are: each has to have been seeded. */
function named(given: Of<Partial<ControlledCredential> | undefined>): Of<ControlledCredential> {
    const isWhole = (one: Partial<ControlledCredential> | undefined): one is ControlledCredential =>
        one?.revoke !== undefined && one.restore !== undefined;
    return Object.fromEntries(
        Object.entries(given).map(([name, one]) => {
            if (!isWhole(one)) {
                throw new Error(`No credential ${name} was seeded`);
            }
            return [name, one];
        }),
    );
}
