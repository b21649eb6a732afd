// What the TSDoc of each connection's arguments says, for the JSON Schema that the command line prints: compiled code has no comments.
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";

const plain = (parts) => ts.displayPartsToString(parts).replace(/\s+/g, " ").trim();

function commentOf(symbol, checker) {
    const tag = symbol.getJsDocTags(checker).find(({ name }) => name === "default");
    return {
        description: plain(symbol.getDocumentationComment(checker)).replace(/\{@link (?:[^}|]*\| *)?([^}]*)\}/g, "$1"),
        ...(tag === undefined ? {} : { default: plain(tag.text) }),
    };
}

/** The comments of fields by name; what lies inside an object as `tls.caCertificates`. */
function commentsOf(fields, checker, prefix = "") {
    const typeOf = (type, name) => {
        const property = type.getProperty(name);
        return property && checker.getTypeOfSymbol(property);
    };
    // Inside an object stand the values themselves, no fields.
    const objectIn = (type) =>
        prefix !== "" && (type.flags & ts.TypeFlags.StructuredType) !== 0 && !checker.isArrayLikeType(type)
            ? type
            : undefined;
    return Object.fromEntries(
        fields.getProperties().flatMap((field) => {
            const name = prefix + field.name;
            const type = checker.getTypeOfSymbol(field);
            // What programs may write stands beside the value, for the compiler alone.
            const pair = checker.getNonNullableType(typeOf(type, "_") ?? type);
            const inner = typeOf(type, "type")?.value === "object" ? checker.getTypeArguments(pair)[1] : objectIn(pair);
            return [
                [name, commentOf(field, checker)],
                ...(inner === undefined ? [] : Object.entries(commentsOf(inner, checker, `${name}.`))),
            ];
        }),
    );
}

/**
 * The comments of the arguments of every class of connections, by class (`jamf.ApiClient`) and argument.
 * @param declarations The folder that holds the package's compiled declarations.
 */
export function argumentComments(declarations) {
    // Each definition where it is written: spelt out in another file, as in a registry, its fields have no comments.
    const vendors = path.join(declarations, "vendors");
    const files = fs
        .readdirSync(vendors, { recursive: true })
        .filter((file) => file.endsWith(".d.ts"))
        .map((file) => path.join(vendors, file));
    const common = path.join(declarations, "define", "common.d.ts");
    const options = { strict: true, skipLibCheck: true, types: [], lib: ["lib.es2022.d.ts"] };
    const program = ts.createProgram([...files, common], options);
    const checker = program.getTypeChecker();
    const exported = (file) => {
        const module = checker.getSymbolAtLocation(program.getSourceFile(file));
        return (module === undefined ? [] : checker.getExportsOfModule(module))
            .filter(({ flags }) => flags & ts.SymbolFlags.Variable)
            .map((symbol) => ({ name: symbol.name, type: checker.getTypeOfSymbol(symbol) }));
    };
    const shared = commentsOf(exported(common).find(({ name }) => name === "commonArgs").type, checker);
    const comments = files.flatMap(exported).flatMap(({ type }) => {
        const args = type.getProperty("args");
        const label = type.getProperty("type");
        const named = label && checker.getTypeOfSymbol(label).value;
        return typeof named === "string" && args !== undefined
            ? [[named.replace(":", "."), { ...commentsOf(checker.getTypeOfSymbol(args), checker), ...shared }]]
            : [];
    });
    return Object.fromEntries(comments);
}
