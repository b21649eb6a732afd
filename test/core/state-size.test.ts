import { compareStates } from "../../provider/core/plan";
import { decodeState, encodeInputs, encodeState } from "../../provider/core/state";
import { UNKNOWN } from "../../provider/core/unknown";
import { providerProcess } from "../../provider/hosts/dynamic/provider";
import type { Check, Values } from "../../provider/define/contracts";
import { startVendors, type Vendors } from "../simulators/vendors";
import { allCases } from "../support/classes";
import { typeNamed } from "../support/types";

/** By which the engine knows a secret. */
const secretMark = "4dabf18193072939515e22adb298388d";

/** The most bytes that a connection may have in a state, besides keys and certificates that the program gives by their values. */
const most = 3500;

/** Two sites with their names and addresses, two products and six scopes, each in the inputs and in the outputs: less would hide what users see. */
const larger: Readonly<Record<string, number>> = { atlassianOAuth: 4000 };

/** A secret as the engine writes it: encrypted by AES-GCM, whose nonce and tag it keeps. */
function encrypted(value: unknown): Values {
    const length = Buffer.byteLength(JSON.stringify(value)) + 16;
    return {
        [secretMark]: "1b47061264138c4ac30d75fd1eb44270",
        ciphertext: `v1:${"A".repeat(16)}:${"A".repeat(Math.ceil(length / 3) * 4)}`,
    };
}

describe("The state of a connection", () => {
    let vendors: Vendors;

    beforeAll(async () => {
        process.env["CONNECTIONS_ALLOW_ENDPOINTS"] = "1";
        vendors = await startVendors();
    });

    afterAll(async () => {
        delete process.env["CONNECTIONS_ALLOW_ENDPOINTS"];
        await vendors.close();
    });

    /** A resource with everything that the engine writes about it. */
    async function recorded(type: string, args: Values): Promise<{ outputs: Values; bytes: number }> {
        const [vendor = "", name = ""] = type.split(".");
        const provider = providerProcess()(vendor, name);
        const settings: Values = { "connections:endpoints": JSON.stringify(vendors.endpoints) };
        provider.configure({ config: { get: (key) => settings[key] as string | undefined } });
        const { inputs, failures } = await provider.check({}, args);
        expect(failures).toEqual([]);
        const { id, outs } = await provider.create(inputs as never);
        const { sensitiveNames } = typeNamed(type);
        const __provider = `exports.handler=()=>require("pulumi-connections/dynamic").provider("${vendor}","${name}")`;
        const written = (values: Values): Values => ({
            ...Object.fromEntries(
                Object.entries(values).map(([key, value]) => [
                    key,
                    sensitiveNames.includes(key) && typeof value === "string" ? encrypted(value) : value,
                ]),
            ),
            __provider,
        });
        const stack = "urn:pulumi:test::bench::pulumi:pulumi:Stack::bench-test";
        const token = `pulumi-nodejs:dynamic/connections/${vendor}:${name}`;
        const resource = {
            urn: `urn:pulumi:test::bench::${token}::${type}`,
            custom: true,
            id,
            type: token,
            inputs: written(inputs),
            outputs: written(outs),
            parent: stack,
            provider:
                "urn:pulumi:test::bench::pulumi:providers:pulumi-nodejs::default::5297a39a-ef81-4372-bc3a-129d1cc23a69",
            propertyDependencies: Object.fromEntries(
                [...Object.keys(args), "__provider", "programReport"].map((key) => [key, []]),
            ),
            created: "2026-11-30T23:12:09.388748754Z",
            modified: "2026-11-30T23:12:09.388748754Z",
            sourcePosition: "project:///index.ts#12,5",
            stackTrace: [{ sourcePosition: "project:///index.ts#12,5" }],
        };
        return { outputs: outs, bytes: JSON.stringify(resource).length };
    }

    test.each(allCases.map((one) => [`${one.type} (${one.credential})`, one] as const))(
        "%s: has a bound, and no sentence that its declaration has",
        async (_, { type, credential }) => {
            const args: Values = vendors.credentials[credential];
            const { outputs, bytes } = await recorded(type, args);
            const keys = Object.values(args).filter((value) => String(value).startsWith("-----BEGIN "));
            const ofKeys = keys.reduce<number>((sum, key) => sum + 2 * JSON.stringify(encrypted(key)).length, 0);
            expect(bytes - ofKeys).toBeLessThanOrEqual(larger[credential] ?? most);
            const { checks } = outputs as { checks: Record<string, Partial<Check>> };
            const passed = Object.entries(checks).filter(([, { result }]) => result === "passed");
            expect(passed.length).toBeGreaterThan(0);
            expect(passed.filter(([, { message }]) => message !== undefined)).toEqual([]);
        },
    );

    test("other sentences stay, and each is there again where a record is read", () => {
        const type = typeNamed("atlassian.ServiceAccountOAuth");
        const outputs: Values = {
            status: "insufficient",
            checks: {
                credential: { result: "passed", message: "The credential is accepted." },
                sites: { result: "passed", message: "The sites are known, in other words." },
                jira: { result: "failed", message: "No.", code: "access-denied" },
                confluence: { result: "skipped", message: "Not asked." },
                scopes: { result: "skipped", message: "No scope is required." },
            },
        };
        const next = { args: {}, outputs, identity: {} };
        const brief = encodeState(type, { ...next, isBrief: true });
        expect(brief["checks"]).toEqual({
            credential: { result: "passed" },
            sites: { result: "passed", message: "The sites are known, in other words." },
            jira: { result: "failed", message: "No.", code: "access-denied" },
            confluence: { result: "skipped", message: "Not asked." },
            scopes: { result: "skipped" },
        });
        expect(decodeState(type, brief)?.outputs["checks"]).toEqual(outputs["checks"]);
        const inputs = encodeInputs(type, { ...next, isBrief: true });
        expect(compareStates(type, encodeState(type, next), inputs, "never").differences).toEqual([]);
        expect(encodeState(type, { ...next, isBrief: true, outputs: { checks: UNKNOWN } })["checks"]).toBe(UNKNOWN);
    });
});
