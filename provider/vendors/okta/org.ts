import { baseUrl, invalid, object, optional, text, type Field, type Values, type Verification } from "../../define";

/** The console's page of a kind of thing. */
export const pages = {
    tokens: "Security > API > Tokens",
    application: "Applications > Applications > (application) > General",
    scopes: "Applications > Applications > (application) > Okta API Scopes",
} as const;

const ownHosts = [".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil"];

/** The field of an organisation's address. */
export const orgUrlField: Field<string> = baseUrl({
    like: "https://acme.okta.com",
    namesTenant: true,
    vendorHosts: ownHosts,
    parse: (value) => {
        const { hostname, origin } = new URL(value);
        if (ownHosts.includes(`.${hostname}`)) {
            return invalid("must name the organisation, like https://acme.okta.com.");
        }
        // The Admin Console has a host of its own, which serves no API.
        const isOkta = ownHosts.some((host) => hostname.endsWith(host));
        return isOkta ? origin.replace(/^https:\/\/([^.]+)-admin\./, "https://$1.") : origin;
    },
});

/** The Admin Console of an organisation; undefined for a domain of the organisation's own. */
export const adminConsoleOf = ({ orgUrl }: Values): string | undefined =>
    typeof orgUrl === "string" && ownHosts.some((host) => orgUrl.endsWith(host))
        ? orgUrl.replace(/^https:\/\/([^.]+)\./, "https://$1-admin.")
        : undefined;

/** The sentence of a passed check. */
export const isOrganization = "An Okta organisation answers at the address.";

/** The organisation's ID, which Okta shows to everyone: an address is checked before a secret is sent there. */
export async function organizationAt(
    vendor: Pick<Verification<"organization", "orgUrl">, "request">,
    orgUrl: string,
): Promise<string | undefined> {
    const url = `${orgUrl}/.well-known/okta-organization`;
    const organization = await vendor.request("organization", url, object({ id: text(), pipeline: optional(text()) }), {
        anonymous: true,
        argument: "orgUrl",
        classify: ({ status }) =>
            status === 404
                ? {
                      kind: "badAnswer",
                      code: "okta-no-organization",
                      argument: "orgUrl",
                      message: `There is no Okta organisation at ${new URL(url).host} (HTTP 404). Copy its address from the account menu of the Admin Console.`,
                  }
                : undefined,
    });
    return organization?.id;
}
