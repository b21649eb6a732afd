/**
 * API connections as Pulumi resources.
 * @packageDocumentation
 */
export type {
    Account,
    Check,
    CheckResult,
    CommonArgs,
    CommonOutputs,
    Secret,
    SecretExpirySource,
    SecretReference,
    Status,
    TlsArgs,
    VerifyMode,
} from "./define";
export { secretFrom } from "./core/secrets";
export * as atlassian from "./hosts/dynamic/classes/atlassian";
export * as cloudflare from "./hosts/dynamic/classes/cloudflare";
export * as crowdstrike from "./hosts/dynamic/classes/crowdstrike";
export * as datadog from "./hosts/dynamic/classes/datadog";
export * as github from "./hosts/dynamic/classes/github";
export * as gitlab from "./hosts/dynamic/classes/gitlab";
export * as http from "./hosts/dynamic/classes/http";
export * as jamf from "./hosts/dynamic/classes/jamf";
export * as jumpcloud from "./hosts/dynamic/classes/jumpcloud";
export * as kandji from "./hosts/dynamic/classes/kandji";
export * as microsoft from "./hosts/dynamic/classes/microsoft";
export * as nango from "./hosts/dynamic/classes/nango";
export * as oauth2 from "./hosts/dynamic/classes/oauth2";
export * as okta from "./hosts/dynamic/classes/okta";
export * as ox from "./hosts/dynamic/classes/ox";
export * as slack from "./hosts/dynamic/classes/slack";
export * as snyk from "./hosts/dynamic/classes/snyk";
export * as stackone from "./hosts/dynamic/classes/stackone";
export { connectionClass } from "./hosts/dynamic/resource";
export type { CommonInputs, ConnectionClass, Inputs, Outputs } from "./hosts/dynamic/types";
