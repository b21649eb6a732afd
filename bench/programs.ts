/** Whose resources a program declares: `plugin` has those of `ours`, in YAML. */
export type Variant = "floor" | "plain" | "ours" | "plugin";

/** The same number of no-op dynamic resources: what any dynamic resource costs in this engine. */
const floor = `
const pulumi = require("@pulumi/pulumi");
const accounts = require("./accounts.json");

const provider = {
    async create() {
        return { id: "1" };
    },
};

class Nothing extends pulumi.dynamic.Resource {
    constructor(name, props) {
        super(provider, name, props);
    }
}

accounts.forEach(({ clientSecret }, i) => new Nothing("r" + i, { revision: clientSecret.slice(0, 8) }));
`;

/** What people write today after the documentation of dynamic providers: a token and a GET in create, update and read. */
const plain = `
const pulumi = require("@pulumi/pulumi");
const accounts = require("./accounts.json");

async function organizationOf({ tokenUrl, apiUrl, clientId, clientSecret }) {
    const credentials = Buffer.from(encodeURIComponent(clientId) + ":" + encodeURIComponent(clientSecret)).toString("base64");
    const granted = await fetch(tokenUrl, {
        method: "POST",
        headers: { authorization: "Basic " + credentials },
        body: new URLSearchParams({ grant_type: "client_credentials", scope: "api" }),
    });
    if (!granted.ok) {
        throw new Error("no access token: HTTP " + granted.status);
    }
    const { access_token } = await granted.json();
    const answer = await fetch(apiUrl + "/organizations", { headers: { authorization: "Bearer " + access_token } });
    if (!answer.ok) {
        throw new Error("no organisation: HTTP " + answer.status);
    }
    const { results } = await answer.json();
    return { organizationId: results[0]._id, organizationName: results[0].displayName };
}

const provider = {
    async create(inputs) {
        const organization = await organizationOf(inputs);
        return { id: organization.organizationId, outs: { ...inputs, ...organization } };
    },
    async read(id, props) {
        return { id, props: { ...props, ...(await organizationOf(props)) } };
    },
    async update(id, olds, news) {
        return { outs: { ...news, ...(await organizationOf(news)) } };
    },
};

class ServiceAccount extends pulumi.dynamic.Resource {
    constructor(name, props) {
        super(provider, name, { organizationId: undefined, organizationName: undefined, ...props });
    }
}

const endpoints = JSON.parse(process.env.CONNECTIONS_ENDPOINTS);
const tokenUrl = endpoints["https://admin-oauth.id.jumpcloud.com"] + "/oauth2/token";
const apiUrl = endpoints["https://console.jumpcloud.com"] + "/api";
accounts.forEach(
    ({ clientId, clientSecret }, i) => new ServiceAccount("r" + i, { tokenUrl, apiUrl, clientId, clientSecret: pulumi.secret(clientSecret) }),
);
`;

const ours = `
const pulumi = require("@pulumi/pulumi");
const { jumpcloud } = require("pulumi-connections");
const accounts = require("./accounts.json");

accounts.forEach(
    ({ clientId, clientSecret }, i) => new jumpcloud.ServiceAccount("r" + i, { clientId, clientSecret: pulumi.secret(clientSecret) }),
);
`;

/** One connection of each class, by the names of their classes. */
export const everyType = `
const connections = require("pulumi-connections");
const given = require("./accounts.json");

for (const [path, args] of Object.entries(given)) {
    const [vendor, type] = path.split(".");
    new connections[vendor][type](path, args);
}
`;

/** The program of each variant; it reads its accounts from `accounts.json`. */
export const programs: Readonly<Record<Exclude<Variant, "plugin">, string>> = { floor, plain, ours };
