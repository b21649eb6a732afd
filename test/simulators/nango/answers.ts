import type { ZodError } from "zod";
import { type Answer, randomUUID } from "../vendors";

/** What a handler throws to answer with an error. */
export class NangoError extends Error {
    constructor(readonly answer: Answer) {
        super(`${answer.status} ${String(answer.body)}`);
    }
}

/** A JSON answer as Express writes it. */
export function nangoJson(status: number, value: unknown): Answer {
    return { status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(value) };
}

/** An error with its code, and what else is said of it. */
export function refusal(status: number, code: string, more: Record<string, unknown> = {}): Answer {
    return nangoJson(status, { error: { code, ...more } });
}

/** Ends the call with an error. */
export function refuse(status: number, code: string, message?: string): never {
    throw new NangoError(refusal(status, code, message === undefined ? {} : { message }));
}

/** One field that is not in order. */
export interface FieldProblem {
    code: string;
    message: string;
    path: string[];
}

/** Ends the call with a 400 that names fields. */
export function refuseFields(code: string, errors: readonly FieldProblem[]): never {
    throw new NangoError(refusal(400, code, { errors }));
}

/** Ends the call with a 400 that names what the schema found. */
export function refuseShape(
    code: "invalid_body" | "invalid_query_params" | "invalid_uri_params",
    { issues }: ZodError,
): never {
    return refuseFields(
        code,
        issues.map((issue) => ({ code: issue.code, message: issue.message, path: issue.path.map(String) })),
    );
}

/** The 500 that Nango gives for whatever it did not expect, such as a broken rule of its database. */
export function unexpected(status = 500): Answer {
    const id = randomUUID();
    const message = `An error occurred. Please contact support with this unique id: "${id}"`;
    return nangoJson(status, { error: { message, code: "generic_error_support", payload: id } });
}
