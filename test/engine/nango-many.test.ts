// Many connections in one up, within what Nango takes in a minute.
import { HubLab, type DeclaredResource } from "../support/hub-lab";
import { succeeded } from "../support/programs";

const count = 150;
// Nango's minute is shortened, so that the test takes none; how many calls it takes in one is Nango's own number, and so is what its headers say.
const windowSeconds = 6;

test(`${count} connections in one up keep to 200 calls in Nango's minute, and all of them are there`, async () => {
    const lab = await HubLab.start({ name: "nango-many" });
    try {
        const { nango } = lab.hubs;
        nango.limiter.windowSeconds = windowSeconds;
        const key = nango.administration.addKey();
        nango.administration.addIntegration("token", "atlassian-service-account-api-token");
        const names = Array.from({ length: count }, (_, at) => `bot-${at}`);
        const hub = (connectionId: string): DeclaredResource => ({
            type: "nango.Connection",
            args: {
                environmentKey: { config: "key" },
                integration: "token",
                connectionId,
                connection: { made: "bot" },
            },
        });
        await lab.project.setSecret("key", key.value);
        lab.declare({
            bot: { type: "atlassian.ServiceAccountToken", args: lab.vendors.credentials.atlassianToken },
            ...Object.fromEntries(names.map((name) => [name, hub(name)])),
        });
        expect(succeeded(await lab.run("up", "--yes", "--suppress-outputs", "--suppress-progress"))).toContain(
            `+ ${count + 2} created`,
        );
        expect(
            nango.administration
                .connections()
                .map(({ connectionId }) => connectionId)
                .sort(),
        ).toEqual([...names].sort());
        const calls = nango.administration.requests();
        const refused = calls.filter(({ status }) => status === 429).length;
        process.stdout.write(`\n${calls.length} calls, ${refused} of them refused with 429\n`);
        // Waiting for the window is the rule, and a refusal the exception.
        expect(refused).toBeLessThan(calls.length / 20);
        succeeded(await lab.preview("--expect-no-changes", "--suppress-outputs"));
    } finally {
        await lab.dispose();
    }
});
