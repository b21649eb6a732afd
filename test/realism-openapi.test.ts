import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import fs from "node:fs";
import path from "node:path";
import { connections } from "../provider/connections";
import { Verifier, verify } from "../provider/observation";
import { startVendors, type LoggedRequest, type Vendors } from "./vendors";

const folder = path.resolve(__dirname, "../../../shared/openapi");

interface Document {
    readonly basePath?: string;
    readonly paths: Record<string, Record<string, { responses?: Record<string, { schema?: object; content?: Record<string, { schema?: object }> }> }>>;
}

const read = (file: string): Document => closed(JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"))) as Document;

/** Lets no schema take properties that it does not name: what a simulator invents would pass otherwise. */
function closed(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(closed);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
    const isObject = typeof copy["properties"] === "object" && (copy["type"] === undefined || copy["type"] === "object");
    return isObject && copy["additionalProperties"] === undefined && copy["allOf"] === undefined ? { ...copy, additionalProperties: false } : copy;
}

const available = fs.existsSync(folder);
if (!available) {
    process.stderr.write(`Skipped: the vendors' OpenAPI documents are not in ${path.relative(process.cwd(), folder)}.\n`);
}

/** Where each vendor's document holds, and what goes before its paths. */
const documents: readonly { file: string; origin: RegExp; prefix?: RegExp }[] = [
    { file: "jamf-pro-11.30.json", origin: /jamf/ },
    { file: "jumpcloud-v1.json", origin: /console\..*jumpcloud\.com$/ },
    { file: "jumpcloud-v2.json", origin: /console\..*jumpcloud\.com$/ },
    { file: "jira-platform-v3.json", origin: /atlassian.*\.(com|net)$/, prefix: /^\/ex\/jira\/[0-9a-f-]{36}/ },
];

(available ? describe : describe.skip)("the simulated vendors' answers, by the vendors' own OpenAPI documents", () => {
    let vendors: Vendors;
    const statuses: Record<string, string | undefined> = {};
    const validators = new Map<string, Record<string, ValidateFunction>>();

    beforeAll(async () => {
        for (const { file } of documents) {
            const document = read(file);
            // OpenAPI's own keywords (example, xml, x-…) are no JSON Schema.
            const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
            addFormats(ajv);
            // By OpenAPI, integers of these sizes and passwords are formats too.
            for (const format of ["int32", "int64", "float", "double", "password"]) {
                ajv.addFormat(format, true);
            }
            ajv.addSchema({ $id: file, ...document });
            for (const [template, operations] of Object.entries(document.paths)) {
                for (const [method, { responses = {} }] of Object.entries(operations)) {
                    const found: Record<string, ValidateFunction> = {};
                    for (const [status, { schema, content }] of Object.entries(responses)) {
                        const type = content === undefined ? undefined : "application/json";
                        if ((schema ?? content?.["application/json"]?.schema) !== undefined) {
                            const at = ["paths", template, method, "responses", status, ...(type === undefined ? [] : ["content", type]), "schema"];
                            const pointer = at.map((part) => encodeURIComponent(part.replace(/~/g, "~0").replace(/\//g, "~1"))).join("/");
                            found[status] = ajv.compile({ $ref: `${file}#/${pointer}` });
                        }
                    }
                    validators.set(`${file} ${method} ${(document.basePath ?? "").replace(/\/$/, "")}${template}`, found);
                }
            }
        }
        vendors = await startVendors();
        const { credentials, endpoints } = vendors;
        const verifier = new Verifier({ endpoints, verify: undefined });
        const declared: Record<string, readonly [vendor: string, type: string]> = {
            jumpcloud: ["jumpcloud", "ServiceAccount"],
            jumpcloudEu: ["jumpcloud", "ServiceAccount"],
            jumpcloudIn: ["jumpcloud", "ServiceAccount"],
            jumpcloudMultiTenant: ["jumpcloud", "ServiceAccount"],
            jamf: ["jamf", "ApiClient"],
            jamfSelfHosted: ["jamf", "ApiClient"],
            atlassianOAuth: ["atlassian", "ServiceAccountOAuth"],
            atlassianOAuthOneSite: ["atlassian", "ServiceAccountOAuth"],
            atlassianToken: ["atlassian", "ServiceAccountToken"],
            jiraConnector: ["atlassian", "JiraConnector"],
            jiraUserToken: ["atlassian", "JiraUserToken"],
            jiraDataCenter: ["atlassian", "JiraUserToken"],
            atlassianOAuthUsGov: ["atlassian", "ServiceAccountOAuth"],
            atlassianTokenUsGov: ["atlassian", "ServiceAccountToken"],
        };
        const wrong = { jamf: { clientSecret: "wrong" }, jiraConnector: { apiToken: "wrong" } };
        const runs = Object.entries(credentials).map(([name, args]) => ({ name, as: name, args: args as Record<string, unknown> }));
        const refused = Object.entries(wrong).map(([as, change]) => ({ name: `${as}, refused`, as, args: { ...credentials[as as keyof typeof wrong], ...change } }));
        for (const { name, as, args } of [...runs, ...refused]) {
            const [vendor, type] = declared[as] ?? [];
            const connection = connections.find((candidate) => candidate.vendor === vendor && candidate.type === type);
            if (connection === undefined) {
                throw new Error(`No connection takes the credentials ${as}`);
            }
            statuses[name] = (await verify(verifier, connection, args)).observation?.seen[0]?.status;
        }
        // What no verification of these asks, but a document describes.
        const { email, apiToken, cloudId } = credentials.atlassianToken;
        const basic = { authorization: `Basic ${Buffer.from(`${email}:${apiToken}`).toString("base64")}` };
        const jira = `${endpoints["https://api.atlassian.com"]}/ex/jira/${cloudId}/rest/api/3`;
        await fetch(`${jira}/mypermissions?permissions=BROWSE_PROJECTS`, { headers: basic });
        await fetch(`${jira}/mypermissions`, { headers: basic });
        const { url, clientId: client_id, clientSecret: client_secret } = credentials.jamf;
        await fetch(`${endpoints[url]}/api/v1/oauth/token`, { method: "POST", body: new URLSearchParams({ client_id, client_secret }) });
        const token = vendors.jumpcloud.us.tokens.issued.at(-1) ?? "";
        const console_ = endpoints["https://console.jumpcloud.com"];
        const headers = { authorization: `Bearer ${token}`, "x-org-id": credentials.jumpcloudMultiTenant.organizationId };
        await fetch(`${console_}/api/systemusers`, { headers });
        await fetch(`${console_}/api/v2/usergroups`, { headers });
    });
    afterAll(() => vendors?.close());

    /** The description of an answer in a vendor's document, and how it was judged. */
    function judge({ origin, method, path: target, status, answer }: LoggedRequest): { operation: string; errors: unknown } | undefined {
        for (const { file, origin: where, prefix } of documents) {
            const operation = `${file} ${method.toLowerCase()} ${(target.split("?", 1)[0] ?? "").replace(prefix ?? /^$/, "")}`;
            const validate = validators.get(operation)?.[String(status)];
            if (where.test(origin) && validate !== undefined) {
                validate(JSON.parse(String(answer?.body)));
                const errors = validate.errors?.map(({ instancePath, message, params }) => ({ at: instancePath, message, params })) ?? [];
                return { operation: `${operation} ${status}`, errors };
            }
        }
        return undefined;
    }

    it("come from verifications of every class that pass, and of some that are refused", () => {
        expect(Object.entries(statuses).filter(([name, status]) => status !== (name.endsWith("refused") ? "rejected" : "verified"))).toEqual([]);
        expect(Object.keys(statuses)).toHaveLength(Object.keys(vendors.credentials).length + 2);
    });

    it("have the shapes that the documents give them, every one", () => {
        const judged = [...vendors.requests].flatMap((request) => judge(request) ?? []);
        expect(judged.filter(({ errors }) => (errors as unknown[]).length > 0)).toEqual([]);
        // So that a path that changes, here or there, does not go unjudged.
        expect([...new Set(judged.map(({ operation }) => operation))].sort()).toEqual([
            "jamf-pro-11.30.json get /api/v1/auth 200",
            "jamf-pro-11.30.json get /api/v1/jamf-pro-version 200",
            "jamf-pro-11.30.json post /api/v1/oauth/token 200",
            "jamf-pro-11.30.json post /api/v1/oauth/token 400",
            "jira-platform-v3.json get /rest/api/3/mypermissions 200",
            "jira-platform-v3.json get /rest/api/3/mypermissions 400",
            "jira-platform-v3.json get /rest/api/3/myself 200",
            "jira-platform-v3.json get /rest/api/3/project/search 200",
            "jira-platform-v3.json get /rest/api/3/serverInfo 200",
            "jumpcloud-v1.json get /api/organizations 200",
            "jumpcloud-v1.json get /api/systemusers 200",
            "jumpcloud-v2.json get /api/v2/usergroups 200",
        ]);
    });

    it("would not pass with a property missing, of another type, or made up", async () => {
        const { acme } = vendors.fixture.atlassian;
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const headers = { authorization: `Basic ${Buffer.from(`${email}:${apiToken}`).toString("base64")}` };
        const { url, clientId, clientSecret } = vendors.credentials.jamf;
        const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
        vendors.fixture.jamf.server.listener.fault({ kind: "patch", patch: ({ scope: _, ...rest }: Record<string, unknown>) => rest });
        vendors.atlassian.api.fault({ kind: "patch", patch: (user) => ({ ...user, active: "yes", nickname: "bot" }) });
        vendors.requests.clear();
        await fetch(`${vendors.endpoints[url]}/api/v1/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
        await fetch(`${vendors.endpoints["https://api.atlassian.com"]}/ex/jira/${acme.cloudId}/rest/api/3/myself`, { headers });
        expect([...vendors.requests].map((request) => judge(request)?.errors)).toMatchObject([
            [{ message: "must have required property 'scope'" }],
            [{ params: { additionalProperty: "nickname" } }, { at: "/active", message: "must be boolean" }],
        ]);
    });
});
