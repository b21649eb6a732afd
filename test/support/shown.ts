/** What a run with `--diff` shows of each resource in one operation, by name: a line for each property, without alignment. */
export function shownBy(output: string, operation: "update" | "refresh" | "replace" | "create"): Map<string, string[]> {
    const shown = new Map<string, string[]>();
    let current = "";
    let lines: string[] = [];
    for (const line of output.split("\n")) {
        const header = /^\s*[-+~><]*\s*[\w-]+:[\w/-]+:\w+: \(([\w-]+)\)/.exec(line);
        const urn = /\[urn=.*::([^:\]]+)\]/.exec(line);
        if (header !== null) {
            current = header[1] ?? "";
            lines = [];
        } else if (urn !== null) {
            lines = [];
            if (current === operation) {
                shown.set(urn[1] ?? "", lines);
            }
        } else if (/^Resources:|^(warning|error):/.test(line)) {
            lines = [];
        } else if (line.trim() !== "") {
            lines.push(line.trim().replace(/\s+:/, ":"));
        }
    }
    return shown;
}

/** What a run says below `Diagnostics:`, by the name of the resource. */
export function diagnosticsOf(output: string): Map<string, string> {
    const said = new Map<string, string>();
    let name = "";
    const from = output.lastIndexOf("\nDiagnostics:");
    for (const line of from < 0 ? [] : output.slice(from).split("\n").slice(2)) {
        const header = /^ {2}\S+ \(([^)]+)\):$/.exec(line);
        if (header !== null) {
            name = header[1] ?? "";
        } else if (/^\S/.test(line)) {
            break;
        } else {
            said.set(name, `${said.get(name) ?? ""}${line.trim()}\n`);
        }
    }
    return said;
}
