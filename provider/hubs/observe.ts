// The program's side: asks the hub in previews and updates, so that drift shows property by property. Facts go on to the provider's side, never a secret.
import { isDeepStrictEqual } from "node:util";
import type { Problem, Values } from "../define/contracts";
import { parseJson } from "../core/json";
import { problemOf, type Session } from "../core/session";
import { verifyToday } from "../core/verified";
import { UNKNOWN } from "../core/unknown";
import type { Found, HubConnection, HubDefinition, Mark } from "./contracts";
import { exchangeOf, handedOver, prepare, type FindConnection, type JudgedConnection } from "./request";
import { aboutConnection, type HubType } from "./type";

/** What of an object at a hub leaves the process that has looked at it. */
export interface Seen {
    readonly facts: Values;
    readonly outputs: Values;
    readonly mark: Partial<Mark>;
    readonly memo?: Values | undefined;
}

/** What the program's side has found out for one resource. */
export interface Observation {
    /** How the program calls the resource. */
    readonly label: string;
    /** The resource's URN. */
    readonly owner: string;
    /** Whether it was made for a preview, which shows what the hub holds. */
    readonly preview?: boolean | undefined;
    /** Whether the program made an argument secret that is none by itself. */
    readonly isSealed?: boolean | undefined;
    /** What the resource's `replaceOnChanges` names. */
    readonly replaceOn?: readonly string[] | undefined;
    /** What the connection's verification found; undefined where it found nothing, or the resource takes none. */
    readonly outputs?: Values | undefined;
    /** What is wrong with a connection that was given by its arguments. */
    readonly problems: readonly Problem[];
    /** Why the hub could not be asked, or what it refused. */
    readonly problem?: Problem | undefined;
    /** Whether the hub was asked, and answered. */
    readonly isAsked: boolean;
    /** What is there; undefined where nothing is. */
    readonly seen?: Seen | undefined;
    /** What is worth telling in every run. */
    readonly warnings: readonly string[];
}

/** How an observation is asked for. */
export interface ObservationRequest {
    readonly label: string;
    readonly owner: string;
    readonly preview: boolean;
    readonly isSealed: boolean;
    readonly replaceOn?: readonly string[] | undefined;
    /** What the program declares, with secrets. */
    readonly declared: Values;
    /** What is on record of a connection that the program has as a resource; undefined for plain arguments, which are verified here. */
    readonly outputs?: Values | undefined;
}

/** Asks the hub. What goes wrong is a value, never an exception. */
export async function observeHub(
    type: HubType,
    find: FindConnection,
    session: Session,
    { label, owner, preview, isSealed, replaceOn = [], declared, outputs: known }: ObservationRequest,
): Promise<Observation> {
    const common = {
        label,
        owner,
        ...(preview ? { preview } : {}),
        ...(isSealed ? { isSealed } : {}),
        ...(replaceOn.length > 0 ? { replaceOn } : {}),
    };
    const prepared = await prepare(type, find, session, declared);
    if (prepared.problems.length > 0 || prepared.isOpen) {
        // The provider's side comes to the same, and says it.
        return { ...common, problems: [], isAsked: false, warnings: [] };
    }
    const { definition } = type;
    const { connection, values } = prepared;
    const verified = connection === undefined ? undefined : await verifiedOutputs(session, connection, known);
    const handed = connection === undefined ? undefined : handedOver(connection, verified?.outputs ?? known ?? {});
    const warnings = definition.warnings?.(values) ?? [];
    const asked = { ...common, outputs: verified?.outputs, problems: verified?.problems ?? [] };
    try {
        const hub = exchangeOf(type, session, prepared);
        const found = await hub.look({ args: values, owner, connection: handed, isProgram: true });
        const seen = found && seenOf(definition, found, handed);
        return { ...asked, isAsked: true, seen, warnings: [...warnings, ...hub.warnings] };
    } catch (error) {
        return { ...asked, isAsked: false, problem: problemOf(error), warnings };
    }
}

/** What is shown where the hub holds another credential than the one that was sent. */
export const anotherCredential = "another one than was sent";

/** What leaves the process of what a hub holds. */
export function seenOf(
    definition: HubDefinition,
    { facts, outputs, mark, memo, credential }: Found,
    connection: HubConnection | undefined,
): Seen {
    const sent = connection === undefined ? undefined : definition.credential?.(connection);
    const isAnother = credential !== undefined && sent !== undefined && !isDeepStrictEqual(credential, sent);
    return {
        facts: isAnother ? { ...facts, credential: anotherCredential } : facts,
        outputs,
        mark,
        ...(memo === undefined ? {} : { memo }),
    };
}

interface Verified {
    readonly outputs: Values | undefined;
    readonly problems: readonly Problem[];
}

/** What is known of the connection: what its resource has, or what its arguments are verified to open. */
async function verifiedOutputs(
    session: Session,
    { type, args }: JudgedConnection,
    known: Values | undefined,
): Promise<Verified> {
    if (known !== undefined) {
        return { outputs: known, problems: [] };
    }
    const { result, connection } = await verifyToday(type, args, session, { mode: "always" });
    if (connection === undefined) {
        return { outputs: undefined, problems: [] };
    }
    const [, another] = result.tenants;
    const problems = connection.problems.map(aboutConnection);
    const several = `opens several ${type.definition.title} sites. Name the one that is meant (${type.tenantArguments.join(" or ")}).`;
    const unclear: Problem[] =
        another === undefined ? [] : [{ kind: "siteMissing", argument: "connection", message: several }];
    return { outputs: connection.outputs, problems: [...problems, ...unclear] };
}

/** What was handed over: undefined where nothing of that kind was, `unknown` where it is yet to come. */
export function observationOf(text: unknown): Observation | "unknown" | undefined {
    if (text === UNKNOWN) {
        return "unknown";
    }
    const value = typeof text === "string" ? parseJson(text) : undefined;
    const { owner, problems, isAsked, warnings } = (value ?? {}) as Partial<Observation>;
    const isOne =
        typeof owner === "string" && Array.isArray(problems) && typeof isAsked === "boolean" && Array.isArray(warnings);
    return isOne ? (value as Observation) : undefined;
}
