// The settings of a run: where its calls go, and who has to agree to that.
import { endpointsWarning, readSettings, type Settings } from "../../provider/core/settings";

const malformed =
    /the environment variable CONNECTIONS_ENDPOINTS is not a JSON object from one origin to another, such as \{.*\}\. Correct it, or remove it\./;

describe("Endpoints in a stack's configuration and in the environment", () => {
    const of = (endpoints: object, env: Record<string, string> = {}) => {
        const names = ["CONNECTIONS_ENDPOINTS", "CONNECTIONS_ALLOW_ENDPOINTS", "CONNECTIONS_VERIFY"];
        const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
        names.forEach((name) => delete process.env[name]);
        Object.assign(process.env, env);
        try {
            return readSettings((key) => (key === "endpoints" ? JSON.stringify(endpoints) : undefined)).endpoints;
        } finally {
            names.forEach((name) =>
                before[name] === undefined ? delete process.env[name] : (process.env[name] = before[name]),
            );
        }
    };
    const from = "https://api.atlassian.com";
    const beyond = /leads https:\/\/api\.atlassian\.com to \S+, which is not on this machine/;

    test.each([
        "{",
        "[]",
        '{"https://acme.jamfcloud.com": "somewhere"}',
        '{"acme": "http://127.0.0.1:1"}',
        "http://127.0.0.1:1",
    ])("%s in the environment is malformed", (value) => {
        expect(() => of({}, { CONNECTIONS_ENDPOINTS: value })).toThrow(malformed);
    });

    test.each([
        "http://127.0.0.1:4010",
        "http://localhost:4010",
        "http://[::1]:4010",
        "https://127.8.9.1",
        from,
        `${from}/`,
        "HTTPS://API.atlassian.com:443",
    ])("%s counts from the configuration alone", (to) => void expect(of({ [from]: to })).toEqual({ [from]: to }));

    test.each([
        "https://gateway.example.com",
        "https://10.0.0.8",
        "https://localhost.example.com",
        "https://127.0.0.1.nip.io",
        "http://[::ffff:8.8.8.8]",
        "https://0.0.0.0",
        `${from}:8443`,
        `${from}.evil.example`,
    ])("%s does not, but where the environment agrees", (to) => {
        expect(() => of({ [from]: to })).toThrow(beyond);
        expect(() => of({ [from]: to }, { CONNECTIONS_ALLOW_ENDPOINTS: "0" })).toThrow(beyond);
        expect(() => of({ [from]: "http://127.0.0.1:1", "https://auth.atlassian.com": to })).toThrow(
            /leads https:\/\/auth\.atlassian\.com to/,
        );
        expect(of({ [from]: to }, { CONNECTIONS_ALLOW_ENDPOINTS: "1" })).toEqual({ [from]: to });
        expect(
            of({ [from]: to }, { CONNECTIONS_ENDPOINTS: JSON.stringify({ [from]: "https://other.example.com" }) }),
        ).toEqual({ [from]: "https://other.example.com" });
    });
});

test("The warning of endpoints names one of all that lead to this machine, each that leads beyond it, and none that leads to itself", () => {
    const said = (endpoints: Settings["endpoints"], endpointsFrom?: string): string | undefined =>
        endpointsWarning({ verify: undefined, endpoints, ...(endpointsFrom && { endpointsFrom }) });
    const itself = { "https://a.example": "https://a.example", "https://b.example": "https://b.example/" };
    const here = { "https://c.example": "http://127.0.0.1:1", "https://d.example": "http://127.0.0.1:2" };
    const beyond = { "https://e.example": "https://gateway.example.com" };
    expect(said({})).toBeUndefined();
    expect(said(itself)).toBeUndefined();
    const credentials = "is set: credentials go to other hosts than the vendors',";
    expect(said({ ...itself, ...here })).toBe(
        `connections:endpoints ${credentials} https://c.example at http://127.0.0.1:1 and 1 more on this machine.`,
    );
    expect(said({ ...here, ...beyond }, "CONNECTIONS_ENDPOINTS")).toBe(
        `CONNECTIONS_ENDPOINTS ${credentials} https://e.example at https://gateway.example.com, https://c.example at http://127.0.0.1:1 and 1 more on this machine.`,
    );
});
