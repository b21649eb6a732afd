import { alphanumeric, randomText, type VendorContext } from "../vendors";
import { HubAdministration, HubKey, type HubRefusals } from "../administration";
import type { StackOneAccount, StackOneSession, StackOneStatus } from "./accounts";
import { connectorFor, type StackOneMetaStyle, type StackOneValues } from "./connectors";
import type { StackOne } from "./index";

/** An API key of the project. */
export class StackOneKey extends HubKey {
    constructor(
        /** Whether it may only read; a write is then refused with 403. */
        public readOnly: boolean,
    ) {
        super(`v1.eu1.${randomText(43, `${alphanumeric}-_`)}`);
    }
}

/** What a test can do to StackOne, as somebody at its dashboard, or as the person with the link. */
export class StackOneAdministration extends HubAdministration {
    /** How the fields of a form are told. */
    metaStyle: StackOneMetaStyle = "configFields";
    /** Whether an account shows the secrets in it; no document says. */
    showsSecrets = false;

    constructor(
        private readonly stackone: StackOne,
        private readonly context: VendorContext,
        refusals: HubRefusals,
    ) {
        super(stackone.listener, context.log, refusals);
    }

    /** Makes an API key. */
    addKey({ readOnly = false }: { readOnly?: boolean } = {}): StackOneKey {
        const key = new StackOneKey(readOnly);
        this.stackone.keys.push(key);
        return key;
    }

    /** All accounts, oldest first, values in clear. */
    get accounts(): readonly StackOneAccount[] {
        return this.stackone.project.accounts;
    }

    /** All sessions, oldest first. */
    get sessions(): readonly StackOneSession[] {
        return this.stackone.project.sessions;
    }

    /** An account as somebody linked it in the console. */
    async link(
        provider: string,
        originOwnerId: string,
        given: StackOneValues,
        originOwnerName = originOwnerId,
    ): Promise<StackOneAccount> {
        const more = { originUsername: null, label: null, metadata: {}, type: "production" as const };
        const account = this.stackone.project.add({ provider, originOwnerId, originOwnerName, values: {}, ...more });
        await this.stackone.project.use(account, given);
        return account;
    }

    /**
     * The person opens the link and fills in the form. The account appears; unless the session allows several, one of the same owner and
     * provider is changed instead. Rejects when the link has expired or the vendor refuses what was filled in: then nothing appears.
     */
    async complete(session: StackOneSession, given: StackOneValues, chosenProvider?: string): Promise<StackOneAccount> {
        const { project } = this.stackone;
        const provider = session.provider ?? chosenProvider;
        const connector = connectorFor(provider ?? "");
        if (this.context.clock.now() >= session.expiresAt) {
            throw new Error("The link has expired");
        }
        if (!connector) {
            throw new Error(`There is no provider ${String(provider)}`);
        }
        const missing = connector.fields
            .filter(({ key, required }) => required && !given[key])
            .map(({ label }) => label);
        const problem =
            missing.length > 0
                ? `${missing.join(", ")}: required`
                : await connector.test(given, this.stackone.outbound);
        if (problem !== undefined) {
            throw new Error(`The form says: ${problem}`);
        }
        const { originOwnerId, originOwnerName, originUsername, label, metadata, type } = session;
        const known = session.accountId
            ? project.account(session.accountId)
            : project.accounts.find(
                  (account) =>
                      !session.multiple &&
                      account.originOwnerId === originOwnerId &&
                      account.provider === connector.provider,
              );
        const account =
            known ??
            project.add({
                provider: connector.provider,
                originOwnerId,
                originOwnerName,
                originUsername,
                label,
                metadata,
                type,
                values: {},
            });
        await project.use(account, given);
        return account;
    }

    /** Gives an account a status, with reasons. */
    setStatus(
        id: string,
        status: StackOneStatus,
        reasons: readonly { code: string; description: string }[] = [],
    ): void {
        this.stackone.project.tell(this.existing(id), status, reasons);
    }

    /** Changes an account behind everybody's back. */
    change(
        id: string,
        change: Partial<Pick<StackOneAccount, "originOwnerId" | "originOwnerName" | "label" | "metadata" | "values">>,
    ): void {
        Object.assign(this.existing(id), change, { updatedAt: this.context.clock.now() });
    }

    /** Deletes an account. */
    deleteAccount(id: string): void {
        this.stackone.project.accounts.splice(this.accounts.indexOf(this.existing(id)), 1);
    }

    private existing(id: string): StackOneAccount {
        const account = this.stackone.project.account(id);
        if (!account) {
            throw new Error(`There is no account ${id}`);
        }
        return account;
    }
}
