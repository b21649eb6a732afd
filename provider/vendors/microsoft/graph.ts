// An application's registration, as Microsoft Graph shows it.
import { listOf, object, optional, text, unknownAt, type ValueOf, type Verification } from "../../define";
import { hosts, scopeOf, type EntraCloud } from "./directory";

/** The permissions of Microsoft Graph that show an application's secrets, without their values. */
const readers = [
    "Application.Read.All",
    "Application.ReadWrite.OwnedBy",
    "Application.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

const registrationAnswer = object({
    displayName: optional(text()),
    passwordCredentials: optional(listOf(optional(object({ hint: optional(text()), endDateTime: optional(text()) })))),
});

const unknownEnd = "Microsoft Graph does not show this application's secrets here, so their end is not known.";

/** The registration of an application, where its access token is for Microsoft Graph and may read it. */
export async function registrationAt(
    vendor: Verification<"registration">,
    args: { readonly clientId: string; readonly cloud: EntraCloud; readonly resource?: string | undefined },
    granted: readonly string[] = [],
): Promise<ValueOf<typeof registrationAnswer> | undefined> {
    const { graph } = hosts[args.cloud];
    const url = `${graph}/v1.0/applications(appId='${args.clientId}')?$select=displayName,passwordCredentials`;
    return scopeOf(args).startsWith(`${graph}/`) && granted.some((role) => readers.includes(role))
        ? vendor.request("registration", url, registrationAnswer, unknownAt(unknownEnd, 403, 404))
        : undefined;
}
