import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { cases, type Case } from "../support/classes";
import { Core } from "../support/core";
import { gitleaks, search } from "../support/gitleaks";
import { LeakScanner } from "../support/leaks";
import { Lab, succeeded, type Declared } from "../support/programs";
import { diagonal } from "../support/thorough";
import { startVendors, type VendorRequest, type Vendors } from "../simulators/vendors";

/** What a vendor could make of the secrets that it was sent: everything, in every form. */
function echoOf(request: VendorRequest, secrets: readonly string[]): string[] {
    const header = request.header("authorization") ?? "";
    const all = [...secrets, header, header.replace(/^\w+ /, ""), request.body].filter((text) => text.length >= 8);
    const forms = (text: string): string[] => {
        const form = new URLSearchParams({ v: text }).toString().slice(2);
        return [
            ...[
                text,
                text.toLowerCase(),
                text.toUpperCase(),
                encodeURIComponent(text),
                encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
                form,
            ],
            ...[
                JSON.stringify(text),
                JSON.stringify(JSON.stringify(text)),
                text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;"),
            ],
            ...["", "x", "xy"].flatMap((before) => [
                Buffer.from(before + text).toString("base64"),
                Buffer.from(`${before}${form} y`).toString("base64url"),
            ]),
            ...[Buffer.from(text).toString("hex"), Buffer.from(text).toString("hex").toUpperCase()],
        ];
    };
    return all.flatMap(forms);
}

/** The places of texts in an answer that vendors let people name, or fill with their own words. */
function namedTexts(value: unknown, at: readonly string[] = []): string[][] {
    if (typeof value === "string") {
        return /name|email|version|scope|title|description|privilege|detail/i.test(at.join(".")) ? [[...at]] : [];
    }
    return typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => namedTexts(inner, [...at, key]))
        : [];
}

function extend(value: unknown, place: readonly string[], by: string): void {
    const holder = place
        .slice(0, -1)
        .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value) as Record<string, string>;
    const last = place.at(-1) ?? "";
    holder[last] = `${holder[last] ?? ""} ${by}`;
}

describe("What vendors echo", () => {
    let core: Core;
    let vendors: Vendors;
    let secretsOf: (one: Case) => string[];

    beforeAll(async () => {
        // Nobody has to wait for what is asked again.
        core = Core.start({}, path.join(__dirname, "../support", "pauses.js"));
        vendors = await startVendors();
        // Characters that every encoding writes in its own way.
        const hard = vendors.fixture.jamf.client.generateClientSecret('pl4nted"<jamf>\\&+/=%41 ünïcode;secret');
        vendors.credentials.jamf.clientSecret = hard;
        vendors.credentials.jumpcloud = vendors.credentials.jumpcloudReserved;
        secretsOf = ({ credential }) => {
            const given = vendors.credentials[credential] as Record<string, unknown>;
            return ["clientSecret", "standbyClientSecret", "apiToken"].flatMap((name) =>
                typeof given[name] === "string" ? [given[name]] : [],
            );
        };
    });

    afterAll(async () => {
        expect(core.astray).toEqual([]);
        await Promise.all([core.close(), vendors.close()]);
    });

    beforeEach(() => vendors.clearFaults());

    test.each(cases.map((one) => [one.type, one.credential, one] as const))(
        "in names and other facts is not observed: %s (%s)",
        async (type, credential, one) => {
            // The places that there are.
            const places = new Map<string, readonly string[]>();
            vendors.listeners.forEach((listener) =>
                listener.fault({
                    kind: "patch",
                    patch: (value, request) =>
                        namedTexts(value).forEach((place) => places.set(`${request.path} ${place.join(".")}`, place)),
                }),
            );
            await core.verify(type, vendors.credentials[credential], vendors.endpoints);
            expect(places.size).toBeGreaterThan(0);
            let observed = 0;
            for (const [name, place] of places) {
                vendors.clearFaults();
                const at = name.split(" ")[0] ?? "";
                vendors.listeners.forEach((listener) =>
                    listener.fault({
                        kind: "patch",
                        path: at,
                        patch: (value, request) => extend(value, place, echoOf(request, secretsOf(one)).join(" ")),
                    }),
                );
                const reply = await core.verify(type, vendors.credentials[credential], vendors.endpoints);
                const text = JSON.stringify(reply.value);
                expect(new LeakScanner([...vendors.secrets, ...secretsOf(one)]).inText(name, text)).toEqual([]);
                // Hosts have small letters only.
                expect(
                    new LeakScanner(secretsOf(one).map((secret) => secret.toLowerCase())).inText(
                        `${name} in small letters`,
                        text.toLowerCase(),
                    ),
                ).toEqual([]);
                observed += text.includes("[secret]") ? 1 : 0;
            }
            // Some of it would have been recorded.
            expect({ type, observed: observed > 0 }).toEqual({ type, observed: true });
        },
    );

    const places = ["body", "headers", "error_description", "message", "redirect"] as const;

    test.each(places)("in %s is not told", async (where) => {
        const statuses = [200, 302, 400, 401, 403, 404, 429, 500];
        for (const [turn, status] of statuses.entries()) {
            vendors.clearFaults();
            vendors.listeners.forEach((listener) => listener.fault({ kind: "echo", in: where, status }));
            // Each class meets half of them, in each place others.
            for (const one of diagonal(cases, turn + places.indexOf(where), 2)) {
                const reply = await core.verify(
                    one.type,
                    { ...vendors.credentials[one.credential], timeoutSeconds: 1 },
                    vendors.endpoints,
                );
                expect(
                    new LeakScanner([...vendors.secrets, ...secretsOf(one)]).inText(
                        `${one.type}, HTTP ${status}`,
                        JSON.stringify(reply),
                    ),
                ).toEqual([]);
            }
        }
    });

    test("in the host of a redirect is not told", async () => {
        // What a host name can hold: letters, digits and hyphens.
        const apiToken = "PlantedPersonalToken-0123456789";
        vendors
            .listener("https://jira.acme.example")
            .fault({ kind: "redirect", location: `https://${apiToken}.evil.example/` });
        const reply = await core.verify(
            "atlassian.JiraUserToken",
            { ...vendors.credentials.jiraDataCenter, apiToken },
            vendors.endpoints,
        );
        expect(reply.value?.messages.join()).toMatch(/redirects to .* \(HTTP 30\d\)/);
        expect(JSON.stringify(reply).toLowerCase()).not.toContain(apiToken.toLowerCase());
    });

    test("with control characters does not reach a terminal", async () => {
        vendors.listeners.forEach((listener) =>
            listener.fault({
                kind: "patch",
                patch: (value) =>
                    namedTexts(value).forEach((place) =>
                        extend(value, place, "\u001b]0;owned\u0007\u001b[2J\r\n::error::\u0000\u009b31m"),
                    ),
            }),
        );
        for (const { type, credential } of cases) {
            const { value } = await core.verify(type, vendors.credentials[credential], vendors.endpoints);
            expect(JSON.stringify(value)).not.toMatch(/\\u00(?:[01][0-9a-f]|7f|[89][0-9a-f])|\\[rnbf]|[\u007f-\u009f]/);
        }
    });
});

describe("Secrets by reference", () => {
    let lab: Lab;
    let logs: string;
    const secrets: string[] = [];

    beforeAll(async () => {
        lab = await Lab.start({ name: "references" });
        logs = fs.mkdtempSync(path.join(os.tmpdir(), "logs-"));
        const connections: Record<string, Declared> = {};
        for (const { type, credential } of cases) {
            const args: Record<string, unknown> = { ...lab.vendors.credentials[credential] };
            for (const name of ["clientSecret", "standbyClientSecret", "apiToken"].filter(
                (argument) => argument in args,
            )) {
                const variable = `SECRET_${credential}_${name}`.toUpperCase();
                const value = String(args[name]);
                secrets.push(value);
                if (name === "clientSecret") {
                    const file = path.join(logs, "..", `${path.basename(logs)}-${variable}`);
                    fs.writeFileSync(file, `${value}\n`, { mode: 0o600 });
                    args[name] = { secretFrom: "file", name: file };
                } else {
                    lab.project.env[variable] = value;
                    args[name] = { secretFrom: "env", name: variable };
                }
            }
            connections[credential] = { type, args };
        }
        lab.declare({ connections });
        // Whatever they tell of their users holds what they were sent.
        lab.vendors.listeners.forEach((listener) =>
            listener.fault({
                kind: "patch",
                path: /myself|current|organizations|\/auth$/,
                patch: (value, request) =>
                    namedTexts(value)
                        .filter((place) => !/privilege/i.test(place.join()))
                        .forEach((place) =>
                            extend(value, place, `${request.header("authorization") ?? ""} ${request.bearer ?? ""}`),
                        ),
            }),
        );
    });

    afterAll(async () => {
        fs.readdirSync(path.dirname(logs))
            .filter((name) => name.startsWith(path.basename(logs)))
            .forEach((name) => fs.rmSync(path.join(path.dirname(logs), name), { recursive: true }));
        await lab.dispose();
    });

    const runs = [
        ["up", "--yes", "--debug", "--diff", "-v=9", "--logtostderr"],
        ["refresh", "--yes", "--skip-preview", "--debug", "-v=11", "--logtostderr"],
        ["preview", "--diff", "--debug", "-v=9", "--logtostderr"],
        ["preview", "--json", "--event-log", "preview-events.json", "--tracing", "file:./preview-trace"],
        ["up", "--yes", "--skip-preview", "--refresh", "--event-log", "up-events.json", "--tracing", "file:./up-trace"],
        ["stack", "export", "--show-secrets"],
        ["destroy", "--yes", "--skip-preview", "--debug", "-v=9", "--logtostderr"],
    ];

    test.each(runs.map((run) => [run.join(" "), run] as const))(
        "stay out of everything that `pulumi %s` says and leaves behind, the engine's own logs too",
        async (name, run) => {
            // The engine prints its events one by one, as they happen, and takes --event-log, as the Automation API has it.
            Object.assign(lab.project.env, {
                PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
                PULUMI_DEBUG_COMMANDS: "true",
            });
            const result = await lab.run(...run);
            succeeded(result);
            for (const written of run.filter((word) => /-(?:events\.json|trace)$/.test(word))) {
                expect(fs.readFileSync(path.join(lab.project.dir, written.replace("file:", "")), "latin1")).toMatch(
                    /ServiceAccount/,
                );
            }
            fs.writeFileSync(path.join(logs, `${name.replace(/\W+/g, "-")}.log`), result.output);
            const scanner = new LeakScanner([...secrets, ...lab.vendors.secrets]);
            expect(scanner.inText(name, result.output)).toEqual([]);
            expect(scanner.inFiles(lab.project.files())).toEqual([]);
            // The log is one: it tells of the resources.
            expect(result.output).toMatch(/ServiceAccount/);
        },
    );

    test("are not found by gitleaks either, in all of that", () => {
        const tool = gitleaks();
        if ("missing" in tool) {
            console.warn(`skipped: ${tool.missing}`);
            return;
        }
        const control = fs.mkdtempSync(path.join(os.tmpdir(), "control-"));
        try {
            const { apiToken } = lab.vendors.credentials.jiraConnector;
            fs.writeFileSync(
                path.join(control, "a.log"),
                `authorization: Basic ${Buffer.from(`mia@acme.example:${apiToken}`).toString("base64")}\n`,
            );
            fs.writeFileSync(
                path.join(control, "b.json"),
                JSON.stringify({ clientSecret: lab.vendors.credentials.jamf.clientSecret, other: apiToken }),
            );
            // An id of ours at which a part ends that gitleaks reads: no secret.
            fs.writeFileSync(path.join(control, "c.log"), "name: atlassianOAuth,atlassian/0b7e4d");
            const found = search(tool.program, control);
            expect(found.filter(({ file }) => file === "c.log")).toEqual([]);
            expect(found.map(({ rule }) => rule)).toEqual(
                expect.arrayContaining(["authorization-header", "secret-in-clear", "atlassian-token"]),
            );
        } finally {
            fs.rmSync(control, { recursive: true });
        }
        fs.cpSync(path.dirname(lab.project.dir), path.join(logs, "project"), { recursive: true });
        expect(search(tool.program, logs)).toEqual([]);
    });
});
