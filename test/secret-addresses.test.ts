import { LeakScanner } from "./support/leaks";
import { Project } from "./project";
import { succeeded } from "./support/programs";
import { startVendors, type Vendors } from "./vendors";

const program = `
import * as pulumi from "@pulumi/pulumi";
import { jamf, jumpcloud } from "pulumi-connections";

const config = new pulumi.Config();
const mdm = new jamf.ApiClient("mdm", {
    url: config.requireSecret("jamfUrl"),
    clientId: config.requireSecret("jamfClientId"),
    clientSecret: config.requireSecret("jamfClientSecret"),
});
const directory = new jumpcloud.ServiceAccount("directory", {
    clientId: config.require("jumpcloudClientId"),
    clientSecret: config.requireSecret("jumpcloudClientSecret"),
    organizationId: config.requireSecret("organizationId"),
});

export const statuses = pulumi.all([mdm.status, directory.status]);
export const account = mdm.account;
export const organizationId = directory.organizationId;
`;

describe("An argument that the program made secret", () => {
    let vendors: Vendors;
    let project: Project;
    let values: string[];
    const printed: string[] = [];

    beforeAll(async () => {
        vendors = await startVendors();
        const { jamf, jumpcloud } = vendors.credentials;
        const organizationId = jumpcloud.organizationId;
        values = [new URL(jamf.url).hostname, jamf.clientId, organizationId];
        project = await Project.create({
            name: "secret-addresses",
            program,
            language: "typescript",
            config: { jumpcloudClientId: jumpcloud.clientId },
            secrets: {
                jamfUrl: jamf.url,
                jamfClientId: jamf.clientId,
                jamfClientSecret: jamf.clientSecret,
                jumpcloudClientSecret: jumpcloud.clientSecret,
                organizationId,
            },
            env: { CONNECTIONS_ENDPOINTS: JSON.stringify(vendors.endpoints) },
        });
    });
    afterAll(async () => {
        await Promise.all([project.dispose(), vendors.close()]);
    });

    test("stays sealed wherever it is recorded, and what is found is the same", async () => {
        const runs = [
            "preview --diff",
            "up --yes --diff",
            "preview --diff --expect-no-changes",
            "refresh --yes --diff",
            "refresh --yes --run-program",
            "preview --diff --expect-no-changes",
        ];
        for (const args of runs) {
            const result = await project.run(args.split(" "));
            printed.push(result.output);
            succeeded(result);
        }
        const state = await project.run(["stack", "export"]);
        expect(await project.outputs()).toMatchObject({ statuses: ["verified", "verified"] });
        expect(new LeakScanner(values).inText("state", state.stdout)).toEqual([]);
        const found = await new LeakScanner(values).inProject(project, printed);
        expect(found).toEqual([]);
    });
});
