import { startDataCenter, type DataCenter, type DataCenterCredentials } from "../simulators/atlassian-data-center";
import { startGenericApi, type GenericApi, type GenericCredentials } from "../simulators/generic";
import { type Hubs, leastScopes, startHubs } from "../simulators/hubs";
import { startVendors, type VendorCredentials, type Vendors } from "../simulators/vendors";

/** What opens the simulated hubs. */
export interface HubCredentials {
    readonly nango: { readonly environmentKey: string };
    readonly ox: { readonly apiKey: string };
    readonly stackone: { readonly apiKey: string };
}

/** The seeded credentials of all simulated servers. */
export type SeededCredentials = VendorCredentials & GenericCredentials & DataCenterCredentials & HubCredentials;

/** Every server that programs reach: the vendors', those that the generic classes are for, and the hubs'. */
export class Servers {
    private constructor(
        readonly vendors: Vendors,
        readonly generic: GenericApi,
        readonly dataCenter: DataCenter,
        readonly hubs: Hubs,
        private readonly hubCredentials: HubCredentials,
    ) {}

    static async start(): Promise<Servers> {
        const vendors = await startVendors();
        const hubs = await startHubs({ vendors });
        const nango = {
            environmentKey: hubs.nango.administration.addKey([...leastScopes, "environment:connections:list"]).value,
        };
        const ox = { apiKey: hubs.ox.administration.addKey().value };
        const stackone = { apiKey: hubs.stackone.administration.addKey().value };
        return new Servers(vendors, await startGenericApi(), await startDataCenter(), hubs, { nango, ox, stackone });
    }

    get credentials(): SeededCredentials {
        return {
            ...this.vendors.credentials,
            ...this.generic.credentials,
            ...this.dataCenter.credentials,
            ...this.hubCredentials,
        };
    }

    get endpoints(): Record<string, string> {
        return {
            ...this.vendors.endpoints,
            ...this.generic.endpoints,
            ...this.dataCenter.endpoints,
            ...this.hubs.endpoints,
        };
    }

    async close(): Promise<void> {
        await this.hubs.close();
        await Promise.all([this.vendors.close(), this.generic.close(), this.dataCenter.close()]);
    }
}
