// Writes a file that a command makes: beside the name, then over it, so that no reader sees half of it and no link is followed.
import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { CommandError, usageError } from "./exit-code";

/** A kind of file that a command writes. */
export interface FileKind {
    /** The option that names it: `--html`. */
    readonly option: string;
    /** Its name in a sentence: `page`. */
    readonly noun: string;
    /** The beginning of each such file, by which it is recognised. */
    readonly start: string;
}

/**
 * Refuses the path of a file that is neither of this kind nor a link.
 * @param force True where any other file may be replaced.
 * @throws CommandError of exit code 3.
 */
export async function requireReplaceable(kind: FileKind, file: string, force: boolean): Promise<void> {
    const { option, noun, start } = kind;
    await named(option, file, async () => {
        await fs.access(path.dirname(file), fs.constants.W_OK);
        const there = await existing(file);
        if (there === undefined) {
            return;
        }
        // A link to a device, such as /dev/stdout, must not be replaced either.
        const behind = there.isSymbolicLink() ? await fs.stat(file).catch(() => undefined) : there;
        if (behind !== undefined && !behind.isFile()) {
            throw usageError(
                "cli-output-kind",
                `${option}: ${file} is not a regular file, and is left as it is. Name another file.`,
            );
        }
        if (!there.isSymbolicLink() && !force && !(await beginsWith(start, file))) {
            throw usageError(
                "cli-output-exists",
                `${option}: ${file} exists already, and is not a ${noun} of this command. Name another file, or replace it with --force.`,
            );
        }
    });
}

/** Writes a file of this kind in place of the present one. */
export async function writeOwn(kind: FileKind, file: string, text: string, force: boolean): Promise<void> {
    await requireReplaceable(kind, file, force);
    const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
    await named(kind.option, file, async () => {
        try {
            await fs.writeFile(beside, text, { flag: "wx" });
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

async function beginsWith(start: string, file: string): Promise<boolean> {
    const handle = await fs.open(file);
    try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(Buffer.byteLength(start)));
        return buffer.toString("utf8", 0, bytesRead) === start;
    } finally {
        await handle.close();
    }
}

/** Does work on a file, and reports the system's refusal by the option. */
async function named(option: string, file: string, work: () => Promise<void>): Promise<void> {
    try {
        await work();
    } catch (error) {
        if (error instanceof CommandError) {
            throw error;
        }
        const { code = "unknown fault" } = error as NodeJS.ErrnoException;
        throw usageError("cli-output-unwritable", `${option}: ${file} cannot be written (${code}).`);
    }
}
