import { consoleUrl } from "../../provider/core/console";

const at = (url: (values: Record<string, unknown>) => unknown, values = {}): string | undefined =>
    consoleUrl({ console: { secret: "Settings", url } }, values);

test("The link to a vendor's console is https, and follows from no secret value", () => {
    expect(at(({ url }) => url, { url: "https://acme.jamfcloud.com" })).toBe("https://acme.jamfcloud.com/");
    expect(at(({ region }) => (region === "eu" ? "https://console.eu.example" : "https://console.example"), {})).toBe(
        "https://console.example/",
    );
    // Another region than the one that the program keeps secret would be a guess.
    const secret = { region: "[secret]", hosts: ["[secret]"] };
    expect(at(({ region }) => (region === "eu" ? "https://eu.example" : "https://us.example"), secret)).toBeUndefined();
    expect(at(({ hosts }) => `https://${String(hosts)}.example`, secret)).toBeUndefined();
    for (const url of ["http://acme.example", "javascript:alert(1)", "https://user:password@acme.example", "acme", 1]) {
        expect(at(() => url)).toBeUndefined();
    }
    expect(consoleUrl({}, {})).toBeUndefined();
});
