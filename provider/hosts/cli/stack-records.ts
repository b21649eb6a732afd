// The connections in a stack's state, as `pulumi stack export` has them.
import type { AnyDefinition, Problem, Status, Values } from "../../define";
import { secret } from "../../define";
import { ConnectionType } from "../../core/connection-type";
import { dayLength, endOf } from "../../core/days";
import { inspectRecord, type Inspection } from "../../core/inspect";
import { describe, isUnhealthy } from "../../core/problems";
import { PROGRAM_RESULT_INPUT } from "../../core/program-result";
import { mark } from "../../core/redact";
import { bookkeepingName } from "../../core/state";
import { connectionTypeOf } from "../handlers";
import { drifted, statusWords, type StatusWord } from "./status-words";

/** A resource of an exported state, as far as it is used here. */
export interface ExportedResource {
    readonly urn: string;
    readonly type: string;
    readonly delete?: boolean;
    readonly inputs?: Values;
    readonly outputs?: Values;
    readonly dependencies?: readonly string[];
    readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
}

/** What `pulumi stack export` prints, as far as it is used here. */
export interface ExportedStack {
    readonly deployment?: { readonly resources?: readonly ExportedResource[] | null } | null;
}

/** A hub's resource that holds a connection. */
export interface HubResource {
    readonly urn: string;
    readonly name: string;
    readonly type: string;
    readonly status?: string | undefined;
}

/** A connection of a stack, as it is shown. */
export interface ShownConnection {
    readonly stack: string;
    readonly urn: string;
    readonly name: string;
    /** How programs name its type: `jamf.ApiClient`. */
    readonly type: string;
    /** The vendor's product: `Jamf Pro`. */
    readonly vendor: string;
    readonly status: Status;
    /** The day since which it is known not to be healthy. */
    readonly since: string | null;
    /** As whom it acts: undefined where that is not known, `[secret]` where the program made it secret. */
    readonly account: Values | string | null;
    /** The organisation, site or server that it opens. */
    readonly tenant: string | null;
    readonly expiresAt: string | null;
    /** Whole days until then; below zero, since then. */
    readonly daysToExpiry: number | null;
    readonly verifiedAt: string | null;
    /** Whether the vendor was asked by this command. */
    readonly live: boolean;
    /** Outputs that are not as they were recorded. */
    readonly drift: readonly string[];
    readonly checks: Values;
    readonly problems: readonly Problem[];
    readonly warnings: readonly string[];
    /** The resources of hubs that hold it. */
    readonly hubs: readonly HubResource[];
    /** What a person has to do next, in a sentence; empty where there is nothing to do. */
    readonly next: string;
}

/** A connection in a state. */
export interface ConnectionRecord {
    readonly urn: string;
    readonly name: string;
    /** The Pulumi project that the stack belongs to. */
    readonly project: string;
    readonly label: string;
    readonly type: ConnectionType;
    /** Whether this version declares the type. */
    readonly isKnown: boolean;
    /** The module that declares it, where it is not this package's own. */
    readonly declaredIn: string | undefined;
    /** Arguments and outputs; what the engine has encrypted, and is not decrypted, is replaced. */
    readonly values: Values;
    readonly hubs: readonly HubResource[];
}

/** Type tokens of both hosts: `pulumi-nodejs:dynamic/connections/jamf:ApiClient`, `connections:jamf:ApiClient`. */
const token = /^(?:pulumi-nodejs:dynamic\/connections\/|connections:)([a-z][A-Za-z0-9]*):([A-Z][A-Za-z0-9]*)$/;
const hubVendors: ReadonlySet<string> = new Set(["nango", "ox", "stackone"]);
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The connections of an exported stack. */
export function connectionsIn({ deployment }: ExportedStack): readonly ConnectionRecord[] {
    const resources = (deployment?.resources ?? []).filter(
        (resource) => typeof resource.urn === "string" && typeof resource.type === "string" && resource.delete !== true,
    );
    const hubs = resources.filter(({ type }) => hubVendors.has(vendorOf(type)));
    return resources.flatMap((resource): ConnectionRecord[] => {
        const [, vendor = "", name = ""] = token.exec(resource.type) ?? [];
        const values = withoutSecrets(resource.outputs ?? {}) as Values;
        if (vendor === "" || hubVendors.has(vendor) || values[bookkeepingName] === undefined) {
            return [];
        }
        const label = `${vendor}.${name}`;
        const { declaredIn } = values[bookkeepingName] as { readonly declaredIn?: string };
        const [, project] = resource.urn.split("::");
        const known = declaredIn === undefined ? connectionTypeOf(label) : undefined;
        return [
            {
                urn: resource.urn,
                name: nameOf(resource.urn),
                project: project ?? "",
                label,
                type: known ?? new ConnectionType(unknownDefinition(vendor, name)),
                isKnown: known !== undefined,
                declaredIn,
                values,
                hubs: hubs.filter((hub) => holds(hub, resource.urn)).map(hubResource),
            },
        ];
    });
}

/** What the last `up` has recorded of the stack's configuration. */
export function recordedSettings({ deployment }: ExportedStack): Values {
    const providers = (deployment?.resources ?? []).filter(({ type }) =>
        ["pulumi:providers:pulumi-nodejs", "pulumi:providers:connections"].includes(type),
    );
    return Object.assign({}, ...providers.map(({ inputs = {} }) => withoutSecrets(inputs))) as Values;
}

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);
const vendorOf = (type: string): string => token.exec(type)?.[1] ?? "";

/**
 * Whether a hub's resource holds a connection: by the argument that takes it, else by what the program found out with it or, where neither tells, by all
 * that it depends on.
 */
function holds({ dependencies = [], propertyDependencies = {} }: ExportedResource, urn: string): boolean {
    const told = ["connection", PROGRAM_RESULT_INPUT].map((name) => propertyDependencies[name] ?? []);
    return (told.find((urns) => urns.length > 0) ?? dependencies).includes(urn);
}

function hubResource({ urn, type, outputs = {} }: ExportedResource): HubResource {
    const [, vendor = "", name = ""] = token.exec(type) ?? [];
    const { status } = outputs;
    return { urn, name: nameOf(urn), type: `${vendor}.${name}`, ...(typeof status === "string" ? { status } : {}) };
}

/** Values with what the engine marks as secret replaced, but what it has decrypted for this command. */
function withoutSecrets(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(withoutSecrets);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const { [signature]: kind, plaintext } = value as Values;
    if (kind === secretSignature) {
        return typeof plaintext === "string" ? (JSON.parse(plaintext) as unknown) : mark;
    }
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutSecrets(inner)]));
}

/** What is the same for all connections, for a type that this version does not declare. */
function unknownDefinition(vendor: string, name: string): AnyDefinition {
    return {
        type: `${vendor}:${name}`,
        title: vendor,
        args: { secret: secret() },
        outputs: {},
        checks: {},
        tenant: "tenant",
        derive: () => ({}),
        credential: () => ({ scheme: "none" }),
        verify: () => Promise.reject(new Error("not declared here")),
    };
}

// ---- what is shown --------------------------------------------------------------------------------------------------------------

/** A connection as it is shown, from the record alone. */
export function recordedConnection(stack: string, record: ConnectionRecord): ShownConnection {
    try {
        return shownConnection(stack, record, inspectRecord(record.type, record.values));
    } catch (error) {
        // What somebody has edited by hand keeps nothing else from being shown.
        const reason = error instanceof Error ? error.name : typeof error;
        const message = `the recorded state of this ${record.label} cannot be used (${reason}). Restore the stack's state, or replace the resource (pulumi up --replace ${record.urn}).`;
        return unusable(stack, record, message);
    }
}

/** A connection of which nothing is known but why. */
function unusable(stack: string, { urn, name, label, type, hubs }: ConnectionRecord, message: string): ShownConnection {
    return {
        stack,
        urn,
        name,
        type: label,
        vendor: type.definition.title,
        status: "unverified",
        since: null,
        account: null,
        tenant: null,
        expiresAt: null,
        daysToExpiry: null,
        verifiedAt: null,
        live: false,
        drift: [],
        checks: {},
        problems: [{ kind: "internal", message }],
        warnings: [],
        hubs,
        next: message,
    };
}

/** A connection as it is shown, from the record or with what the vendor has just told. */
export function shownConnection(
    stack: string,
    record: ConnectionRecord,
    inspection: Inspection | undefined,
    now = Date.now(),
): ShownConnection {
    const { type, label, urn, name, hubs } = record;
    const { status: told, problems, values, since, verifiedAt, isAsked, drift } = inspection as Inspection;
    // Another version may know more of them.
    const status = Object.hasOwn(statusWords, told) ? told : "unverified";
    const { account, checks, warnings } = values;
    const expiresAt = textOr(values["expiresAt"]);
    const end = expiresAt === null ? NaN : endOf(expiresAt);
    const shown = {
        stack,
        urn,
        name,
        type: label,
        vendor: type.definition.title,
        status,
        since: textOr(since),
        account: accountOf(account),
        tenant: tenantOf(record, values),
        expiresAt,
        daysToExpiry: Number.isNaN(end) ? null : Math.floor((end - now) / dayLength),
        verifiedAt: verifiedAt ?? null,
        live: isAsked,
        drift: isUnhealthy(status) ? [] : drift,
        checks: checksOf(checks),
        problems,
        warnings: Array.isArray(warnings) ? warnings.filter(isText) : [],
        hubs,
    };
    return { ...shown, next: nextStep(shown) };
}

// A state may have been written by another version, or edited by hand.
const isText = (value: unknown): value is string => typeof value === "string";
const textOr = (value: unknown): string | null => (isText(value) ? value : null);
const entriesOf = (value: unknown): [string, unknown][] =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

function accountOf(account: unknown): Values | string | null {
    const facts = entriesOf(account).filter(([, value]) => isText(value));
    return facts.length > 0 ? Object.fromEntries(facts) : textOr(account);
}

const checkResults: readonly unknown[] = ["passed", "failed", "skipped", "unknown"];

const checksOf = (checks: unknown): Values =>
    Object.fromEntries(
        entriesOf(checks).filter(([, check]) => {
            const { result, message } = Object.fromEntries(entriesOf(check));
            return checkResults.includes(result) && isText(message);
        }),
    );

/** What names the tenant to people, where that is not what identifies it. */
const tenantNames = ["organizationName", "siteUrl", "siteName"];

function tenantOf({ type }: ConnectionRecord, values: Values): string | null {
    const named = tenantNames
        .filter((name) => type.outputNames.includes(name))
        .map((name) => values[name])
        .find((value) => typeof value === "string" && value !== "");
    return (named as string | undefined) ?? type.tenantOf(values) ?? null;
}

/** What is to be done next. */
function nextStep({
    status,
    problems,
    checks,
    warnings,
    drift,
    expiresAt,
    live,
}: Omit<ShownConnection, "next">): string {
    const said = problems.map(describe);
    const failed = Object.values(checks as Readonly<Record<string, { result: string; message: string }>>)
        .filter(({ result }) => result === "failed")
        .map(({ message }) => message);
    const reasons = [...new Set(said.length > 0 ? said : failed)].join(" ");
    switch (status) {
        case "verified":
            return drift.length === 0
                ? ""
                : `No longer as recorded: ${drift.join(", ")}. Run pulumi preview to see it and pulumi up to record it.`;
        case "expiring":
            return (
                warnings.find((warning) => expiresAt !== null && warning.includes(`expires on ${expiresAt}`)) ??
                "The secret expires soon. Make a new one, and declare it with its own expiresAt."
            );
        case "unverified":
            return live
                ? reasons
                : "Nobody has asked the vendor. Ask with status --live, or set verify to always and run pulumi up.";
        case "unreachable":
            return reasons === "" ? "The vendor could not be asked. Try again." : reasons;
        default:
            return reasons === "" ? "Run pulumi preview to see the reason." : reasons;
    }
}

/** How a connection is shown in one word: what is healthy and has drifted is called so. */
export function wordOf({ status, drift }: Pick<ShownConnection, "status" | "drift">): StatusWord {
    return drift.length > 0 && (status === "verified" || status === "expiring") ? drifted : statusWords[status];
}

/** What needs a hand first; among equals what expires first, then by stack and name. */
export function byUrgency(one: ShownConnection, other: ShownConnection): number {
    const days = ({ daysToExpiry }: ShownConnection): number => daysToExpiry ?? Infinity;
    const difference = wordOf(one).urgency - wordOf(other).urgency;
    if (difference !== 0) {
        return difference;
    }
    return days(one) !== days(other)
        ? days(one) - days(other)
        : `${one.stack} ${one.name}`.localeCompare(`${other.stack} ${other.name}`, "en");
}
