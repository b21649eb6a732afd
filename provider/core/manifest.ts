// The package's own description. A bundle replaces this module.
interface Manifest {
    readonly version: string;
    readonly engines: { readonly node: string };
}

// The path is that of the installed package: build/provider/core/manifest.js.
export const { version, engines } = require("../../../package.json") as Manifest;
