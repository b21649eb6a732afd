// Runs the compiled tests; the last line is `N passed, N failed`. Arguments are jest's: `npm test -- drift`.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import shared from "./environment.cjs";

const { root, build, programNode } = shared;
const resultFile = path.join(build, `jest-${process.pid}.json`);
const closingMs = 15_000;

fs.mkdirSync(build, { recursive: true });
const jest = spawn(
    programNode(),
    [
        // Clients that are ES modules only can be imported by tests.
        "--experimental-vm-modules",
        "--disable-warning=ExperimentalWarning",
        path.join(root, "node_modules", "jest", "bin", "jest.js"),
        "--json",
        `--outputFile=${resultFile}`,
        ...process.argv.slice(2),
    ],
    { cwd: root, env: shared.withHome(), stdio: ["ignore", "inherit", "inherit"], detached: true },
);
const stop = (signal) => {
    try {
        process.kill(-jest.pid, signal);
    } catch {
        // It has ended.
    }
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => stop(signal));
}

// jest writes its results last; what keeps it from ending afterwards is a leak in a test.
let lingering = false;
const watch = setInterval(() => {
    if (fs.existsSync(resultFile) && Date.now() - fs.statSync(resultFile).mtimeMs > closingMs) {
        clearInterval(watch);
        lingering = true;
        stop("SIGKILL");
    }
}, 1_000);

const code = await new Promise((resolve) => {
    jest.on("error", (error) => {
        console.error(`jest cannot be run: ${error.message}`);
        resolve(1);
    });
    jest.on("close", (exitCode) => resolve(exitCode ?? 1));
});
clearInterval(watch);
// Processes of projects whose test was killed would go on for minutes.
spawnSync(
    programNode(),
    ["-e", "require(process.argv[1]).removeAbandonedProjects()", path.join(build, "test", "support", "project.js")],
    { stdio: "inherit" },
);
if (lingering) {
    console.error("jest did not end after the last test: a test has left something open.");
}

let passed = 0;
let failed = 0;
try {
    const results = JSON.parse(fs.readFileSync(resultFile, "utf8"));
    passed = results.numPassedTests;
    // A file that cannot be run at all holds no test that could fail.
    failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
} catch {
    console.error("jest left no results.");
} finally {
    fs.rmSync(resultFile, { force: true });
}
process.exitCode = code !== 0 || failed > 0 || passed === 0 ? 1 : 0;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
