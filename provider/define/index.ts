/**
 * The functions that declare a connection:
 * `import { defineConnection, secret, text } from "pulumi-connections/define"`. This entry is separate from the classes
 * that programs use. So a definition and its test suite (`pulumi-connections/conformance`) need nothing of Pulumi, and
 * short names such as `text` and `url` do not clash with a program's. `connectionClass` of `pulumi-connections` makes
 * the class of a definition.
 * @packageDocumentation
 */
export * from "./answers";
export * from "./coded";
export type * from "./contracts";
export {
    commonArgs,
    commonOutputNames,
    commonOutputs,
    type CommonArgs,
    type CommonOutputs,
    type ReservedName,
    type TlsArgs,
} from "./common";
export * from "./connection";
export * from "./credentials";
export * from "./fields";
export * from "./function";
export * from "./probe";
export type * from "./steps";
