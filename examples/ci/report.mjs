// What has become of the connections of a stack, as Markdown: `pulumi stack export | node report.mjs preview.json`, after `pulumi preview --json > preview.json`.
// The preview tells what has changed, the state what has not. Copy it to ci/report.mjs of your project. It needs nothing but Node, and shows no secret: what is
// secret is "[secret]" in the one and encrypted in the other.
import fs from "node:fs";

const ofHubs = ["nango", "ox", "stackone"];
const ofConnections = /^pulumi-nodejs:dynamic\/connections\/(\w+):(\w+)$/;
const worst = [
    "refused",
    "rejected",
    "tenantChanged",
    "insufficient",
    "unsupported",
    "expired",
    "not asked",
    "unreachable",
    "unverified",
    "expiring",
    "changed",
    "not made yet",
    "deleted",
    "verified",
    "in place",
];

// What a vendor told may hold what Markdown, a browser or a terminal would obey: mentions, references and links as well, which platforms look for in the
// text that is left when Markdown has been read.
const plain = (text, most = 600) => {
    const signs = Array.from(
        String(text)
            .replace(/^(warning|error): /, "")
            .replace(/(?:(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])+/gu, " ")
            .trim(),
    );
    return (signs.length > most ? [...signs.slice(0, most - 1), "…"] : signs)
        .join("")
        .replace(/[@#!~%$&](?=\w)|:(?=\/\/)|\bwww(?=\.)/gi, "$&\u200b")
        .replace(/[&<>|`*_[\]@#!~$\\\u200b]/g, (character) => `&#${character.codePointAt(0)};`);
};
// An issue takes 65,536 signs.
const longest = 60_000;
const nameOf = (urn) => urn.split("::").at(-1);

function read(file) {
    try {
        const text = fs.readFileSync(file, "utf8");
        return JSON.parse(text.slice(text.indexOf("{")));
    } catch {
        return undefined;
    }
}

const preview = read(process.argv[2] ?? "preview.json");
const recorded = new Map(
    (read(0)?.deployment?.resources ?? []).map((resource) => [resource.urn, resource.outputs?.status]),
);
if (preview === undefined) {
    console.log("## Connections\n\nThe preview has not got as far as the connections. Its log says why.");
    process.exit(0);
}

const diagnostics = (preview.diagnostics ?? []).filter(
    ({ severity }) => severity === "warning" || severity === "error",
);
const errorsOf = (urn) => diagnostics.filter((one) => one.severity === "error" && one.urn === urn);
const hasFailed = diagnostics.some(({ severity }) => severity === "error");
const steps = new Map((preview.steps ?? []).map((step) => [step.urn, step]));
const urns = [...new Set([...recorded.keys(), ...steps.keys(), ...diagnostics.flatMap(({ urn }) => urn ?? [])])].filter(
    (urn) => ofConnections.test(urn.split("::")[2]?.split("$").at(-1) ?? ""),
);

const rows = urns.map((urn) => {
    const step = steps.get(urn);
    const [, vendor, kind] = ofConnections.exec(urn.split("::")[2].split("$").at(-1));
    const said = diagnostics.filter((one) => one.urn === urn);
    const before = recorded.get(urn) ?? step?.oldState?.outputs?.status;
    const found = step?.newState?.inputs?.status ?? step?.newState?.outputs?.status;
    const isRefused = errorsOf(urn).length > 0;
    const isUnasked = said.some(({ message }) =>
        /Not verified: |The hub was not asked: |What is there is not known: /.test(message),
    );
    // What stands at a hub has no status that is the same for all of them: the preview tells whether it is as it should be.
    const atHub = step?.op === "create" ? "not made yet" : (step?.op ?? "same") === "same" ? "in place" : "changed";
    const status = isRefused
        ? "refused"
        : isUnasked
          ? "not asked"
          : step?.op === "delete"
            ? "deleted"
            : ofHubs.includes(vendor)
              ? atHub
              : (found ?? before ?? "unverified");
    const change =
        !ofHubs.includes(vendor) && before !== undefined && found !== undefined && found !== before && !isRefused
            ? ` (was ${before})`
            : "";
    return {
        name: nameOf(urn),
        type: `${vendor}.${kind}`,
        status,
        change,
        said: [...new Set(said.map(({ message }) => plain(message)))],
    };
});
rows.sort((a, b) => worst.indexOf(a.status) - worst.indexOf(b.status) || (a.name < b.name ? -1 : 1));

const healthy = rows.filter(({ status }) => ["verified", "expiring", "in place"].includes(status)).length;
const others = diagnostics
    .filter(({ urn, severity }) => severity === "error" && !urns.includes(urn))
    .map(({ message }) => plain(message));
const changes = Object.entries(preview.changeSummary ?? {}).filter(([op]) => op !== "same");

console.log(`## Connections: ${healthy} of ${rows.length} work\n`);
if (rows.length > 0) {
    console.log("| connection | class | status | what was said |\n| --- | --- | --- | --- |");
    const lines = rows.map(
        ({ name, type, status, change, said }) =>
            `| ${plain(name, 100)} | ${type} | ${plain(status + change)} | ${said.slice(0, 5).join("<br>")} |`,
    );
    let room = longest;
    const shown = lines.filter((line) => (room -= line.length + 1) > 0);
    console.log(shown.join("\n"));
    if (shown.length < lines.length) {
        console.log(`\nAnd ${lines.length - shown.length} more, which need a hand less.`);
    }
}
if (others.length > 0) {
    console.log(
        `\nThe preview failed:\n\n${others
            .slice(0, 5)
            .map((text) => `- ${text}`)
            .join("\n")}`,
    );
} else if (hasFailed) {
    console.log("\nThe preview failed: nothing of this would be recorded.");
} else if (changes.length > 0) {
    console.log(`\n\`pulumi up\` would change: ${changes.map(([op, count]) => `${count} to ${op}`).join(", ")}.`);
}
