// Every kind of resource at a hub, each loaded when it is needed.
//
// How one is added: a folder of this room has the hub's API (its calls, and what its answers mean) and one module a kind of resource that exports a
// `RemoteDefinition` (contracts.ts): arguments, the facts that should be at the hub (`wanted`), those that are (`look`), `write` and `remove`. The rest is
// shared by all and is in lifecycle.ts, plan.ts, state.ts and write.ts, which know no hub: validating arguments, proving the connection in the very run that sends it, marks and adoption, drift, what is
// recorded, secrets, warnings. A module keeps to three rules. Of an answer only facts are taken, and no text of the hub's is shown, for hubs echo
// credentials. What `wanted` and `look` give has the same form, for it is compared and shown property by property. `write` may come again after a run
// that was killed at any point of it, so it makes nothing twice. Then the kind is added below, and its class in hosts/dynamic/classes/<hub>.ts
// (`hubClass`); its type token is `pulumi-nodejs:dynamic/connections/<hub>:<Class>`, and stands for good.
import { registry } from "../define";
import type { RemoteDefinition } from "./contracts";

/** The kinds of resources at hubs by name. */
export const hubs = registry({
    "nango:Connection": () => (require("./nango/connection") as typeof import("./nango/connection")).nangoConnection,
    "nango:Integration": () =>
        (require("./nango/integration") as typeof import("./nango/integration")).nangoIntegration,
    "ox:Connector": () => (require("./ox/connector") as typeof import("./ox/connector")).oxConnector,
    "stackone:Account": () => (require("./stackone/account") as typeof import("./stackone/account")).stackOneAccount,
});

/** A kind of resource that is in this list: a class of another one does not compile. */
export type RegisteredDefinition = RemoteDefinition & { readonly type: keyof typeof hubs };
