// `npm run lines`: the lines of code, without comments and blanks, of each room of provider/ and of test/. cloc counts them; it is a Perl script.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import environment from "./environment.cjs";

const { root } = environment;

/** The lines of each TypeScript file, by its path from the root. */
function linesByFile() {
    const cloc = fileURLToPath(import.meta.resolve("cloc"));
    const options = ["--json", "--by-file", "--quiet", "--skip-uniqueness", "--include-lang=TypeScript"];
    const told = execFileSync(cloc, [...options, "provider", "test"], { cwd: root, encoding: "utf8" });
    const { header: _header, SUM: _sum, ...files } = JSON.parse(told);
    return Object.entries(files).map(([file, { code }]) => [path.normalize(file), code]);
}

/** The sums by the first two folders of a path, and by the first alone. */
function sums(lines) {
    const rooms = new Map();
    for (const [file, code] of lines) {
        const [folder, room] = path.dirname(file).split(path.sep);
        const name = room === undefined ? `${folder}/*.ts` : `${folder}/${room}`;
        rooms.set(name, (rooms.get(name) ?? 0) + code);
        rooms.set(`${folder}/`, (rooms.get(`${folder}/`) ?? 0) + code);
    }
    return [...rooms].sort(([one], [other]) => (one < other ? -1 : 1));
}

for (const [room, code] of sums(linesByFile())) {
    console.log(`${String(code).padStart(7)} ${room}`);
}
