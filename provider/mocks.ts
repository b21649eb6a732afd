import { isDeepStrictEqual, types } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { parseArgs, unknown, type CommonArgs, type Given } from "./args";
import type { Connection } from "./connection";
import type { Site } from "./connections/atlassian";
import { describe, type Problem } from "./errors";
import { judgeSitesArgs, judgeTenantInfoArgs, type GetSitesArgs, type GetTenantInfoArgs, type TenantInfo } from "./functions";
import { isReference } from "./secrets";

/** Whether this is a unit test with mocks (`pulumi.runtime.setMocks`), whichever copy of the SDK they were set in. */
export function isMocked(): boolean {
    const monitor = pulumi.runtime.getMonitor() as object | undefined;
    return monitor !== undefined && "mocks" in monitor;
}

/** What a unit test knows of a connection without asking anybody. */
export interface FromArguments {
    /** The arguments as the program gave them. */
    readonly given: Given;
    /** The arguments as they are judged, and the outputs that follow from them alone. */
    readonly known: Given;
}

/**
 * Judges a connection's arguments as a preview does, and works out what follows from them.
 * @returns An output that is rejected where an argument that becomes known later is refused.
 * @throws RunError where one is refused that is known at once.
 */
export function fromArguments<A extends CommonArgs>(connection: Connection<A, object>, label: string, args: object): pulumi.Output<FromArguments> {
    refuse(label, parseArgs(connection, valuesNow(args) as Given).problems);
    const judged = pulumi.output(args).apply((resolved) => {
        const given = resolved as Given;
        const { args: parsed, problems } = parseArgs(connection, given);
        refuse(label, problems);
        return { given, known: { ...(parsed as Given), ...(connection.endpoints(parsed as A) as Given) } };
    });
    return pulumi.unsecret(judged);
}

function refuse(label: string, problems: readonly Problem[]): void {
    if (problems.length > 0) {
        throw new pulumi.RunError(problems.map((problem) => `${label}: ${describe(problem)}`).join("\n"));
    }
}

/** Arguments with the engine's word for a value that is not known yet in place of each that becomes known later. */
function valuesNow(value: unknown): unknown {
    if (pulumi.Output.isInstance(value) || types.isPromise(value)) {
        return unknown;
    }
    if (Array.isArray(value)) {
        return value.map(valuesNow);
    }
    return typeof value === "object" && value !== null && !isReference(value)
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, valuesNow(inner)]))
        : value;
}

/** A property of a connection in a unit test: what the mocks say, else what follows from the arguments. */
export function mockedProperty(name: string, recorded: pulumi.Output<unknown> | undefined, from: pulumi.Output<FromArguments>): pulumi.Output<unknown> {
    const said = recorded ?? pulumi.output(undefined);
    return applyAnyway(from, (judged) =>
        applyAnyway(said, (value) => {
            const { given = {}, known = {} } = pulumi.isUnknown(judged) ? {} : judged;
            const silent = value === undefined || value === null || pulumi.isUnknown(value) || isDeepStrictEqual(value, given[name]);
            return silent && known[name] !== undefined ? known[name] : said;
        }),
    );
}

/** As `apply`, for a value that is not known too, as mocks of a preview have them. The SDK's types do not tell of it. */
function applyAnyway<T>(output: pulumi.Output<T>, work: (value: T) => unknown): pulumi.Output<unknown> {
    return (output as unknown as { apply(work: (value: T) => unknown, runWithUnknowns: boolean): pulumi.Output<unknown> }).apply(work, true);
}

/** What the mocks' `call` answers for a site, and where they give none, what follows from the arguments. */
export async function mockedTenantInfo(args: GetTenantInfoArgs): Promise<TenantInfo> {
    const { siteUrl } = judgeTenantInfoArgs(args);
    return { siteUrl, ...(await called<Pick<TenantInfo, "cloudId">>("getTenantInfo", args)) };
}

/** The sites that the mocks' `call` answers. */
export async function mockedSites(args: GetSitesArgs): Promise<Site[]> {
    judgeSitesArgs(args);
    const { sites = [] } = await called<{ sites?: Site[] }>("getSites", args);
    return sites;
}

function called<T>(name: string, args: object): Promise<T> {
    return pulumi.runtime.invoke(`connections:atlassian:${name}`, args) as Promise<T>;
}
