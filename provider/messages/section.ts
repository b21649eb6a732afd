// The shape of the registry of messages: data alone, which commands and pages load, and a run never does.

/**
 * A message: its text, with `…` for the parts that differ; its meaning and next step, in Markdown; and the code that it
 * shows, where that is another message's.
 */
export type MessageRow = readonly [says: string, means?: string, code?: string];

/** The messages of one area, as a section of the page of messages. */
export interface MessageSection<ErrorCode extends string = string, Anchor extends string = string> {
    readonly title: string;
    /** The level of its heading. Default 2. */
    readonly level?: 3;
    /** Paragraphs above its messages, in Markdown. */
    readonly intro?: string;
    /** Errors, each by the code at its end. */
    readonly errors: Readonly<Record<ErrorCode, MessageRow>>;
    /** Warnings, sentences of checks, and further forms of errors, each by its anchor. */
    readonly others: Readonly<Record<Anchor, MessageRow>>;
}

interface GivenSection<ErrorCode extends string, Anchor extends string> extends Omit<
    MessageSection,
    "errors" | "others"
> {
    readonly errors?: Readonly<Record<ErrorCode, MessageRow>>;
    readonly others?: Readonly<Record<Anchor, MessageRow>>;
}

/** A section whose codes are types. */
export function section<const ErrorCode extends string = never, const Anchor extends string = never>({
    errors = {} as Record<ErrorCode, MessageRow>,
    others = {} as Record<Anchor, MessageRow>,
    ...rest
}: GivenSection<ErrorCode, Anchor>): MessageSection<ErrorCode, Anchor> {
    return { ...rest, errors, others };
}
