import type { Code } from "../messages";

/** The message of an error with its code at its end. */
export const coded = (message: string, code: Code): string => `${message} [${code}]`;
