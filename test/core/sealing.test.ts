// What the program made secret is found wherever it is recorded, and nothing else is taken for it.
import { Seal } from "../../provider/core/sealing";

test.each<[string, unknown, unknown, boolean]>([
    ["a list's text", ["jira"], "https://api.atlassian.com/ex/jira/1", true],
    ["the place of a text in a list", ["jira"], "v10", false],
    ["the place of an object in a list", [{ name: "blue" }], ["0"], false],
    ["a name in a map", { "x-tenant": "blue" }, "x-tenant", true],
    ["a text within lists and maps", [{ names: ["blue"] }], { site: "blue.example" }, true],
])("%s", (_, given, recorded, isHeld) => {
    expect(new Seal(["secret"], { secret: given }).holds(recorded)).toBe(isHeld);
});
