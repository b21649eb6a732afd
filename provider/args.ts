import { betweenArguments, type Connection, type Issue } from "./connection";
import type { Problem } from "./errors";
import { nearest } from "./nearest";
import { tlsNames } from "./schema";
import type { Secret } from "./secrets";
import type { VerifyMode } from "./settings";

/** The arguments that every connection takes. */
export interface CommonArgs {
    /**
     * The day on which the secret expires, as the vendor's console showed it when the secret was made: `2027-06-30`, or with a time,
     * `2027-06-30T12:00:00Z`. No vendor tells it later, so it is declared. A day ends in UTC.
     */
    expiresAt?: string | undefined;
    /** From how many days before `expiresAt` on a warning is given and the status is `expiring`. Default 7. */
    warnBeforeDays?: number | undefined;
    /**
     * When the vendor is asked: `always` (in every run), `changes` (about what is new, changed or unverified, on refresh, and about what is not healthy
     * on record, to see whether it has healed) or `never` (status and checks stay as they are on record; what is new is `unverified`). `expiresAt` counts
     * under all three. Under `changes` and `never`, what is not healthy already stops no `pulumi up`: it is a change once, and a warning in every run.
     * A run with `--target` asks about all connections under `always`, for a program is not told what is targeted; under `changes` only about targets.
     * Default: `CONNECTIONS_VERIFY`, or `connections:verify` of the stack's configuration, else `always`; `never` there means every connection.
     */
    verify?: VerifyMode | undefined;
    /** How the server's TLS certificate is judged. */
    tls?: TlsArgs | undefined;
    /**
     * An HTTP proxy that the vendor is reached through, such as `http://user:password@proxy.example.com:3128`. Kept as a secret.
     * Default: `HTTPS_PROXY`, where `NO_PROXY` does not except the host.
     */
    proxyUrl?: string | undefined;
    /**
     * How long a whole verification may take, in seconds, from 1 to 600. Default 30. Waiting for its turn at a host is part of it, so that many
     * connections to a host that does not answer cost no more time than one: raise it for hundreds of connections to a slow host.
     */
    timeoutSeconds?: number | undefined;
}

/** How the server's TLS certificate is judged. */
export interface TlsArgs {
    /** Certificates of authorities to trust besides the ones that Node trusts, in PEM form. */
    caCertificates?: string | undefined;
    /** Takes any certificate. Whoever stands between can then read the credential, so every run warns. Default false. */
    insecureSkipVerify?: boolean | undefined;
}

/** Arguments by name, before their schema was applied. */
export type Given = Readonly<Record<string, unknown>>;

/** How the Pulumi engine writes a value that is not known yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value, at any depth, is not known yet. */
export function hasUnknown(value: unknown): boolean {
    return value === unknown || (typeof value === "object" && value !== null && Object.values(value).some(hasUnknown));
}

/** Arguments as their schema has them, or all that is wrong with them. Values not known yet are left out of the judgement. */
export function parseArgs<A extends CommonArgs>(
    connection: Connection<A, object>,
    given: Given,
): { readonly args?: A; readonly problems: readonly Problem[]; readonly waiting: readonly string[] } {
    const defined = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
    const waiting = defined.filter(([, value]) => hasUnknown(value)).map(([name]) => name);
    const result = connection.schema().safeParse(Object.fromEntries(defined.filter(([name]) => !waiting.includes(name))));
    if (result.success) {
        return { args: result.data, problems: [], waiting };
    }
    const problems = result.error.issues
        .filter((issue) => waiting.length === 0 || issue.code !== "custom" || issue.params !== betweenArguments)
        .flatMap((issue) => toProblems(connection, issue))
        .filter(({ property }) => !waiting.includes(property.split(".")[0] ?? ""));
    return { problems, waiting };
}

function toProblems(connection: Connection, issue: Issue): Problem[] {
    const path = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys") {
        return (issue.keys ?? []).map((key) => ({
            kind: "invalidArgument",
            property: path === "" ? key : `${path}.${key}`,
            message: `${connection.vendor}.${connection.type} takes no such argument. ${didYouMean(key, path === "" ? connection.argumentNames : tlsNames)}`,
        }));
    }
    return [{ kind: "invalidArgument", property: path, message: issue.message.endsWith(".") ? issue.message : `${issue.message}.` }];
}

function didYouMean(name: string, known: readonly string[]): string {
    const near = nearest(name, known);
    return near === undefined ? `It takes ${known.join(", ")}.` : `Did you mean ${near}?`;
}

/** The secrets among the arguments, by name. */
export function secretsOf(connection: Connection, args: Given): [string, Secret][] {
    return connection.secrets.flatMap((name) => {
        const value = args[name];
        return value === undefined ? [] : [[name, value as Secret] as [string, Secret]];
    });
}
