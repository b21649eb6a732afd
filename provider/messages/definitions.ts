// Messages about definitions.
import { section } from "./section";

export const definitions = section({
    title: "Definitions of your own",
    intro: "Messages about a [definition](adding-a-vendor.md) that is wrong, or cannot be found again. CLASS is a vendor and a class, such as `acme:ApiKey`; FILE is what the state holds: a package, or a path from the program's folder.",
    errors: {
        "definition-type": ["type must be a vendor and a class, such as acme:ApiKey.", "The vendor in small letters, the class with a capital"],
        "definition-reserved": ["… is a name that every connection uses already.", "Give the argument or output another name"],
        "definition-argument": ["derived() and early() are for outputs, not for arguments."],
        "definition-output": ["an output is no secret().", "A secret is an argument"],
        "definition-verified": ["a connection is verified by steps, or by checks and verify.", "One of the two ways"],
        "definition-headers": ["headers: a credential in headers holds a secret.", "Give `headers` an argument that is a `secret()`"],
        "definition-secret": ["a connection has a credential: at least one argument is a secret()."],
        "definition-export": ["FILE exports no CLASS. Export the class that extends connectionClass(…) from that file.", "For a package: `the main module of that package`"],
        "definition-program": ["CLASS is declared in FILE, which is the program itself (or its bundle). Declare it in a file of its own beside the program, which a bundler leaves out.", "The provider process cannot load a program without running it"],
        "definition-gone": ["CLASS was declared in FILE, which is not there (…). Put it back or, if it moved, run pulumi up --refresh=false once: the stack then learns where it is. To destroy the stack without it: pulumi destroy --refresh=false.", "For a package: `Add … to the dependencies of the program's package.json and install them`"],
        "definition-condition": ['CLASS was declared in FILE, which cannot be loaded with require (…). Give the exports of its package.json a condition "default" or "require".'],
        "definition-await": ["FILE declares CLASS, but awaits at the top of the file (or imports what does). The engine's provider process cannot load that: move the await into a function."],
        "definition-packaged": ["FILE declares CLASS, but is TypeScript within node_modules, which Node does not load. Publish the package with its compiled JavaScript."],
        "definition-resources": ["FILE declares CLASS, but also reads the stack's configuration or makes resources. Keep connections' definitions in a file of their own."],
        "definition-load": ["FILE declares CLASS, but cannot be loaded: …. The engine's provider process loads it without the program's loaders and path aliases: let it import packages and, by relative paths, other files."],
        "definition-typescript": ["the TypeScript … that is installed has no compiler which a program can call. Add typescript (^5.9) to the devDependencies of the program's package.json and install it."],
        "definition-syntax": ["TypeScript … cannot read …. Correct it or, if it is newer than that version, install a newer one: …."],
    },
});
