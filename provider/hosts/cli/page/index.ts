// The states of connections as one page that needs nothing else: no server, no network, no other file.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Check } from "../../../define";
import type { StatusWord } from "../../../core/statuses";
import { messages, type KnownMessage } from "../../../messages";
import { accountParts } from "../account-text";
import type { FileKind } from "../own-file";
import type { StatusReport } from "../status-report";
import { daysText } from "../status-table";
import { checkWords } from "../status-words";
import { basisOf, utcTime, wordOf, type HubResource, type ShownConnection } from "../stack-records";
import { shortName } from "../terminal";
import { markup, Markup, name, type Content } from "./html";
import { legend, timeline } from "./timeline";

/** The beginning of each page. */
const pageStart = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="generator" content="pulumi-connections status" />`;

/** The file of `--html`. */
export const pageFile: FileKind = { option: "--html", noun: "page", start: pageStart };

const asset = (name: string): string => readFileSync(path.join(__dirname, name), "utf8");
const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The page. Texts of a report are text in it, never markup. */
export function pageOf({ connections, problems }: StatusReport, now: Date): string {
    const style = asset("page.css");
    const script = asset("page.js");
    // The page loads, sends and frames nothing, and runs only its own script.
    const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`;
    const rows = connections.map((connection, at) => ({ connection, mark: `c${at + 1}` }));
    const stacks = valuesOf(connections, ({ stack }) => stack);
    const withHubs = connections.some(({ hubs }) => hubs.length > 0);
    const picture = timeline(rows, now);
    return markup`${new Markup(pageStart)}
                <meta http-equiv="Content-Security-Policy" content="${policy}" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="referrer" content="no-referrer" />
                <meta name="robots" content="noindex" />
                <title>API connections</title>
                ${new Markup(`<style>${style}</style>`)}
            </head>
            <body>
                <main>
                    <header>
                        <h1>API connections</h1>
                        <p class="meta">
                            ${basisOf(connections)}
                            <time datetime="${now.toISOString()}">${utcTime(now.toISOString())}</time> ·
                            ${stacks.length === 1 ? `stack ${shortName(stacks[0] ?? "")}` : `${stacks.length} stacks`}
                        </p>
                    </header>
                    ${problems.map(({ stack, message }) => markup`<p class="notice"><b>${stack}</b>: ${message}</p> `)}${states(connections)}
                    ${
                        picture === undefined
                            ? undefined
                            : markup`<section class="card timeline" aria-labelledby="expiry">
                                  <header>
                                      <h2 id="expiry">When secrets expire</h2>
                                      <p class="meta">${expirySummary(connections)}</p>
                                  </header>
                                  <div class="scroll" tabindex="0" role="group" aria-labelledby="expiry">${picture}</div>
                                  ${legend(connections)}
                              </section>`
                    }
                    <section class="card" aria-label="Connections">
                        <div class="tools" hidden>
                            <label class="hidden" for="search">Filter</label
                            ><input
                                id="search"
                                type="search"
                                placeholder="Filter by name, account, tenant, next step …"
                                autocomplete="off"
                                spellcheck="false"
                            />
                            ${stacks.length > 1 ? choice("stack", "All stacks", stacks) : undefined}
                            ${choice(
                                "vendor",
                                "All vendors",
                                valuesOf(connections, ({ vendor }) => vendor),
                            )}
                            ${sortChoice()}
                            <output id="count" aria-live="polite">${connections.length} connections</output>
                        </div>
                        <table>
                            <thead>
                                <tr>
                                    ${heads.filter(({ title }) => title !== heldBy || withHubs).map(head)}
                                </tr>
                            </thead>
                            <tbody>
                                ${rows.map(({ connection, mark }) => row(connection, mark, { withStack: stacks.length > 1, withHubs }))}
                            </tbody>
                        </table>
                        <p id="none" class="none" ${connections.length > 0 ? new Markup("hidden") : undefined}>
                            ${connections.length > 0 ? "No connection matches." : "There are no connections."}
                        </p>
                    </section>
                    ${meanings(connections)}
                    <footer>
                        <span class="keys" hidden
                            ><kbd>/</kbd> filter &nbsp; <kbd>↑</kbd> <kbd>↓</kbd> rows &nbsp; <kbd>Enter</kbd> checks
                            &nbsp; <kbd>Esc</kbd> show all</span
                        ><span>Made by <code>pulumi-connections status --html</code>. No secret is in this page.</span>
                    </footer>
                </main>
                ${new Markup(`<script>${script}</script>`)}
            </body>
        </html> `.text;
}

function valuesOf(connections: readonly ShownConnection[], value: (one: ShownConnection) => string): readonly string[] {
    return [...new Set(connections.map(value))].sort((one, other) => one.localeCompare(other, "en"));
}

function choice(id: string, every: string, values: readonly string[]): Markup {
    const options = values.map((value) => markup`<option value="${value}">${shortName(value, 50)}</option>`);
    return markup`<label class="hidden" for="${id}">${every}</label
        ><select id="${id}">
            <option value="">${every}</option>
            ${options}
        </select>`;
}

/** The choice of the order where the table has no heads: on a narrow screen. */
function sortChoice(): Markup {
    const sorting = heads.flatMap(({ title, key }) => (key === undefined ? [] : [{ title, key }]));
    return markup`<label class="hidden" for="sort">Sort</label
        ><select id="sort" class="narrow">
            ${sorting.map(({ title, key }) => markup`<option value="${key}">Sorted by ${title.toLowerCase()}</option>`)}
        </select>`;
}

function states(connections: readonly ShownConnection[]): Markup {
    const counted = new Map<StatusWord, number>();
    connections.map(wordOf).forEach((word) => counted.set(word, (counted.get(word) ?? 0) + 1));
    const buttons = [...counted]
        .sort(([one], [other]) => one.urgency - other.urgency)
        .map(
            ([{ symbol, word, tone }, count]) =>
                markup`<li>
                    <button type="button" class="${tone}" value="${word}" aria-pressed="false">
                        <span class="symbol" aria-hidden="true">${symbol}</span><b>${count}</b> ${word}
                    </button>
                </li>`,
        );
    return markup`<ul class="states" aria-label="Filter by state">
        ${buttons}
    </ul>`;
}

function expirySummary(connections: readonly ShownConnection[]): string {
    const dated = connections.filter(({ daysToExpiry }) => daysToExpiry !== null && daysToExpiry >= 0);
    const [next] = dated.sort((one, other) => (one.daysToExpiry ?? 0) - (other.daysToExpiry ?? 0));
    const undated = connections.filter(({ daysToExpiry }) => daysToExpiry === null).length;
    return [
        ...(next === undefined ? [] : [`next: ${shortName(next.name, 40)} ${daysText(next.daysToExpiry ?? 0)}`]),
        ...(undated === 0 ? [] : [`${undated} without a known expiry`]),
    ].join(" · ");
}

interface Head {
    readonly title: string;
    /** The value of a row that it sorts by. */
    readonly key?: string;
    readonly isNumber?: boolean;
}

const heldBy = "Held by";

const heads: readonly Head[] = [
    { title: "State", key: "urgency", isNumber: true },
    { title: "Name", key: "name" },
    { title: "As", key: "as" },
    { title: "Tenant", key: "tenant" },
    { title: "Expires", key: "expires", isNumber: true },
    { title: "Last verified", key: "verified" },
    { title: heldBy },
    { title: "What to do next" },
];

function head({ title, key, isNumber }: Head): Markup {
    return key === undefined
        ? markup`<th scope="col">${title}</th>`
        : markup`<th
              scope="col"
              data-key="${key}"
              ${isNumber === true ? new Markup(" data-number") : undefined}${key === "urgency" ? new Markup(' aria-sort="ascending"') : undefined}
          >
              <button type="button">${title}</button>
          </th>`;
}

interface Shown {
    readonly withStack: boolean;
    readonly withHubs: boolean;
}

function row(one: ShownConnection, mark: string, { withStack, withHubs }: Shown): Markup {
    const { name: called, stack, type, vendor, tenant, hubs, next, verifiedAt, daysToExpiry, since, contact } = one;
    const { symbol, word, tone, urgency } = wordOf(one);
    const { text: as, more } = accountOf(one);
    const cell = (title: string, content: Content, kind = ""): Markup =>
        markup`<td
            data-title="${title}"
            ${content === "" || (Array.isArray(content) && content.length === 0) ? new Markup(' class="empty"') : new Markup(kind === "" ? "" : ` class="${kind}"`)}
        >
            ${content}
        </td>`;
    const place = [type, ...(withStack ? [stack] : [])].map((text) => markup`<small>${name(text)}</small>`);
    const data = markup`data-state="${word}" data-stack="${stack}" data-vendor="${vendor}" data-urgency="${urgency}"
    data-name="${called}" data-as="${as}" data-tenant="${tenant ?? ""}" data-expires="${daysToExpiry ?? ""}"
    data-verified="${verifiedAt ?? ""}"`;
    return markup`<tr id="${mark}" tabindex="-1" class="${tone}" ${data}>
        <td>
            <span class="badge"><i aria-hidden="true">${symbol}</i>${word}</span
            >${since === null ? undefined : markup` <small>since ${since}</small>`}
        </td>
        <td class="name"><b>${name(called)}</b> ${place}${contact === null ? undefined : markup`<small>contact: ${name(contact)}</small>`}</td>
        ${cell("As", as === "" ? "" : [name(as), ...(more === "" ? [] : [markup` <small>${name(more)}</small>`])], "as")}${cell("Tenant", tenant === null ? "" : name(tenant.replace(/^https:\/\//, "")), "tenant")}${cell("Expires", expiry(one), "when")}${cell("Last verified", verifiedAt === null ? "never" : [utcTime(verifiedAt).slice(0, 10), markup` <small>${utcTime(verifiedAt).slice(11)}</small>`], "when")}
        ${withHubs ? cell(heldBy, hubs.map(hubText), "hubs") : undefined}
        <td class="next" data-title="Next">
            ${next === "" ? markup`<span class="soft">Nothing</span>` : next}${consoleLink(one)}${details(one)}
        </td>
    </tr> `;
}

const hubText = ({ name: called, type, status, contact }: HubResource): Markup =>
    markup`<div>${name(called)} <small>${name(type)}${contact === undefined ? "" : markup`, contact: ${name(contact)}`}</small>${status === undefined ? "" : markup`<span class="hub">${name(status)}</span>`}</div>`;

function accountOf({ account }: ShownConnection): { readonly text: string; readonly more: string } {
    const { id = "", name, email } = accountParts(account);
    const text = name ?? email ?? id;
    return { text, more: email !== undefined && email !== text ? email : id === text ? "" : id };
}

function expiry({ expiresAt, daysToExpiry }: ShownConnection): Content {
    if (expiresAt === null) {
        return "";
    }
    if (daysToExpiry === null) {
        return expiresAt;
    }
    const tone = daysToExpiry < 0 ? "bad" : daysToExpiry <= 30 ? "soon" : "";
    return [
        expiresAt.slice(0, 10),
        markup` <small class="${tone}"
            ><span class="${tone === "" ? "" : "due"}">${daysText(daysToExpiry)}</span></small
        >`,
    ];
}

/** The link to the vendor's console. */
const consoleLink = ({ console, vendor, next }: ShownConnection): Markup | undefined =>
    console === null || next === ""
        ? undefined
        : markup` <a class="console" href="${console}" target="_blank" rel="noopener noreferrer"
              >Open ${shortName(vendor, 40)}</a
          >`;

/** A text with a button that copies it. */
const copyable = (text: string): Markup =>
    markup`<span class="copy"><code>${text}</code><button type="button" hidden>Copy</button></span>`;

const checksOf = ({ checks }: ShownConnection): Readonly<Record<string, Check>> =>
    checks as Readonly<Record<string, Check>>;

/** The messages that a connection shows and that the page explains. */
function explained(one: ShownConnection): readonly KnownMessage[] {
    const codes = [...one.problems, ...Object.values(checksOf(one))].map(({ code }) => code);
    return messages.filter(({ anchor, code }) => anchor === code && codes.includes(anchor as Check["code"]));
}

/** The meanings of the messages that connections show, each under its code. */
function meanings(connections: readonly ShownConnection[]): Markup | undefined {
    const shown = [...new Set(connections.flatMap(explained))];
    const plain = (markdown: string): string => markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
    return shown.length === 0
        ? undefined
        : markup`<section class="card meanings" aria-labelledby="meanings">
              <header><h2 id="meanings">What the messages mean</h2></header>
              <dl>
                  ${shown.map(
                      ({ anchor, says, means }) =>
                          markup`<div id="message-${anchor}">
                              <dt>${anchor}</dt>
                              <dd>${says}</dd>
                              <dd class="soft">${plain(means)}</dd>
                              <dd>${copyable(`npx pulumi-connections explain ${anchor}`)}</dd>
                          </div> `,
                  )}
              </dl>
          </section>`;
}

/** The command that checks a stack now; undefined for a name that a shell could read as something else. */
const liveCommand = ({ stack }: ShownConnection): string | undefined =>
    /^\w[\w./-]*$/.test(stack) ? `npx pulumi-connections status --live --stack ${stack}` : undefined;

function details(one: ShownConnection): Markup {
    const { urn, drift } = one;
    const checks = checksOf(one);
    const known = explained(one).map(({ anchor }) => anchor);
    const lines = Object.entries(checks).map(([check, { result, message, code }]) => {
        const { symbol, tone } = checkWords[result] ?? checkWords.unknown;
        const link =
            code !== undefined && known.includes(code) ? markup` <a href="#message-${code}">${code}</a>` : undefined;
        return markup`<li class="${tone}">
            <span class="mark" aria-label="${result}">${symbol}</span><span>${check}</span
            ><span class="soft">${message}${link}</span>
        </li>`;
    });
    const results = Object.values(checks).map(({ result }) => result);
    const counts = ["failed", "unknown", "passed"].flatMap((result) => {
        const count = results.filter((one) => one === result).length;
        return count === 0 ? [] : [`${count} ${result}`];
    });
    const changed =
        drift.length === 0
            ? undefined
            : markup`<li class="soon">
                  <span class="mark">≠</span><span>drift</span><span class="soft">${drift.join(", ")}</span>
              </li>`;
    const command = liveCommand(one);
    return markup`<details>
        <summary>Checks${counts.length === 0 ? "" : `: ${counts.join(", ")}`}</summary>
        <ul>
            ${lines}${changed}
        </ul>
        ${[urn, ...(command === undefined ? [] : [command])].map(copyable)}
    </details>`;
}
