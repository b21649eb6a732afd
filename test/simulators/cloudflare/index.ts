// Cloudflare's API, as far as it concerns tokens and the accounts that they may read.
import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import { alphanumeric, createListener, json, randomHex, randomText, route, sameSecret } from "../server";

/** An account. */
export interface CloudflareAccount {
    readonly id: string;
    name: string;
}

/** A token of a user, or an account's own. */
export class CloudflareToken {
    id: string = randomHex(32);
    value: string;
    /** Every value that it ever had. */
    readonly issued: string[] = [];
    isRevoked = false;
    status: "active" | "disabled" | "expired" = "active";
    /** In ISO 8601; undefined for one that never ends. */
    expiresOn: string | undefined;
    notBefore: string | undefined;
    /** True where it tells an end that is past, and accepts the token. */
    isEndFalse = false;
    /** False where its filter does not have the caller's address. */
    isAllowedHere = true;
    /** True where the filter holds for the call that verifies the token, too. */
    isFilteredAtVerify = false;
    /** True with the permission Account Settings: Read. */
    mayReadAccounts = true;

    constructor(
        /** The account that owns it; undefined for a user's. */
        public owner: CloudflareAccount | undefined,
        /** The accounts that it opens. */
        public accounts: readonly CloudflareAccount[],
        private readonly isScannable = true,
    ) {
        this.value = this.roll();
    }

    /** Gives it another value: the old one is unknown from now on. */
    roll(value = this.newValue()): string {
        this.issued.push(value);
        this.isRevoked = false;
        this.value = value;
        return value;
    }

    private newValue(): string {
        const prefix = this.isScannable ? (this.owner === undefined ? "cfut_" : "cfat_") : "";
        return `${prefix}${randomText(40, `${alphanumeric}-_`)}${this.isScannable ? randomHex(8) : ""}`;
    }
}

const failure = (status: number, code: number, message: string, more: object = {}): Answer =>
    json(status, { success: false, errors: [{ code, message, ...more }], messages: [], result: null });
const success = (result: unknown, more: object = {}): Answer =>
    json(200, { success: true, errors: [], messages: [], result, ...more });

const malformed = (): Answer =>
    failure(400, 6003, "Invalid request headers", {
        error_chain: [{ code: 6111, message: "Invalid format for Authorization header" }],
    });
const unknownToken = (): Answer => failure(401, 1000, "Invalid API Token");
const elsewhere = (): Answer => failure(403, 9109, "Cannot use the access token from location: 192.0.2.7");

/** `https://api.cloudflare.com`. */
export class Cloudflare {
    readonly listener: VendorListener;
    readonly tokens: CloudflareToken[] = [];

    constructor(private readonly context: VendorContext) {
        this.listener = createListener(context, "https://api.cloudflare.com", (request) => this.serve(request));
    }

    addAccount(name: string): CloudflareAccount {
        return { id: randomHex(32), name };
    }

    add(...of: ConstructorParameters<typeof CloudflareToken>): CloudflareToken {
        const token = new CloudflareToken(...of);
        this.tokens.push(token);
        return token;
    }

    /** Every value there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return this.tokens.flatMap(({ issued }) => issued);
    }

    private serve(request: VendorRequest): Answer {
        const header = request.header("authorization");
        if (header === undefined) {
            return failure(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");
        }
        const [, value = ""] = /^bearer ([\w-]{40,80})$/i.exec(header) ?? [];
        if (value === "") {
            return malformed();
        }
        const get = (path: string | RegExp, handle: (id: string) => Answer) => ({
            method: "GET",
            path,
            handle: (_: VendorRequest, __: undefined, id = "") => handle(id),
        });
        return route(
            request,
            [
                get("/client/v4/user/tokens/verify", () =>
                    this.verified(this.tokens.find((one) => one.owner === undefined && isOf(one, value))),
                ),
                get(/^\/client\/v4\/accounts\/([0-9a-f]{32})\/tokens\/verify$/, (id) =>
                    this.verified(this.tokens.find((one) => one.owner?.id === id && isOf(one, value))),
                ),
                get("/client/v4/accounts", () =>
                    this.read(value, undefined, ({ owner, accounts }) =>
                        owner === undefined
                            ? listed(
                                  accounts,
                                  Number(request.query.get("per_page") ?? 20),
                                  Number(request.query.get("page") ?? 1),
                              )
                            : failure(400, 1001, "Account API tokens cannot list accounts"),
                    ),
                ),
                get(/^\/client\/v4\/accounts\/([0-9a-f]{32})$/, (id) =>
                    this.read(value, id, ({ accounts }) => {
                        const found = accounts.find((one) => one.id === id);
                        return found === undefined ? unreadable() : success(shown(found));
                    }),
                ),
            ],
            undefined,
            () => failure(404, 7003, "Could not route to that path, perhaps your object identifier is invalid?"),
        );
    }

    private verified(token: CloudflareToken | undefined): Answer {
        if (token === undefined) {
            return unknownToken();
        }
        if (!token.isAllowedHere && token.isFilteredAtVerify) {
            return elsewhere();
        }
        const { id, expiresOn, notBefore } = token;
        const result = {
            id,
            status: this.statusOf(token),
            ...(notBefore !== undefined && { not_before: notBefore }),
            ...(expiresOn !== undefined && { expires_on: expiresOn }),
            ...(token.isEndFalse && { expires_on: "2024-01-01T00:00:00Z" }),
        };
        const messages = [{ code: 10000, message: `This API Token is ${validity(result.status)}`, type: null }];
        return success(result, { messages });
    }

    /** The answer of a call besides the one that verifies a token. */
    private read(value: string, account: string | undefined, handle: (token: CloudflareToken) => Answer): Answer {
        const token =
            this.tokens.find((one) => isOf(one, value) && one.owner?.id === account) ??
            this.tokens.find((one) => isOf(one, value));
        return token === undefined || this.statusOf(token) !== "active"
            ? failure(403, 9109, "Invalid access token")
            : !token.isAllowedHere
              ? elsewhere()
              : !token.mayReadAccounts
                ? unreadable()
                : handle(token);
    }

    private statusOf({ status, expiresOn }: CloudflareToken): CloudflareToken["status"] {
        const isOver = expiresOn !== undefined && Date.parse(expiresOn) <= this.context.clock.now();
        return status === "active" && isOver ? "expired" : status;
    }
}

const isOf = (token: CloudflareToken, value: string): boolean => !token.isRevoked && sameSecret(token.value, value);
const unreadable = (): Answer => failure(403, 9109, "Unauthorized to access requested resource");
const validity = (status: CloudflareToken["status"]): string => (status === "active" ? "valid and active" : status);
const shown = ({ id, name }: CloudflareAccount): object => ({
    id,
    name,
    type: "standard",
    settings: { enforce_twofactor: false },
    created_on: "2024-03-01T12:00:00.000000Z",
});

function listed(accounts: readonly CloudflareAccount[], size: number, page: number): Answer {
    if (!Number.isInteger(size) || size < 5 || size > 50) {
        return failure(400, 1001, "Invalid per_page");
    }
    const result = accounts.slice((page - 1) * size, page * size).map(shown);
    const counts = { count: result.length, total_count: accounts.length };
    return success(result, { result_info: { page, per_page: size, total_pages: 1, ...counts } });
}

/** What the seeded company has at Cloudflare. */
export interface CloudflareFixture {
    readonly account: CloudflareAccount;
    readonly accountToken: CloudflareToken;
    readonly userToken: CloudflareToken;
}

/** The seeded credentials, in the form of `cloudflare.ApiToken`'s arguments. */
export interface CloudflareCredentials {
    /** An account's own token. */
    readonly cloudflare: { token: string; accountId: string };
    /** A user's token, in the older form without a prefix. */
    readonly cloudflareUser: { token: string };
}

/** Makes the company's tokens. */
export function seedCloudflare(cloudflare: Cloudflare): {
    fixture: CloudflareFixture;
    credentials: CloudflareCredentials;
} {
    const account = cloudflare.addAccount("Acme");
    const accountToken = cloudflare.add(account, [account]);
    const userToken = cloudflare.add(undefined, [account], false);
    return {
        fixture: { account, accountToken, userToken },
        credentials: {
            cloudflare: { token: accountToken.value, accountId: account.id },
            cloudflareUser: { token: userToken.value },
        },
    };
}
