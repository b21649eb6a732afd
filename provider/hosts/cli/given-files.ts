// The files that a command line names.
import { readFile } from "node:fs/promises";
import { usageError } from "./exit-code";

/** The text of a file, which editors on Windows save with a byte order mark, also as UTF-16. */
export async function textOfFile(file: string): Promise<string> {
    let bytes: Buffer;
    try {
        bytes = await readFile(file);
    } catch (error) {
        const { code = "unknown fault" } = error as NodeJS.ErrnoException;
        throw usageError("cli-file", `${file} cannot be read (${code}).`);
    }
    const encoding = { fffe: "utf-16le", feff: "utf-16be" }[bytes.toString("hex", 0, 2)] ?? "utf-8";
    try {
        return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
        throw usageError("cli-file-text", `${file} is not a text in UTF-8. Save it as UTF-8.`);
    }
}
