import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { Project } from "../support/project";
import { succeeded } from "../support/programs";
import { startVendors, type Vendors } from "../simulators/vendors";

/** A component two levels deep whose innermost resource makes the credential work, and connections that depend on the component in each way there is. */
const program = `
const pulumi = require("@pulumi/pulumi");
const { jamf } = require("pulumi-connections");

const accountProvider = {
    create: async ({ activate }) => {
        await fetch(activate, { method: "POST" });
        return { id: "account", outs: { activate } };
    },
};
class Account extends pulumi.dynamic.Resource {
    constructor(name, opts) {
        super(accountProvider, name, { activate: process.env.ACTIVATE }, opts);
    }
}
class Inner extends pulumi.ComponentResource {
    constructor(name, opts) {
        super("test:index:Inner", name, {}, opts);
        new Account(name + "-account", { parent: this });
        this.registerOutputs();
    }
}
class Outer extends pulumi.ComponentResource {
    constructor(name, opts) {
        super("test:index:Outer", name, {}, opts);
        new Inner(name + "-inner", { parent: this });
        this.registerOutputs();
    }
}

/** A component whose children a program of its own makes. */
class Remote extends pulumi.ComponentResource {
    constructor(name, opts) {
        super("acme:index:Remote", name, { name, key: undefined, absent: undefined }, opts, true);
    }
}

const access = new Outer("access");
const other = new pulumi.Stash("other", { input: "x" });
const dependsOn = {
    alone: access,
    listed: [access],
    later: pulumi.output(access),
    laterListed: pulumi.output([access]),
    promised: Promise.resolve(access),
    mixed: [other, pulumi.output(access)],
    through: other.input.apply(() => [access]),
    remote: new Remote("remote-access"),
};
const args = JSON.parse(process.env.CREDENTIAL);
for (const [name, on] of Object.entries(dependsOn)) {
    exports[name] = new jamf.ApiClient(name, args, { dependsOn: on }).status;
}
exports.inside = new jamf.ApiClient("inside", args, { parent: access, dependsOn: access }).status;
exports.replaced = new jamf.ApiClient("replaced", args, { replaceWith: [access] }).status;
`;

/** The program of the component that runs elsewhere, as a component library of another language would be one. */
const plugin = `
const pulumi = require("@pulumi/pulumi");
const accountProvider = {
    create: async ({ activate }) => {
        await fetch(activate, { method: "POST" });
        return { id: "account", outs: { activate, key: "made" } };
    },
};
class Account extends pulumi.dynamic.Resource {
    constructor(name, opts) {
        super(accountProvider, name, { activate: process.env.ACTIVATE, key: undefined }, opts);
    }
}
class Remote extends pulumi.ComponentResource {
    constructor(name, inputs, opts) {
        super("acme:index:Remote", name, inputs, opts);
        this.key = new Account(name + "-account", { parent: this }).key;
        this.registerOutputs({ name: inputs.name, key: this.key });
    }
}
const construct = async (name, type, inputs, opts) => {
    const { urn, key } = new Remote(name, inputs, opts);
    return { urn, state: { name: inputs.name, key } };
};
pulumi.provider.main({ version: "1.0.0", construct }, process.argv.slice(2));
`;

describe("a connection that depends on a component", () => {
    let vendors: Vendors;
    let project: Project;
    let activation: http.Server;

    beforeAll(async () => {
        vendors = await startVendors();
        activation = http.createServer((_, response) => {
            vendors.fixture.jamf.client.restoreClientSecret();
            response.end();
        });
        await new Promise<void>((listening) => activation.listen(0, "127.0.0.1", listening));
        vendors.fixture.jamf.client.revokeClientSecret();
        project = await Project.create({
            name: "depends-on",
            program,
            env: {
                CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints),
                CREDENTIAL: JSON.stringify(vendors.credentials.jamf),
                ACTIVATE: `http://127.0.0.1:${(activation.address() as AddressInfo).port}/`,
            },
        });
        project.write("plugin/index.js", plugin);
        project.write("plugin/pulumi-resource-acme", '#!/bin/sh\nexec node "$(dirname "$0")/index.js" "$@"\n');
        fs.chmodSync(path.join(project.dir, "plugin/pulumi-resource-acme"), 0o755);
        project.env["PATH"] = `${path.join(project.dir, "plugin")}:${project.env["PATH"] ?? ""}`;
    });

    afterAll(async () => {
        activation?.close();
        await Promise.all([project?.dispose(), vendors?.close()]);
    });

    test("is not verified before what the component makes exists: a preview calls nobody, and up succeeds", async () => {
        succeeded(await project.preview());
        expect(vendors.requests.length).toBe(0);
        succeeded(await project.up());
        const names = [
            "alone",
            "listed",
            "later",
            "laterListed",
            "promised",
            "mixed",
            "through",
            "remote",
            "inside",
            "replaced",
        ];
        expect(await project.outputs()).toEqual(Object.fromEntries(names.map((name) => [name, "verified"])));
    });

    test("is verified in the next preview, since it exists", async () => {
        vendors.requests.clear();
        succeeded(await project.preview("--expect-no-changes"));
        expect(vendors.requests.length).toBeGreaterThan(0);
    });
});
