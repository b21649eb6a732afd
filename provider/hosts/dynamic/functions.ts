// Functions as programs call them.
import * as pulumi from "@pulumi/pulumi";
import type { AnyFunctionDefinition, FunctionArgs, FunctionResult } from "../../define";
import { callFunction, validateFunction } from "../../core/functions";
import { ConnectionError } from "../../core/problems";
import { testVendors } from "./mocks";
import { currentRun, isMocked } from "./run";

/**
 * A function as programs call it. In unit tests (`pulumi.runtime.setMocks`) no vendor is contacted: the mocks' `call`
 * answers for the token `connections:<vendor>:<function>`.
 * @param unanswered The result that follows from the arguments alone, where the mocks return nothing.
 */
export function programFunction<D extends AnyFunctionDefinition>(
    definition: D,
    unanswered: (args: FunctionArgs<D>, answer: object) => FunctionResult<D>,
): (args: FunctionArgs<D>) => Promise<FunctionResult<D>> {
    return async (args) => {
        const { session } = currentRun();
        try {
            if (isMocked()) {
                const vendors = testVendors();
                if (vendors !== undefined) {
                    return (await vendors.call(definition, args)) as FunctionResult<D>;
                }
                const validated = validateFunction(definition, args) as FunctionArgs<D>;
                const token = `connections:${definition.type}`;
                return unanswered(validated, (await pulumi.runtime.invoke(token, args)) as object);
            }
            return (await callFunction(definition, args, session)) as FunctionResult<D>;
        } catch (error) {
            // The engine shows the message of a RunError alone, and of any other error that it is unhandled, with its stack.
            throw error instanceof ConnectionError ? new pulumi.RunError(error.message) : error;
        }
    };
}
