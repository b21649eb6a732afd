// Checks the subjects of commits that the upstream branch does not have yet: the newest one where there is no upstream.
import { spawnSync } from "node:child_process";
import environment from "./environment.cjs";

const git = (...args) => spawnSync("git", args, { cwd: environment.root, encoding: "utf8" });
const log = ["log", "--no-merges", "--format=%s"];
const unsent = git(...log, "@{upstream}..HEAD");
const { status, stdout, stderr } = unsent.status === 0 ? unsent : git(...log, "-1");
const wrong = stdout.split("\n").filter((subject) => subject.length > 72 || /\.$|^[a-z]/.test(subject));
wrong.forEach((subject) => console.error(`lint: ${subject}`));
if (status !== 0 || wrong.length > 0) {
    const rule = "A subject has at most 72 characters, a capital at its start and no full stop.";
    console.error(status === 0 ? rule : `lint: the subjects of commits cannot be read: ${stderr.trim()}`);
    process.exitCode = 1;
}
