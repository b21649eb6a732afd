import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { userEnvironment } from "./clones";

/** Runs `npm install` in a folder against a registry that has nothing, and gives the names of the packages that npm looked for there. */
export async function namesLookedFor(folder: string): Promise<readonly string[]> {
    const names = new Set<string>();
    const registry = http.createServer((request, response) => {
        names.add(decodeURIComponent((request.url ?? "").slice(1)));
        response.writeHead(404, { "content-type": "application/json" }).end("{}");
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    const cache = fs.mkdtempSync(path.join(folder, "cache-"));
    try {
        const { port } = registry.address() as AddressInfo;
        const options = ["--no-audit", "--no-fund", "--fetch-retries=0", `--cache=${cache}`, "--ignore-scripts"];
        const npm = spawn("npm", ["install", ...options, `--registry=http://127.0.0.1:${port}`], {
            cwd: folder,
            env: userEnvironment({ NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" }),
            stdio: "ignore",
        });
        await new Promise((resolve, reject) => npm.on("error", reject).on("close", resolve));
    } finally {
        registry.close();
        fs.rmSync(cache, { recursive: true, force: true });
    }
    return [...names];
}
