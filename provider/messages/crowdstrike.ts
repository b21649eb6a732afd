// Messages about CrowdStrike.
import { section } from "./section";

export const crowdstrike = section({
    title: "CrowdStrike",
    intro: "Also: [the credential](#the-credential).",
    errors: {
        "crowdstrike-other-cloud": ["cloud: CrowdStrike says that the API client belongs to the cloud …. Set cloud to it.", "Status `insufficient`: the base URL would be that of another cloud"],
    },
    others: {
        "crowdstrike-check-credential": ["credential", "`The credential is accepted.`"],
        "crowdstrike-check-cloud": ["cloud", "`The client belongs to the cloud.`"],
        "crowdstrike-check-customer": ["customer", "`CrowdStrike names the customer.`"],
        "crowdstrike-refused": ["clientSecret: CrowdStrike refused the client id or secret (access denied, invalid client_id or client_secret). Reset a new client secret under Support and resources > API clients and keys. Check cloud too: a cloud does not know the clients of another one.", "HTTP 403", "credential-refused"],
        "crowdstrike-not-allowed": ["clientSecret: CrowdStrike refused the token request (access denied, authorization failed). The IP allowlist of the Falcon console may not have the address of this machine, or the client is not for this memberCid.", "The secret may be good", "token-request-refused"],
        "crowdstrike-customer": ["The API client may not read its customer ID: it lacks the scope Sensor Download: Read.", "The check `customer` is unknown. Nothing else depends on it"],
        "crowdstrike-customer-unknown": ["CrowdStrike accepts the API client and does not name its customer.", "A warning: another customer behind the same client would not be noticed"],
        "crowdstrike-client-form": ["clientId: must be 32 hexadecimal digits, as API clients and keys shows them.", "", "invalid-argument"],
        "crowdstrike-member-form": ["memberCid: must be 32 hexadecimal digits: a CID without its checksum.", "", "invalid-argument"],
    },
});
