// Every kind of resource at a hub, each loaded when it is needed.
//
// To add one, make a folder here with the hub's API (its calls, and the meaning of its answers) and one module for each
// kind of resource. The module exports a `RemoteDefinition` (contracts.ts): arguments, the facts that should be at the
// hub (`wanted`), the present ones (`look`), `write` and `remove`. All else is shared, in lifecycle.ts, plan.ts, state.ts
// and write.ts, which know no hub: the validation of arguments, the proof of the connection in the very run that sends
// it, marks and adoption, drift, records, secrets, warnings.
//
// A module keeps three rules:
// - It uses only facts of an answer, and shows no text of the hub's, because hubs echo credentials.
// - `wanted` and `look` return the same form, because the two are compared and shown property by property.
// - `write` makes nothing twice, because it may come again after a run that was killed at any point of it.
//
// Then add the kind below, and its class in hosts/dynamic/classes/<hub>.ts (`hubClass`). Its type token is
// `pulumi-nodejs:dynamic/connections/<hub>:<Class>`, and must never change.
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
