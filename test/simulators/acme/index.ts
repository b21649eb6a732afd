import http from "node:http";
import type { AddressInfo } from "node:net";

/** A role that somebody has made there. */
export interface AcmeRole {
    readonly id: string;
    readonly name: string;
    rights: readonly string[];
    note: string;
}

/** A vendor that no definition of this package knows: it takes an API key in a header, and tells whose it is, and what it may do. */
export class Acme {
    /** The keys that are accepted, each with the rights that it has. */
    readonly keys = new Map<string, readonly string[]>();
    workspace = { id: "w-4711", name: "Acme Cloud" };
    readonly user = { id: "u-17", name: "Integration" };
    /** The roles by name. */
    readonly roles = new Map<string, AcmeRole>();
    /** Path and key of each request. */
    readonly requests: string[] = [];
    private readonly server = http.createServer((request, response) => {
        void this.serve(request, response);
    });

    private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
        const body = (await request.setEncoding("utf8").toArray()).join("");
        const key = request.headers["x-api-key"];
        this.requests.push(`${request.method} ${request.url}`);
        const rights = typeof key === "string" ? this.keys.get(key) : undefined;
        const answer = (status: number, body: object): void => {
            response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
        };
        if (rights === undefined) {
            answer(401, { error: "unknown key" });
        } else if (request.url?.startsWith("/v1/roles/") === true) {
            this.serveRole(request.method ?? "", decodeURIComponent(request.url.slice(10)), body, answer);
        } else if (request.method !== "GET" || !["/v1/me", "/api/me"].includes(request.url ?? "")) {
            answer(404, { error: "not found" });
        } else if (request.url === "/api/me") {
            // As its older API has it.
            answer(200, { ...this.user, workspace: this.workspace.id });
        } else {
            answer(200, { ...this.user, workspace: this.workspace, rights });
        }
    }

    private serveRole(
        method: string,
        name: string,
        body: string,
        answer: (status: number, body: object) => void,
    ): void {
        const role = this.roles.get(name);
        if (method === "PUT") {
            const { rights, note } = JSON.parse(body) as Pick<AcmeRole, "rights" | "note">;
            const made = { id: role?.id ?? `r-${this.requests.length}`, name, rights, note };
            this.roles.set(name, made);
            answer(role === undefined ? 201 : 200, made);
        } else if (role === undefined) {
            answer(404, { error: "not found" });
        } else {
            if (method === "DELETE") {
                this.roles.delete(name);
            }
            answer(200, role);
        }
    }

    private constructor() {}

    static async start(): Promise<Acme> {
        const acme = new Acme();
        await new Promise<void>((resolve) => acme.server.listen(0, "127.0.0.1", resolve));
        return acme;
    }

    /** Where its hosts are here, in the form of `CONNECTIONS_ENDPOINTS`. */
    get endpoints(): Record<string, string> {
        const { port } = this.server.address() as AddressInfo;
        const hosts = ["api.eu.acme.example", "api.us.acme.example", "my-company.acme.example"];
        return Object.fromEntries(hosts.map((host) => [`https://${host}`, `http://127.0.0.1:${port}`]));
    }

    async close(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }
}
