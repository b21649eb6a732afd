// All calls of a module go through here, so that no problem, warning, fact or output leaves it with a secret.
import { isDeepStrictEqual } from "node:util";
import type { Values } from "../define/contracts";
import { Fault, fault } from "../core/problems";
import { without } from "../core/values";
import type { RemoteClient } from "./client";
import type { Mark } from "../core/program-report";
import type { Found, RemoteRequest, RemoteWrite, Written } from "./contracts";
import type { RemoteType } from "./type";
import type { RemoteWords } from "./words";

/** The calls of one resource's module. */
export class RemoteExchange {
    constructor(
        private readonly type: RemoteType,
        private readonly client: RemoteClient,
        private readonly words: RemoteWords,
    ) {}

    /** Remarks for every run. */
    get warnings(): readonly string[] {
        return this.client.warnings.map((warning) => this.words.message(warning));
    }

    /** Adds a text that must not be shown: an access token that came meanwhile. */
    hide(secret: string): void {
        this.words.hide(secret);
    }

    /** Reads the present object; undefined: it does not exist. */
    look(request: RemoteRequest): Promise<Found | undefined> {
        return this.completed(async () => {
            const found = await this.type.definition.look(this.client, request);
            return found && this.shown(found, request);
        });
    }

    /** Makes the wanted object. */
    write(request: RemoteWrite): Promise<Written> {
        return this.completed(async () => {
            const { outputs, memo, problem, ...written } = await this.type.definition.write(this.client, request);
            return {
                ...written,
                ...(outputs === undefined ? {} : { outputs: this.words.redacted(outputs) }),
                ...(memo === undefined ? {} : { memo: this.identifying(memo) }),
                ...(problem === undefined ? {} : { problem: this.words.problem(problem) }),
            };
        });
    }

    /** Deletes the found object. */
    remove(request: RemoteRequest, found: Found): Promise<void> {
        return this.completed(() => this.type.definition.remove(this.client, request, found));
    }

    /** The reason why the found object must not be deleted. */
    stays(request: RemoteRequest, found: Found): string | undefined {
        const why = this.type.definition.stays?.(request, found);
        return why && this.words.message(why);
    }

    private shown(found: Found, request: RemoteRequest): Found {
        const { facts, outputs, mark, memo, problem } = found;
        return {
            ...found,
            facts: this.words.recordable(facts),
            outputs: {
                ...this.words.redacted(outputs),
                ...this.words.recordable(without(outputs, this.type.secretOutputs)),
            },
            mark: this.markOf(mark, request),
            ...(memo === undefined ? {} : { memo: this.identifying(memo) }),
            ...(problem === undefined ? {} : { problem: this.words.problem(problem) }),
        };
    }

    /** A mark as it is compared: one that names this resource stays as it is. */
    private markOf(mark: Partial<Mark>, { owner, recorded }: RemoteRequest): Partial<Mark> {
        const isKnown = mark.owner !== undefined && [owner, recorded?.mark.owner].includes(mark.owner);
        return { ...this.words.redacted(mark), ...(isKnown ? { owner: mark.owner } : {}) };
    }

    /** The recorded values that find it again: they are used as they are, or not at all. */
    private identifying(memo: Values): Values {
        if (!isDeepStrictEqual(this.words.redacted(memo), memo)) {
            const message = `${this.type.definition.title} gives what it holds an identifier with a secret in it, which cannot be recorded. Report it to ${this.type.definition.title}.`;
            throw fault("badAnswer", "hub-secret-id", undefined, message);
        }
        return memo;
    }

    private async completed<T>(work: () => Promise<T>): Promise<T> {
        try {
            return await work();
        } catch (error) {
            throw error instanceof Fault ? new Fault(this.words.problem(error.problem)) : error;
        }
    }
}
