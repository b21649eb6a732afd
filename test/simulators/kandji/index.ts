// Kandji's API (Iru Endpoint Management), by its OpenAPI document: tokens that may call just the paths that are ticked.
import type { Answer, VendorContext, VendorListener, VendorRequest } from "../server";
import { createListener, json, randomUUID, route, sameSecret } from "../server";

/** The paths that a token may be given. */
export const kandjiPaths = ["/audit/events", "/blueprints", "/devices", "/settings/licensing", "/users"] as const;

/** A tenant, at its address in its region. */
export interface KandjiTenant {
    readonly subdomain: string;
    readonly region: "us" | "eu";
}

/** A token of a tenant. */
export class KandjiToken {
    value: string;
    /** Every value that it ever had. */
    readonly issued: string[] = [];
    isRevoked = false;
    readonly permissions: Set<string>;
    /** True where a path that is not ticked is answered as a wrong token is. */
    deniesAsUnauthorized = false;

    constructor(
        readonly tenant: KandjiTenant,
        permissions: readonly string[],
    ) {
        this.permissions = new Set(permissions);
        this.value = this.renew();
    }

    renew(value: string = randomUUID()): string {
        this.issued.push(value);
        this.isRevoked = false;
        this.value = value;
        return value;
    }
}

const refuse = (status: number, error: string): Answer => json(status, { error });

const answers: Readonly<Record<(typeof kandjiPaths)[number], object>> = {
    "/audit/events": { results: [], next: null, previous: null },
    "/blueprints": { count: 0, next: null, previous: null, results: [] },
    "/devices": [
        {
            device_id: "2f0c1d2e-3a4b-4c6d-8e8f-9a0b1c2d3e4f",
            device_name: "MacBook Air",
            platform: "Mac",
            os_version: "15.1",
        },
    ],
    "/settings/licensing": {
        counts: { computers_count: 8, ios_count: 0, ipados_count: 1, macos_count: 7, tvos_count: 0 },
        limits: { plan_type: "single_limit", max_devices: 10, max_devices_per_platform: { macos: 0, ios_ipados: 0 } },
        tenantOverLicenseLimit: false,
    },
    "/users": { next: null, previous: null, results: [] },
};

/** All tenants. */
export class Kandji {
    readonly listeners: VendorListener[];
    readonly tokens: KandjiToken[] = [];

    constructor(
        context: VendorContext,
        readonly tenants: readonly KandjiTenant[],
    ) {
        this.listeners = tenants.map((tenant) =>
            createListener(
                context,
                `https://${tenant.subdomain}.api.${tenant.region === "eu" ? "eu." : ""}kandji.io`,
                (request) => this.serve(tenant, request),
            ),
        );
    }

    add(...of: ConstructorParameters<typeof KandjiToken>): KandjiToken {
        const token = new KandjiToken(...of);
        this.tokens.push(token);
        return token;
    }

    /** Every value there ever was, for tests that look for leaks. */
    get secrets(): string[] {
        return this.tokens.flatMap(({ issued }) => issued);
    }

    private serve(tenant: KandjiTenant, request: VendorRequest): Answer {
        return route(
            request,
            kandjiPaths.map((path) => ({
                method: "GET",
                path: `/api/v1${path}`,
                handle: () => this.guard(tenant, request, path),
            })),
            undefined,
            // The gateway's own words.
            () => json(404, { message: "no Route matched with those values", request_id: randomUUID() }),
        );
    }

    private guard(tenant: KandjiTenant, request: VendorRequest, path: (typeof kandjiPaths)[number]): Answer {
        const sent = request.bearer ?? "";
        const token = this.tokens.find((one) => one.tenant === tenant && !one.isRevoked && sameSecret(one.value, sent));
        if (token === undefined) {
            return refuse(401, "Unauthorized");
        }
        const limit = request.query.get("limit");
        return token.permissions.has(path)
            ? limit === null || /^[1-9]\d{0,2}$/.test(limit)
                ? json(200, answers[path])
                : refuse(400, "Bad Request")
            : token.deniesAsUnauthorized
              ? refuse(401, "Unauthorized")
              : refuse(403, "Forbidden");
    }
}

/** What the seeded company has at Kandji. */
export interface KandjiFixture {
    readonly token: KandjiToken;
    readonly euToken: KandjiToken;
}

/** The seeded credentials, in the form of `kandji.ApiToken`'s arguments. */
export interface KandjiCredentials {
    readonly kandji: { subdomain: string; token: string };
    readonly kandjiEu: { subdomain: string; token: string; region: "eu"; requiredPermissions: "/devices"[] };
}

/** Makes the company's tokens. */
export function seedKandji(kandji: Kandji): { fixture: KandjiFixture; credentials: KandjiCredentials } {
    const [home, europe] = kandji.tenants as [KandjiTenant, KandjiTenant];
    const token = kandji.add(home, ["/settings/licensing", "/devices"]);
    const euToken = kandji.add(europe, ["/devices"]);
    return {
        fixture: { token, euToken },
        credentials: {
            kandji: { subdomain: home.subdomain, token: token.value },
            kandjiEu: {
                subdomain: europe.subdomain,
                token: euToken.value,
                region: "eu",
                requiredPermissions: ["/devices"],
            },
        },
    };
}
