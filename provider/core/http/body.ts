// A host's body as text. Some hosts compress it although the request does not allow that.
import { promisify } from "node:util";
import * as zlib from "node:zlib";

/** The most that a body may be, packed and unpacked. */
export const bodyLimit = 1024 * 1024;

/** The reason why a body cannot be read, as a part of a sentence. */
export class UnreadableBody extends Error {}

export const tooLong = "with a body of more than 1 MiB";

// Some servers put a charset, or a word for plain bytes, here by mistake.
const bare: ReadonlySet<string> = new Set(["", "identity", "none", "utf-8", "utf8", "binary"]);

type Unpack = (packed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const unpackers: Readonly<Record<string, Unpack>> = {
    gzip: promisify(zlib.gunzip),
    "x-gzip": promisify(zlib.gunzip),
    br: promisify(zlib.brotliDecompress),
    // With zlib's header, as in the standard, or without, as at some servers.
    deflate: (packed, options) =>
        (promisify(((packed[0] ?? 0) & 0x0f) === 8 ? zlib.inflate : zlib.inflateRaw) as Unpack)(packed, options),
};

/** The encodings that are to be undone, the last one first. */
export function encodingsOf(header: string | readonly string[] | undefined): readonly string[] {
    const names = [header ?? ""].flat().join(",").split(",");
    return names
        .map((name) => name.trim().toLowerCase())
        .filter((name) => !bare.has(name))
        .reverse();
}

/** True for an encoding that can be undone. */
export const isKnownEncoding = (name: string): boolean => Object.hasOwn(unpackers, name);

/**
 * The text of a body.
 * @throws UnreadableBody where it cannot be unpacked within the limit.
 */
export async function textOf(body: Buffer, encodings: readonly string[]): Promise<string> {
    let bytes = body;
    for (const name of body.length === 0 ? [] : encodings) {
        bytes = await (unpackers[name] as Unpack)(bytes, { maxOutputLength: bodyLimit }).catch((error: unknown) => {
            const isLong = (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE";
            throw new UnreadableBody(isLong ? tooLong : `with a body that is no ${name}, as its Content-Encoding says`);
        });
    }
    const [first, second] = bytes;
    const charset =
        first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
    return new TextDecoder(charset).decode(bytes);
}
