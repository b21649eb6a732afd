// The owner of an object at a hub, and the parts of it that are compared.
import { isDeepStrictEqual } from "node:util";
import type { Values } from "../define/contracts";
import { fingerprintSource, isFingerprint, matches } from "../core/fingerprint";
import type { Seen } from "../core/program-report";
import type { Found, RemoteDefinition, RemoteRequest, TakenConnection } from "./contracts";

/** The fact where another credential is held than the one that was sent. */
export const anotherCredential = "another one than was sent";

/** The part of the found facts that leaves the process. */
export function seenOf(
    definition: RemoteDefinition,
    { facts, outputs, mark, memo, credential }: Found,
    connection: TakenConnection | undefined,
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

/** True where the present object belongs to this resource. */
export function isOurs(definition: RemoteDefinition, seen: Seen | undefined, request: RemoteRequest): boolean {
    if (seen === undefined) {
        return true;
    }
    const { recorded } = request;
    if (definition.isUnmarked === true) {
        return recorded !== undefined && definition.isOurs?.(seen, request) !== false;
    }
    const { owner, nonce } = seen.mark;
    const isMarked =
        (owner !== undefined && (owner === request.owner || owner === recorded?.mark.owner)) ||
        (nonce !== undefined && nonce === recorded?.mark.nonce);
    return isMarked || definition.isOurs?.(seen, request) === true;
}

/** The present facts in the form that is compared and shown. */
export const factsOf = (seen: Seen | undefined, isOwn: boolean): Values =>
    seen === undefined
        ? { state: "missing" }
        : { state: "present", ...seen.facts, ...(isOwn ? {} : { owner: "another one" }) };

/** The wanted facts in the form that is compared and shown. */
export const targetOf = (wanted: Values): Values => ({ state: "present", ...wanted });

/**
 * The part of the connection that is sent, as a text; undefined where nothing is sent, or a secret cannot be read now.
 */
export function sentText(definition: RemoteDefinition, connection: TakenConnection | undefined): string | undefined {
    const sent = connection && definition.credential?.(connection);
    return sent && fingerprintSource(sent);
}

/** True for the recorded digest of a text. */
export const isDigestOf = (text: string, digest: string | undefined): boolean =>
    digest !== undefined && isFingerprint(digest) && matches(text, digest);
