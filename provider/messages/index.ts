// Every message that the package shows. The page docs/messages.md is written from it, and `explain` reads it.
import { atlassian } from "./atlassian";
import { cloudflare } from "./cloudflare";
import { commandLine } from "./command-line";
import { args, credential, engine, kinds, network, scopes, secrets } from "./core";
import { crowdstrike } from "./crowdstrike";
import { datadog } from "./datadog";
import { definitions } from "./definitions";
import { generic } from "./generic";
import { github } from "./github";
import { gitlab } from "./gitlab";
import { hubs, nango, ox, stackone } from "./hubs";
import { jamf } from "./jamf";
import { jumpcloud } from "./jumpcloud";
import { kandji } from "./kandji";
import { microsoft } from "./microsoft";
import { okta } from "./okta";
import type { MessageRow, MessageSection } from "./section";
import { slack } from "./slack";
import { snyk } from "./snyk";
import { unitTests } from "./unit-tests";

/** The sections, in the order of the page. */
export const sections = [
    credential,
    scopes,
    secrets,
    network,
    args,
    engine,
    kinds,
    hubs,
    nango,
    ox,
    stackone,
    definitions,
    commandLine,
    unitTests,
    jumpcloud,
    jamf,
    atlassian,
    microsoft,
    okta,
    crowdstrike,
    datadog,
    snyk,
    gitlab,
    github,
    cloudflare,
    slack,
    kandji,
    generic,
] as const;

type CodeOf<Section> = Section extends MessageSection<infer ErrorCode> ? ErrorCode : never;

/** The code of an error: stable from release to release, and shown in brackets at the end of its message. */
export type Code = CodeOf<(typeof sections)[number]>;

/** A message with its place on the page. */
export interface KnownMessage {
    /** The anchor of its row; an error's is its code. */
    readonly anchor: string;
    /** The code that it shows; undefined for a warning and for a sentence of a check. */
    readonly code: string | undefined;
    readonly says: string;
    readonly means: string;
}

const known = ([anchor, [says, means = "", code]]: readonly [string, MessageRow]): KnownMessage => ({
    anchor,
    code,
    says,
    means,
});

/** Every message, errors first. */
export const messages: readonly KnownMessage[] = [
    ...sections.flatMap(({ errors }) =>
        Object.entries<MessageRow>(errors).map((entry) => ({ ...known(entry), code: entry[0] })),
    ),
    ...sections.flatMap(({ others }) => Object.entries<MessageRow>(others).map(known)),
];
