// Pulumi's values as they come over the wire, and as handlers have them.
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import type { Values } from "../../define";
import { isReference } from "../../core/secrets";
import { UNKNOWN } from "../../core/unknown";
import { isObject, without } from "../../core/values";
import { engineSignature, secretSignature } from "../engine-signature";

/** The signature of a value with facts about it, which some engines send in place of a plain one. */
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** The engine's texts for values that are not known yet, one for each kind of value. */
const unknowns: ReadonlySet<string> = new Set([
    UNKNOWN,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Values in plain, with the paths of the secrets among them. */
export interface Plain {
    readonly values: Values;
    readonly secrets: readonly string[];
}

/** Reads values from the engine. */
export function decode(struct: Struct | undefined): Plain {
    const secrets: string[] = [];
    const values = plainOf(struct?.toJavaScript() ?? {}, [], secrets) as Values;
    return { values, secrets };
}

function plainOf(value: unknown, path: readonly string[], secrets: string[]): unknown {
    if (typeof value === "string") {
        return unknowns.has(value) ? UNKNOWN : value;
    }
    if (Array.isArray(value)) {
        return value.map((item) => plainOf(item, path, secrets));
    }
    if (!isObject(value)) {
        return value;
    }
    const { [engineSignature]: signature, value: inner, secret } = value;
    if (signature === secretSignature || signature === outputSignature) {
        if (signature === secretSignature || secret === true) {
            secrets.push(path.join("."));
        }
        return inner === undefined ? UNKNOWN : plainOf(inner, path, secrets);
    }
    return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, plainOf(one, [...path, name], secrets)]),
    );
}

/**
 * Writes values for the engine.
 * @param secrets The paths of values that it encrypts. A reference is not a secret.
 */
export function encode(values: Values, secrets: readonly string[]): Struct {
    // A stack that has moved here may hold the code of a dynamic resource.
    const written = wireOf(without(values, ["__provider"]), "", new Set(secrets));
    return Struct.fromJavaScript(written as Record<string, JavaScriptValue>);
}

function wireOf(value: unknown, path: string, secrets: ReadonlySet<string>): unknown {
    const isHidden = secrets.has(path) && value !== null && value !== UNKNOWN && !isReference(value);
    const inner = Array.isArray(value)
        ? value.map((item) => wireOf(item ?? null, "", secrets))
        : isObject(value)
          ? Object.fromEntries(
                Object.entries(value)
                    .filter(([, one]) => one !== undefined)
                    .map(([name, one]) => [name, wireOf(one, path === "" ? name : `${path}.${name}`, secrets)]),
            )
          : value;
    return isHidden ? { [engineSignature]: secretSignature, value: inner } : inner;
}
