import { type Hubs, startHubs } from "../simulators/hubs";
import { startVendors, type Vendors } from "../simulators/vendors";

/** Simulated vendors and hubs for the tests of a file: without faults, and with an empty log of requests, before each. */
export function usingHubs(): { readonly vendors: Vendors; readonly hubs: Hubs } {
    const started = {} as { vendors: Vendors; hubs: Hubs };
    beforeAll(async () => {
        started.vendors = await startVendors();
        started.hubs = await startHubs({ vendors: started.vendors });
    });
    afterAll(async () => {
        await started.hubs.close();
        await started.vendors.close();
    });
    beforeEach(() => {
        started.hubs.clearFaults();
        started.hubs.requests.clear();
    });
    return started;
}
