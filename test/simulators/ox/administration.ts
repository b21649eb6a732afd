import { alphanumeric, randomText, type VendorContext } from "../vendors";
import { HubAdministration, HubKey, type HubRefusals } from "../administration";
import type { OxConnector, OxCredentials } from "./connectors";
import type { Ox } from "./index";

/**
 * How OX tells errors, which its documents leave open: 200 with `errors`, as most GraphQL servers do for what happens while a call runs;
 * 400 and 401 with `errors`, as Apollo does for calls that never run; or a gateway's 401 without any `errors`.
 */
export type OxErrorStyle = "ok" | "status" | "gateway";

/** A key of the type "API Integration". */
export class OxKey extends HubKey {
    constructor(
        /** When it expires, by the vendors' clock, in milliseconds since the epoch. */
        public expiresAt: number,
    ) {
        super(randomText(64, alphanumeric));
    }

    /** Whether it is accepted at a time. */
    isAccepted(now: number): boolean {
        return this.live && now < this.expiresAt;
    }
}

const dayMs = 86_400_000;

/** What a test can do to OX. */
export class OxAdministration extends HubAdministration {
    /** How errors are told. */
    errorStyle: OxErrorStyle = "ok";
    /** Whether answers show the secrets of credentials in clear; the documents say encrypted. */
    showsSecrets = false;

    constructor(
        private readonly ox: Ox,
        private readonly context: VendorContext,
        refusals: HubRefusals,
    ) {
        super(ox.listener, context.log, refusals);
    }

    /** Makes a key; it expires after a number of days. */
    addKey(days = 90): OxKey {
        const key = new OxKey(this.context.clock.now() + days * dayMs);
        this.ox.keys.push(key);
        return key;
    }

    /** A connector by its name, such as `jira`. */
    connector(name: string): OxConnector {
        const found = this.ox.connectors.find((connector) => connector.name === name);
        if (!found) {
            throw new Error(
                `There is no connector ${name}; there are ${this.ox.connectors.map((connector) => connector.name).join(", ")}`,
            );
        }
        return found;
    }

    /** The credentials of a connector, oldest first, in clear. */
    credentials(connector = "jira"): readonly OxCredentials[] {
        return this.connector(connector).credentials;
    }
}
