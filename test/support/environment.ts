import path from "node:path";

/** What set-up says of this project. Compiled, this file lies in build/test/support. */
export const shared = require(
    path.resolve(__dirname, "../../../setup/environment.cjs"),
) as typeof import("../../setup/environment.cjs");
