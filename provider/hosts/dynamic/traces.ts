import * as pulumi from "@pulumi/pulumi";

/**
 * Leaves out the texts of the stack traces that the SDK takes four times for each property, to name promises that never end: they cost more than
 * all the rest of a registration. The trace of an error is written out when it is read, which is later. That by which the SDK finds the
 * program's line is the one without a limit; it expects one class fewer there than a connection has.
 * @returns What undoes it.
 */
export function withoutTraces(): () => void {
    const prepare = Error.prepareStackTrace;
    if (
        process.env["PULUMI_DEBUG_PROMISE_LEAKS"] !== undefined ||
        (prepare === undefined && process.sourceMapsEnabled)
    ) {
        return () => undefined;
    }
    const write =
        prepare ??
        ((error: Error, sites: NodeJS.CallSite[]): string => [error, ...sites].map(String).join("\n    at "));
    // By what called it, for in a bundle this file is the program's too.
    const isOwn = (at: number, sites: NodeJS.CallSite[]): boolean =>
        sites[at - 1]?.getFunctionName() === pulumi.CustomResource.name;
    // What called the program, Node and the SDK, says nothing of it, and the state would hold it for each resource.
    const isProgram = (site: NodeJS.CallSite): boolean =>
        !/^node:|[\\/]node_modules[\\/]@pulumi[\\/]/.test(site.getFileName() ?? "node:");
    const outside = (sites: NodeJS.CallSite[]): NodeJS.CallSite[] => {
        const last = sites.findLastIndex(isProgram);
        return sites.filter((_, at) => !isOwn(at, sites) && (last < 0 || at <= last));
    };
    Error.prepareStackTrace = (error, sites) =>
        Error.stackTraceLimit === Infinity ? (write(error, outside(sites)) as string) : String(error);
    return () => {
        Error.prepareStackTrace = prepare;
    };
}
