// The sentences of checks that follow from the declaration: a brief record leaves them out.
import type { Check, Values } from "../define/contracts";
import type { ConnectionType } from "./connection-type";
import { noneRequired } from "./scopes";
import { isObject } from "./values";

/** The sentence that the declaration has for a result; undefined where it has none. */
function declaredSentence({ checks, definition: { scopes } }: ConnectionType, name: string, result: unknown): unknown {
    const ofSkipped = scopes !== undefined && name === scopes.check ? noneRequired(scopes) : undefined;
    return result === "passed" ? checks[name] : result === "skipped" ? ofSkipped : undefined;
}

/** Checks that others may have edited, each with its sentence. */
export const withSentences = (type: ConnectionType, checks: unknown): unknown =>
    eachCheck(checks, (name, check) => {
        const message = check.message ?? declaredSentence(type, name, check.result);
        return message === undefined ? check : { ...check, message };
    });

/** The same without the sentences that {@link withSentences} knows. */
export const withoutSentences = (type: ConnectionType, checks: unknown): unknown =>
    eachCheck(checks, (name, { message, ...check }) =>
        message === undefined || message === declaredSentence(type, name, check.result) ? check : { ...check, message },
    );

function eachCheck(checks: unknown, change: (name: string, check: Partial<Check>) => Values): unknown {
    return isObject(checks)
        ? Object.fromEntries(
              Object.entries(checks).map(([name, check]) => [name, isObject(check) ? change(name, check) : check]),
          )
        : checks;
}
