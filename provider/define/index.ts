/**
 * What a connection is declared with. Nothing here knows Pulumi, a network or a vendor.
 * @packageDocumentation
 */
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
