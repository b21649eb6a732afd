// Messages about Microsoft Entra ID.
import { section } from "./section";

export const microsoft = section({
    title: "Microsoft Entra ID",
    intro: "Also: [the credential](#the-credential), [scopes](#scopes). The number in brackets is Microsoft's own code, AADSTS; Microsoft may change it.",
    others: {
        "entra-check-secrets": ["Microsoft Graph shows the application's secrets.", "The check passed"],
        "entra-check-permissions": ["No required permission is missing.", "The check `permissions` passed"],
        "entra-check-expiry": ["Microsoft Graph shows when the secret ends.", "The check `expiry` passed"],
        "entra-secret": ["clientSecret: Microsoft Entra ID refused the client id or secret (7000215). Copy the Value of a client secret, not its Secret ID, or create a new one, under Entra ID > App registrations > (application) > Certificates & secrets.", "Also in the first seconds of a new secret", "credential-refused"],
        "entra-secret-ended": ["clientSecret: Microsoft Entra ID refused the client id or secret (7000222). The client secret has expired. Create a new one under Entra ID > App registrations > (application) > Certificates & secrets.", "Microsoft says so at the token endpoint", "credential-refused"],
        "entra-certificate": ["certificate: Microsoft Entra ID refused the client id or private key (700027). Check that it is listed under Entra ID > App registrations > (application) > Certificates & secrets > Certificates, has not ended, and belongs to privateKey.", "The signature is not by a registered certificate's key", "credential-refused"],
        "entra-application": ["clientId: Microsoft Entra ID refused the token request (700016). The tenant has no such application. Check clientId, tenant and cloud, and that an administrator of the tenant has given consent.", "In another tenant than the application's own, consent makes it known", "token-request-refused"],
        "entra-disabled": ["clientId: Microsoft Entra ID refused the token request (7000112). The application is disabled. Enable it under Entra ID > Enterprise apps > (application) > Properties.", "An administrator has switched it off", "token-request-refused"],
        "entra-blocked": ["clientSecret: Microsoft Entra ID refused the token request (53003). A Conditional Access policy blocks the application from here. See Entra ID > Conditional Access > Sign-in logs.", "The secret may be good", "token-request-refused"],
        "entra-tenant": ["tenant: Microsoft Entra ID refused the token request (90002). There is no such tenant in this cloud. Check tenant and cloud.", "A tenant of another cloud is not known here", "token-request-refused"],
        "entra-resource": ["resource: Microsoft Entra ID denied this client the scope … (500011). The tenant does not have this resource. Check its Application ID URI.", "Status `insufficient`", "scope-denied"],
        "entra-expiry": ["Microsoft Graph does not show this application's secrets here, so their end is not known.", "The check `registration` is unknown: the application does not own itself, or its home is another tenant"],
        "entra-pair": ["certificate: and privateKey belong together. Give both, or neither.", "", "invalid-argument"],
        "entra-tenant-form": ["tenant: must be a tenant ID, a UUID, or a domain of the tenant, such as acme.onmicrosoft.com.", "`common` and `organizations` are for people who sign in", "invalid-argument"],
        "entra-permissions-form": ["requiredPermissions: must be a list of permissions, such as User.Read.All.", "For `allowedPermissions`: `must be a list of permissions, such as User.Read.All, or *.`", "invalid-argument"],
    },
});
