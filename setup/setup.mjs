// Everything that running and testing needs, in a fresh clone: `node setup/setup.mjs [--build | --package]`. The files of this folder run on
// Node 20, and start everything else with the Node of the lock file.
const [major, minor, patch] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && (minor < 18 || (minor === 18 && patch < 1)))) {
    console.error(
        `set-up: Node 20.18.1 or newer is needed; this is Node ${process.versions.node} (https://nodejs.org/en/download).`,
    );
    process.exit(1);
}
if (process.platform === "win32") {
    console.error(
        "set-up: Windows is supported through WSL (https://learn.microsoft.com/windows/wsl/install); run this command there.",
    );
    process.exit(1);
}

const { parseArgs } = await import("node:util");
const { acquireLock, hasSpoken, refuseLinks, releaseLock, say, told } = await import("./tasks.mjs");
const { installDependencies, provideNode } = await import("./dependencies.mjs");
const { compile, installPackage, pack } = await import("./package.mjs");
const { makePlugin } = await import("./plugin.mjs");
const { provideEngine } = await import("./engine.mjs");

let options;
try {
    options = parseArgs({ options: { build: { type: "boolean" }, package: { type: "boolean" } } }).values;
} catch (error) {
    console.error(`set-up: ${error.message}\nusage: node setup/setup.mjs [--build | --package]`);
    process.exit(2);
}
const whole = !options.build && !options.package;

try {
    refuseLinks();
    await acquireLock();
    await installDependencies();
    await provideNode();
    await compile();
    if (whole || options.package) {
        await makePlugin();
        await pack();
    }
    if (whole) {
        await provideEngine();
        await installPackage();
    }
    if (hasSpoken() || process.env.npm_lifecycle_event === "setup") {
        say("ready");
    }
    if (options.package) {
        console.log("build/pulumi-connections.tgz");
        console.log("build/pulumi-resource-connections.tgz");
    }
} catch (error) {
    console.error(told(error));
    process.exitCode = 1;
} finally {
    releaseLock();
}
