import fs from "node:fs";
import path from "node:path";
import type { Vendors } from "../simulators/vendors";

// Compiled, this file lies in build/test/support.
const folder = path.resolve(__dirname, "../../../test/fixtures");

/** Texts that differ from run to run, by the name that each has in a fixture. */
export type Placeholders = readonly (readonly [name: string, value: string])[];

/** What differs from one start of the simulated vendors to the next, by the name that stands for it in a fixture. */
function volatile(vendors: Vendors, more: Placeholders): Placeholders {
    const found = new Map<string, string>();
    const walk = (name: string, value: unknown): void => {
        if (
            typeof value === "string" &&
            value.length >= 8 &&
            ![...found.values()].includes(value) &&
            !/^https:|^[A-Z][a-z]+ /.test(value)
        ) {
            found.set(name, value);
        } else if (typeof value === "object" && value !== null) {
            Object.entries(value).forEach(([key, inner]) => walk(`${name}.${key}`, inner));
        }
    };
    walk("credentials", vendors.credentials);
    const { acme, sandbox, ...atlassian } = vendors.fixture.atlassian;
    walk("acme", acme.cloudId);
    walk("sandbox", sandbox.cloudId);
    for (const [name, held] of Object.entries(atlassian)) {
        walk(`${name}.id`, (held as { accountId?: string }).accountId);
        walk(`${name}.email`, (held as { email?: string }).email);
    }
    return [...found, ...more].sort(([, a], [, b]) => b.length - a.length);
}

/** Keeps a state, as `pulumi stack export --show-secrets` prints it, with names in place of what differs from run to run. */
export function keepState(name: string, vendors: Vendors, exported: string, more: Placeholders = []): void {
    // The engine writes & and < as codes within what it has quoted.
    const requote = (key: string, value: unknown): unknown =>
        key === "plaintext" ? JSON.stringify(JSON.parse(String(value))) : value;
    const state = JSON.parse(exported, requote) as { deployment: { secrets_providers?: unknown } };
    delete state.deployment.secrets_providers;
    let text = JSON.stringify(state, undefined, 1);
    for (const [placeholder, value] of volatile(vendors, more)) {
        text = text
            .replaceAll(inJson(value), `{{${placeholder}}}`)
            .replaceAll(inJson(inJson(value)), `{{{${placeholder}}}}`);
    }
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(
        path.join(folder, name),
        `${text.replace(/"sourcePosition": "[^"]*"/g, '"sourcePosition": ""')}\n`,
    );
}

/** A kept state with the values of these vendors. */
export function keptState(name: string, vendors: Vendors, more: Placeholders = []): string {
    let text = fs.readFileSync(path.join(folder, name), "utf8");
    for (const [placeholder, value] of volatile(vendors, more)) {
        text = text
            .replaceAll(`{{{${placeholder}}}}`, inJson(inJson(value)))
            .replaceAll(`{{${placeholder}}}`, inJson(value));
    }
    return text;
}

const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);
