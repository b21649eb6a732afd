import type { VendorClock, VendorRequest } from "../vendors";
import type { Outbound } from "../outbound";
import type { NangoKey, NangoKeys } from "./keys";
import type { NangoConnectionRow, NangoRows } from "./rows";

/** What the handlers of one Nango environment share. */
export interface NangoEnvironment {
    readonly rows: NangoRows;
    readonly keys: NangoKeys;
    readonly clock: VendorClock;
    /** What Nango itself can ask. */
    readonly outbound: Outbound;
    /** Where it shows its logos and, below another port, its forms. */
    readonly publicUrl: () => string;
    /** Every token that Nango got for itself or gave away. */
    readonly tokens: string[];
    /** Whose reads fetch a new token where one is due: see {@link NangoRefreshes}. */
    readonly refreshes: () => NangoRefreshes;
    /** Sends the script that Nango runs after a connection was written on its way. */
    readonly afterWrite: (row: NangoConnectionRow) => void;
    /** Where creates of one connection meet. */
    readonly meeting: CreateMeeting;
}

/**
 * Whose reads of a connection fetch a new token: Nango's release 0.71.4 does so for every key, and its source since then for those that
 * may read credentials.
 */
export type NangoRefreshes = "for any key" | "for keys that read credentials";

/** A request that was let in. */
export interface NangoCall {
    readonly request: VendorRequest;
    readonly key: NangoKey;
    readonly params: Readonly<Record<string, string>>;
    readonly query: Readonly<Record<string, unknown>>;
    readonly body: unknown;
}

/** The way of one create to the database. */
export interface CreateTurn {
    /** Resolves when it may look whether the row is there. */
    readonly look: Promise<void>;
    /** Resolves when it may write. */
    readonly write: () => Promise<void>;
    /** To be called when it has written, or has given up. */
    readonly done: () => void;
}

const roundTripMs = 2;

/**
 * Between the look whether a row is there and the write lies a round trip to the database. Creates of one row that come in
 * between collide; {@link gather} makes a number of them come together for certain.
 */
export class CreateMeeting {
    private waiting: { size: number; turns: (() => void)[]; first: Promise<void>; firstDone: () => void } | undefined;

    /**
     * The next creates that are in order, this many, go to the database together: all but the last look before the first has written.
     * They wait until all of them have come.
     */
    gather(size: number): void {
        let firstDone = (): void => undefined;
        const first = new Promise<void>((resolve) => (firstDone = resolve));
        this.waiting = { size, turns: [], first, firstDone };
    }

    /** A place for one create. */
    turn(): CreateTurn {
        const meeting = this.waiting;
        const write = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, roundTripMs));
        if (!meeting) {
            return { look: Promise.resolve(), write, done: () => undefined };
        }
        const place = meeting.turns.length + 1;
        const arrived = new Promise<void>((resolve) => meeting.turns.push(resolve));
        if (place === meeting.size) {
            this.waiting = undefined;
            meeting.turns.forEach((go) => go());
        }
        const isLast = place === meeting.size && place > 1;
        return {
            look: isLast ? arrived.then(() => meeting.first) : arrived,
            write,
            done: () => place === 1 && meeting.firstDone(),
        };
    }
}
