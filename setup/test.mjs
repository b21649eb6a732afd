// Runs the compiled tests; the last line is `N passed, N failed`. Arguments are jest's: `npm test -- drift`.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { handOver } from "./child.mjs";
import environment from "./environment.cjs";

const { root, build, programNode } = environment;
const options = [
    // Clients that are ES modules only can be imported by tests.
    ...["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"],
    path.join(root, "node_modules", "jest", "bin", "jest.js"),
];
process.exitCode = await handOver(programNode(), [...options, ...process.argv.slice(2)], {
    cwd: root,
    env: environment.withHome(),
    stdio: ["ignore", "inherit", "inherit"],
});
// Processes of projects whose test was killed would go on for minutes.
const projects = path.join(build, "test", "support", "project.js");
const end = "require(process.argv[1]).removeAbandonedProjects()";
spawnSync(programNode(), ["-e", end, projects], { stdio: ["ignore", "ignore", "inherit"] });
