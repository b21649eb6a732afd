// Keyed digests, to compare values that must not be stored.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import stringify from "safe-stable-stringify";

/**
 * A keyed digest of a value. An earlier fingerprint's key is used again, so that equal values have equal fingerprints.
 */
export function fingerprint(value: string, earlier?: unknown): string {
    const isOne = typeof earlier === "string" && /^[0-9a-f]{32}:/.test(earlier);
    const key = isOne ? earlier.slice(0, 32) : randomBytes(16).toString("hex");
    return `${key}:${createHmac("sha256", Buffer.from(key, "hex")).update(value).digest("hex")}`;
}

/** True for a fingerprint. */
export function isFingerprint(text: string): boolean {
    return /^[0-9a-f]{32}:[0-9a-f]{64}$/.test(text);
}

/** True where a fingerprint is that of a value. */
export function matches(value: string, earlier: string): boolean {
    const [given, expected] = [Buffer.from(earlier), Buffer.from(fingerprint(value, earlier))];
    return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The text that a fingerprint is made of: its keys are in order, so that equal values have equal texts. */
export function fingerprintSource(...values: readonly unknown[]): string {
    return stringify(values);
}
