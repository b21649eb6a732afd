// Messages about Cloudflare.
import { section } from "./section";

export const cloudflare = section({
    title: "Cloudflare",
    intro: "Also: [the credential](#the-credential).",
    errors: {
        "cloudflare-disabled": ["token: Cloudflare says that the token is disabled. Enable it under My Profile > API Tokens, or Manage Account > Account API Tokens, or create another one.", "Status `rejected`: a person has switched the token off"],
        "cloudflare-location": ["token: Cloudflare knows the token and does not accept it from this machine's address (HTTP 403, code 9109). Add the address to the token's Client IP Address Filtering, or run where it is allowed.", "Status `insufficient`: a new token with the same filter would not help"],
        "cloudflare-not-yet": ["token: Cloudflare accepts the token from … on. Wait until then, or create another one under My Profile > API Tokens, or Manage Account > Account API Tokens.", "Status `insufficient`. The vendor's clock counts"],
        "cloudflare-failed": ["api.cloudflare.com says that the call did not succeed (HTTP …, code …), and not that the token is wrong. Run again later.", "Status `unreachable`: `success` is `false` with HTTP 200, and the code does not refuse a token"],
    },
    others: {
        "cloudflare-check-token": ["token", "`Cloudflare accepts the token.`"],
        "cloudflare-check-account": ["account", "`The token may read its account.`"],
        "cloudflare-refused": ["token: Cloudflare refused the credential at … (HTTP 401, code 1000). Create a new API token under My Profile > API Tokens, or Manage Account > Account API Tokens. …", "The token is mistyped, deleted or rolled, or it is of the other kind: `An account's own token needs accountId.`, or `Check accountId too: another account's token and a user's are refused so.`", "credential-refused"],
        "cloudflare-expired": ["token: Cloudflare refused the credential at … (HTTP 200, the token is expired). …", "Status `expired` where Cloudflare says when it ended", "credential-refused"],
        "cloudflare-other-kind": ["… It begins with cfat_, as an account's own token does. Give accountId.", "Or `It begins with cfut_, as a user's token does. Leave accountId out.`", "credential-refused"],
        "cloudflare-account-unread": ["The token may not read its account: that needs the permission Account Settings: Read.", "The check `account` is unknown. Nothing else depends on it"],
        "cloudflare-account-untold": ["Cloudflare accepts the token and does not report which account it opens.", "A warning: another account behind the same token would not be noticed"],
        "cloudflare-account-form": ["accountId: must be 32 hexadecimal digits, as in the address of the account in the dashboard.", "", "invalid-argument"],
    },
});
