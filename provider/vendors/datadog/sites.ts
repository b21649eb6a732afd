import { choice, object, optional, text, withDefault, type Answer, type Values } from "../../define";

const names = [
    "datadoghq.com",
    "us3.datadoghq.com",
    "us5.datadoghq.com",
    "datadoghq.eu",
    "ap1.datadoghq.com",
    "ap2.datadoghq.com",
    "uk1.datadoghq.com",
    "ddog-gov.com",
    "us2.ddog-gov.com",
] as const;

/** A site of Datadog's, as the address of its console has it without `app.`. No other knows its keys. */
export type DatadogSite = (typeof names)[number];

/** The field of a site. */
export const siteField = withDefault(choice(names, { namesTenant: true }), "datadoghq.com");

/** The base of a site's API. */
export const apiUrlOf = ({ site }: { readonly site: DatadogSite }): string => `https://api.${site}`;

/** The console at a site: only the sites of two labels have `app.` before them. */
export const consoleOf =
    (page: string) =>
    ({ site = "datadoghq.com" }: Values): string =>
        `https://${String(site).split(".").length === 2 ? "app." : ""}${String(site)}/organization-settings/${page}`;

/** A sentence about another cause of a refusal. */
export const siteHint = "Check site too: a site answers so to the keys of another one.";

/** The sentence where the organisation is not known. */
export const unknownOrganization = "Datadog accepts the credential and does not name its organisation.";

/** The answer of the call that names the user. */
export const userAnswer = object({
    data: object({
        id: text(),
        attributes: optional(object({ name: optional(text()), handle: optional(text()), email: optional(text()) })),
        relationships: optional(
            object({ org: optional(object({ data: optional(object({ id: optional(text()) })) })) }),
        ),
    }),
});

/** True for the answer to a key that Datadog does not know; the one to a missing permission says more. */
export const isKeyUnknown = ({ status, text: said }: Answer): boolean =>
    status === 403 && /"errors"\s*:\s*\[\s*"(Forbidden|Unauthorized)"\s*\]/.test(said);

/** The account and the organisation in the answer that names the user. */
export function userIn({
    data: { id, attributes = {}, relationships },
}: {
    readonly data: {
        readonly id: string;
        readonly attributes?:
            | {
                  readonly name?: string | undefined;
                  readonly handle?: string | undefined;
                  readonly email?: string | undefined;
              }
            | undefined;
        readonly relationships?:
            | { readonly org?: { readonly data?: { readonly id?: string | undefined } | undefined } | undefined }
            | undefined;
    };
}): {
    readonly account: { id: string; name: string; email: string | undefined };
    readonly organizationId: string | undefined;
} {
    const { name, handle, email } = attributes;
    return { account: { id, name: name ?? handle ?? id, email }, organizationId: relationships?.org?.data?.id };
}
