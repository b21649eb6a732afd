import type { AtlassianProduct, AtlassianSite } from "./atlassian";
import { furtherCredentials, type ControlledCredential } from "./control-further";
import type { Vendors } from "./vendors";
import type { JumpCloudRole } from "./jumpcloud";
import type { Fault } from "./server";

/** What can be asked of the running vendors from outside: names as in a JSON request. */
export interface ControlCommand {
    vendor: string;
    do: string;
    [argument: string]: unknown;
}

/** One verb, in words, and what it does. */
interface Verb {
    help: string;
    run: (command: ControlCommand) => unknown;
}

/** A mistake in a command, to be told to whoever sent it. */
export class ControlError extends Error {}

function textOf(command: ControlCommand, name: string, otherwise?: string): string {
    const value = command[name] ?? otherwise;
    if (typeof value !== "string" || value === "") {
        throw new ControlError(`"${name}" is missing: ${command.vendor} ${command.do} needs it`);
    }
    return value;
}

function oneOf<T>(command: ControlCommand, name: string, choices: Record<string, T>, otherwise?: string): T {
    const value = textOf(command, name, otherwise);
    const chosen = Object.hasOwn(choices, value) ? choices[value] : undefined;
    if (chosen === undefined) {
        throw new ControlError(`"${name}" must be one of ${Object.keys(choices).join(", ")}`);
    }
    return chosen;
}

/** The verbs of a further vendor: those that at least one of its credentials knows. */
function verbsOf(credentials: Readonly<Record<string, ControlledCredential>>): Record<string, Verb> {
    const [first = ""] = Object.keys(credentials);
    const verb = (name: keyof ControlledCredential, help: string): Record<string, Verb> => {
        const able = Object.fromEntries(Object.entries(credentials).filter(([, one]) => one[name] !== undefined));
        const names = Object.keys(able);
        const isScoped = name === "scope" || name === "unscope";
        const run = (command: ControlCommand): void => {
            const chosen = oneOf(command, "credential", able, names.includes(first) ? first : names[0]);
            chosen[name]?.(isScoped ? textOf(command, "scope") : "");
        };
        return names.length === 0 ? {} : { [name]: { help: `${help} ("credential": ${names.join(" | ")})`, run } };
    };
    return {
        ...verb("revoke", "revokes it"),
        ...verb("restore", "accepts it again"),
        ...verb("expire", "lets its end be past"),
        ...verb("unscope", 'takes a "scope", or a permission, away'),
        ...verb("scope", "gives it back"),
    };
}

/** The verbs by vendor. */
function verbs(vendors: Vendors): Record<string, Record<string, Verb>> {
    const { jumpcloud, jamf, atlassian, dataCenter } = vendors.fixture;
    const accounts = {
        jumpcloud: jumpcloud.account,
        jumpcloudEu: jumpcloud.euAccount,
        jumpcloudIn: jumpcloud.inAccount,
        jumpcloudMultiTenant: jumpcloud.multiTenantAccount,
    };
    const homes = {
        jumpcloud: jumpcloud.organization,
        jumpcloudEu: jumpcloud.euOrganization,
        jumpcloudIn: jumpcloud.inOrganization,
        jumpcloudMultiTenant: jumpcloud.managedOrganizations[0],
    };
    const clients = { jamf: jamf.client, jamfSelfHosted: jamf.selfHostedClient };
    const credentials = {
        atlassianOAuth: atlassian.oauth,
        atlassianOAuthOneSite: atlassian.oauthOneSite,
        atlassianToken: atlassian.token,
        jiraConnector: atlassian.connectorToken,
        jiraUserToken: atlassian.userToken,
    };
    const ownAccounts = {
        atlassianOAuth: atlassian.oauthAccount,
        atlassianOAuthOneSite: atlassian.oneSiteAccount,
        atlassianToken: atlassian.tokenAccount,
        jiraConnector: atlassian.connectorAccount,
        jiraUserToken: atlassian.user,
    };
    const site = (command: ControlCommand): AtlassianSite => {
        const wanted = textOf(command, "site", "acme");
        return oneOf(
            command,
            "site",
            Object.fromEntries(vendors.atlassian.sites.map((known) => [known.subdomain, known])),
            wanted,
        );
    };
    const product = (command: ControlCommand) =>
        oneOf<AtlassianProduct>(command, "product", { jira: "jira", confluence: "confluence" }, "jira");
    const account = (command: ControlCommand) => oneOf(command, "credential", accounts, "jumpcloud");
    const client = (command: ControlCommand) => oneOf(command, "credential", clients, "jamf");
    const credential = (command: ControlCommand) => oneOf(command, "credential", credentials, "atlassianOAuth");
    const which = (names: object) => `"credential": ${Object.keys(names).join(" | ")}`;
    return {
        jumpcloud: {
            revoke: {
                help: `revokes the client secret (${which(accounts)})`,
                run: (command) => account(command).revokeClientSecret(),
            },
            restore: { help: "accepts it again", run: (command) => account(command).restoreClientSecret() },
            disable: { help: "disables the service account", run: (command) => account(command).disable() },
            enable: { help: "enables it again", run: (command) => account(command).enable() },
            role: {
                help: 'gives the service account another "role", such as "Help Desk"',
                run: (command) => {
                    const roles: JumpCloudRole[] = [
                        "Administrator with Billing",
                        "Administrator",
                        "Help Desk",
                        "Directory Reader",
                        "No Access",
                    ];
                    account(command).setRole(
                        oneOf(command, "role", Object.fromEntries(roles.map((role) => [role, role]))),
                    );
                },
            },
            rename: {
                help: 'gives the organisation another "name"',
                run: (command) => account(command).organizations[0]?.rename(textOf(command, "name")),
            },
            move: {
                help: "moves the credential to another company's organisation",
                run: (command) => account(command).moveToOrganization(jumpcloud.otherOrganization),
            },
            moveBack: {
                help: "moves it back",
                run: (command) => account(command).moveToOrganization(oneOf(command, "credential", homes, "jumpcloud")),
            },
        },
        jamf: {
            revoke: {
                help: `revokes the client secret (${which(clients)})`,
                run: (command) => client(command).revokeClientSecret(),
            },
            restore: { help: "accepts it again", run: (command) => client(command).restoreClientSecret() },
            disable: { help: "disables the API client", run: (command) => client(command).disable() },
            enable: { help: "enables it again", run: (command) => client(command).enable() },
            rename: {
                help: 'gives the API client another "name"',
                run: (command) => client(command).rename(textOf(command, "name")),
            },
            upgrade: {
                help: 'gives the server another "version"',
                run: (command) => client(command).server.upgrade(textOf(command, "version")),
            },
            addPrivilege: {
                help: 'adds a "privilege"',
                run: (command) => client(command).addPrivilege(textOf(command, "privilege")),
            },
            removePrivilege: {
                help: 'takes a "privilege" away',
                run: (command) => client(command).removePrivilege(textOf(command, "privilege")),
            },
        },
        atlassian: {
            revoke: {
                help: `revokes a credential (${which(credentials)})`,
                run: (command) => credential(command).revoke(),
            },
            restore: { help: "accepts it again", run: (command) => credential(command).restore() },
            addScope: {
                help: 'adds a "scope"',
                run: (command) => credential(command).addScope(textOf(command, "scope")),
            },
            removeScope: {
                help: 'takes a "scope" away',
                run: (command) => credential(command).removeScope(textOf(command, "scope")),
            },
            addSite: {
                help: 'lets the credential\'s account onto a "site"',
                run: (command) => credential(command).account.addSite(site(command)),
            },
            removeSite: {
                help: 'takes it off a "site"',
                run: (command) => credential(command).account.removeSite(site(command)),
            },
            grantAccess: {
                help: 'gives access to a "product" (jira | confluence) of a "site"',
                run: (command) => credential(command).account.grantProductAccess(site(command), product(command)),
            },
            removeAccess: {
                help: "takes that access away",
                run: (command) => credential(command).account.removeProductAccess(site(command), product(command)),
            },
            deactivate: {
                help: "deactivates the credential's account",
                run: (command) => credential(command).account.deactivate(),
            },
            activate: { help: "activates it again", run: (command) => credential(command).account.activate() },
            move: {
                help: "lets the credential stand for another account",
                run: (command) => credential(command).moveToAccount(atlassian.spareAccount),
            },
            moveBack: {
                help: "lets it stand for its own account again",
                run: (command) =>
                    credential(command).moveToAccount(oneOf(command, "credential", ownAccounts, "atlassianOAuth")),
            },
            renameSite: {
                help: 'gives a "site" another "name"',
                run: (command) => site(command).rename(textOf(command, "name")),
            },
            deleteSite: { help: 'deletes a "site"', run: (command) => site(command).delete() },
            restoreSite: { help: "brings it back", run: (command) => site(command).restore() },
        },
        dataCenter: {
            revoke: { help: "revokes the personal access token", run: () => dataCenter.token.revoke() },
            restore: { help: "accepts it again", run: () => dataCenter.token.restore() },
            upgrade: {
                help: 'gives the server another "version"',
                run: (command) => dataCenter.server.upgrade(textOf(command, "version")),
            },
            deactivate: { help: "deactivates the user", run: () => dataCenter.token.user.deactivate() },
            activate: { help: "activates the user again", run: () => dataCenter.token.user.activate() },
        },
        ...Object.fromEntries(
            Object.entries(furtherCredentials(vendors)).map(([vendor, known]) => [vendor, verbsOf(known)]),
        ),
        any: {
            down: {
                help: 'refuses connections to an "origin"',
                run: (command) => vendors.listener(textOf(command, "origin")).down(),
            },
            up: { help: "listens again", run: (command) => vendors.listener(textOf(command, "origin")).up() },
            fault: {
                help: 'puts a "fault" into an "origin": {"kind": "status", "status": 429, "headers": {"retry-after": "5"}, "times": 2}',
                run: (command) => void vendors.listener(textOf(command, "origin")).fault(faultOf(command["fault"])),
            },
            clearFaults: { help: "takes all faults out", run: () => vendors.clearFaults() },
            clock: {
                help: 'moves the vendors\' clock by "seconds"',
                run: (command) => {
                    const seconds = command["seconds"];
                    if (typeof seconds !== "number" || !Number.isFinite(seconds)) {
                        throw new ControlError('"seconds" must be a number');
                    }
                    vendors.clock.advance(seconds);
                },
            },
        },
    };
}

const faultKinds = [
    ...[
        "status",
        "latency",
        "hang",
        "reset",
        "close",
        "truncate",
        "truncatedJson",
        "drip",
        "slowClose",
        "contentType",
        "html",
    ],
    ...["invalidJson", "deepJson", "hugeBody", "gzipBomb", "manyHeaders", "redirect", "echo", "omit"],
];

function faultOf(value: unknown): Fault {
    const kind = (value as { kind?: unknown } | null | undefined)?.kind;
    if (typeof kind !== "string" || !faultKinds.includes(kind)) {
        throw new ControlError(`"fault" must have a "kind": ${faultKinds.join(", ")}`);
    }
    return value as Fault;
}

/** What the control endpoint lists: each verb with its help. */
export function describeVerbs(vendors: Vendors): Record<string, Record<string, string>> {
    return Object.fromEntries(
        Object.entries(verbs(vendors)).map(([vendor, known]) => [
            vendor,
            Object.fromEntries(Object.entries(known).map(([verb, { help }]) => [verb, help])),
        ]),
    );
}

/** Carries a command out. Rejects with a {@link ControlError} that names what is wrong with it. */
export async function runCommand(vendors: Vendors, command: unknown): Promise<void> {
    const { vendor, do: verb } = (command ?? {}) as Partial<ControlCommand>;
    const all = verbs(vendors);
    const known = typeof vendor === "string" && Object.hasOwn(all, vendor) ? all[vendor] : undefined;
    if (!known) {
        throw new ControlError(`"vendor" must be one of ${Object.keys(all).join(", ")}`);
    }
    const chosen = typeof verb === "string" && Object.hasOwn(known, verb) ? known[verb] : undefined;
    if (!chosen) {
        throw new ControlError(`"do" must be one of ${Object.keys(known).join(", ")}`);
    }
    await chosen.run(command as ControlCommand);
}
