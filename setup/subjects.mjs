// Checks the subjects of commits that the upstream branch does not have yet: the newest one where there is no upstream.
import { spawnSync } from "node:child_process";
import environment from "./environment.cjs";

const longest = 72;
const log = (range) =>
    spawnSync("git", ["log", "--no-merges", "--format=%h %s", ...range], { cwd: environment.root, encoding: "utf8" });
const unsent = log(["@{upstream}..HEAD"]);
const { status, stdout, stderr } = unsent.status === 0 ? unsent : log(["-1"]);
if (status !== 0) {
    console.error(`lint: the subjects of commits cannot be read: ${stderr.trim()}`);
    process.exit(1);
}
const wrong = stdout.split("\n").filter((line) => {
    const [, subject = ""] = /^\w+ (.*)$/.exec(line) ?? [];
    return subject.length > longest || /\.$|^[a-z]/.test(subject);
});
wrong.forEach((line) =>
    console.error(
        `lint: ${line}\n      A subject has at most ${longest} characters, a capital at its start and no full stop.`,
    ),
);
process.exitCode = wrong.length > 0 ? 1 : 0;
