import http from "node:http";
import type { AddressInfo } from "node:net";
import { generateKeyPairSync } from "node:crypto";
import { importModule } from "./esm";

interface IssuedToken {
    readonly clientId?: string;
    readonly scope?: string;
    readonly isValid: boolean;
}

interface Provider {
    callback(): http.RequestListener;
    Client: { prototype: { clientSecret: string; compareClientSecret(actual: string): boolean } };
    ClientCredentials: { find(token: string): Promise<IssuedToken | undefined> };
    on(
        event: "grant.error",
        listener: (context: unknown, error: Error & { error_description?: string; error_detail?: string }) => void,
    ): void;
}

/** A client of a {@link StrictOAuth} server. */
export interface StrictClient {
    readonly id: string;
    /** The secrets that are accepted; may be changed. */
    secrets: string[];
    readonly authentication: "client_secret_basic" | "client_secret_post";
}

/** What the API behind the server answers to a call with a token that the server has issued; undefined for 404. */
export type Api = (path: string, request: http.IncomingMessage) => unknown;

/** oidc-provider as the token endpoint of a vendor, and the vendor's API behind it, which takes just its tokens. */
export interface StrictOAuth {
    readonly endpoint: string;
    /** How often the API was called with a token that the server knows. */
    readonly calls: string[];
    /** Whose tokens the API was called with. */
    readonly callers: Set<string>;
    /** What the server refused, in its own words. */
    readonly refusals: string[];
    close(): Promise<void>;
}

// Its own store in memory warns, in every run, that it is for development only.
function adapterOf(): unknown {
    const store = new Map<string, object>();
    return class {
        constructor(private readonly model: string) {}
        async upsert(id: string, payload: object): Promise<void> {
            store.set(`${this.model}:${id}`, payload);
        }
        async find(id: string): Promise<object | undefined> {
            return store.get(`${this.model}:${id}`);
        }
        async destroy(id: string): Promise<void> {
            store.delete(`${this.model}:${id}`);
        }
    };
}

/** Starts oidc-provider with its token endpoint at a path. */
export async function startStrictOAuth(
    tokenPath: string,
    client: StrictClient,
    options: { scopes?: string[]; api?: Api } = {},
): Promise<StrictOAuth> {
    const { Provider } = await importModule<{ Provider: new (issuer: string, configuration: object) => Provider }>(
        "oidc-provider",
    );
    let serve: http.RequestListener = () => undefined;
    const server = http.createServer((request, response) => serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
    const provider = new Provider(endpoint, {
        adapter: adapterOf(),
        clients: [
            {
                client_id: client.id,
                client_secret: client.secrets[0],
                grant_types: ["client_credentials"],
                response_types: [],
                redirect_uris: [],
                token_endpoint_auth_method: client.authentication,
                id_token_signed_response_alg: "ES256",
            },
        ],
        clientAuthMethods: ["client_secret_basic", "client_secret_post"],
        scopes: options.scopes ?? [],
        routes: { token: tokenPath },
        features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
        cookies: { keys: ["test"] },
        jwks: { keys: [{ ...key, use: "sig", alg: "ES256", kid: "test" }] },
        ttl: { ClientCredentials: 600 },
    });
    provider.Client.prototype.compareClientSecret = (actual) => client.secrets.includes(actual);
    const [calls, callers, refusals]: [string[], Set<string>, string[]] = [[], new Set(), []];
    provider.on("grant.error", (_, error) =>
        refusals.push(`${error.message}: ${error.error_detail ?? error.error_description ?? ""}`),
    );
    const tokens = provider.callback();
    serve = (request, response) => {
        const path = (request.url ?? "").split("?", 1)[0] ?? "";
        if (path === tokenPath) {
            tokens(request, response);
            return;
        }
        const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
        const answer = (status: number, body: unknown): void => {
            response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
        };
        void (token === undefined ? Promise.resolve(undefined) : provider.ClientCredentials.find(token)).then(
            (issued) => {
                if (issued?.isValid !== true) {
                    return answer(401, { message: "Unauthorized" });
                }
                calls.push(path);
                callers.add(issued.clientId ?? "");
                const body = options.api?.(path, request);
                return body === undefined ? answer(404, { message: "Not Found" }) : answer(200, body);
            },
        );
    };
    return {
        endpoint,
        calls,
        callers,
        refusals,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}
