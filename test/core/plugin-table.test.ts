// The plugin's gRPC service, held against the table of cases that all hosts are held against.
import { commandIn, type Operation } from "../../provider/hosts/plugin/operation";
import { PluginDriver, type Signs } from "../support/plugin-driver";
import { holdRefreshes, holdUps, refreshes, rowsFor, rowsOf, tables } from "../support/status-table";
import { stageOf, subjectsOf } from "../support/subjects";
import { diagonal } from "../support/thorough";
import { startVendors, type Vendors } from "../simulators/vendors";

test.each<[string, Operation | undefined]>([
    ["up", "program"],
    ["--stack prod preview --diff", "program"],
    ["--cwd=app up --yes --target urn", "program"],
    ["refresh --yes", "refresh"],
    ["dn", "destroy"],
    // A refresh and another command in one run.
    ["up --refresh", undefined],
    ["up --refresh=true", undefined],
    ["up -yr", undefined],
    ["refresh --run-program", undefined],
    ["stack ls", undefined],
    ["--of-tomorrow up", undefined],
])("the engine's command is known where its words leave no doubt: %s", (words, expected) => {
    expect(commandIn(words.split(" "))).toBe(expected);
});

const modes = ["always", "changes", "never"] as const;
const types = ["jamf.ApiClient", "atlassian.ServiceAccountOAuth", "jumpcloud.ServiceAccount"] as const;
const hosts: readonly (readonly [string, Signs, number])[] = [
    ["knows the engine's command", { isKnown: true }, 0],
    ["does not know it", { isKnown: false }, types.length],
];
/** Every other row of a mode, each with another host and type; in a thorough run all with each of them. */
const shares = 2 * hosts.length * types.length;

describe.each(hosts)("A plugin that %s", (_, signs, first) => {
    let vendors: Vendors;

    beforeAll(async () => {
        vendors = await startVendors();
    });

    afterAll(async () => {
        await vendors.close();
    });

    test.each(modes.flatMap((mode) => types.map((type, at) => [mode, type, at] as const)))(
        "previews, updates and refreshes as the table has it: %s, %s",
        async (mode, type, at) => {
            const subject = (await subjectsOf(vendors))[type]!;
            const on = (day: number): PluginDriver => new PluginDriver(type, vendors.endpoints, day, signs);
            const stage = { ...stageOf(vendors, subject), on };
            const share = (rows: readonly string[][]): readonly string[][] => diagonal(rows, first + at, shares);
            const ups = await holdUps(stage, share(rowsFor(tables[mode], subject)), mode, "connections:verify");
            expect(ups.seen).toEqual(ups.expected);
            const refreshed = await holdRefreshes(stage, share(rowsOf(refreshes[mode])), mode, "connections:verify");
            expect(refreshed.seen).toEqual(refreshed.expected);
        },
    );
});
