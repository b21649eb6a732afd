// Jamf Pro on several nodes behind a load balancer: as its customers meet it, and as no document has it.
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** How the nodes behave. */
export interface ClusterBehaviour {
    /** So many of the first tokens are not known to the node that answers; `all` for each. */
    readonly lag?: number | "all" | undefined;
    /** What the load balancer sets with a token, as Set-Cookie has it. */
    readonly cookies?: readonly string[] | undefined;
    /** The pair without which another node answers, which knows no token. */
    readonly sticksBy?: string | undefined;
    /** What a node answers that does not know a token. */
    readonly refusal?: unknown;
}

/** One call. */
export interface ClusterCall {
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
    readonly status: number;
}

const jamfRefusal = (code: string): object => ({
    httpStatus: 401,
    errors: [{ code, description: "Unauthorized", id: "0", field: null }],
});

/** What Jamf Pro answers where it does not know a token. */
export const invalidToken = jamfRefusal("INVALID_TOKEN");

/** A cluster that takes any client. */
export class JamfCluster {
    readonly calls: ClusterCall[] = [];
    private tokens = 0;

    private constructor(
        private readonly server: Server,
        private readonly behaviour: ClusterBehaviour,
    ) {}

    static async start(behaviour: ClusterBehaviour): Promise<JamfCluster> {
        const server = createServer();
        const cluster = new JamfCluster(server, behaviour);
        server.on("request", (request, response) => {
            const path = request.url ?? "";
            const [status, body] = cluster.answer(path, request.headers);
            cluster.calls.push({ path, headers: request.headers, status });
            if (path.endsWith("token")) {
                response.setHeader("set-cookie", [...(behaviour.cookies ?? [])]);
            }
            response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
        });
        await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
        return cluster;
    }

    get url(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    /** Calls with an access token. */
    get shown(): readonly ClusterCall[] {
        return this.calls.filter(({ path }) => !path.endsWith("token"));
    }

    /** How many tokens were given out. */
    get given(): number {
        return this.tokens;
    }

    async close(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((closed) => this.server.close(closed));
    }

    private answer(path: string, { authorization, cookie = "" }: IncomingHttpHeaders): [number, unknown] {
        if (path.endsWith("token")) {
            this.tokens++;
            return [200, { access_token: `token-${this.tokens}`, expires_in: 600, token_type: "Bearer" }];
        }
        const { lag = 0, sticksBy, refusal = { httpStatus: 401, errors: [] } } = this.behaviour;
        const serial = Number(/^Bearer token-(\d+)$/.exec(authorization ?? "")?.[1]);
        const isKnown = lag !== "all" && serial > lag;
        const isRightNode = sticksBy === undefined || cookie.split("; ").includes(sticksBy);
        if (!isKnown || !isRightNode) {
            return [401, refusal];
        }
        const privileges = ["Read Computers"];
        return path.endsWith("version")
            ? [200, { version: "11.5.0" }]
            : [200, { account: { id: "7", username: `reader ${cookie}`, privilegesBySite: { "-1": privileges } } }];
    }
}
