// A resource that waits for a person: the person's next step, in the same words everywhere.
import type { Values } from "../define/contracts";
import type { RemoteDefinition } from "./contracts";

type Awaiting = Pick<RemoteDefinition, "awaitedLink">;

/** The person's next step before the resource works; undefined where no person is awaited. */
export function personsStep({ awaitedLink }: Awaiting, outputs: Values | undefined): string | undefined {
    const link = outputs && awaitedLink?.(outputs);
    return (
        link &&
        `open the link in its output ${link}, a secret, and fill in the form. Run pulumi up afterwards; it makes a new link where that one has ended.`
    );
}
