import { commonArgs, commonOutputNames } from "../define/common";
import type { Values } from "../define/contracts";
import type { AnyDefinition } from "../define/connection";
import type { Field, Fields } from "../define/fields";
import { argumentSchema, type ArgumentSchema } from "./arguments";
import { isSecret, isSensitive, namesOf } from "./argument-fields";
import { argumentsWithPlaces } from "./console";
import { checksOfSteps } from "./steps";
import { definedOnly } from "./values";

/** The parts that follow from a declaration: names, and the validation of its arguments. */
export class ConnectionType {
    /** First part of the type token, and the namespace in programs: `jamf`. */
    readonly vendor: string;
    /** The class: `ApiClient`. */
    readonly name: string;
    /** All arguments, those of every connection among them. */
    readonly args: Readonly<Record<string, Field<unknown>>>;
    readonly argumentNames: readonly string[];
    /** The arguments that hold a credential's secrets, in order of preference. */
    readonly secretNames: readonly string[];
    /** Arguments that are kept as secrets: the credential's, and others such as a proxy's URL. */
    readonly sensitiveNames: readonly string[];
    /** The arguments that name the tenant. */
    readonly tenantArguments: readonly string[];
    /** The arguments that prove who one is: a change of one may lead to another account. */
    readonly accountArguments: readonly string[];
    /** Its own outputs. */
    readonly outputNames: readonly string[];
    /** Every output that a verification computes. */
    readonly computedNames: readonly string[];
    /** Each check with the sentence that a passed one proves. */
    readonly checks: Readonly<Record<string, string>>;
    readonly checkNames: readonly string[];
    private schema: ArgumentSchema | undefined;

    constructor(readonly definition: AnyDefinition) {
        const [vendor = "", name = ""] = definition.type.split(":");
        this.vendor = vendor;
        this.name = name;
        this.args = { ...commonArgs, ...argumentsWithPlaces(definition) };
        this.argumentNames = Object.keys(this.args);
        this.secretNames = namesOf(this.args, isSecret);
        this.sensitiveNames = namesOf(this.args, isSensitive);
        this.tenantArguments = namesOf(this.args, ({ options }) => options.namesTenant);
        this.accountArguments = namesOf(this.args, (field) =>
            isSecret(field) ? field.options.onlyReads !== true : field.options.namesAccount,
        );
        this.outputNames = Object.keys(definition.outputs);
        this.computedNames = [...commonOutputNames, ...this.outputNames];
        this.checks = definition.checks ?? checksOfSteps(definition);
        this.checkNames = Object.keys(this.checks);
    }

    /** The name in programs: `jamf.ApiClient`. */
    get label(): string {
        return `${this.vendor}.${this.name}`;
    }

    /** The validation of its arguments. */
    get arguments(): ArgumentSchema {
        return (this.schema ??= argumentSchema(this));
    }

    /** The outputs that follow from the arguments alone. */
    derive(values: Values): Values {
        return computed(this.definition.outputs, values);
    }

    /** The early outputs, from the arguments and from what the vendor returned. */
    deriveEarly(values: Values, found: Values): Values {
        const early = Object.entries(this.definition.outputs).filter(([, { source }]) => source !== "derived");
        return computed(Object.fromEntries(early), { ...values, ...found });
    }

    /** The tenant's identifier among a state's arguments and outputs; undefined while it is not known. */
    tenantOf(state: Values): string | undefined {
        const tenant = state[this.definition.tenant];
        return typeof tenant === "string" ? tenant : undefined;
    }

    /** The argument that a call's host follows from; undefined for the vendor's own. */
    argumentOfHost(url: string, values: Values): string | undefined {
        const isPrefix = (value: unknown): boolean =>
            typeof value === "string" && (url === value || url.startsWith(`${value}/`) || url.startsWith(`${value}?`));
        return this.argumentNames.find(
            (name) =>
                this.args[name]?.format !== undefined &&
                ["baseUrl", "url"].includes(this.args[name].format) &&
                isPrefix(values[name]),
        );
    }
}

/** The outputs that have a formula, and a value by it. */
function computed(outputs: Fields, values: Values): Values {
    const made = Object.entries(outputs).map(([name, { formula }]) => [name, formula?.(values as never)]);
    return definedOnly(Object.fromEntries(made));
}
