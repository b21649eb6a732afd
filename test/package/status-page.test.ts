import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { Browser } from "puppeteer-core";
import { openFile, startChromium } from "../support/browser";
import { installedPackage } from "../support/command-line";

interface Connection {
    name: string;
    status: string;
    stack: string;
    vendor: string;
    daysToExpiry: number | null;
    [key: string]: unknown;
}

const { pageOf } = require(path.join(installedPackage, "build/provider/hosts/cli/page")) as {
    pageOf: (report: object, now: Date) => string;
};
const { byUrgency } = require(path.join(installedPackage, "build/provider/hosts/cli/stack-records")) as {
    byUrgency: (a: Connection, b: Connection) => number;
};

const now = new Date("2026-11-24T12:00:00Z");
const states = [
    "verified",
    "rejected",
    "expiring",
    "expired",
    "insufficient",
    "unsupported",
    "tenantChanged",
    "unreachable",
    "unverified",
];
const hostile = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(2)</script>',
    "</script><script>alert(3)</script>",
    "' onmouseover='alert(4)",
    "javascript:alert(5)",
    "\u202eevil\u0000\u001b[31m",
    "x".repeat(300),
    "z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309 \u2066turned\u2069 \u061cround \u200bhidden",
];

/** Connections of every state; one of each hundred has what a hostile vendor might call itself. */
function connections(count: number): Connection[] {
    const made = Array.from({ length: count }, (_, at): Connection => {
        const status =
            at < states.length
                ? (states[at] as string)
                : at % 10 === 0
                  ? (states[at % states.length] as string)
                  : "verified";
        const days =
            at % 5 === 4
                ? null
                : status === "expired"
                  ? -1 - (at % 40)
                  : status === "expiring"
                    ? at % 7
                    : 8 + ((at * 7) % 380);
        const evil = at % 25 === 0 ? hostile[(at / 25) % hostile.length] : undefined;
        const text = (plain: string): string => evil ?? plain;
        return {
            stack: text(`acme/integrations/${["prod", "staging"][at % 2] ?? ""}`),
            urn: text(`urn:pulumi:prod::integrations::pulumi-nodejs:dynamic/connections/jamf:ApiClient::c${at}`),
            name: text(`connection-${at}`),
            type: "jamf.ApiClient",
            vendor: text(["Jamf Pro", "JumpCloud", "Atlassian"][at % 3] ?? ""),
            status,
            since: status === "rejected" ? "2026-11-20" : null,
            account:
                at % 9 === 5
                    ? "[secret]"
                    : { id: text(String(at)), name: text("StackOne"), email: text("stackone@acme.example") },
            tenant: text("https://acme.jamfcloud.com"),
            expiresAt: days === null ? null : new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10),
            daysToExpiry: days,
            verifiedAt: status === "unverified" ? null : "2026-11-24T09:12:00Z",
            live: false,
            drift: at === 18 ? ["version"] : [],
            checks: {
                credential: {
                    result: status === "rejected" ? "failed" : "passed",
                    message: text("The credential is accepted."),
                    ...(status === "rejected" ? { code: "credential-refused" } : {}),
                },
            },
            problems: [],
            warnings: [],
            hubs:
                at % 4 === 1
                    ? [{ urn: "u", name: text("jira-in-ox"), type: "ox.Connector", status: text("active") }]
                    : [],
            contact: at % 3 === 0 ? text("it-ops@acme.example") : null,
            console: at % 2 === 0 ? "https://acme.jamfcloud.com/" : null,
            next:
                status === "verified"
                    ? ""
                    : text("Generate a new secret under Settings > System > API Roles and Clients."),
        };
    });
    return made.sort(byUrgency);
}

describe("The status page, in a real Chromium", () => {
    let browser: Browser;
    let folder: string;
    const write = (name: string, all: Connection[], problems: object[] = []): string => {
        const file = path.join(folder, name);
        fs.writeFileSync(file, pageOf({ connections: all, problems }, now));
        return file;
    };

    beforeAll(async () => {
        browser = await startChromium();
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "connections-page-"));
    });

    afterAll(async () => {
        await browser?.close();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    test("shows 500 connections, loads nothing and runs nothing of what vendors call themselves", async () => {
        const all = connections(500);
        const { page, complaints, requests } = await openFile(
            browser,
            write("500.html", all, [{ stack: hostile[0], message: hostile[1] }]),
        );
        expect(requests).toHaveLength(1);
        expect(complaints).toEqual([]);
        expect(await page.evaluate("document.scripts.length + document.images.length")).toBe(1);
        expect(
            await page.evaluate("[...new Set([...document.links].map((one) => one.getAttribute('href')))].sort()"),
        ).toEqual(["#message-credential-refused", "https://acme.jamfcloud.com/"]);
        const names = (await page.evaluate(
            "[...document.querySelectorAll('tbody .name b')].map((one) => one.textContent)",
        )) as string[];
        expect(names).toHaveLength(500);
        expect(names.filter((name) => name === hostile[0]).length).toBeGreaterThan(0);
        // What cannot be seen, and what turns the writing round, is left out.
        expect(names.join("")).not.toMatch(/(?![\u200c\u200d])[\p{Cc}\p{Cf}]|\p{M}{5}/u);
        expect(Math.max(...names.map((name) => name.length))).toBe(80);
        const titles = (await page.evaluate(
            "[...document.querySelectorAll('.timeline title')].map((one) => one.textContent)",
        )) as string[];
        expect(titles.length).toBeGreaterThan(300);
        expect(titles.join("")).not.toMatch(/(?![\u200c\u200d])[\p{Cc}\p{Cf}]/u);
        expect(
            await page.evaluate(
                "[...document.querySelectorAll('*')].filter((one) => [...one.attributes].some(({ name }) => /^on|^style$/.test(name))).length",
            ),
        ).toBe(0);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
        await page.close();
    });

    test("keeps scripts from elsewhere out, even where one gets into the page", async () => {
        const asked: (string | undefined)[] = [];
        const server = http.createServer(({ url }, response) => {
            asked.push(url);
            response.end("document.title = 'run'");
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        try {
            const elsewhere = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
            const intruders = `<script>document.title = 'run'</script><script src="${elsewhere}/x.js"></script><img src="${elsewhere}/x.png"><form action="${elsewhere}/x"></form>`;
            const file = write("policy.html", connections(9));
            fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("</main>", `</main>${intruders}`));
            const { page, complaints } = await openFile(browser, file);
            await page.evaluate("document.querySelector('form').submit()");
            expect(await page.title()).toBe("API connections");
            expect(complaints.join("\n")).toMatch(/Content Security Policy/);
            expect(asked).toEqual([]);
            await page.close();
        } finally {
            await new Promise((resolve) => server.close(resolve));
        }
    });

    test("puts what needs attention first, each with a symbol, a word and what to do", async () => {
        const { page } = await openFile(browser, write("small.html", connections(24)));
        const badges = (await page.evaluate(
            "[...document.querySelectorAll('tbody .badge')].map((one) => one.textContent)",
        )) as string[];
        const order = [
            "✖rejected",
            "⊘expired",
            "⇄tenant changed",
            "◐insufficient",
            "▽unsupported",
            "↯unreachable",
            "?unverified",
            "≠drifted",
            "◷expiring",
            "✔verified",
        ];
        expect([...new Set(badges)]).toEqual(order);
        expect(new Set(order.map((word) => word[0])).size).toBe(order.length);
        expect(
            await page.evaluate(
                "[...document.querySelectorAll('tbody tr')].every((row) => row.querySelector('.next').textContent.trim() !== '')",
            ),
        ).toBe(true);
        expect(await page.evaluate("document.querySelectorAll('.timeline a').length")).toBe(
            connections(24).filter(({ daysToExpiry }) => daysToExpiry !== null).length,
        );
        await page.close();
    });

    test("leads to the vendor's console and to what a message means, and copies commands", async () => {
        const all = connections(9);
        const { page, complaints } = await openFile(browser, write("links.html", all));
        const row = `[...document.querySelectorAll('tbody tr')].find((one) => one.dataset.state === 'rejected')`;
        await page.evaluate(`${row}.querySelector('details').open = true`);
        expect(await page.evaluate(`${row}.querySelector('details a').hash`)).toBe("#message-credential-refused");
        const meaning = (await page.evaluate(
            "document.querySelector('#message-credential-refused').innerText",
        )) as string;
        expect(meaning).toMatch(/^credential-refused\n.*refused the client id or secret/s);
        const button = "#message-credential-refused .copy button";
        expect(await page.evaluate(`document.querySelector('${button}').checkVisibility()`)).toBe(true);
        await page.click(button);
        expect(await page.evaluate(`document.querySelector('${button}').textContent`)).toBe("Copied");
        expect(await page.evaluate("String(getSelection())")).toBe("npx pulumi-connections explain credential-refused");
        const top = (await page.evaluate(
            "document.querySelector('.timeline svg').getBBox().y - document.querySelector('.timeline svg').viewBox.baseVal.y",
        )) as number;
        expect(top).toBeGreaterThanOrEqual(0);
        expect(complaints).toEqual([]);
        await page.close();
    });

    test("filters by words, states, stack and vendor, and sorts", async () => {
        const all = connections(100);
        const { page } = await openFile(browser, write("filter.html", all));
        const shown = (): Promise<string[]> =>
            page.evaluate(
                "[...document.querySelectorAll('tbody tr:not([hidden])')].map((row) => row.dataset.name)",
            ) as Promise<string[]>;
        const count = (): Promise<string> => page.evaluate("document.querySelector('#count').value") as Promise<string>;
        expect(await count()).toBe("100 connections");
        await page.type("#search", "connection-4 jamf");
        const named = all.filter(({ name, vendor }) => /connection-4/.test(name) && vendor !== undefined);
        expect((await shown()).sort()).toEqual(named.map(({ name }) => name).sort());
        expect(await count()).toBe(`${named.length} of 100 connections`);
        await page.keyboard.press("Escape");
        expect(await shown()).toHaveLength(100);
        await page.click('.states button[value="rejected"]');
        await page.click('.states button[value="expired"]');
        expect(await shown()).toHaveLength(
            all.filter(({ status }) => status === "rejected" || status === "expired").length,
        );
        await page.select("#vendor", "JumpCloud");
        expect(await shown()).toHaveLength(
            all.filter(
                ({ status, vendor }) => (status === "rejected" || status === "expired") && vendor === "JumpCloud",
            ).length,
        );
        await page.keyboard.press("Escape");
        await page.select("#stack", "acme/integrations/prod");
        expect(await shown()).toHaveLength(all.filter(({ stack }) => stack === "acme/integrations/prod").length);
        await page.keyboard.press("Escape");
        await page.type("#search", "nothing is called so");
        expect(await page.evaluate("document.querySelector('#none').checkVisibility()")).toBe(true);
        await page.keyboard.press("Escape");
        await page.click('th[data-key="expires"] button');
        const days = (await page.evaluate(
            "[...document.querySelectorAll('tbody tr')].map((row) => row.dataset.expires)",
        )) as string[];
        const dated = days.filter((day) => day !== "").map(Number);
        expect(dated).toEqual([...dated].sort((a, b) => a - b));
        expect(days.slice(dated.length).every((day) => day === "")).toBe(true);
        await page.close();
    });

    test("is used by the keyboard alone", async () => {
        const { page } = await openFile(browser, write("keys.html", connections(12)));
        await page.keyboard.press("/");
        expect(await page.evaluate("document.activeElement.id")).toBe("search");
        await page.keyboard.press("ArrowDown");
        expect(await page.evaluate("document.activeElement.id")).toBe("c1");
        await page.keyboard.press("ArrowDown");
        expect(await page.evaluate("document.activeElement.id")).toBe("c2");
        await page.keyboard.press("Enter");
        expect(await page.evaluate("document.querySelector('#c2 details').open")).toBe(true);
        await page.keyboard.press("/");
        await page.keyboard.type("expiring");
        expect(await page.evaluate("document.querySelectorAll('tbody tr:not([hidden])').length")).toBeLessThan(12);
        await page.keyboard.press("Escape");
        expect(await page.evaluate("document.querySelectorAll('tbody tr:not([hidden])').length")).toBe(12);
        // The states are buttons, so Tab reaches them and Space presses them.
        await page.focus('.states button[value="verified"]');
        await page.keyboard.press("Space");
        expect(await page.evaluate("document.activeElement.getAttribute('aria-pressed')")).toBe("true");
        await page.close();
    });

    test.each(["light", "dark"] as const)("can be read in %s: every text stands out by 4.5 to 1", async (scheme) => {
        const { page } = await openFile(browser, write("scheme.html", connections(24)), scheme);
        const weak = await page.evaluate(`(() => {
            const channels = (text) => text.match(/[\\d.]+/g).map(Number);
            const linear = (value) => (value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
            const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
            const backOf = (one) => {
                for (let at = one; at; at = at.parentElement) {
                    const colour = getComputedStyle(at).backgroundColor;
                    if (colour !== "rgba(0, 0, 0, 0)") return channels(colour);
                }
                return [255, 255, 255];
            };
            const holdsText = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
            return [...document.querySelectorAll("main *")]
                .filter((one) => holdsText(one) && !one.closest("svg, .hidden") && one.checkVisibility())
                .map((one) => {
                    const [a, b] = [light(channels(getComputedStyle(one).color)), light(backOf(one))];
                    return { text: one.textContent.trim().slice(0, 20), contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) };
                })
                .filter(({ contrast }) => contrast < 4.5);
        })()`);
        expect(weak).toEqual([]);
        const back = (await page.evaluate("getComputedStyle(document.body).backgroundColor")) as string;
        expect(Number(/\d+/.exec(back)?.[0])).toBeLessThan(scheme === "dark" ? 60 : 256);
        expect(Number(/\d+/.exec(back)?.[0])).toBeGreaterThan(scheme === "dark" ? -1 : 200);
        await page.close();
    });

    test("fits every width from a phone to a wide screen, and is sorted where there are no heads of columns", async () => {
        const { page } = await openFile(browser, write("widths.html", connections(200)));
        const passed: string[] = [];
        for (const width of [320, 400, 600, 840, 841, 900, 1024, 1280, 1360, 1361, 1366, 1440, 1920]) {
            await page.setViewport({ width, height: 1000 });
            const outside = (await page.evaluate(
                "[...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest('.scroll')).map(({ tagName, className }) => `${tagName}.${className}`)",
            )) as string[];
            passed.push(...outside.slice(0, 3).map((one) => `${width}: ${one}`));
        }
        expect(passed).toEqual([]);
        await page.setViewport({ width: 400, height: 1000 });
        expect(await page.evaluate("document.querySelector('thead').checkVisibility()")).toBe(false);
        await page.select("#sort", "name");
        const names = (await page.evaluate(
            "[...document.querySelectorAll('tbody tr')].map((row) => row.dataset.name)",
        )) as string[];
        expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b)));
        // What is written in the picture is as large as other small texts.
        const height = (await page.evaluate(
            "Math.min(...[...document.querySelectorAll('.scroll text')].map((one) => one.getBoundingClientRect().height))",
        )) as number;
        expect(height).toBeGreaterThan(11);
        await page.close();
    });

    test("tells states apart by shape in the picture, and says what each shape is", async () => {
        const { page } = await openFile(browser, write("shapes.html", connections(24)));
        const shapes = (await page.evaluate(
            "[...document.querySelectorAll('.scroll a')].map((one) => `${one.getAttribute('class')} ${one.lastElementChild.tagName} ${one.lastElementChild.getAttribute('class')}`)",
        )) as string[];
        const kinds = [...new Set(shapes)].sort();
        expect(kinds).toEqual(["bad path dot", "good circle dot", "open rect ring", "soon circle ring"]);
        const legend = (await page.evaluate(
            "[...document.querySelectorAll('.legend li')].map((one) => `${one.className} ${one.querySelector('svg').firstElementChild.tagName}: ${one.textContent.trim()}`)",
        )) as string[];
        expect(legend).toEqual([
            "bad path: does not work",
            "open rect: not known",
            "soon circle: needs attention soon",
            "good circle: works",
        ]);
        await page.close();
    });

    test("is printed on white, without what only a screen needs", async () => {
        const { page } = await openFile(browser, write("print.html", connections(24)), "dark");
        await page.emulateMediaType("print");
        expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
        expect(
            await page.evaluate(
                "['.tools', '.keys', 'summary'].map((one) => document.querySelector(one).checkVisibility())",
            ),
        ).toEqual([false, false, false]);
        expect(await page.evaluate("document.querySelector('.badge').checkVisibility()")).toBe(true);
        await page.close();
    });

    test("says so where there are no connections", async () => {
        const empty = await openFile(browser, write("empty.html", []));
        expect(empty.complaints).toEqual([]);
        expect(await empty.page.evaluate("document.querySelector('#none').textContent.trim()")).toBe(
            "There are no connections.",
        );
        await empty.page.close();
    });
});
