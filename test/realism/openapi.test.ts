import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import fs from "node:fs";
import path from "node:path";
import { verifierOf } from "../support/types";
import { startVendors, type LoggedRequest, type Vendors } from "../simulators/vendors";

const folder = path.resolve(__dirname, "../../../../shared/openapi");

interface Document {
    readonly basePath?: string;
    readonly paths: Record<
        string,
        Record<
            string,
            { responses?: Record<string, { schema?: object; content?: Record<string, { schema?: object }> }> }
        >
    >;
}

const read = (file: string): Document =>
    closed(JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"))) as Document;

/** Lets no schema take properties that it does not name: what a simulator invents would pass otherwise. */
function closed(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(closed);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
    const isObject =
        typeof copy["properties"] === "object" && (copy["type"] === undefined || copy["type"] === "object");
    return isObject && copy["additionalProperties"] === undefined && copy["allOf"] === undefined
        ? { ...copy, additionalProperties: false }
        : copy;
}

const available = fs.existsSync(folder);
if (!available) {
    process.stderr.write(
        `Skipped: the vendors' OpenAPI documents are not in ${path.relative(process.cwd(), folder)}.\n`,
    );
}

/** Where each vendor's document holds, and what goes before its paths. */
const documents: readonly { file: string; origin: RegExp; prefix?: RegExp }[] = [
    { file: "jamf-pro-11.30.json", origin: /jamf/ },
    { file: "jumpcloud-v1.json", origin: /console\..*jumpcloud\.com$/ },
    { file: "jumpcloud-v2.json", origin: /console\..*jumpcloud\.com$/ },
    { file: "jira-platform-v3.json", origin: /atlassian.*\.(com|net)$/, prefix: /^\/ex\/jira\/[0-9a-f-]{36}/ },
    { file: "more/jamf-pro-11.30.json", origin: /jamf/ },
    { file: "more/jumpcloud-v1.json", origin: /console\..*jumpcloud\.com$/ },
    { file: "more/jumpcloud-v2.json", origin: /console\..*jumpcloud\.com$/ },
    { file: "more/jira-platform-v3.json", origin: /atlassian.*\.(com|net)$/, prefix: /^\/ex\/jira\/[0-9a-f-]{36}/ },
    { file: "more/confluence-v1.json", origin: /atlassian.*\.(com|net)$/, prefix: /^\/ex\/confluence\/[0-9a-f-]{36}/ },
];

/** What JumpCloud was recorded to answer and its document does not say: fields that it does not know, and null for a text. */
const asRecorded = (operation: string, { at, params }: Flaw): boolean =>
    /jumpcloud-v1\.json get \/api\/organizations/.test(operation) &&
    (["id", "created"].includes(String(params["additionalProperty"])) || at.endsWith("/logoUrl"));

interface Flaw {
    readonly at: string;
    readonly message: string | undefined;
    readonly params: Record<string, unknown>;
}

interface Judged {
    readonly operation: string;
    readonly errors: readonly Flaw[];
}

interface Operation {
    readonly file: string;
    readonly method: string;
    /** As the document has it. */
    readonly template: string;
    readonly path: RegExp;
    readonly answers: Readonly<Record<string, ValidateFunction>>;
}

(available ? describe : describe.skip)("the simulated vendors' answers, by the vendors' own OpenAPI documents", () => {
    let vendors: Vendors;
    const statuses: Record<string, string | undefined> = {};
    const operations: Operation[] = [];
    let spaceOfDocument: ValidateFunction;

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
            for (const [template, methods] of Object.entries(document.paths)) {
                for (const [method, { responses = {} }] of Object.entries(methods)) {
                    const answers: Record<string, ValidateFunction> = {};
                    for (const [status, { schema, content }] of Object.entries(responses)) {
                        const type = content === undefined ? undefined : "application/json";
                        if ((schema ?? content?.["application/json"]?.schema) !== undefined) {
                            const at = [
                                "paths",
                                template,
                                method,
                                "responses",
                                status,
                                ...(type === undefined ? [] : ["content", type]),
                                "schema",
                            ];
                            const pointer = at
                                .map((part) => encodeURIComponent(part.replace(/~/g, "~0").replace(/\//g, "~1")))
                                .join("/");
                            answers[status] = ajv.compile({ $ref: `${file}#/${pointer}` });
                        }
                    }
                    const whole = `${(document.basePath ?? "").replace(/\/$/, "")}${template}`;
                    operations.push({
                        file,
                        method,
                        template: whole,
                        path: new RegExp(`^${whole.replace(/\{[^}]+\}/g, "[^/]+")}$`),
                        answers,
                    });
                }
            }
            if (file === "more/confluence-v1.json") {
                spaceOfDocument = ajv.compile({ $ref: `${file}#/components/schemas/Space` });
            }
        }
        vendors = await startVendors();
        const { credentials, endpoints } = vendors;
        const verify = verifierOf(endpoints);
        const declared: Record<string, readonly [vendor: string, type: string]> = {
            jumpcloud: ["jumpcloud", "ServiceAccount"],
            jumpcloudReserved: ["jumpcloud", "ServiceAccount"],
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
        const runs = Object.keys(declared).map((name) => ({
            name,
            as: name,
            args: credentials[name as keyof typeof credentials],
        }));
        const refused = Object.entries(wrong).map(([as, change]) => ({
            name: `${as}, refused`,
            as,
            args: { ...credentials[as as keyof typeof wrong], ...change },
        }));
        for (const { name, as, args } of [...runs, ...refused]) {
            const [vendor, type] = declared[as] ?? [];
            statuses[name] = (await verify(`${vendor}.${type}`, args)).tenants[0]?.status;
        }
        // What no verification of these asks, but a document describes.
        const basic = {
            authorization: `Basic ${Buffer.from(`${credentials.atlassianToken.email}:${credentials.atlassianToken.apiToken}`).toString("base64")}`,
        };
        const jira = gateway("jira", "/rest/api/3");
        await fetch(`${jira}/mypermissions?permissions=BROWSE_PROJECTS`, { headers: basic });
        await fetch(`${jira}/mypermissions`, { headers: basic });
        const issue = { project: { key: "ACME" }, summary: "Held", issuetype: { name: "Task" } };
        for (const fields of [issue, {}]) {
            await fetch(`${jira}/issue`, {
                method: "POST",
                headers: { ...basic, "content-type": "application/json" },
                body: JSON.stringify({ fields }),
            });
        }
        await fetch(gateway("confluence", "/wiki/rest/api/user/current"), { headers: basic });
        const { url, clientId: client_id, clientSecret: client_secret } = credentials.jamf;
        const jamf = endpoints[url];
        await fetch(`${jamf}/api/v1/oauth/token`, {
            method: "POST",
            body: new URLSearchParams({ client_id, client_secret }),
        });
        ["Read API Integrations", "Read JSS URL", "Read Sites"].forEach((name) =>
            vendors.fixture.jamf.client.addPrivilege(name),
        );
        const bearer = { authorization: `Bearer ${vendors.fixture.jamf.server.tokens.issued.at(-1)}` };
        const reads = [
            "v1/api-role-privileges",
            "v1/api-role-privileges/search?name=read",
            "v1/api-roles",
            "v1/api-integrations",
            "v1/jamf-pro-server-url",
            "v1/sites",
        ];
        for (const read of [...reads, "v1/cloud-information", "startup-status"]) {
            await fetch(`${jamf}/api/${read}`, { headers: bearer });
        }
        vendors.fixture.jamf.server.privilegesTold = "byGroup";
        await fetch(`${jamf}/api/v1/auth`, { headers: bearer });
        vendors.fixture.jamf.server.privilegesTold = "bySite";
        const token = vendors.jumpcloud.us.tokens.issued.at(-1) ?? "";
        const console_ = endpoints["https://console.jumpcloud.com"];
        const headers = {
            authorization: `Bearer ${token}`,
            "x-org-id": credentials.jumpcloudMultiTenant.organizationId,
        };
        await fetch(`${console_}/api/systemusers`, { headers });
        await fetch(`${console_}/api/v2/usergroups`, { headers });
        await fetch(`${console_}/api/organizations/${credentials.jumpcloudMultiTenant.organizationId}`, {
            headers: { authorization: headers.authorization },
        });
    });
    afterAll(() => vendors?.close());

    const gateway = (product: string, path_: string): string =>
        `${vendors.endpoints["https://api.atlassian.com"]}/ex/${product}/${vendors.credentials.atlassianToken.cloudId}${path_}`;

    const flawsOf = ({ errors }: ValidateFunction): Flaw[] =>
        errors?.map(({ instancePath, message, params }) => ({
            at: instancePath,
            message,
            params: params as Flaw["params"],
        })) ?? [];

    /** An answer by every document that describes it. */
    function judge({ origin, method, path: target, status, answer }: LoggedRequest): Judged[] {
        return documents
            .filter(({ origin: where }) => where.test(origin))
            .flatMap(({ file, prefix }) => {
                const asked = (target.split("?", 1)[0] ?? "").replace(prefix ?? /^$/, "");
                const fits = operations.filter(
                    (one) => one.file === file && one.method === method.toLowerCase() && one.path.test(asked),
                );
                // `/project/search` is no `/project/{id}`: the path without parameters goes first.
                const found = fits.find(({ template }) => template === asked) ?? fits[0];
                const validate = found?.answers[String(status)];
                if (found === undefined || validate === undefined) {
                    return [];
                }
                validate(JSON.parse(String(answer?.body)));
                return [
                    { operation: `${file} ${found.method} ${found.template} ${status}`, errors: flawsOf(validate) },
                ];
            });
    }

    it("come from verifications of every class that pass, and of some that are refused", () => {
        expect(
            Object.entries(statuses).filter(
                ([name, status]) => status !== (name.endsWith("refused") ? "rejected" : "verified"),
            ),
        ).toEqual([]);
        // The documents are those of these vendors.
        const names = Object.keys(vendors.credentials).filter((name) => /^(jumpcloud|jamf|jira|atlassian)/.test(name));
        expect(Object.keys(statuses)).toHaveLength(names.length + 2);
    });

    it("have the shapes that the documents give them, every one", () => {
        const judged = [...vendors.requests].flatMap(judge);
        const flaws = judged.map(({ operation, errors }) => ({
            operation,
            errors: errors.filter((flaw) => !asRecorded(operation, flaw)),
        }));
        expect(flaws.filter(({ errors }) => errors.length > 0)).toEqual([]);
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
            "more/confluence-v1.json get /wiki/rest/api/user/current 200",
            "more/jamf-pro-11.30.json get /api/startup-status 200",
            "more/jamf-pro-11.30.json get /api/v1/api-integrations 200",
            "more/jamf-pro-11.30.json get /api/v1/api-role-privileges 200",
            "more/jamf-pro-11.30.json get /api/v1/api-role-privileges/search 200",
            "more/jamf-pro-11.30.json get /api/v1/api-roles 200",
            "more/jamf-pro-11.30.json get /api/v1/auth 200",
            "more/jamf-pro-11.30.json get /api/v1/cloud-information 200",
            "more/jamf-pro-11.30.json get /api/v1/jamf-pro-server-url 200",
            "more/jamf-pro-11.30.json get /api/v1/jamf-pro-version 200",
            "more/jamf-pro-11.30.json get /api/v1/sites 200",
            "more/jamf-pro-11.30.json post /api/v1/oauth/token 200",
            "more/jamf-pro-11.30.json post /api/v1/oauth/token 400",
            "more/jira-platform-v3.json get /rest/api/3/mypermissions 200",
            "more/jira-platform-v3.json get /rest/api/3/mypermissions 400",
            "more/jira-platform-v3.json get /rest/api/3/myself 200",
            "more/jira-platform-v3.json get /rest/api/3/project/search 200",
            "more/jira-platform-v3.json get /rest/api/3/serverInfo 200",
            "more/jira-platform-v3.json post /rest/api/3/issue 201",
            "more/jira-platform-v3.json post /rest/api/3/issue 400",
            "more/jumpcloud-v1.json get /api/organizations 200",
            "more/jumpcloud-v1.json get /api/organizations/{id} 200",
            "more/jumpcloud-v1.json get /api/systemusers 200",
            "more/jumpcloud-v2.json get /api/v2/directories 200",
            "more/jumpcloud-v2.json get /api/v2/usergroups 200",
        ]);
        // What a recording shows and no document says is still answered so.
        const otherwise = judged.flatMap(({ operation, errors }) =>
            errors
                .filter((flaw) => asRecorded(operation, flaw))
                .map(({ at, params }) => params["additionalProperty"] ?? at.replace(/\d+/, "*")),
        );
        expect([...new Set(otherwise)].sort()).toEqual(["/logoUrl", "/results/*/logoUrl", "created", "id"]);
    });

    it("give Confluence's spaces, whose list no document here describes, the shape that the document gives a space", async () => {
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const headers = { authorization: `Basic ${Buffer.from(`${email}:${apiToken}`).toString("base64")}` };
        const answer = await fetch(gateway("confluence", "/wiki/rest/api/space"), { headers });
        const { results } = (await answer.json()) as { results: unknown[] };
        const flaws = results.flatMap((space) => (spaceOfDocument(space) ? [] : flawsOf(spaceOfDocument)));
        expect([results.length, flaws]).toEqual([2, []]);
    });

    it("give the list of Jira's projects the shape that the document gives a page of them", async () => {
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const headers = { authorization: `Basic ${Buffer.from(`${email}:${apiToken}`).toString("base64")}` };
        const read = async (of: string): Promise<unknown> => (await fetch(gateway("jira", of), { headers })).json();
        const { values } = (await read("/rest/api/3/project/search")) as { values: unknown };
        expect(await read("/rest/api/3/project")).toEqual(values);
        expect(JSON.stringify(await read("/rest/api/2/project"))).toBe(
            JSON.stringify(values).replaceAll("/rest/api/3/", "/rest/api/2/"),
        );
    });

    it("would not pass with a property missing, of another type, or made up", async () => {
        const { acme } = vendors.fixture.atlassian;
        const { email, apiToken } = vendors.credentials.atlassianToken;
        const headers = { authorization: `Basic ${Buffer.from(`${email}:${apiToken}`).toString("base64")}` };
        const { url, clientId, clientSecret } = vendors.credentials.jamf;
        const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
        vendors.fixture.jamf.server.listener.fault({
            kind: "patch",
            patch: ({ scope: _, ...rest }: Record<string, unknown>) => rest,
        });
        vendors.atlassian.api.fault({ kind: "patch", patch: (user) => ({ ...user, active: "yes", nickname: "bot" }) });
        vendors.requests.clear();
        await fetch(`${vendors.endpoints[url]}/api/v1/oauth/token`, {
            method: "POST",
            body: new URLSearchParams(form),
        });
        await fetch(`${vendors.endpoints["https://api.atlassian.com"]}/ex/jira/${acme.cloudId}/rest/api/3/myself`, {
            headers,
        });
        const judged = [...vendors.requests].flatMap(judge);
        expect(judged.map(({ errors }) => errors)).toMatchObject([
            ...Array.from({ length: 2 }, () => [{ message: "must have required property 'scope'" }]),
            ...Array.from({ length: 2 }, () => [
                { params: { additionalProperty: "nickname" } },
                { at: "/active", message: "must be boolean" },
            ]),
        ]);
    });
});
