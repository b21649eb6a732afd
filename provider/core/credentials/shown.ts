// The vendor's verdict on a credential in this run.
import type { Problem } from "../../define/contracts";

/** A credential that is sent as it is, with the vendor's verdict. */
export class ShownCredential {
    /** The reason for the vendor's refusal: nothing more is sent with the credential. */
    refusal: Problem | undefined;
    /** The first call, which goes alone: a credential that is refused is sent once, however many calls there are. */
    first: Promise<unknown> | undefined;
}

/** The credentials of one run, however many connections share one. */
export class ShownCredentials {
    private readonly all = new Map<string, ShownCredential>();

    /** The credential of a key, which distinguishes the secret, its host and the way to it. */
    of(key: string): ShownCredential {
        const shown = this.all.get(key) ?? new ShownCredential();
        this.all.set(key, shown);
        return shown;
    }
}
