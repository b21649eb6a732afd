// Everything that running and testing needs, in a fresh clone: `node setup/setup.mjs [--build | --package]`. The files of this folder run on
// Node 20; npm's scripts start everything else with the Node of the lock file.
const [major, minor, patch] = process.versions.node.split(".").map(Number);
const tooOld = major < 20 || (major === 20 && (minor < 18 || (minor === 18 && patch < 1)));
if (tooOld || process.platform === "win32") {
    const old = `Node 20.18.1 or newer is needed; this is Node ${process.versions.node} (https://nodejs.org/en/download).`;
    const linux =
        "Windows is supported through WSL (https://learn.microsoft.com/windows/wsl/install); run this command there.";
    console.error(`set-up: ${tooOld ? old : linux}`);
    process.exit(1);
}

const { default: environment } = await import("./environment.cjs");
const path = await import("node:path");
const { say, told, waitForOthers } = await import("./tasks.mjs");
const { installDependencies, provideNode } = await import("./dependencies.mjs");
const { compile, installPackage, pack } = await import("./package.mjs");
const { executableFile, makeExecutable, makePlugin } = await import("./plugin.mjs");
const { provideEngine } = await import("./engine.mjs");

const [option, ...more] = process.argv.slice(2);
if (![undefined, "--build", "--package"].includes(option) || more.length > 0) {
    console.error("usage: node setup/setup.mjs [--build | --package]");
    process.exit(2);
}

try {
    await waitForOthers();
    await installDependencies();
    await provideNode();
    await compile();
    if (option !== "--build") {
        await makePlugin();
        await pack();
    }
    if (option === "--package") {
        await makeExecutable();
    }
    if (option === undefined) {
        environment.environment();
        await provideEngine();
        await installPackage();
    }
    process.env.npm_lifecycle_event === "setup" && say("ready");
    if (option === "--package") {
        const plugins = ["pulumi-resource-connections.tgz", path.basename(executableFile)];
        ["pulumi-connections.tgz", ...plugins].forEach((file) => console.log(`build/${file}`));
    }
} catch (error) {
    console.error(told(error));
    process.exitCode = 1;
}
