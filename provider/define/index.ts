/**
 * What a connection is declared with: `import { defineConnection, secret, text } from "pulumi-connections/define"`. It stands apart from the classes
 * that programs use, so that a definition, and the suite that it is run through (`pulumi-connections/conformance`), needs nothing of Pulumi; and so
 * that short names such as `text` and `url` do not meet a program's own. The class of a definition is made by `connectionClass` of
 * `pulumi-connections`.
 * @packageDocumentation
 */
export * from "./answers";
export type * from "./contracts";
export {
    commonArgs,
    commonOutputNames,
    type CommonArgs,
    type CommonOutputs,
    type ReservedName,
    type TlsArgs,
} from "./common";
export * from "./connection";
export * from "./credentials";
export * from "./fields";
export * from "./function";
export type * from "./steps";
