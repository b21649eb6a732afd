// Everything that can go wrong with a call to a hub, at every call that a resource makes there: nothing is lost, nothing is made twice, nothing that cannot be
// asked is taken for gone, no secret is told, and the next run converges.
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { nangoConnection } from "../../provider/hubs/nango/connection";
import { nangoIntegration } from "../../provider/hubs/nango/integration";
import { oxConnector } from "../../provider/hubs/ox/connector";
import { stackOneAccount } from "../../provider/hubs/stackone/account";
import { secretFrom } from "../../provider/core/secrets";
import type { Values } from "../../provider/define";
import type { RemoteDefinition } from "../../provider/hubs/contracts";
import { leastScopes, startHubs, type Hubs } from "../simulators/hubs";
import {
    connectorScopes,
    startVendors,
    type Fault,
    type FaultKind,
    type VendorListener,
    type Vendors,
} from "../simulators/vendors";
import { LeakScanner } from "../support/leaks";
import { diagonal } from "../support/thorough";
import { HubLife, type HubRan, type HubState } from "../support/hub-life";

/** What goes wrong, in a hub's own words where it has some. What a hub says holds a secret. */
interface Trouble {
    readonly name: string;
    /** Whether it stays from the call that it begins at; else it meets one request. */
    readonly isForGood?: boolean;
    readonly kind: (secret: string) => FaultKind;
    /** What is said of it, where anything is. */
    readonly says?: RegExp;
}

const answer =
    (status: number, body: (secret: string) => unknown, headers: Record<string, string> = {}) =>
    (secret: string): FaultKind => ({ kind: "status", status, body: body(secret), headers });
const page = (secret: string): string => `<!doctype html><title>Sign in</title><p>${secret}</p>`;
const html = { "content-type": "text/html" };
const isPage = /answered with a page of HTML \(HTTP \d+\)\. Check (whether a proxy|that it is the address)/;
const text = { "content-type": "text/plain" };
/** A refusal that each of the three hubs may have said. */
const refusal =
    (status: number, code: string) =>
    (secret: string): FaultKind => ({
        kind: "status",
        status,
        body: { statusCode: status, message: secret, error: { code, message: secret }, errors: undefined },
    });

const troubles: readonly Trouble[] = [
    { name: "500 with text, once", kind: answer(500, (secret) => `failed for ${secret}`, text) },
    { name: "500 with text", isForGood: true, kind: answer(500, (secret) => `failed for ${secret}`, text) },
    { name: "429, once", kind: answer(429, () => ({}), { "retry-after": "0" }) },
    { name: "429 for an hour", isForGood: true, kind: answer(429, () => ({}), { "retry-after": "3600" }) },
    { name: "401", isForGood: true, kind: refusal(401, "unknown_account") },
    { name: "403, once", kind: refusal(403, "forbidden") },
    { name: "403", isForGood: true, kind: refusal(403, "forbidden") },
    { name: "401 of somebody else, a page", kind: answer(401, page, html), says: isPage },
    { name: "403 of somebody else, a page", kind: answer(403, page, html), says: isPage },
    { name: "404 of somebody else, a page", kind: answer(404, page, html), says: isPage },
    {
        name: "404 of somebody else, JSON",
        kind: answer(404, () => ({ message: "no Route matched with those values" })),
    },
    { name: "a connection cut before anything is done, once", kind: () => ({ kind: "reset" }) },
    { name: "a connection cut before anything is done", isForGood: true, kind: () => ({ kind: "reset" }) },
    { name: "a connection cut after all is done, once", kind: () => ({ kind: "reset", afterBytes: 0 }) },
    { name: "a connection cut after all is done", isForGood: true, kind: () => ({ kind: "reset", afterBytes: 0 }) },
    { name: "a redirect", kind: () => ({ kind: "redirect", location: "https://elsewhere.example/login" }) },
    { name: "a page instead of JSON", kind: answer(200, page, html), says: isPage },
    { name: "truncated JSON", kind: () => ({ kind: "truncatedJson" }) },
    { name: "an empty body", kind: answer(200, () => "", { "content-type": "application/json" }) },
    { name: "an empty object", kind: answer(200, () => ({})) },
    { name: "data of another shape", kind: answer(200, () => ({ data: null, id: 7, connections: {}, success: "no" })) },
];

interface World {
    readonly vendors: Vendors;
    readonly hubs: Hubs;
}

/** A resource of a hub, and what a test has to know of it. */
interface Subject {
    readonly name: string;
    readonly definition: RemoteDefinition;
    readonly listener: (world: World) => VendorListener;
    /** Readies a world for it. */
    readonly ready?: (world: World) => unknown;
    /** What is there of it. */
    readonly rows: (world: World) => readonly unknown[];
    /** Makes a further one possible, where that takes somebody. */
    readonly before?: (world: World) => Promise<object>;
    /** What a person does in between, where that takes one. */
    readonly person?: (world: World) => Promise<unknown>;
    /** Changes what is to be there. */
    readonly change: (world: World) => void;
    readonly declared: (world: World, key: string) => Values;
    /** Whether the newest is there. */
    readonly isNewest: (world: World) => boolean;
    readonly key: (world: World) => string;
}

const client = ({ vendors }: World) => vendors.fixture.jamf.client;
const jamf = (world: World) => {
    const { url, clientId } = world.vendors.credentials.jamf;
    return { type: "jamf.ApiClient", arguments: { url, clientId, clientSecret: client(world).clientSecret } };
};
const typed = (world: World) => ({
    instance_url: world.vendors.credentials.jamf.url,
    api_client_id: world.vendors.credentials.jamf.clientId,
    api_client_secret: client(world).clientSecret,
});
const nangoKey = ({ hubs }: World): string =>
    hubs.nango.administration.addKey([
        ...leastScopes,
        "environment:connections:list",
        "environment:integrations:update",
    ]).value;
/** Tokens of Atlassian's that were made last. */
const newest = new WeakMap<World, string>();
/** Names of an integration that were chosen last; no secrets. */
const names = new WeakMap<World, string>();

const subjects: readonly Subject[] = [
    {
        name: "nango.Connection",
        definition: nangoConnection,
        listener: ({ hubs }) => hubs.nango.listener,
        ready: ({ hubs }) => hubs.nango.administration.addIntegration("jamf", "jamf"),
        rows: ({ hubs }) => hubs.nango.administration.connections(),
        change: (world) => void client(world).generateClientSecret(),
        declared: (world, environmentKey) => ({
            environmentKey,
            integration: "jamf",
            connectionId: "mdm",
            connection: jamf(world),
        }),
        isNewest: (world) =>
            world.hubs.nango.administration.connection("jamf", "mdm")?.credentials["client_secret"] ===
            client(world).clientSecret,
        key: ({ hubs }) => hubs.nango.administration.addKey().value,
    },
    {
        name: "nango.Integration",
        definition: nangoIntegration,
        listener: ({ hubs }) => hubs.nango.listener,
        rows: ({ hubs }) => [hubs.nango.rows.integration("own") ?? []].flat(),
        change: (world) => void names.set(world, `Jamf ${randomUUID()}`),
        declared: (world, environmentKey) => ({
            environmentKey,
            uniqueKey: "own",
            provider: "jamf",
            displayName: names.get(world) ?? "Jamf",
        }),
        isNewest: (world) => world.hubs.nango.rows.integration("own")?.displayName === (names.get(world) ?? "Jamf"),
        key: nangoKey,
    },
    {
        name: "ox.Connector",
        definition: oxConnector,
        listener: ({ hubs }) => hubs.ox.listener,
        rows: ({ hubs }) => hubs.ox.administration.credentials(),
        change: (world) => {
            const { organization, connectorAccount } = world.vendors.fixture.atlassian;
            newest.set(world, organization.createApiToken(connectorAccount, "OX", connectorScopes).token);
        },
        declared: (world, apiKey) => ({
            apiKey,
            connection: {
                type: "atlassian.JiraConnector",
                arguments: {
                    subdomain: "acme",
                    apiToken: newest.get(world) ?? world.vendors.credentials.jiraConnector.apiToken,
                },
            },
        }),
        isNewest: (world) =>
            world.hubs.ox.administration.credentials()[0]?.input.token ===
            (newest.get(world) ?? world.vendors.credentials.jiraConnector.apiToken),
        key: ({ hubs }) => hubs.ox.administration.addKey().value,
    },
    {
        name: "stackone.Account, adopted",
        definition: stackOneAccount,
        listener: ({ hubs }) => hubs.stackone.listener,
        before: async (world) => ({
            accountId: (await world.hubs.stackone.administration.link("jamf", "acme", typed(world))).id,
        }),
        rows: ({ hubs }) => hubs.stackone.administration.accounts,
        change: (world) => void client(world).generateClientSecret(),
        declared: (world, apiKey) => ({ apiKey, originOwnerId: "acme", connection: jamf(world) }),
        isNewest: (world) =>
            world.hubs.stackone.administration.accounts[0]?.values["api_client_secret"] ===
                client(world).clientSecret && world.hubs.stackone.administration.accounts[0]?.status === "active",
        key: ({ hubs }) => hubs.stackone.administration.addKey().value,
    },
    {
        name: "stackone.Account, by a link",
        definition: stackOneAccount,
        listener: ({ hubs }) => hubs.stackone.listener,
        person: (world) => {
            const { administration: stackone } = world.hubs.stackone;
            return stackone.complete(stackone.sessions.at(-1)!, typed(world));
        },
        rows: ({ hubs }) => hubs.stackone.administration.accounts,
        change: (world) => void client(world).generateClientSecret(),
        declared: (world, apiKey) => ({ apiKey, originOwnerId: "acme", connection: jamf(world) }),
        isNewest: (world) =>
            world.hubs.stackone.administration.accounts[0]?.values["api_client_secret"] ===
                client(world).clientSecret && world.hubs.stackone.administration.accounts[0]?.status === "active",
        key: ({ hubs }) => hubs.stackone.administration.addKey().value,
    },
];

/** Takes away whatever is at the hubs. */
function wipe({ hubs }: World): void {
    const { nango, ox, stackone } = hubs;
    nango.administration
        .connections()
        .forEach(({ integration, connectionId }) =>
            nango.administration.deleteConnection(integration.uniqueKey, connectionId),
        );
    if (nango.rows.integration("own") !== undefined) {
        nango.administration.deleteIntegration("own");
    }
    ox.administration.connector("jira").credentials.splice(0);
    [...stackone.administration.accounts].forEach(({ id }) => stackone.administration.deleteAccount(id));
}

// ---- what a hub echoes ----------------------------------------------------------------------------------------------------------

type Place = readonly (string | number)[];

/** Stands for a name that a hub's answer does not have. */
const furtherName = "\u0000";

/** The places of all values in an answer, and of a further name in each object. */
function placesIn(value: unknown, place: Place = []): Place[] {
    if (typeof value !== "object" || value === null) {
        return [place];
    }
    const inner = Object.entries(value).flatMap(([name, one]) =>
        placesIn(one, [...place, Array.isArray(value) ? Number(name) : name]),
    );
    return [...inner, ...(Array.isArray(value) && value.length > 0 ? [] : [[...place, furtherName]])];
}

/** An answer with a text at a place, where it has that place. */
function planted(value: unknown, [name, ...rest]: Place, text: string): unknown {
    if (name === undefined) {
        return text;
    }
    if (typeof value !== "object" || value === null || !(name === furtherName || Object.hasOwn(value, name))) {
        return value;
    }
    if (name === furtherName) {
        return Array.isArray(value) ? [text] : { ...value, [text]: text };
    }
    const after = planted((value as Values)[name], rest, text);
    return Array.isArray(value)
        ? value.map((one: unknown, at) => (at === name ? after : one))
        : { ...value, [name]: after };
}

/** How an echo is worded: as an identifier is, and as people write. */
const echoes: readonly ((secrets: readonly string[]) => string)[] = [
    (secrets) => secrets.at(0) ?? "",
    (secrets) => secrets.at(-1) ?? "",
    (secrets) =>
        `\u001b[31mno ${secrets.join(" here, nor ")}\u001b[0m\u0007, ${Buffer.from(secrets.join(" ")).toString("base64")}`,
];

/** Refusals in the forms of all hubs, which echo in every field. */
const echoingRefusals: readonly ((text: string) => FaultKind)[] = [
    ...[200, 400, 403, 404, 409, 424].flatMap((status) =>
        [status === 400 ? "invalid_body" : "invalid_credentials"].map((code) => (text: string): FaultKind => {
            const errors = [{ code: text, path: ["metadata", text], message: text, extensions: { code: text } }];
            const connection = { id: 7, provider: text, tags: { [text]: text }, errors: [{ type: text }] };
            const error = { code, message: text, errors, payload: { connection } };
            return { kind: "status", status, body: { statusCode: status, message: text, error, errors } };
        }),
    ),
    (text) => ({ kind: "redirect", location: `https://${text.replace(/[^A-Za-z0-9]+/g, "").slice(0, 60)}.example/` }),
];

const verbs = ["preview", "refresh", "create", "change", "destroy"] as const;
type Verb = (typeof verbs)[number];
const looks: readonly Verb[] = ["preview", "refresh"];

interface EchoKind {
    readonly where: string;
    readonly call: number;
    readonly kind: (text: string) => FaultKind;
    readonly echo: (secrets: readonly string[]) => string;
}

/**
 * How a hub echoes in a verb. A look meets each place of an answer by itself, and each refusal. A write takes ten times as long: it meets the places of one name at
 * once, and one in three of these and of the refusals, each write others. Forms take turns.
 */
function echoKinds(verb: Verb, asked: readonly unknown[]): readonly EchoKind[] {
    const isLook = looks.includes(verb);
    const turn = verbs.indexOf(verb);
    const isInTurn = (at: number): boolean => isLook || (at + turn) % 3 === 0;
    const formOf = (at: number): EchoKind["echo"] => echoes[(isLook ? at + turn : Math.floor(at / 3) + turn) % 3]!;
    const places = [
        ...new Map(asked.flatMap((one) => placesIn(one)).map((place) => [place.join("/"), place])).values(),
    ];
    const nameOf = (place: Place): string => (isLook ? place.join("/") : String(place.at(-1)));
    const patches = [...new Set(places.map(nameOf))].map((where, at) => ({
        where,
        call: 0,
        kind: (text: string): FaultKind => ({
            kind: "patch",
            patch: (body) =>
                places
                    .filter((place) => nameOf(place) === where)
                    .reduce<unknown>((now, place) => planted(now, place, text), body),
        }),
        at,
    }));
    const refusals = asked.flatMap((_, call) =>
        echoingRefusals.map((kind, refusal) => ({ where: `refusal ${refusal}`, call, kind, at: call + refusal })),
    );
    return [...patches, ...refusals]
        .filter(({ at }) => isInTurn(at))
        .map(({ at, ...kind }) => ({ ...kind, echo: formOf(at) }));
}

/** One resource in one world, from fault to fault. */
class Stage {
    private kept: HubState | undefined;
    private life: HubLife;
    private key: string;
    private adopted: object = {};

    constructor(
        private readonly subject: Subject,
        private readonly world: World,
    ) {
        this.life = this.named("it");
        this.key = subject.key(world);
        subject.ready?.(world);
    }

    /** How many calls to the hub a verb makes where nothing is wrong. */
    async count(verb: Verb): Promise<number> {
        await this.settle(verb);
        this.world.hubs.requests.clear();
        await this.run(verb);
        const { length } = this.world.hubs.requests;
        await this.converge();
        return length;
    }

    /**
     * Does a verb while one of its calls is in trouble, then the next run without.
     * @throws Error that says what is not right afterwards.
     */
    async suffer(verb: Verb, call: number, { name, kind, isForGood, says }: Trouble): Promise<void> {
        const { subject, world } = this;
        await this.settle(verb);
        const token = newest.get(world) ?? world.vendors.credentials.jiraConnector.apiToken;
        const secrets = [this.key, subject.definition === oxConnector ? token : client(world).clientSecret];
        const before = this.kept;
        const inject = (): void =>
            void subject.listener(world).fault({
                ...kind(secrets.join(" ")),
                after: call,
                ...(isForGood === true ? {} : { times: 1 }),
            });
        const right = (isRight: boolean, what: string, detail: unknown = ""): void => {
            if (!isRight) {
                throw new Error(`call ${call}, ${name}: ${what} ${JSON.stringify(detail)}`);
            }
        };
        inject();
        const told = await this.run(verb);
        world.hubs.clearFaults();
        const open = JSON.stringify([told, this.kept]);
        right(!secrets.some((one) => open.includes(one)), "tells a secret", open);
        right(told.texts === "" || says?.test(told.texts) !== false, "is called something else", told);
        const rows = subject.rows(world).length;
        if (looks.includes(verb)) {
            right(told.outcome === "clean", "is not clean", told);
            right(isDeepStrictEqual(told.found, before?.outputs["found"]), "shows what is not so", told);
            inject();
            const strictly = await this.run(verb, true);
            world.hubs.clearFaults();
            const isRefused = /A strict run [^]* could not be verified\./.test(strictly.texts);
            right(
                told.isNotAsked === true ? isRefused && strictly.outcome !== "clean" : strictly.outcome === "clean",
                "is not told strictly",
                [told, strictly],
            );
        } else if (verb === "destroy") {
            right(told.outcome !== "clean" || rows === 0, "forgets what is still there", told);
            right(told.outcome === "clean" || /retainOnDelete/.test(told.texts), "does not say what to do", told);
        } else {
            const isDone = told.outcome === "create" || told.outcome === "update";
            right(isDone || told.outcome === "half-made" || this.kept === before, "records what did not happen", told);
            right(isDone || told.texts !== "", "says nothing", told);
            const isThere = subject.person !== undefined && verb === "create" ? rows === 0 : subject.isNewest(world);
            right(!isDone || isThere, "records what is not there", told);
        }
        if (verb === "destroy" && told.outcome !== "clean") {
            const again = await this.run("destroy");
            const { length } = subject.rows(world);
            right(again.outcome === "clean" && length === 0, "is followed by a destroy that does not end", again);
        }
        await this.converge(right);
    }

    /** All that a verb leaves behind and says, while its hub echoes from one of its calls on; and what it asked in a quiet run before. */
    async echoed(
        verb: Verb,
        faultOf?: (secrets: readonly string[]) => Fault,
    ): Promise<{ texts: string; secrets: readonly string[]; asked: readonly unknown[] }> {
        const { subject, world } = this;
        // A look changes nothing, so that the next one begins where this one has.
        if (this.kept === undefined || !looks.includes(verb)) {
            wipe(world);
            this.kept = undefined;
            await this.settle(verb);
        }
        world.hubs.requests.clear();
        const secrets = Object.values(this.secrets);
        if (faultOf !== undefined) {
            subject.listener(world).fault(faultOf(secrets));
        }
        const told = await this.run(verb);
        world.hubs.clearFaults();
        const asked = [...world.hubs.requests].map(
            ({ answer: one }) => JSON.parse(String(one?.body ?? "null")) as unknown,
        );
        return { texts: JSON.stringify([told, this.kept]), secrets, asked };
    }

    /** What is secret in this world, by the names of environment variables from which it is read. */
    get secrets(): Readonly<Record<string, string>> {
        const { subject, world, key } = this;
        const token = newest.get(world) ?? world.vendors.credentials.jiraConnector.apiToken;
        const credential = subject.definition === oxConnector ? token : client(world).clientSecret;
        const number = worlds.indexOf(world);
        const keyAlone = { [`TEST_HUB_KEY_${number}`]: key };
        // An integration is given no credential, and knows none.
        return subject.definition === nangoIntegration
            ? keyAlone
            : { ...keyAlone, [`TEST_HUB_CREDENTIAL_${number}`]: credential };
    }

    /** Another key of the hub: nothing else changes, and what is this resource's stays so. */
    async changeKey(): Promise<void> {
        await this.settle("preview");
        this.key = this.subject.key(this.world);
        this.world.hubs.requests.clear();
        await this.converge();
        expect(
            [...this.world.hubs.requests].filter(
                ({ method, body }) => method !== "GET" && !/"query":"query/.test(body),
            ),
        ).toEqual([]);
        await this.clear();
    }

    /** Another URN, as an alias brings it: one update in place, and a clean preview after it. */
    async move(): Promise<void> {
        await this.settle("preview");
        const [before] = this.subject.rows(this.world);
        // Longer than Nango's tags may be.
        this.life = this.named(`${"acme:Outer$".repeat(20)}it`);
        const seen = await this.life.preview(this.kept, this.declared());
        expect([seen.outcome, seen.warnings, seen.shown["found"]]).toEqual([
            this.subject.definition.isUnmarked === true ? "clean" : "update",
            [],
            expect.not.objectContaining({ owner: expect.anything() as unknown }),
        ]);
        await this.converge();
        if (this.subject.definition !== oxConnector) {
            expect(this.subject.rows(this.world)[0]).toBe(before);
        }
        await this.clear();
        this.life = this.named("it");
    }

    private named(name: string): HubLife {
        const { definition } = this.subject;
        const { vendors, hubs } = this.world;
        const endpoints = (): Record<string, string> => ({ ...vendors.endpoints, ...hubs.endpoints });
        return new HubLife(definition, endpoints, `urn:pulumi:dev::shop::${definition.type}::${name}`);
    }

    /** What a run comes to, and all that it says. */
    private async run(
        verb: Verb,
        isStrict = false,
    ): Promise<{ outcome: string; texts: string; found?: unknown; isNotAsked?: boolean; shown?: Values }> {
        const { life, kept } = this;
        const toldOf = ({ outcome, why, warnings, notAsked, shown }: HubRan) => ({
            outcome,
            texts: [why, ...warnings, notAsked ?? ""].filter((one) => one !== "").join("\n"),
            found: shown["found"],
            isNotAsked: notAsked !== undefined,
            shown,
        });
        const warnings: string[] = [];
        try {
            switch (verb) {
                case "preview":
                    return toldOf(await life.preview(kept, this.declared(), { strict: isStrict }));
                case "refresh": {
                    const refreshed = await life.refresh(kept as HubState, { strict: isStrict }, warnings);
                    const { outputs } = refreshed;
                    const texts = warnings.filter((one) => !one.startsWith("connections:endpoints")).join("\n");
                    const isNotAsked = /stays as it was\.( \[[a-z-]+\])?$/.test(texts);
                    return { outcome: "clean", texts, found: outputs["found"], isNotAsked, shown: { ...refreshed } };
                }
                case "destroy":
                    await life.destroy(kept as HubState);
                    this.kept = undefined;
                    return { outcome: "clean", texts: "" };
                default: {
                    const ran = await life.up(kept, this.declared());
                    this.kept = ran.kept;
                    return toldOf(ran);
                }
            }
        } catch (error) {
            return { outcome: "failed", texts: [(error as Error).message, ...warnings].join("\n") };
        }
    }

    /** What a verb begins with. */
    private async settle(verb: Verb): Promise<void> {
        if (verb === "create") {
            await this.clear();
        } else if (this.kept === undefined) {
            await this.converge();
        }
        if (verb === "create" && this.subject.before !== undefined) {
            this.adopted = await this.subject.before(this.world);
        }
        if (verb === "change") {
            this.subject.change(this.world);
        }
    }

    /** The next run, and what is there after it. */
    private async converge(
        right = (isRight: boolean, what: string, detail?: unknown): void =>
            expect({ what, detail, isRight }).toEqual({ what, detail, isRight: true }),
    ): Promise<void> {
        const { subject, world, life } = this;
        const up = async (): Promise<void> => {
            const { outcome, why, kept } = await life.up(this.kept, this.declared());
            right(/^(create|update|clean)$/.test(outcome), "is followed by a run that fails", [outcome, why]);
            this.kept = kept;
        };
        if (this.kept === undefined && subject.rows(world).length === 0 && subject.before !== undefined) {
            this.adopted = await subject.before(world);
        }
        await up();
        if (subject.person !== undefined && subject.rows(world).length === 0) {
            await subject.person(world);
            await up();
        }
        const rows = subject.rows(world).length;
        right(rows === 1 && subject.isNewest(world), "is followed by a run that does not put it right", rows);
        const { outcome, shown } = await life.preview(this.kept, this.declared());
        right(outcome === "clean", "is followed by a preview that is not clean", shown["found"]);
    }

    /** Nothing is on record, and nothing there. */
    private async clear(): Promise<void> {
        if (this.kept !== undefined) {
            await this.life.destroy(this.kept);
            this.kept = undefined;
        }
        expect(this.subject.rows(this.world)).toEqual([]);
    }

    /** What the program declares: secrets by reference, so that none may stand in whatever is kept. */
    private declared(): Values {
        const { secrets } = this;
        Object.assign(process.env, secrets);
        const referring = (value: unknown): unknown => {
            if (typeof value === "object" && value !== null) {
                return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, referring(one)]));
            }
            const name = Object.keys(secrets).find((one) => secrets[one] === value);
            return name === undefined ? value : secretFrom.env(name);
        };
        return referring({ ...this.subject.declared(this.world, this.key), ...this.adopted }) as Values;
    }
}

const worldsAtOnce = 8;
let worlds: readonly World[] = [];

beforeAll(async () => {
    worlds = await Promise.all(
        Array.from({ length: worldsAtOnce }, async () => {
            const vendors = await startVendors();
            const hubs = await startHubs({ vendors });
            // So many calls would use up Nango's minute again and again.
            hubs.nango.limiter.limit = 1_000_000;
            return { vendors, hubs };
        }),
    );
});

afterAll(async () => {
    await Promise.all(worlds.flatMap(({ vendors, hubs }) => [hubs.close(), vendors.close()]));
});

describe.each(subjects)("$name", (subject) => {
    let stages: readonly Stage[];

    beforeAll(() => {
        stages = worlds.map((world) => new Stage(subject, world));
    });

    test("another key of the hub changes nothing else, and what was made is deleted with it", async () => {
        await (stages[0] as Stage).changeKey();
    });

    test("a move into a component by an alias is one update in place at most, and what is there stays this resource's", async () => {
        await (stages[0] as Stage).move();
    });

    test.each(verbs)("a %s in which any call goes wrong in any way", async (verb) => {
        const calls = await (stages[0] as Stage).count(verb);
        // Each trouble meets each verb and each subject, and each call one in six of them; the first subject's calls meet half.
        const turn = subjects.indexOf(subject) + verbs.indexOf(verb);
        const waiting = Array.from({ length: calls }, (_, call) =>
            diagonal(troubles, turn + call, subject === subjects[0] ? 2 : 6).map((trouble) => ({ call, trouble })),
        ).flat();
        const wrong: string[] = [];
        await Promise.all(
            stages.map(async (stage) => {
                for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
                    try {
                        await stage.suffer(verb, next.call, next.trouble);
                    } catch (error) {
                        wrong.push((error as Error).message);
                    }
                }
            }),
        );
        expect(wrong.map((one) => one.slice(0, 1000)).join("\n")).toBe("");
        expect(calls).toBeGreaterThan(0);
    });

    test.each(verbs)("nothing comes out of a %s that the hub echoes, in whatever field", async (verb) => {
        const [first] = stages as [Stage];
        const { asked } = await first.echoed(verb);
        const kinds = echoKinds(verb, asked);
        const waiting = [...diagonal(kinds, subjects.indexOf(subject), 6)];
        const wrong: string[] = [];
        await Promise.all(
            stages.map(async (stage) => {
                for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
                    const { call, where, kind, echo } = next;
                    const { texts, secrets } = await stage.echoed(verb, (known) => ({
                        ...kind(echo(known)),
                        after: call,
                    }));
                    const leaks = new LeakScanner(secrets).inText("it", texts).map(({ encoding }) => encoding);
                    const signs = /\\u00(1b|07)/.test(texts) ? ["a control character"] : [];
                    if (leaks.length + signs.length > 0) {
                        const at = `${where} of call ${call}, form ${echoes.indexOf(echo)}`;
                        wrong.push(`${at}: ${[...new Set([...leaks, ...signs])].join(", ")}`);
                    }
                }
            }),
        );
        expect(wrong.join("\n")).toBe("");
        expect(kinds.length).toBeGreaterThan(5);
    });
});
