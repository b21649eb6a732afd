import { type Outbound, Unreachable } from "../outbound";

/** A field of the form by which a person links an account. */
export interface StackOneField {
    readonly key: string;
    readonly label: string;
    readonly type: "text" | "password" | "select";
    readonly required: boolean;
    readonly secret: boolean;
    readonly placeholder: string;
    readonly options?: readonly { label: string; value: string }[];
}

/** The values of a form, by the keys of its fields. */
export type StackOneValues = Record<string, string>;

/** A connector of StackOne's. */
export interface StackOneConnector {
    readonly provider: string;
    readonly providerName: string;
    readonly category: "iam";
    readonly authenticationKey: string;
    readonly fields: readonly StackOneField[];
    /** Uses the values at the vendor; undefined when they are good, else what is wrong with them. */
    readonly test: (values: StackOneValues, outbound: Outbound) => Promise<string | undefined>;
}

const field = (key: string, label: string, more: Partial<StackOneField> = {}): StackOneField => ({
    ...{ key, label, type: "text", required: true, secret: false, placeholder: "" },
    ...more,
});

const secret = { type: "password", secret: true } as const;

async function token(
    outbound: Outbound,
    url: string,
    headers: Record<string, string>,
    form: Record<string, string>,
): Promise<string | undefined> {
    try {
        const body = new URLSearchParams(form).toString();
        const sent = { ...headers, "content-type": "application/x-www-form-urlencoded" };
        const { status } = await outbound.send(url, { method: "POST", headers: sent, body });
        return status < 300 ? undefined : `The provider answered ${status}`;
    } catch (error) {
        if (error instanceof Unreachable) {
            return error.message;
        }
        throw error;
    }
}

const jumpCloudTokenHosts: Readonly<Record<string, string>> = {
    us: "https://admin-oauth.id.jumpcloud.com",
    eu: "https://admin-oauth.id.eu.jumpcloud.com",
    in: "https://admin-oauth.id.in.jumpcloud.com",
};

/**
 * The connectors. Labels are those of the vendors' guides; keys are made up, because no document tells them: a program has to read them.
 */
export const connectors: readonly StackOneConnector[] = [
    {
        provider: "jamf",
        providerName: "Jamf Pro",
        category: "iam",
        authenticationKey: "oauth2_client_credentials",
        fields: [
            field("instance_url", "Jamf Pro URL", { placeholder: "https://acme.jamfcloud.com" }),
            field("api_client_id", "Client ID"),
            field("api_client_secret", "Client Secret", secret),
        ],
        test: ({ instance_url: url = "", api_client_id: id = "", api_client_secret: value = "" }, outbound) =>
            token(
                outbound,
                `${url}/api/oauth/token`,
                {},
                { grant_type: "client_credentials", client_id: id, client_secret: value },
            ),
    },
    {
        provider: "jumpcloud",
        providerName: "JumpCloud",
        category: "iam",
        authenticationKey: "oauth2_service_account",
        fields: [
            field("service_account_client_id", "Client ID"),
            field("service_account_client_secret", "Client Secret", secret),
            field("api_region", "API Region", {
                type: "select",
                options: [
                    { label: "US", value: "us" },
                    { label: "EU", value: "eu" },
                    { label: "India", value: "in" },
                ],
            }),
            field("jumpcloud_tenant", "Organization ID", { required: false }),
        ],
        test: (
            {
                service_account_client_id: id = "",
                service_account_client_secret: value = "",
                api_region: region = "us",
            },
            outbound,
        ) => {
            const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(value)}`).toString("base64");
            const host = jumpCloudTokenHosts[region] ?? "";
            return token(
                outbound,
                `${host}/oauth2/token`,
                { authorization: `Basic ${basic}` },
                { grant_type: "client_credentials", scope: "api" },
            );
        },
    },
];

/** A connector by its provider key. */
export function connectorFor(provider: string): StackOneConnector | undefined {
    return connectors.find((connector) => connector.provider === provider);
}

/** How a connector's description tells the fields of its form. No document says that it tells them at all. */
export type StackOneMetaStyle =
    /** A list `configFields`, as the newer connectors of StackOne's own form have it. */
    | "configFields"
    /** `authentication[key][environment].fields`, as the older ones have it. */
    | "authentication"
    /** Only what is documented: models, no fields. */
    | "models";

/** GET /connectors/meta/{provider}. */
export function shownConnector(
    { provider, providerName, category, authenticationKey, fields }: StackOneConnector,
    style: StackOneMetaStyle,
): Record<string, unknown> {
    const logo = `https://stackone-logos.com/api/${provider}/filled/png`;
    return {
        provider,
        provider_name: providerName,
        category,
        active: true,
        models: {
            users: {
                list: { apiPath: "/unified/iam/users", output: { defaultFields: [{ name: "id", type: "string" }] } },
            },
        },
        resources: { images: { logo_url: logo, original_logo_horizontal_url: logo } },
        ...(style === "configFields" && { type: "custom", configFields: fields }),
        ...(style === "authentication" && {
            authentication: { [authenticationKey]: { production: { type: "custom", fields } } },
        }),
    };
}
