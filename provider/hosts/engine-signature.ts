// The mark by which the engine sets apart a value that is more than JSON, on the wire and in states.

/** The member of an object that says which kind of value it is. */
export const engineSignature = "4dabf18193072939515e22adb298388d";

/** The kind of an object that holds a secret. */
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
