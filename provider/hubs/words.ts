// The words of a hub, as far as they may be shown or recorded: a hub may echo every sent value, and more than is known
// here.
import type { Problem, Values } from "../define/contracts";
import { matches } from "../core/fingerprint";
import { mark, Redactor } from "../core/redact";
import { textsWithin } from "../core/values";

/** The facts of a resource in clear where its connection's secrets are not known: in a refresh and a destroy. */
export interface ClearRecord {
    /** Values that this resource has sent, or has on record. */
    readonly values: readonly unknown[];
    /** Fingerprints of texts that it has sent, and that are not on record any more. */
    readonly sent: readonly string[];
    /** The hub's own words that are never secrets. */
    readonly words: readonly string[];
}

/** The recorded text in place of one that could be a secret. */
export const anotherValue = "another value";

/** A run of characters that may be a secret, in any encoding. */
const unbroken = /[^\s"'`()<>,;]{8,}/g;

/** Forms that hold no secret. */
const closedForms = [
    // A number, such as an identifier.
    /^\d{1,30}$/,
    // A code such as `invalid_credentials`.
    /^(?=.{1,60}$)[a-z]{2,15}(?:_[a-z]{2,15})+$/,
    // A day or a moment in ISO 8601.
    /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i,
    // A UUID.
    /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i,
];

const isInClosedForm = (text: string): boolean => closedForms.some((form) => form.test(text));

/** A run without the punctuation that ends a sentence. */
const bareOf = (run: string): string => run.replace(/[.:!?…]+$/, "");

/**
 * True for a run that is not an ordinary word and has no closed form: ordinary words have no digits or inner capitals,
 * and are short.
 */
const couldBeSecret = (run: string): boolean =>
    (/\d/.test(run) || /[a-z][A-Z]/.test(run) || run.length >= 20) && !isInClosedForm(bareOf(run));

/** The most characters of a hub's text in a sentence, and in a whole message. */
const longestQuote = 300;
const longestMessage = 4000;

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

/**
 * Removes secrets from a hub's words: the known ones, and where others may be in them, every text that could be one.
 */
export class RemoteWords {
    private readonly redactor: Redactor;
    private readonly own: ReadonlySet<string>;
    private readonly heard = new Set<string>();

    /** @param record Given where the hub may hold secrets that are not known here. */
    constructor(
        secrets: readonly string[],
        private readonly record: ClearRecord | undefined,
    ) {
        this.redactor = new Redactor(secrets);
        this.own = new Set(record === undefined ? [] : textsWithin([record.values, record.words]));
    }

    /** Adds texts that must not be shown: an access token that came meanwhile. */
    hide(...secrets: readonly string[]): void {
        this.redactor.add(secrets);
    }

    /** Notes an answer: its texts are the hub's in every place. */
    hear(answer: unknown): void {
        if (this.record !== undefined) {
            textsWithin(answer).forEach((text) => this.heard.add(text));
        }
    }

    /** A hub's text for the middle of a sentence. */
    quote(text: string): string {
        return cut(this.clean(text), longestQuote);
    }

    /** A text that is wholly the hub's, and is not in the noted answers: the address of a redirect. */
    outside(text: string): string {
        this.hear(text);
        return this.message(text);
    }

    /** A message that may hold a hub's texts. */
    message(text: string): string {
        return cut(this.clean(text), longestMessage);
    }

    problem({ kind, code, argument, message }: Problem): Problem {
        return {
            kind,
            code,
            ...(argument === undefined ? {} : { argument: this.message(argument) }),
            message: this.message(message),
        };
    }

    /** Values without secrets that are known. */
    redacted<T>(value: T): T {
        return this.redactor.value(value);
    }

    /**
     * Values in the form that may be recorded. Where they may hold unknown secrets, a text that was not sent is left
     * out, unless its form cannot hold one.
     */
    recordable(values: Values): Values {
        const redacted = this.redacted(values);
        return this.record === undefined
            ? redacted
            : Object.fromEntries(Object.entries(redacted).map(([name, value]) => [name, this.closed(value)]));
    }

    private closed(value: unknown): unknown {
        if (typeof value === "string") {
            return this.isClosed(value) ? value : anotherValue;
        }
        if (typeof value !== "object" || value === null) {
            return value;
        }
        if (Array.isArray(value)) {
            return value.map((one) => this.closed(one));
        }
        // Names within may be the hub's as well.
        return Object.keys(value).every((name) => this.own.has(name))
            ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.closed(one)]))
            : anotherValue;
    }

    private isClosed(text: string): boolean {
        return (
            text === "" ||
            this.own.has(text) ||
            isInClosedForm(text) ||
            (this.record?.sent ?? []).some((one) => matches(text, one))
        );
    }

    private clean(text: string): string {
        const shown = this.redactor.text(text);
        return this.record === undefined
            ? shown
            : shown.replace(unbroken, (run) => (couldBeSecret(run) && this.isOfHub(run) ? mark : run));
    }

    /** True for a run from an answer that this resource has not sent itself. */
    private isOfHub(run: string): boolean {
        const bare = bareOf(run);
        if ([...this.own].some((text) => text.includes(bare))) {
            return false;
        }
        return [...this.heard].some(
            (text) => text.includes(bare) || (text.match(unbroken) ?? []).some((one) => run.includes(one)),
        );
    }
}
