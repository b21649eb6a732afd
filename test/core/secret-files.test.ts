import { spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { Core } from "../support/core";
import { startVendors, type Vendors } from "../simulators/vendors";

describe("A secret in a file", () => {
    let vendors: Vendors;
    let core: Core;
    let folder: string;
    const closing: (() => void)[] = [];

    beforeAll(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "secret-files-"));
        vendors = await startVendors();
        core = Core.start();
    });

    afterAll(async () => {
        closing.forEach((close) => close());
        await Promise.all([core.close(), vendors.close()]);
        fs.rmSync(folder, { recursive: true });
    });

    const at = (name: string): string => path.join(folder, name);
    const jamfSecret = (): string => vendors.credentials.jamf.clientSecret;

    /** What stands in the way of a connection whose secret lies there. */
    const verify = async (
        file: string,
    ): Promise<{ status: string | undefined; messages: readonly string[] | undefined }> => {
        const args = {
            ...vendors.credentials.jamf,
            clientSecret: { secretFrom: "file", name: file },
            timeoutSeconds: 5,
        };
        const { value } = await core.verify("jamf.ApiClient", args, vendors.endpoints);
        return { status: value?.result?.tenants[0]?.status, messages: value?.messages };
    };

    const refused: readonly (readonly [string, () => Promise<string>, string])[] = [
        [
            "a pipe that nobody writes to",
            async () => made(spawnSync("mkfifo", [at("pipe")]).status === 0, at("pipe")),
            "is a pipe and not a regular file.",
        ],
        [
            "a pipe behind a link",
            async () => {
                fs.symlinkSync(at("pipe"), at("link-to-pipe"));
                return at("link-to-pipe");
            },
            "is a pipe and not a regular file.",
        ],
        ["a device that never ends", async () => "/dev/zero", "is a device and not a regular file."],
        ["a folder", async () => folder, "is a folder and not a regular file."],
        [
            "a socket",
            async () => {
                const server = net.createServer().listen(at("socket"));
                closing.push(() => server.close());
                await new Promise((resolve) => server.once("listening", resolve));
                return at("socket");
            },
            // A socket cannot be opened as a file at all.
            "cannot be read (ENXIO).",
        ],
        [
            "a file of more than any secret has",
            async () => {
                fs.writeFileSync(at("large"), "x");
                fs.truncateSync(at("large"), 64 * 1024 + 1);
                return at("large");
            },
            "is longer than 64 KiB, so it is not a secret.",
        ],
        ["nothing", async () => at("nothing"), "cannot be read (ENOENT)."],
        [
            "a file in Latin-1",
            async () => {
                fs.writeFileSync(at("latin1"), "pl4nted-s\u00e9cret\n", "latin1");
                return at("latin1");
            },
            "holds bytes that are not UTF-8.",
        ],
    ];

    const made = (so: boolean, file: string): string => {
        expect(so).toBe(true);
        return file;
    };

    test.each(refused)("that is %s is refused in one sentence, and nobody is asked", async (_, make, what) => {
        const file = await make();
        vendors.requests.clear();
        expect(await verify(file)).toEqual({
            status: "unreachable",
            messages: [
                expect.stringContaining(
                    `clientSecret: the file ${file} ${what} Put the secret there, or name another file. [file-`,
                ),
            ],
        });
        expect(vendors.requests.length).toBe(0);
    });

    test("is read, through links as Kubernetes mounts them, white space at its end left out", async () => {
        fs.mkdirSync(at("..data"));
        fs.writeFileSync(path.join(at("..data"), "jamf"), `${jamfSecret()}\n`, { mode: 0o600 });
        fs.symlinkSync(path.join("..data", "jamf"), at("jamf"));
        expect(await verify(at("jamf"))).toEqual({ status: "verified", messages: [] });
    });
});
