import { startDataCenter, type DataCenter, type DataCenterCredentials } from "../simulators/atlassian-data-center";
import { startGenericApi, type GenericApi, type GenericCredentials } from "../simulators/generic";
import { startVendors, type VendorCredentials, type Vendors } from "../simulators/vendors";

/** The seeded credentials of all simulated servers. */
export type SeededCredentials = VendorCredentials & GenericCredentials & DataCenterCredentials;

/** Every server that connections are verified against: the vendors', and those that the generic classes are for. */
export class Servers {
    private constructor(
        readonly vendors: Vendors,
        readonly generic: GenericApi,
        readonly dataCenter: DataCenter,
    ) {}

    static async start(): Promise<Servers> {
        return new Servers(await startVendors(), await startGenericApi(), await startDataCenter());
    }

    get credentials(): SeededCredentials {
        return { ...this.vendors.credentials, ...this.generic.credentials, ...this.dataCenter.credentials };
    }

    get endpoints(): Record<string, string> {
        return { ...this.vendors.endpoints, ...this.generic.endpoints, ...this.dataCenter.endpoints };
    }

    async close(): Promise<void> {
        await Promise.all([this.vendors.close(), this.generic.close(), this.dataCenter.close()]);
    }
}
