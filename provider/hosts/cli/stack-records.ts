// The connections in a stack's state, as `pulumi stack export` has them.
import type { AnyDefinition, Check, Problem, Status, Values } from "../../define";
import { secret } from "../../define";
import { ConnectionType } from "../../core/connection-type";
import { consoleUrl } from "../../core/console";
import { dayLength, endOf } from "../../core/days";
import { inspectRecord, type Inspection } from "../../core/inspect";
import { parseJson } from "../../core/json";
import { coded } from "../../define/coded";
import { describe, isCode, isGood, isUnhealthy, nameOfError } from "../../core/problems";
import { mark } from "../../core/redact";
import { bookkeepingName } from "../../core/state";
import { isStatus, statuses, type StatusWord } from "../../core/statuses";
import { isObject, objectIn, textsIn } from "../../core/values";
import { hubs as hubKinds } from "../../hubs";
import { personsStep } from "../../hubs/awaited";
import type { RemoteDefinition } from "../../hubs/contracts";
import { connectionArgument } from "../../hubs/type";
import { engineSignature, secretSignature } from "../engine-signature";
import { PROGRAM_REPORT_INPUT } from "../dynamic/program-report";
import { connectionTypes } from "../handlers";
import { nameOfUrn } from "../urn";
import { drifted } from "./status-words";
import { shortName } from "./terminal";

/** A resource of an exported state: only its URN and type are known to be texts. */
interface ExportedResource {
    readonly urn: string;
    readonly type: string;
    readonly delete?: unknown;
    readonly inputs?: unknown;
    readonly outputs?: unknown;
    readonly dependencies?: unknown;
    readonly propertyDependencies?: unknown;
}

/** A hub's resource that holds a connection. */
export interface HubResource {
    readonly urn: string;
    readonly name: string;
    readonly type: string;
    readonly status?: string | undefined;
    /** The person or team that looks after it. */
    readonly contact?: string | undefined;
    /** The person's next step before it works; undefined where no person is awaited. */
    readonly next?: string | undefined;
}

/** A connection of a stack, as it is shown. */
export interface ShownConnection {
    readonly stack: string;
    readonly urn: string;
    readonly name: string;
    /** The name of its type in programs: `jamf.ApiClient`. */
    readonly type: string;
    /** The vendor's product: `Jamf Pro`. */
    readonly vendor: string;
    readonly status: Status;
    /** The day since which it is known not to be healthy. */
    readonly since: string | null;
    /** The account that it acts as: undefined where that is not known, `[secret]` where the program made it secret. */
    readonly account: Values | string | null;
    /** The organisation, site or server that it opens. */
    readonly tenant: string | null;
    /** The end of the secret: as the vendor reports it, else as the program declares it. */
    readonly expiresAt: string | null;
    /** Whole days until then; below zero, since then. */
    readonly daysToExpiry: number | null;
    readonly verifiedAt: string | null;
    /** True where the vendor was contacted by this command. */
    readonly live: boolean;
    /** Outputs that are not as they were recorded. */
    readonly drift: readonly string[];
    readonly checks: Values;
    readonly problems: readonly Problem[];
    readonly warnings: readonly string[];
    /** The resources of hubs that hold it. */
    readonly hubs: readonly HubResource[];
    /** The person or team that looks after it, as the program declares it. */
    readonly contact: string | null;
    /** The https address of the vendor's console, where it is known. */
    readonly console: string | null;
    /** The person's next step, in a sentence; empty where nothing is to be done. */
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
    /** True where this version declares the type. */
    readonly isKnown: boolean;
    /** The module that declares it, where it is not this package's own. */
    readonly declaredIn: string | undefined;
    /** Arguments and outputs; values that are still encrypted are replaced. Empty where there is a fault. */
    readonly values: Values;
    /** The reason why the record cannot be read; undefined where it can. */
    readonly fault: string | undefined;
    readonly hubs: readonly HubResource[];
}

/** Type tokens of both hosts: `pulumi-nodejs:dynamic/connections/jamf:ApiClient`, `connections:jamf:ApiClient`. */
const token = /^(?:pulumi-nodejs:dynamic\/connections\/|connections:)([a-z][A-Za-z0-9]*):([A-Z][A-Za-z0-9]*)$/;
const hubVendors: ReadonlySet<string> = new Set(Object.keys(hubKinds).map((kind) => kind.slice(0, kind.indexOf(":"))));

/**
 * The connections of an exported stack. A record that cannot be read is one with a fault.
 * @param exported The output of `pulumi stack export`. It may be edited by hand, so nothing in it is certain.
 */
export function connectionsIn(exported: unknown): readonly ConnectionRecord[] {
    const resources = resourcesIn(exported).filter((resource) => resource.delete !== true);
    const hubs = resources.filter(({ type }) => hubVendors.has(vendorOf(type)));
    return resources.flatMap((resource): ConnectionRecord[] => {
        const { urn } = resource;
        const [, vendor = "", name = ""] = token.exec(resource.type) ?? [];
        const outputs = objectIn(resource.outputs);
        if (vendor === "" || hubVendors.has(vendor) || !Object.hasOwn(outputs, bookkeepingName)) {
            return [];
        }
        const label = `${vendor}.${name}`;
        const { values, declaredIn, fault } = readRecord(outputs);
        const known = declaredIn === undefined ? connectionTypes.named(label) : undefined;
        return [
            {
                urn,
                name: nameOfUrn(urn),
                project: urn.split("::")[1] ?? "",
                label,
                type: known ?? new ConnectionType(unknownDefinition(vendor, name)),
                isKnown: known !== undefined,
                declaredIn,
                values,
                fault,
                hubs: hubs.filter((hub) => holds(hub, urn)).map(hubResource),
            },
        ];
    });
}

function resourcesIn(exported: unknown): readonly ExportedResource[] {
    const { resources } = objectIn(objectIn(exported)["deployment"]);
    return (Array.isArray(resources) ? resources : []).filter((one: unknown): one is ExportedResource => {
        const { urn, type } = objectIn(one);
        return isText(urn) && isText(type);
    });
}

/**
 * A setting of the stack's configuration that the last `up` has recorded: undefined where it is not there, null where
 * it cannot be read.
 */
export function recordedSetting(exported: unknown, key: string): unknown {
    const name = `connections:${key}`;
    const recorded = resourcesIn(exported)
        .filter(({ type }) => ["pulumi:providers:pulumi-nodejs", "pulumi:providers:connections"].includes(type))
        .map(({ inputs }) => objectIn(inputs)[name])
        .filter((value) => value !== undefined);
    try {
        return withoutSecrets(recorded.at(-1));
    } catch (error) {
        if (error instanceof UnreadableRecord) {
            return null;
        }
        throw error;
    }
}

interface ReadRecord {
    readonly values: Values;
    readonly declaredIn?: string | undefined;
    readonly fault?: string | undefined;
}

function readRecord(outputs: Values): ReadRecord {
    try {
        const values = withoutSecrets(outputs) as Values;
        const bookkeeping = values[bookkeepingName];
        if (!isObject(bookkeeping)) {
            return { values: {}, fault: `its ${bookkeepingName} is not an object` };
        }
        const { declaredIn } = bookkeeping;
        return declaredIn === undefined || isText(declaredIn)
            ? { values, declaredIn }
            : { values: {}, fault: `its ${bookkeepingName}.declaredIn is not a text` };
    } catch (error) {
        if (error instanceof UnreadableRecord) {
            return { values: {}, fault: error.message };
        }
        throw error;
    }
}

/** Reports why a part of a state cannot be read. */
class UnreadableRecord extends Error {}

const vendorOf = (type: string): string => token.exec(type)?.[1] ?? "";

/**
 * True where a hub's resource holds a connection: by the argument that accepts it, else by the program's record of it,
 * else by all of the resource's dependencies.
 */
function holds({ dependencies, propertyDependencies }: ExportedResource, urn: string): boolean {
    const byProperty = objectIn(propertyDependencies);
    const handed = [connectionArgument, PROGRAM_REPORT_INPUT].map((name) => textsIn(byProperty[name]));
    return (handed.find((urns) => urns.length > 0) ?? textsIn(dependencies)).includes(urn);
}

function hubResource({ urn, type, outputs }: ExportedResource): HubResource {
    const [, vendor = "", name = ""] = token.exec(type) ?? [];
    const { status, contact } = objectIn(outputs);
    const definition: RemoteDefinition | undefined = hubKinds[`${vendor}:${name}` as keyof typeof hubKinds]?.();
    const step = definition && personsStep(definition, { status });
    return {
        urn,
        name: nameOfUrn(urn),
        type: `${vendor}.${name}`,
        ...(isText(status) ? { status } : {}),
        ...(isText(contact) ? { contact } : {}),
        ...(step === undefined ? {} : { next: step }),
    };
}

/** The most levels of a record: deeper ones would exhaust the stack while they are compared and printed. */
const deepest = 100;

/**
 * Replaces the values that the engine marks as secret, except those that it has decrypted for this command.
 * @throws UnreadableRecord where a value is nested too deeply, or a secret is not JSON.
 */
function withoutSecrets(value: unknown, depth = 0): unknown {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (depth === deepest) {
        throw new UnreadableRecord(`it has more than ${deepest} levels`);
    }
    if (Array.isArray(value)) {
        return value.map((item) => withoutSecrets(item, depth + 1));
    }
    const { [engineSignature]: kind, plaintext } = value as Values;
    if (kind === secretSignature) {
        return isText(plaintext) ? decrypted(plaintext, depth) : mark;
    }
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutSecrets(inner, depth + 1)]));
}

function decrypted(plaintext: string, depth: number): unknown {
    const value = parseJson(plaintext);
    if (value === undefined) {
        throw new UnreadableRecord("a secret in it is not JSON");
    }
    return withoutSecrets(value, depth + 1);
}

/** A definition for a type that this version does not declare, with the parts that all connections have. */
function unknownDefinition(vendor: string, name: string): AnyDefinition {
    return {
        type: `${vendor}:${name}`,
        title: vendor,
        args: { secret: secret() },
        outputs: {},
        checks: {},
        tenant: "tenant",
        credential: () => ({ scheme: "none" }),
        verify: () => Promise.reject(new Error("not declared here")),
    };
}

// ---- shown connections ----------------------------------------------------------------------------------------------------------

/** A connection as it is shown, from the record alone. */
export function recordedConnection(stack: string, record: ConnectionRecord): ShownConnection {
    if (record.fault !== undefined) {
        return unusable(stack, record, record.fault);
    }
    try {
        return shownConnection(stack, record, inspectRecord(record.type, record.values));
    } catch (error) {
        // A record that is edited by hand keeps no other from being shown.
        return unusable(stack, record, nameOfError(error));
    }
}

/** The reason why a record cannot be used, and the next step. */
export const unusableMessage = ({ label, urn }: Pick<ConnectionRecord, "label" | "urn">, reason: string): string =>
    `the recorded state of this ${label} cannot be used (${reason}). Restore the stack's state, or replace the resource (pulumi up --replace ${urn}).`;

/** A connection of which nothing is known but why. */
function unusable(stack: string, record: ConnectionRecord, reason: string): ShownConnection {
    const message = unusableMessage(record, reason);
    const nothing = { values: {}, since: undefined, verifiedAt: undefined, isChecked: false, drift: [] };
    const problems = [{ kind: "internal", code: "state-unusable", message }] as const;
    const shown = shownConnection(stack, record, { ...nothing, status: "unverified", problems });
    return { ...shown, console: null, next: coded(message, "state-unusable") };
}

/** A connection as it is shown, from the record or with the vendor's latest answer. */
export function shownConnection(
    stack: string,
    record: ConnectionRecord,
    inspection: Inspection | undefined,
    now = Date.now(),
): ShownConnection {
    const { type, label, urn, name, hubs } = record;
    const {
        status: found,
        problems,
        values,
        since,
        verifiedAt,
        isChecked: isChecked,
        drift,
    } = inspection as Inspection;
    // Another version may know more of them.
    const status = isStatus(found) ? found : "unverified";
    const { account, checks, warnings, contact } = values;
    const isReported = values["secretExpirySource"] === "vendor";
    const expiresAt = textOr(values[isReported ? "secretExpiresAt" : "expiresAt"]);
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
        live: isChecked,
        drift: isUnhealthy(status) ? [] : drift,
        checks: checksOf(checks),
        problems,
        warnings: textsIn(warnings),
        hubs,
        contact: textOr(contact),
        console: consoleUrl(type.definition, values) ?? null,
    };
    const awaited = hubs.flatMap(({ type: kind, name: called, next }) =>
        next === undefined ? [] : [`${kind} ${called} awaits a person: ${next}`],
    );
    return { ...shown, next: [nextStep(shown), ...awaited].filter((text) => text !== "").join(" ") };
}

// A state may have been written by another version, or edited by hand.
const isText = (value: unknown): value is string => typeof value === "string";
const textOr = (value: unknown): string | null => (isText(value) ? value : null);

function accountOf(account: unknown): Values | string | null {
    const { id, name, email } = objectIn(account);
    return isText(id) && isText(name) ? { id, name, ...(isText(email) ? { email } : {}) } : textOr(account);
}

const checkResults: readonly unknown[] = ["passed", "failed", "skipped", "unknown"];

const checksOf = (checks: unknown): Values =>
    Object.fromEntries(
        Object.entries(objectIn(checks)).flatMap(([name, check]) => {
            // A class that this version does not have leaves sentences out.
            const { result, message = "", code } = objectIn(check);
            const isCheck = checkResults.includes(result) && isText(message);
            return isCheck ? [[name, { result, message, ...(isCode(code) ? { code } : {}) }]] : [];
        }),
    );

/** The tenant's name for people, where it differs from the identifier. */
const tenantNames = ["organizationName", "siteUrl", "siteName"];

function tenantOf({ type }: ConnectionRecord, values: Values): string | null {
    const named = tenantNames
        .filter((name) => type.outputNames.includes(name))
        .map((name) => values[name])
        .find((value) => typeof value === "string" && value !== "");
    return textOr(named ?? type.tenantOf(values));
}

/** The next step. */
function nextStep({ status, problems, checks, warnings, drift, live }: Omit<ShownConnection, "next">): string {
    const said = problems.map(describe);
    const failed = Object.values(checks as Readonly<Record<string, Check>>)
        .filter(({ result }) => result === "failed")
        .map(({ message, code }) => (code === undefined ? message : coded(message, code)));
    const reasons = [...new Set(said.length > 0 ? said : failed)].join(" ");
    switch (status) {
        case "verified":
            return drift.length === 0
                ? ""
                : `No longer as recorded: ${drift.join(", ")}. Run pulumi preview to see it and pulumi up to record it.`;
        case "expiring":
            return (
                warnings.find((warning) => /^The \S+ expires on /.test(warning)) ??
                "The secret expires soon. Make a new one, and declare it with its own expiresAt."
            );
        case "unverified":
            return live
                ? reasons
                : "The vendor was not checked. Run status --live, or set verify to always and run pulumi up.";
        case "unreachable":
            return reasons === "" ? "The vendor could not be checked. Try again." : reasons;
        default:
            return reasons === "" ? "Run pulumi preview to see the reason." : reasons;
    }
}

/** The source of the connections' states, as a sentence. */
export function basisOf(connections: readonly Pick<ShownConnection, "live">[]): string {
    const checked = connections.filter(({ live }) => live).length;
    if (checked === 0) {
        return "On record, and by today's calendar. No vendor was contacted: status --live does that.";
    }
    return checked === connections.length
        ? "Checked now."
        : `${checked} of ${connections.length} checked now, the others on record.`;
}

/** A moment to the minute, with its zone: `2026-11-24 12:21 UTC`. */
export function utcTime(moment: string): string {
    const at = new Date(moment);
    return Number.isNaN(at.getTime())
        ? shortName(moment, 20)
        : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The word for a connection: a healthy one with drift is `drifted`. */
export function wordOf({ status, drift }: Pick<ShownConnection, "status" | "drift">): StatusWord {
    return drift.length > 0 && isGood(status) ? drifted : statuses[status];
}

/** True where a person has something to do about a connection, or has to know about it. */
export const needsAttention = ({ next, status, drift }: Values | ShownConnection): boolean =>
    next !== "" || status !== "verified" || textsIn(drift).length > 0;

/** The order by urgency: first those that need attention, then by expiry, stack and name. */
export function byUrgency(one: ShownConnection, other: ShownConnection): number {
    const days = ({ daysToExpiry }: ShownConnection): number => daysToExpiry ?? Infinity;
    const urgency = (shown: ShownConnection): number => wordOf(shown).urgency + (needsAttention(shown) ? 0 : 1);
    const difference = urgency(one) - urgency(other);
    if (difference !== 0) {
        return difference;
    }
    return days(one) !== days(other)
        ? days(one) - days(other)
        : `${one.stack} ${one.name}`.localeCompare(`${other.stack} ${other.name}`, "en");
}
