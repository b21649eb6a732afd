// A resource that waits for a person: what that person has to do, told in the same words everywhere.
import type { Values } from "../define/contracts";
import type { RemoteDefinition } from "./contracts";

type Awaiting = Pick<RemoteDefinition, "awaitedLink">;

/** What a person has to do before the resource works; undefined where no person is awaited. */
export function personsStep({ awaitedLink }: Awaiting, outputs: Values | undefined): string | undefined {
    const link = outputs && awaitedLink?.(outputs);
    return (
        link &&
        `open the link in its output ${link}, a secret, and fill in the form. Run pulumi up afterwards; it makes a new link where that one has ended.`
    );
}
