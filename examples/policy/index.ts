// npm install; pulumi preview --policy-pack <this folder>
// Other limits: --policy-pack-config FILE with {"secret-not-expiring": {"days": 30}, "expiry-declared": {"except": ["jamf:ApiClient"]}}
import { PolicyPack, type ResourceValidationPolicy, type ResourceValidationArgs } from "@pulumi/policy";

const token = /^pulumi-nodejs:dynamic\/connections\/(?!nango:|ox:|stackone:)(\w+:\w+)$/;

/** The class of a connection, such as `jamf:ApiClient`; undefined for every other resource, those of the hubs included. */
const classOf = ({ type }: ResourceValidationArgs): string | undefined => token.exec(type)?.[1];

/** Where a class takes what its credential must be able to do. `JiraConnector` requires the connector's own three scopes without being told. */
const required: Readonly<Record<string, string>> = {
    "jamf:ApiClient": "requiredPrivileges",
    "atlassian:ServiceAccountOAuth": "requiredScopes",
    "atlassian:ServiceAccountToken": "requiredScopes",
    "oauth2:ClientCredentials": "requiredScopes",
};

const connectorScopes = ["read:jira-user", "read:jira-work", "write:jira-work"];

const endOf = (day: string): number => Date.parse(day.length === 10 ? `${day}T23:59:59.999Z` : day);

const certificatesAreChecked: ResourceValidationPolicy = {
    name: "certificates-checked",
    description: "No connection accepts any certificate (tls.insecureSkipVerify).",
    enforcementLevel: "mandatory",
    validateResource: (args, report) => {
        const tls = args.props["tls"] as { insecureSkipVerify?: boolean } | undefined;
        if (classOf(args) !== undefined && tls?.insecureSkipVerify === true) {
            report("Take tls.insecureSkipVerify out, and name the authority in tls.caCertificates.");
        }
    },
};

const expiryIsDeclared: ResourceValidationPolicy = {
    name: "expiry-declared",
    description: "Of every connection it is known when its secret expires: the vendor reports it, or expiresAt does.",
    enforcementLevel: "mandatory",
    configSchema: {
        properties: {
            except: {
                type: "array",
                items: { type: "string" },
                default: [],
                description: "Classes whose secrets do not expire, such as jamf:ApiClient.",
            },
        },
    },
    validateResource: (args, report) => {
        const name = classOf(args);
        const { except = [] } = args.getConfig<{ except?: string[] }>();
        // Some vendors report when the secret ends.
        const known = args.props["expiresAt"] ?? args.props["secretExpirySource"] ?? undefined;
        if (name !== undefined && !except.includes(name) && known === undefined) {
            report("Copy the day on which the secret expires from the vendor's console into expiresAt.");
        }
    },
};

const secretIsFresh: ResourceValidationPolicy = {
    name: "secret-not-expiring",
    description: "No connection's secret expires within 14 days.",
    enforcementLevel: "mandatory",
    configSchema: {
        properties: {
            days: {
                type: "integer",
                minimum: 0,
                maximum: 365,
                default: 14,
                description: "How many days a secret must still be good for.",
            },
        },
    },
    validateResource: (args, report) => {
        const { days = 14 } = args.getConfig<{ days?: number }>();
        const isNear = (day: unknown): day is string =>
            typeof day === "string" && endOf(day) < Date.now() + days * 24 * 60 * 60 * 1000;
        if (classOf(args) === undefined) {
            return;
        }
        const { expiresAt: declared } = args.props as { readonly expiresAt?: unknown };
        const day: unknown = isNear(declared) ? declared : args.props["secretExpiresAt"];
        if (isNear(day)) {
            report(`The secret expires on ${day}. Make a new one, and declare it with its own expiresAt.`);
        }
    },
};

const leastPrivilege: ResourceValidationPolicy = {
    name: "least-privilege",
    description:
        "Every connection names the scopes or privileges that it needs, and its credential has no others, as far as the vendor tells.",
    enforcementLevel: "mandatory",
    validateResource: (args, report) => {
        const name = classOf(args);
        if (name === undefined) {
            return;
        }
        const argument = required[name] ?? "requiredScopes";
        const needed =
            (args.props[argument] as string[] | undefined) ??
            (name === "atlassian:JiraConnector" ? connectorScopes : []);
        if (required[name] !== undefined && needed.length === 0) {
            report(`Name what the connection needs in ${argument}.`);
            return;
        }
        const allowed =
            ((args.props["allowedScopes"] ?? args.props["allowedPrivileges"]) as string[] | undefined) ?? [];
        if (allowed.includes("*")) {
            report("Name what is allowed besides, one by one: * allows everything.");
        }
        const granted = (args.props["grantedScopes"] as string[] | undefined) ?? [];
        const beyond = granted.filter((scope) => !needed.includes(scope) && !allowed.includes(scope));
        if (required[name] !== undefined && beyond.length > 0 && !allowed.includes("*")) {
            report(`The credential has more than is needed: ${beyond.join(", ")}.`);
        }
    },
};

new PolicyPack("connections", {
    policies: [certificatesAreChecked, expiryIsDeclared, secretIsFresh, leastPrivilege],
});
