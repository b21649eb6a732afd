// Cookies that came with an access token: they keep a client on one node of a cluster.
import type { Answer } from "../../define/contracts";

const longest = 4096;

/** A cookie that an answer sets. */
interface Cookie {
    readonly pair: string;
    readonly path: string;
}

/** The cookies of one answer, for the origin that gave it alone. */
export class Cookies {
    private readonly kept: readonly Cookie[];
    private readonly origin: string;

    constructor(url: string, { headers }: Answer) {
        this.origin = new URL(url).origin;
        const clock = Date.parse(String(headers["date"])) || Date.now();
        const kept = new Map<string, Cookie>();
        for (const line of [headers["set-cookie"] ?? []].flat()) {
            const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
            const name = pair.split("=")[0] ?? "";
            kept.delete(name);
            if (/^[\x21-\x3a\x3c-\x7e]+=[\x21-\x7e]*$/.test(pair) && !hasEnded(attributes, clock)) {
                kept.set(name, { pair, path: valueOf(attributes, "path") ?? "/" });
            }
        }
        let size = 0;
        this.kept = [...kept.values()].filter(({ pair }) => (size += pair.length + 2) <= longest);
    }

    /** The values. Everyone who has the token could use them. */
    get secrets(): readonly string[] {
        return this.kept.map(({ pair }) => pair.slice(pair.indexOf("=") + 1));
    }

    /** The header's value for a call; undefined where no cookie is for its address. */
    headerFor(url: string): string | undefined {
        const { origin, pathname } = new URL(url);
        const meant = this.kept.filter(({ path }) => isWithin(pathname, path));
        return origin === this.origin && meant.length > 0 ? meant.map(({ pair }) => pair).join("; ") : undefined;
    }
}

const valueOf = (attributes: readonly string[], name: string): string | undefined =>
    attributes.find((one) => one.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);

/** True where attributes delete a cookie, or say that it has ended. */
function hasEnded(attributes: readonly string[], clock: number): boolean {
    const [age, end] = [valueOf(attributes, "max-age"), valueOf(attributes, "expires")];
    return age === undefined ? end !== undefined && Date.parse(end) <= clock : !(Number(age) > 0);
}

const isWithin = (pathname: string, path: string): boolean =>
    !path.startsWith("/") || pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
