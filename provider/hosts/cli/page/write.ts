// Where the page is written: beside the name, then over it, so that no reader sees half a page and no link is followed.
import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { CommandError, usageError } from "../exit-code";
import { pageStart } from ".";

/**
 * Refuses a name that holds something else than a page of this command or a link.
 * @param force Whether any other file may be replaced.
 * @throws CommandError of exit code 3.
 */
export async function requireReplaceable(file: string, force: boolean): Promise<void> {
    await named(file, async () => {
        await fs.access(path.dirname(file), fs.constants.W_OK);
        const there = await existing(file);
        if (there === undefined) {
            return;
        }
        // A link to a device, such as /dev/stdout, must not be replaced either.
        const behind = there.isSymbolicLink() ? await fs.stat(file).catch(() => undefined) : there;
        if (behind !== undefined && !behind.isFile()) {
            throw usageError(`--html: ${file} is not a regular file, and is left as it is. Name another file.`);
        }
        if (!there.isSymbolicLink() && !force && !(await isOwnPage(file))) {
            throw usageError(
                `--html: ${file} exists already, and is not a page of this command. Name another file, or replace it with --force.`,
            );
        }
    });
}

/** Writes the page, over what has the name. */
export async function writePage(file: string, page: string, force: boolean): Promise<void> {
    await requireReplaceable(file, force);
    const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
    await named(file, async () => {
        try {
            await fs.writeFile(beside, page, { flag: "wx" });
            const there = await existing(file);
            if (there?.isFile() === true) {
                await fs.chmod(beside, there.mode & 0o777);
            }
            await fs.rename(beside, file);
        } finally {
            await fs.rm(beside, { force: true });
        }
    });
}

async function existing(file: string): Promise<Stats | undefined> {
    try {
        return await fs.lstat(file);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return undefined;
        }
        throw error;
    }
}

async function isOwnPage(file: string): Promise<boolean> {
    const handle = await fs.open(file);
    try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(pageStart.length));
        return buffer.toString("utf8", 0, bytesRead) === pageStart;
    } finally {
        await handle.close();
    }
}

/** Does work on a file, and reports the system's refusal by the option. */
async function named(file: string, work: () => Promise<void>): Promise<void> {
    try {
        await work();
    } catch (error) {
        if (error instanceof CommandError) {
            throw error;
        }
        const { code = "unknown fault" } = error as NodeJS.ErrnoException;
        throw usageError(`--html: ${file} cannot be written (${code}).`);
    }
}
