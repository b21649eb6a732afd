// Values that are read once a run, not for each resource.
import type { Session } from "../../core/session";
import type { RemoteClient } from "../client";

const answers = new WeakMap<Session, Map<string, Promise<unknown>>>();
const integrations = new WeakMap<Session, Set<string>>();

/** The result of a call to a server with a key, made once a session. A failure is not kept. */
export function onceInSession<T>(hub: RemoteClient, question: string, load: () => Promise<T>): Promise<T> {
    const made = answers.get(hub.session) ?? new Map<string, Promise<unknown>>();
    answers.set(hub.session, made);
    const key = `${hub.server.url} ${hub.keyPrint} ${question}`;
    const known = made.get(key) as Promise<T> | undefined;
    if (known !== undefined) {
        return known;
    }
    const answer = load();
    made.set(key, answer);
    answer.catch(() => made.delete(key));
    return answer;
}

/** Notes that this run declares an integration of the server. */
export function noteIntegration({ session, server }: RemoteClient): void {
    integrations.set(session, (integrations.get(session) ?? new Set()).add(server.url));
}

/** True where this run declares an integration of the server. */
export function isDeclaredHere({ session, server }: RemoteClient): boolean {
    return integrations.get(session)?.has(server.url) === true;
}
