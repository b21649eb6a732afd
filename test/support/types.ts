import { ConnectionType } from "../../provider/core/connection-type";
import { describe } from "../../provider/core/problems";
import { Session } from "../../provider/core/session";
import { verifyStandalone } from "../../provider/core/verified";
import type { TenantResult } from "../../provider/core/verify";
import { definitions } from "../../provider/vendors";

/** Every type of connection. */
export const connectionTypes: readonly ConnectionType[] = Object.values(definitions).map(
    (load) => new ConnectionType(load()),
);

/** The type of a name: `jamf.ApiClient`. */
export function typeNamed(label: string): ConnectionType {
    const found = connectionTypes.find((type) => type.label === label);
    if (found === undefined) {
        throw new Error(`There is no ${label}`);
    }
    return found;
}

/** What a verification came to. */
export interface Verified {
    readonly tenants: readonly TenantResult[];
    readonly messages: readonly string[];
}

/** Verifies connections of one run. */
export function verifierOf(
    endpoints: Readonly<Record<string, string>>,
): (label: string, args: object) => Promise<Verified> {
    const session = new Session({ endpoints, verify: undefined });
    return async (label, args) => {
        const { result, problems } = await verifyStandalone(typeNamed(label), args as Record<string, unknown>, session);
        return { tenants: result?.tenants ?? [], messages: problems.map(describe) };
    };
}
