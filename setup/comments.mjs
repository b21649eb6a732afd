// Reads the comments of declarations: classes with their arguments and outputs, functions, types. Compiled code has no comments.
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";

const folders = ["define", "vendors", "hubs", "hosts/dynamic/classes"];
/** Fields that many declarations share, each in a constant of its own. */
const shared = ["commonArgs", "commonOutputs", "hubArgs", "hubOutputs", "settingFields"];

/**
 * Reads the comments in the folder `provider`.
 * @returns `declarations` by type (`jamf:ApiClient`), `classes` by the same names, `shared` by the name of the constant, `types` by name.
 */
export function readComments(provider) {
    const files = [
        ...folders.flatMap((folder) => sourcesIn(path.join(provider, folder))),
        path.join(provider, "core", "settings.ts"),
    ];
    // Types of other packages are in no declaration, and reading them takes seconds.
    const options = { strict: true, noResolve: true, skipLibCheck: true, types: [], lib: ["lib.es2022.d.ts"] };
    const program = ts.createProgram(files, options);
    const checker = program.getTypeChecker();
    const found = { declarations: {}, classes: {}, shared: {}, types: {} };
    for (const file of files) {
        const module = checker.getSymbolAtLocation(program.getSourceFile(file));
        for (const symbol of module === undefined ? [] : checker.getExportsOfModule(module)) {
            note(found, file, symbol, checker);
        }
    }
    return found;
}

const sourcesIn = (folder) =>
    fs
        .readdirSync(folder, { recursive: true })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => path.join(folder, file));

function note(found, file, symbol, checker) {
    const { name, flags } = symbol;
    if (flags & ts.SymbolFlags.Class) {
        found.classes[`${path.basename(file, ".ts")}:${name}`] = commentOf(symbol, checker);
    } else if (flags & ts.SymbolFlags.Variable) {
        const type = checker.getTypeOfSymbol(symbol);
        const fields = (part) => {
            const property = type.getProperty(part);
            return property === undefined ? {} : commentsOf(checker.getTypeOfSymbol(property), checker);
        };
        const token = type.getProperty("type") && checker.getTypeOfSymbol(type.getProperty("type")).value;
        if (shared.includes(name)) {
            found.shared[name] = commentsOf(type, checker);
        } else if (typeof token === "string" && type.getProperty("args") !== undefined) {
            found.declarations[token] = {
                ...commentOf(symbol, checker),
                args: fields("args"),
                outputs: fields("outputs"),
            };
        }
    } else if (flags & ts.SymbolFlags.Type) {
        found.types[name] = commentOf(symbol, checker);
    }
}

const textOf = (parts) =>
    ts
        .displayPartsToString(parts)
        .replace(/\{@link (?:[^}|]*\| *)?([^}]*?) *\}/g, "`$1`")
        .trim();

/** A comment in the lines of its author, its `@default` and its examples. */
function commentOf(symbol, checker) {
    const tags = symbol.getJsDocTags(checker);
    const told = (tag) => tags.filter(({ name }) => name === tag).map(({ text }) => textOf(text));
    return {
        text: textOf(symbol.getDocumentationComment(checker)),
        default: told("default")[0]?.replace(/\s+/g, " "),
        experimental: told("experimental")[0]?.replace(/\s+/g, " "),
        example: told("example")[0],
    };
}

/** The comments of fields by name; what is inside an object, or in a list of objects, as `tls.caCertificates`. */
function commentsOf(fields, checker, prefix = "") {
    return Object.fromEntries(
        fields.getProperties().flatMap((field) => {
            const name = prefix + field.name;
            const inner = innerOf(checker.getTypeOfSymbol(field), checker);
            return [
                [name, commentOf(field, checker)],
                ...(inner === undefined ? [] : Object.entries(commentsOf(inner, checker, `${name}.`))),
            ];
        }),
    );
}

/** The object in a field's value, or in such an object: in each item of a list, and under each name of a map. */
function innerOf(type, checker) {
    // A field has the form that programs write beside it, for the compiler alone.
    const pair = type.getProperty("_");
    const given = pair && checker.getTypeArguments(checker.getNonNullableType(checker.getTypeOfSymbol(pair)))[1];
    return objectIn(checker.getNonNullableType(given ?? type), checker);
}

function objectIn(type, checker) {
    const item = checker.isArrayLikeType(type) ? checker.getTypeArguments(type)[0] : type.getStringIndexType();
    if (item !== undefined) {
        return objectIn(checker.getNonNullableType(item), checker);
    }
    return type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection) ? type : undefined;
}
