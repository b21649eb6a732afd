// What has become of the connections of a stack, as Markdown: `pulumi stack export | node report.mjs preview.json`, after
// `pulumi preview --json --show-sames > preview.json`. With --exit-code it ends with 1 where something needs attention: a change that is merged and not deployed
// yet does not. Copy it to ci/report.mjs of your project. It needs nothing but Node, and shows no secret: what is secret is "[secret]" in the preview and encrypted
// in the state.
import fs from "node:fs";
import { isDeepStrictEqual, parseArgs } from "node:util";

const ofHubs = ["nango", "ox", "stackone"];
const ofConnections = /^pulumi-nodejs:dynamic\/connections\/(\w+):(\w+)$/;
const worst = [
    "refused",
    "rejected",
    "tenantChanged",
    "insufficient",
    "unsupported",
    "expired",
    "not checked",
    "awaits a person",
    "unreachable",
    "unverified",
    "expiring",
    "changed",
    "not deployed yet",
    "not made yet",
    "deleted",
    "verified",
    "in place",
];
const healthy = ["verified", "expiring", "in place", "not deployed yet"];
/** A change of the program that is not deployed yet. */
const pending = ["not deployed yet", "not made yet", "deleted"];

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
// An issue has room for 65,536 characters, and a variable of a job for 131,072 bytes.
const longest = 60_000;

// The files are whatever the jobs have left: any of their values may be missing, or of another kind.
const asObject = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});
const objectsOf = (value) => (Array.isArray(value) ? value.map(asObject) : []);
const asText = (value) => (typeof value === "string" ? value : undefined);
const typeOf = (urn) => ofConnections.exec(urn.split("::")[2]?.split("$").at(-1) ?? "");

function read(file) {
    try {
        const text = fs.readFileSync(file, "utf8");
        const value = JSON.parse(text.slice(text.indexOf("{")));
        return asObject(value) === value ? value : undefined;
    } catch {
        return undefined;
    }
}

function readOptions() {
    try {
        return parseArgs({ options: { "exit-code": { type: "boolean" } }, allowPositionals: true });
    } catch (error) {
        console.error(`report.mjs: ${error.message}\nusage: node report.mjs [--exit-code] [preview.json]`);
        process.exit(2);
    }
}

const { values: options, positionals } = readOptions();
const end = (needsAttention) => (process.exitCode = options["exit-code"] && needsAttention ? 1 : 0);

/** The properties that differ between the record and the preview, apart from the arguments: what was found at the vendor or the hub. */
function foundDifferences(step) {
    const [before, after] = [asObject(step.oldState), asObject(step.newState)];
    const [old, now] = [asObject(before.inputs), asObject(after.inputs)];
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !name.startsWith("__"));
    const isArgument = (name) => [before, after].some((state) => name in asObject(state.propertyDependencies));
    const differing = names.filter((name) => !isDeepStrictEqual(old[name], now[name]));
    if (before.inputs === undefined || after.inputs === undefined) {
        return ["unknown"];
    }
    // What the vendor says follows from the arguments: where one has changed, all the rest may.
    return differing.some(isArgument) ? [] : differing;
}

function statusOf(step, type, said, recorded) {
    const awaits = /a person has to, with the link|A person is awaited/;
    if (step?.op !== "create" && said.some(({ message }) => awaits.test(asText(message) ?? ""))) {
        return "awaits a person";
    }
    if (said.some(({ severity }) => severity === "error")) {
        return "refused";
    }
    const unchecked = /Not verified: |The hub was not contacted: |What is there is not known: /;
    if (step === undefined || said.some(({ message }) => unchecked.test(asText(message) ?? ""))) {
        return "not checked";
    }
    if (step.op === "delete") {
        return "deleted";
    }
    const isSame = step.op === "same" || step.op === undefined;
    if (ofHubs.includes(type[1])) {
        // Hub resources have no status that all of them share: the preview tells whether it is as it should be.
        const isDrift = foundDifferences(step).length > 0;
        return step.op === "create" ? "not made yet" : isSame ? "in place" : isDrift ? "changed" : "not deployed yet";
    }
    const { inputs, outputs } = asObject(step.newState);
    const found = asText(asObject(inputs).status) ?? asText(asObject(outputs).status);
    return found ?? recorded ?? "unverified";
}

function rowOf(urn) {
    const step = steps.get(urn);
    const type = typeOf(urn);
    const said = diagnostics.filter((one) => one.urn === urn);
    const before = recorded.get(urn) ?? asText(asObject(asObject(step?.oldState).outputs).status);
    const status = statusOf(step, type, said, before);
    const isSame = step?.op === "same" && status !== "not checked";
    const isChanged = step !== undefined && !["same", "create", "delete"].includes(step.op) && status !== "refused";
    const drift = isChanged ? foundDifferences(step) : [];
    const isHub = ofHubs.includes(type[1]);
    const notes = [
        ...(before !== undefined && before !== status && isChanged && !isHub ? [`was ${before}`] : []),
        ...(isSame && isOnRecord && !isHub ? ["on record"] : []),
        ...(drift.length > 0 && before === status && !isHub ? [`changed: ${drift.join(", ")}`] : []),
        ...(isChanged && drift.length === 0 && !isHub ? ["not deployed yet"] : []),
    ];
    const isWell = healthy.includes(status) || pending.includes(status);
    return {
        name: urn.split("::").at(-1),
        type: `${type[1]}.${type[2]}`,
        status,
        notes: notes.length === 0 ? "" : ` (${notes.join("; ")})`,
        needsAttention: !isWell || drift.length > 0,
        isOnRecord: notes.includes("on record"),
        said: [...new Set(said.map(({ message }) => plain(asText(message) ?? "")))],
        contact: asText(asObject(asObject(step?.newState).inputs).contact) ?? contacts.get(urn),
    };
}

const preview = read(positionals[0] ?? "preview.json");
const state = read(0);
if (preview === undefined) {
    console.log("## Connections\n\nThe preview has not got as far as the connections. Its log says why.");
    end(true);
    process.exit();
}

const everything = objectsOf(preview.diagnostics);
const diagnostics = everything.filter(({ severity }) => severity === "warning" || severity === "error");
// The run's own last line: what it did not check again is on record.
const isOnRecord = everything.some(({ message }) => /^connections: .*\bon record\b/m.test(asText(message) ?? ""));
const recordedOf = (name) =>
    new Map(
        objectsOf(asObject(state?.deployment).resources).map(({ urn, outputs }) => [
            urn,
            asText(asObject(outputs)[name]),
        ]),
    );
const [recorded, contacts] = [recordedOf("status"), recordedOf("contact")];
// A refresh shows what is recorded, and the second half of a replacement what was.
const steps = new Map(
    objectsOf(preview.steps)
        .filter(({ op }) => !["refresh", "delete-replaced"].includes(op))
        .map((step) => [step.urn, step]),
);
const urns = [...new Set([...recorded.keys(), ...steps.keys(), ...diagnostics.map(({ urn }) => urn)])].filter(
    (urn) => asText(urn) !== undefined && typeOf(urn) !== null,
);
const rows = urns.map(rowOf);
rows.sort((a, b) => worst.indexOf(a.status) - worst.indexOf(b.status) || (a.name < b.name ? -1 : 1));

const errors = diagnostics.filter(({ severity }) => severity === "error");
const others = errors.filter(({ urn }) => !urns.includes(urn)).map(({ message }) => plain(asText(message) ?? ""));
const changes = Object.entries(asObject(preview.changeSummary)).filter(([op]) => op !== "same");
const count = (isCounted) => rows.filter(isCounted).length;
const onRecord = count((row) => row.isOnRecord && healthy.includes(row.status));
const notChecked = count(({ status }) => status === "not checked");
const working = count((row) => healthy.includes(row.status) && !row.isOnRecord);

console.log(`## Connections: ${working} of ${rows.length} work\n`);
if (rows.length > 0) {
    console.log("| connection | class | status | what was said |\n| --- | --- | --- | --- |");
    const lines = rows.map(({ name, type, status, notes, said, needsAttention, contact }) => {
        const whom = needsAttention && contact !== undefined ? [`Contact: ${plain(contact, 200)}`] : [];
        return `| ${plain(name, 100)} | ${type} | ${plain(status + notes)} | ${[...said.slice(0, 5), ...whom].join("<br>")} |`;
    });
    let room = longest;
    const shown = lines.filter((line) => (room -= Buffer.byteLength(line) + 1) > 0);
    console.log(shown.join("\n"));
    if (shown.length < lines.length) {
        console.log(`\nAnd ${lines.length - shown.length} more, which need attention less.`);
    }
}
const counts = [
    ...(notChecked > 0 ? [`Not checked in this preview: ${notChecked}.`] : []),
    ...(onRecord > 0 ? [`Not checked again, on record: ${onRecord}.`] : []),
];
if (counts.length > 0) {
    console.log(`\n${counts.join(" ")}`);
}
const withoutStep = urns.filter((urn) => !steps.has(urn)).length;
if (withoutStep > 0) {
    console.log(
        `\nThe preview did not come to ${withoutStep} of them: it ended before, or it was run without \`--show-sames\`, which shows what is unchanged.`,
    );
}
if (state === undefined) {
    console.log("\nThe state could not be read: connections that this preview did not come to are not listed.");
}
if (others.length > 0) {
    console.log(
        `\nThe preview failed:\n\n${others
            .slice(0, 5)
            .map((text) => `- ${text}`)
            .join("\n")}`,
    );
} else if (errors.length > 0) {
    console.log("\nThe preview failed: nothing of this would be recorded.");
} else if (changes.length > 0) {
    const operations = changes.map(([op, number]) => `${plain(number)} to ${plain(op)}`);
    console.log(`\n\`pulumi up\` would change: ${operations.join(", ")}.`);
}
end(errors.length > 0 || state === undefined || rows.some(({ needsAttention }) => needsAttention));
