import {
    defineConnection,
    list,
    mapOf,
    object,
    optional,
    secret,
    signedBearer,
    text,
    type Answer,
    type VendorProblem,
} from "../../define";
import { apiOf, headers, settingsOf, urlField } from "./server";

const page = "Settings > Developer settings > GitHub Apps > (app)";
const levels = ["read", "write", "admin"];

const known = optional(text());
const installation = object({ account: optional(object({ id: known, login: known })), app_slug: known });

const suspended = "is suspended in its account. Unsuspend it there under Settings > GitHub Apps > Configure.";
const unknown =
    "names no installation of this app (HTTP 404). Copy the number from its address, under Settings > GitHub Apps > Configure, and check appId.";
const skewed = "GitHub refuses the times in the signed JWT (HTTP 401). Check this machine's clock.";

/** The meaning of a refusal of a call that the app has signed. */
function meaningOf({ status, text: said }: Answer): VendorProblem<"installationId"> | undefined {
    const isSuspended = status === 403 && said.includes("suspended");
    if (status === 404 || isSuspended) {
        const reported = isSuspended
            ? ({ code: "github-suspended", message: suspended } as const)
            : ({ code: "github-no-installation", message: unknown } as const);
        return { kind: "accessMissing", argument: "installationId", ...reported };
    }
    return status === 401 && /claim \('(?:exp|iat)'\)/.test(said)
        ? { kind: "badAnswer", code: "github-clock", message: skewed }
        : undefined;
}

/** The permissions that an installation has: a higher level includes a lower one, where the program requires that. */
function granted(
    permissions: Readonly<Record<string, string | undefined>>,
    required: readonly string[] = [],
): string[] {
    return Object.entries(permissions).flatMap(([name, level = ""]) =>
        [level, ...levels.slice(0, Math.max(0, levels.indexOf(level)))]
            .map((one) => `${name}:${one}`)
            .filter((one, at) => (at === 0 ? level !== "" : required.includes(one))),
    );
}

/** An installation of a GitHub App, by the app's private key. */
export const appInstallation = defineConnection({
    type: "github:AppInstallation",
    title: "GitHub",
    privateHosts: true,
    args: {
        /**
         * The GitHub server: `https://acme.ghe.com`, or `https://github.example.com` for an Enterprise Server.
         * @default https://github.com
         */
        url: urlField,
        /** The app's client ID, such as `Iv23liABCDEFGHIJKLMN`, or its number, from the app's page under Settings > Developer settings > GitHub Apps. */
        appId: text({ namesAccount: true, pattern: /^[\w.-]+$/, must: "must be the app's client ID or its number." }),
        /** The number of the installation: the last part of its address under Settings > GitHub Apps > Configure of the account that has it. */
        installationId: text({ namesTenant: true, pattern: /^\d+$/, must: "must be a number, such as 38631545." }),
        /** A private key of the app in PEM form, from Private keys > Generate a private key on the app's page: the whole file. Several are good at once. */
        privateKey: secret(),
        /**
         * Permissions that the installation must have, each with its level: `contents:read`. A higher level includes the lower ones.
         * @default none
         */
        requiredPermissions: optional(list({ must: "must be a list of permissions, such as contents:read." })),
        /**
         * Permissions besides the required ones that the installation is meant to have, so that no warning names them; `*` for any.
         * @default none
         */
        allowedPermissions: optional(list({ must: "must be a list of permissions, such as contents:read, or *." })),
    },
    outputs: ({ derived }) => ({
        /** Base of the REST API. */
        apiUrl: derived(text(), ({ url }) => apiOf(url)),
        /** Where an installation token comes from: a POST with a JWT that the private key signs. */
        tokenUrl: derived(text(), (args) => tokenUrlOf(args)),
        /** The app's name in addresses. */
        appSlug: optional(text()),
    }),
    tenant: "tokenUrl",
    console: {
        secret: `${page} > Private keys`,
        called: "private key",
        verb: "Generate",
        client: page,
        url: settingsOf("apps"),
    },
    scopes: {
        check: "permissions",
        required: "requiredPermissions",
        allowed: "allowedPermissions",
        word: "permission",
    },
    credential: ({ privateKey, appId }) => signedBearer(privateKey, { algorithm: "RS256", claims: { iss: appId } }),
    steps: (call) => ({
        installation: call(
            "GitHub knows the installation.",
            (args) => tokenUrlOf(args).replace(/\/access_tokens$/, ""),
            installation,
            ({ account: { id, login } = {}, app_slug: appSlug }, _, report) =>
                id === undefined
                    ? report.unknown("GitHub does not report in whose account the installation is.", {
                          outputs: { appSlug },
                      })
                    : report.found({ outputs: { appSlug }, account: { id, name: login ?? id } }),
            { headers, classify: meaningOf },
        ),
        token: call(
            "GitHub gives an installation token.",
            (args) => tokenUrlOf(args),
            object({ permissions: optional(mapOf(text())) }),
            ({ permissions }, { requiredPermissions }, report) =>
                report.found({
                    scopes: {
                        granted: permissions && granted(permissions, requiredPermissions),
                        isComplete: permissions && !Object.values(permissions).includes(undefined),
                    },
                }),
            { headers, method: "POST", classify: meaningOf },
        ),
    }),
});

function tokenUrlOf({ url, installationId }: { readonly url: string; readonly installationId: string }): string {
    return `${apiOf(url)}/app/installations/${installationId}/access_tokens`;
}
