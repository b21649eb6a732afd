import type { VendorListener } from "./vendors";
import { RequestLog, type TlsIdentity, VendorClock, type VendorContext, type Vendors } from "./vendors";
import { Nango } from "./nango";
import { Outbound } from "./outbound";
import { Ox } from "./ox";
import { StackOne } from "./stackone";

export * from "./administration";
export * from "./nango";
export * from "./ox";
export * from "./stackone";

/** How {@link startHubs} sets them up. */
export interface HubsOptions {
    /** The simulated vendors, which the hubs ask of their own accord; nobody can be reached without. The hubs go by their clock. */
    vendors?: Vendors;
    /** Serves TLS on every listener; endpoints are https then. */
    tls?: TlsIdentity;
    /** Host name in the endpoints, such as `localhost` for a certificate that names it; 127.0.0.1 without. */
    endpointHost?: string;
    /** The first of the ports on which the hubs listen, one after another; any free ones without. */
    portBase?: number;
}

/** All simulated hubs. */
export class Hubs {
    /** Every request to any hub, bodies and headers as they came. */
    readonly requests = new RequestLog();
    readonly clock: VendorClock;
    /** Nango's cloud, `https://api.nango.dev`. */
    readonly nango: Nango;
    /** A Nango server that somebody runs, `https://nango.acme.example`: no row, key or count of calls is shared with the cloud. */
    readonly selfHostedNango: Nango;
    readonly ox: Ox;
    readonly stackone: StackOne;
    private readonly context: VendorContext;

    constructor({ vendors, tls, endpointHost, portBase }: HubsOptions = {}) {
        this.clock = vendors?.clock ?? new VendorClock();
        this.context = { log: this.requests, clock: this.clock, tls, endpointHost, nextPort: portBase, listeners: [] };
        const outbound = new Outbound(() => vendors?.endpoints ?? {});
        this.nango = new Nango(this.context, "https://api.nango.dev", outbound);
        this.selfHostedNango = new Nango(this.context, "https://nango.acme.example", outbound);
        this.ox = new Ox(this.context, outbound);
        this.stackone = new StackOne(this.context, outbound);
    }

    /** All listeners. */
    get listeners(): readonly VendorListener[] {
        return this.context.listeners;
    }

    /** Hub origin to the address it is served at: to be put into CONNECTIONS_ENDPOINTS beside the vendors' own. */
    get endpoints(): Record<string, string> {
        return Object.assign({}, ...this.listeners.map((listener) => listener.endpoints)) as Record<string, string>;
    }

    /** Every key and token that any hub gave out, and every secret it was given, for tests that look for leaks. */
    get secrets(): string[] {
        return [this.nango, this.selfHostedNango, this.ox, this.stackone].flatMap((hub) => hub.secrets);
    }

    /** Takes every fault out of every hub. */
    clearFaults(): void {
        this.listeners.forEach((listener) => listener.clearFaults());
    }

    /** Ends all of them, once Nango's scripts are through. */
    async close(): Promise<void> {
        await Promise.all([this.nango.script.release(), this.selfHostedNango.script.release()]);
        await Promise.all(this.listeners.map((listener) => listener.close()));
    }
}

/** Starts all hubs. There are no keys, integrations or accounts until a test makes some. */
export async function startHubs(options: HubsOptions = {}): Promise<Hubs> {
    const hubs = new Hubs(options);
    await Promise.all(hubs.listeners.map((listener) => listener.start()));
    return hubs;
}
