import { randomText, type VendorClock } from "../vendors";
import type { Outbound } from "../outbound";
import { connectorFor, type StackOneValues } from "./connectors";

/** What StackOne says of an account. */
export type StackOneStatus = "active" | "inactive" | "suspended" | "archived" | "expired" | "error";

/** Why an account has its status. */
export interface StackOneStatusReason {
    code: string;
    description: string;
    timestamp: string;
}

/** A linked account, its values in clear. */
export interface StackOneAccount {
    readonly id: string;
    readonly provider: string;
    originOwnerId: string;
    originOwnerName: string;
    originUsername: string | null;
    label: string | null;
    metadata: Record<string, unknown>;
    status: StackOneStatus;
    statusReasons: StackOneStatusReason[];
    values: StackOneValues;
    type: "production" | "test";
    readonly createdAt: number;
    updatedAt: number;
}

/** A session by which a person links an account. */
export interface StackOneSession {
    readonly id: number;
    readonly token: string;
    readonly link: string;
    readonly expiresAt: number;
    readonly provider: string | null;
    readonly originOwnerId: string;
    readonly originOwnerName: string;
    readonly originUsername: string | null;
    readonly accountId: string | null;
    readonly label: string | null;
    readonly metadata: Record<string, unknown>;
    readonly multiple: boolean;
    readonly type: "production" | "test";
    readonly createdAt: number;
}

/** The project's accounts and sessions. */
export class StackOneProject {
    readonly accounts: StackOneAccount[] = [];
    readonly sessions: StackOneSession[] = [];

    constructor(
        private readonly clock: VendorClock,
        private readonly outbound: Outbound,
    ) {}

    account(id: string): StackOneAccount | undefined {
        return this.accounts.find((account) => account.id === id);
    }

    add(
        account: Omit<StackOneAccount, "id" | "createdAt" | "updatedAt" | "status" | "statusReasons">,
    ): StackOneAccount {
        const now = this.clock.now();
        const added: StackOneAccount = {
            id: `4${randomText(19, "0123456789")}`,
            status: "active",
            statusReasons: [],
            ...account,
            createdAt: now,
            updatedAt: now,
        };
        this.accounts.push(added);
        return added;
    }

    /** Takes values over and uses them at the vendor; the status says what came of it. */
    async use(account: StackOneAccount, values: StackOneValues): Promise<void> {
        account.values = { ...account.values, ...values };
        const problem = await connectorFor(account.provider)?.test(account.values, this.outbound);
        this.tell(
            account,
            problem === undefined ? "active" : "error",
            problem === undefined ? [] : [{ code: "invalid_credentials", description: problem }],
        );
    }

    /** Gives an account a status. */
    tell(
        account: StackOneAccount,
        status: StackOneStatus,
        reasons: readonly { code: string; description: string }[],
    ): void {
        const now = this.clock.now();
        account.status = status;
        account.statusReasons = reasons.map((reason) => ({ ...reason, timestamp: new Date(now).toISOString() }));
        account.updatedAt = now;
    }
}

/** An account as an answer shows it; secrets only where `inClear`. */
export function shownAccount(account: StackOneAccount, inClear: boolean): Record<string, unknown> {
    const connector = connectorFor(account.provider);
    const isSecret = (key: string) => connector?.fields.some((field) => field.key === key && field.secret) ?? true;
    const entries = Object.entries(account.values);
    return {
        id: account.id,
        provider: account.provider,
        provider_name: connector?.providerName ?? null,
        status: account.status,
        status_reasons: account.statusReasons,
        origin_owner_id: account.originOwnerId,
        origin_owner_name: account.originOwnerName,
        origin_username: account.originUsername,
        credentials: inClear ? { ...account.values } : {},
        setup_information: Object.fromEntries(entries.filter(([key]) => !isSecret(key))),
        label: account.label,
        type: account.type,
        created_at: new Date(account.createdAt).toISOString(),
        updated_at: new Date(account.updatedAt).toISOString(),
    };
}
