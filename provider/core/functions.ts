// Calls to a vendor that are not connections: validated, made and redacted in the same way, and without a state.
import type { Values } from "../define/contracts";
import type { AnyDefinition } from "../define/connection";
import type { AnyFunctionDefinition } from "../define/function";
import { ConnectionType } from "./connection-type";
import { ConnectionError } from "./problems";
import { problemOf, type Session } from "./session";
import { validate } from "./verified";
import { verifyTenants } from "./verify";

/**
 * Validates the arguments of a function, without any call.
 * @returns The arguments in their normal form.
 * @throws ConnectionError with all that is wrong with them.
 */
export function validateFunction(definition: AnyFunctionDefinition, declared: Values): Values {
    const { args, problems } = typeOf(definition, async () => undefined).arguments.validate(declared);
    if (args === undefined) {
        throw new ConnectionError(problems);
    }
    return args.given;
}

/**
 * Calls a vendor.
 * @throws ConnectionError where the arguments are wrong, or the vendor refuses, or cannot be contacted.
 */
export async function callFunction(
    definition: AnyFunctionDefinition,
    declared: Values,
    session: Session,
): Promise<Values> {
    let result: Values | undefined;
    const type = typeOf(definition, async (vendor, args) => {
        result = (await definition.call(vendor, args)) as Values | undefined;
    });
    const { args, problems: wrong } = await validate(type, declared, session, { mode: "always" });
    if (args === undefined) {
        throw new ConnectionError(wrong);
    }
    if (args.secrets.problems.length > 0) {
        throw new ConnectionError(args.secrets.problems);
    }
    let problems;
    try {
        const tools = session.tools(type, args);
        problems = (await verifyTenants(tools)).flatMap((tenant) => tenant.problems);
        result = tools.redactor.leaving(result);
    } catch (error) {
        problems = [problemOf(error)];
    }
    if (result === undefined || problems.length > 0) {
        throw new ConnectionError(problems);
    }
    return result;
}

/** A function in the form of a connection: without outputs, because a call has no record. */
function typeOf(
    definition: AnyFunctionDefinition,
    call: (vendor: never, args: never) => Promise<void>,
): ConnectionType {
    const connection: AnyDefinition = {
        ...definition,
        outputs: {},
        tenant: "",
        credential: definition.credential ?? (() => ({ scheme: "none" })),
        verify: async (vendor: { incomplete(outputs: object): never }, args) => {
            await call(vendor as never, args);
            return vendor.incomplete({});
        },
    };
    return new ConnectionType(connection);
}
