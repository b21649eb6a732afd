// Credentials of a connector of OX Security. OX has no edit: new ones are added, OX uses them, and only then the old ones are removed.
import { isDeepStrictEqual } from "node:util";
import { flag, integer, object, optional, secret, text, withDefault, type Problem } from "../../define";
import { fingerprint, fingerprintSource, matches } from "../../core/fingerprint";
import { Fault, fault, sentenceOf } from "../../core/problems";
import { without } from "../../core/values";
import type { RemoteClient } from "../client";
import type { Found, RemoteDefinition, RemoteRequest, RemoteWrite, Written } from "../contracts";
import { readMark, withMark } from "../text-mark";
import {
    addCredentials,
    listConnectors,
    OxRefusal,
    oxServer,
    placeOfKey,
    removeCredentials,
    verifyCredentials,
    type OxAddition,
    type OxConnector,
    type OxCredentials,
    type OxVerdict,
} from "./api";
import {
    additionOf,
    connectorNamed,
    credentialsTypeOf,
    expectedFacts,
    formOf,
    hostOf,
    refusalOf,
    shownFacts,
    type FormArgs,
    type OxForm,
} from "./form";

/** The present state in OX, as one call returns it. */
interface Survey {
    readonly connector: OxConnector;
    /** Those on record. */
    readonly recorded: OxCredentials | undefined;
    /** Others of this resource: a run was killed, or could not remove them. */
    readonly ours: readonly OxCredentials[];
    /** Those for the same host that this resource did not make. */
    readonly foreign: readonly OxCredentials[];
}

/** The record of credentials. */
interface CredentialsMemo {
    readonly connectorId?: string;
    readonly credentialsId?: string;
    /** A keyed fingerprint of the credential that they were added with. */
    readonly proof?: string;
    /** Credentials that were to be removed and could not be. */
    readonly leftovers?: readonly string[];
}

const argsOf = ({ args }: RemoteRequest): FormArgs & { readonly adopt: boolean } => args as never;
const memoOf = ({ recorded }: RemoteRequest): CredentialsMemo => recorded?.memo ?? {};
const markOf = ({ credentialsName }: OxCredentials, { owner, recorded }: RemoteRequest): ReturnType<typeof readMark> =>
    readMark(credentialsName, owner, recorded?.mark.owner);

/** Credentials of a connector of OX Security, from a connection to Jira. */
export const oxConnector = {
    type: "ox:Connector",
    title: "OX",
    args: {
        /** An API key of OX's of the type "API Integration"; it expires. A {@link secretFrom} reference is recommended. */
        apiKey: secret({ where: placeOfKey }),
        /**
         * The connector's name in OX. Only Jira's has been looked at.
         * @default jira
         */
        connector: withDefault(text(), "jira"),
        /**
         * The name that OX shows; a mark of this resource follows it.
         * @default Pulumi
         */
        credentialsName: withDefault(text({ length: [1, 100] }), "Pulumi"),
        /**
         * OX's own name of the way of giving credentials, such as `TokenOnly`.
         * @default read off the titles of OX's form
         */
        credentialsType: optional(text()),
        /**
         * OX's broker, where OX reaches Jira through one.
         * @default none
         */
        broker: optional(
            object({
                /** The broker's host. */
                host: text(),
                /** The broker's port. */
                port: optional(integer({ least: 1, most: 65535 })),
                /** The user at the broker. */
                username: optional(text()),
            }),
        ),
        /** The password at the broker. */
        brokerPassword: optional(secret()),
        /**
         * Bypass SSL Verification in the connector's form: OX then accepts any certificate of Jira's.
         * @default false
         */
        bypassSslVerification: withDefault(flag(), false),
        /**
         * Takes over credentials for the same host that another person has made in OX: they are removed once this
         * connection's credentials work.
         * @default false
         */
        adopt: withDefault(flag(), false),
    },
    outputs: {
        /** True where OX accepted the credentials at the last check. */
        verified: flag(),
        /**
         * OX's message about the credentials at the last check; empty where it gave none. After a refresh, which does
         * not know their secret and warns with OX's text, it is `another value`.
         */
        validationMessage: text(),
        /** OX's number of the connector. */
        connectorId: text(),
        /** OX's identifier of the credentials; each rotation makes another one. */
        credentialsId: text(),
    },
    replaces: ["connector"],
    writesOn: ["brokerPassword", "credentialsType"],
    callsAtOnce: 4,
    rules: ({ broker, brokerPassword }) =>
        brokerPassword !== undefined && broker === undefined
            ? [
                  {
                      argument: "brokerPassword",
                      message: "is the password of a broker, and broker is not set. Set broker as well.",
                  },
              ]
            : [],
    refuses: refusalOf,
    server: () => oxServer,
    // The whole header is the key: no scheme goes before it.
    authorization: (secretOf) => ({ authorization: secretOf("apiKey") }),
    id: (_, { memo }) => `ox/${(memo as CredentialsMemo | undefined)?.credentialsId ?? "connector"}`,
    credential: (connection) => {
        const { input } = formOf({ ...connection, outputs: { hostUrl: "", jiraUrl: "" } }) ?? {};
        const { token, password, clientSecret } = input ?? {};
        const value = token ?? password ?? clientSecret;
        return value === undefined ? undefined : { secret: value };
    },
    wanted: (request) => {
        const form = request.connection && formOf(request.connection);
        return form && { ...expectedFacts(form, argsOf(request)), ...asItShouldBe };
    },
    look,
    isOurs: ({ memo }, request) =>
        memo?.["credentialsId"] !== undefined && memo["credentialsId"] === memoOf(request).credentialsId,
    foreign: (): Problem => ({
        kind: "invalidArgument",
        code: "ox-not-ours",
        argument: "adopt",
        message:
            "OX's connector already has credentials for this Jira host that this resource did not make. Set adopt: true, which puts this connection's in their place, or remove them in OX.",
    }),
    write,
    remove: async (hub, request, { rest }) => {
        const { recorded, ours, connector } = rest as Survey;
        const nonce = request.recorded?.mark.nonce;
        const own = ours.filter((row) => markOf(row, request).mark.nonce === nonce);
        for (const { credentialsId } of [...own, recorded ?? []].flat()) {
            await removeCredentials(hub, connector.id, credentialsId);
        }
    },
} as const satisfies RemoteDefinition;

/** The wanted facts of credentials besides the sent ones. */
const asItShouldBe = {
    /** True where OX accepts them, as far as it was checked. */
    verified: true,
    /** True where they have this resource's mark. */
    isMarked: true,
    /** Credentials of this resource beside these, which are to go. */
    superseded: [] as readonly string[],
};

async function survey(hub: RemoteClient, request: RemoteRequest, hostUrl: string | undefined): Promise<Survey> {
    const connector = connectorNamed(await listConnectors(hub), argsOf(request).connector);
    const { connectorId, credentialsId, leftovers = [] } = memoOf(request);
    const rows = connector.credentials;
    const recorded = rows.find((row) => row.credentialsId === credentialsId && connector.id === connectorId);
    const others = rows.filter((row) => row !== recorded);
    const isOurs = (row: OxCredentials): boolean => {
        const { owner } = markOf(row, request).mark;
        const isMarked = owner !== undefined && (owner === request.owner || owner === request.recorded?.mark.owner);
        return leftovers.includes(row.credentialsId) || isMarked;
    };
    return {
        connector,
        recorded,
        ours: others.filter(isOurs),
        foreign: others.filter((row) => !isOurs(row) && hostUrl !== undefined && hostOf(row) === hostUrl),
    };
}

async function look(hub: RemoteClient, request: RemoteRequest): Promise<Found | undefined> {
    const { connection, recorded: record } = request;
    const form = connection && formOf(connection);
    const before = record?.found ?? {};
    const hostUrl = form?.hostUrl ?? (before["hostUrl"] as string | undefined);
    const rest = await survey(hub, request, hostUrl);
    const { connector, recorded, ours, foreign } = rest;
    if (form !== undefined) {
        // A connection that OX does not accept is refused before anything is sent.
        credentialsTypeOf(connector, form.method, argsOf(request).credentialsType);
    }
    // Without a record it is not known which of several is meant: the others go.
    const row = record === undefined ? (ours.at(-1) ?? foreign.at(-1)) : recorded;
    if (row === undefined) {
        return undefined;
    }
    const { credentialsId } = row;
    const memo = { connectorId: connector.id, credentialsId };
    const { name, mark } = markOf(row, request);
    const lookedUp = request.isRefresh === true ? await lookUp(hub, memo) : undefined;
    const verdict = lookedUp instanceof Fault ? undefined : lookedUp;
    if (verdict?.isValid === false) {
        hub.warn(`${refusalSentence(hub, verdict)} The next pulumi up adds them again.`);
    }
    const sent = without(before, [...Object.keys(asItShouldBe), "state", "owner"]);
    const expected = form === undefined ? sent : expectedFacts(form, argsOf(request));
    // A write has just checked this with OX; a different result in a refresh stays until the next write.
    const isWritten = memoOf(request).credentialsId !== record?.outputs["credentialsId"];
    const verified = verdict?.isValid ?? (isWritten || before["verified"] !== false);
    return {
        facts: {
            ...shownFacts(row, name, expected),
            verified,
            isMarked: mark.owner !== undefined && [request.owner, record?.mark.owner].includes(mark.owner),
            superseded: ours.map((one) => one.credentialsId).filter((one) => one !== credentialsId),
        },
        outputs: {
            ...memo,
            ...(record === undefined ? {} : { verified }),
            ...(verdict === undefined ? {} : { validationMessage: verdict.message ?? "" }),
        },
        mark,
        memo,
        ...(lookedUp instanceof Fault ? { problem: notUsed(lookedUp) } : {}),
        rest,
    };
}

/** Has OX use the recorded credentials; a failed call proves nothing against them. */
async function lookUp(
    hub: RemoteClient,
    { connectorId, credentialsId }: Required<Pick<CredentialsMemo, "connectorId" | "credentialsId">>,
): Promise<OxVerdict | Fault> {
    try {
        return await verifyCredentials(hub, connectorId, credentialsId);
    } catch (error) {
        if (!(error instanceof Fault)) {
            throw error;
        }
        return error;
    }
}

const notUsed = ({ problem }: Fault): Problem => ({
    ...problem,
    message: `${problem.message} Whether OX still accepts the credentials is not known, and stays as it was.`,
});

async function write(hub: RemoteClient, request: RemoteWrite): Promise<Written> {
    const { connection, recorded: record, secret: secretOf } = request;
    const form = connection && formOf(connection);
    if (form === undefined) {
        throw fault("badAnswer", "ox-target-unknown", "connection", "it is not known which Jira it opens. Run again.");
    }
    const found = (request.found?.rest as Survey | undefined) ?? (await survey(hub, request, form.hostUrl));
    const { connector, recorded, ours, foreign } = found;
    const brokerPassword = secretOf("brokerPassword");
    const source = fingerprintSource(form.input, brokerPassword);
    const { proof } = memoOf(request);
    const isKept =
        recorded !== undefined &&
        proof !== undefined &&
        matches(source, proof) &&
        record?.found["verified"] !== false &&
        recorded.credentialsType === credentialsTypeOf(connector, form.method, argsOf(request).credentialsType) &&
        isDeepStrictEqual(markOf(recorded, request).mark, { ...request.mark }) &&
        isDeepStrictEqual(
            shownFacts(recorded, markOf(recorded, request).name, expectedFacts(form, argsOf(request))),
            expectedFacts(form, argsOf(request)),
        );
    const known = isKept ? await verifyCredentials(hub, connector.id, recorded.credentialsId) : undefined;
    const [current, verdict] =
        isKept && known?.isValid === true
            ? [recorded, known]
            : await addProved(hub, request, found, form, brokerPassword);
    // Credentials of others are removed only where they were taken over, not because they are new beside ours.
    const adopted = record === undefined && ours.length === 0 ? foreign : [];
    const replaced = [recorded ?? [], ours, adopted].flat().filter((row) => row !== current);
    const left = await removeAll(hub, connector, replaced);
    return {
        outputs: {
            verified: true,
            validationMessage: verdict.message ?? "",
            connectorId: connector.id,
            credentialsId: current.credentialsId,
        },
        memo: {
            connectorId: connector.id,
            credentialsId: current.credentialsId,
            proof: fingerprint(source, proof),
            leftovers: left.map(({ id }) => id),
        },
        problem: leftoverProblem(left),
    };
}

/** Adds credentials and has OX use them. Credentials that OX does not accept are removed again. */
async function addProved(
    hub: RemoteClient,
    request: RemoteWrite,
    found: Survey,
    form: OxForm,
    brokerPassword: string | undefined,
): Promise<readonly [OxCredentials, OxVerdict]> {
    const { connector } = found;
    const args = argsOf(request);
    const addition = additionOf(connector, form, args, {
        credentialsType: credentialsTypeOf(connector, form.method, args.credentialsType),
        credentialsName: withMark(args.credentialsName, request.mark),
        brokerPassword,
    });
    const added = await add(hub, connector, addition);
    try {
        const verdict = await verifyCredentials(hub, connector.id, added.credentialsId);
        if (!verdict.isValid) {
            throw notAccepted(hub, verdict);
        }
        return [added, verdict];
    } catch (error) {
        // Unproved credentials must not stay beside working ones. Where they cannot be removed now, the next run finds
        // them by their mark.
        await removeCredentials(hub, connector.id, added.credentialsId).catch(() => undefined);
        throw error;
    }
}

async function add(hub: RemoteClient, connector: OxConnector, addition: OxAddition): Promise<OxCredentials> {
    const before = new Set(connector.credentials.map(({ credentialsId }) => credentialsId));
    const isNew = ({ credentialsId, credentialsName }: OxCredentials): boolean =>
        !before.has(credentialsId) && credentialsName === addition.credentialsName;
    const rowsNow = async (): Promise<readonly OxCredentials[]> =>
        (await listConnectors(hub)).find(({ id }) => id === connector.id)?.credentials ?? [];
    const rows = await addOnce(hub, addition).catch(async (error: unknown) => {
        if (error instanceof OxRefusal || !(error instanceof Fault) || error.problem.kind === "credentialRefused") {
            throw error;
        }
        // That the answer was lost says nothing of the credentials.
        const found = await rowsNow().catch(() => []);
        if (!found.some(isNew)) {
            throw error;
        }
        return found;
    });
    const added = rows.find(isNew) ?? (await rowsNow()).find(isNew);
    if (added === undefined) {
        const message =
            "OX says that it has added the credentials and does not show them. Look at the connector in OX, then run pulumi up again.";
        throw fault("badAnswer", "ox-not-shown", undefined, message);
    }
    return added;
}

/** Not confirmed: OX accepts a Cloud ID beside the host. Where its API has no such field, only the host is sent. */
async function addOnce(hub: RemoteClient, addition: OxAddition): Promise<readonly OxCredentials[]> {
    try {
        return await addCredentials(hub, addition);
    } catch (error) {
        const { cloudId, ...input } = addition.credentialsInput;
        if (cloudId === undefined || !(error instanceof OxRefusal) || !error.message.includes("cloudId")) {
            throw error;
        }
        return addCredentials(hub, { ...addition, credentialsInput: input });
    }
}

function refusalSentence(hub: RemoteClient, { message }: OxVerdict): string {
    const why = message === undefined ? "and does not say why" : `(${hub.quote(message).replace(/\.$/, "")})`;
    return `OX does not accept the credentials ${why}.`;
}

function notAccepted(hub: RemoteClient, verdict: OxVerdict): Fault {
    const step =
        "The connection itself is good: check that OX reaches Jira, and set broker or bypassSslVerification where your network needs them.";
    return fault("accessMissing", "ox-not-accepted", "connection", `${refusalSentence(hub, verdict)} ${step}`);
}

interface Left {
    readonly id: string;
    readonly why: string;
}

async function removeAll(
    hub: RemoteClient,
    connector: OxConnector,
    rows: readonly OxCredentials[],
): Promise<readonly Left[]> {
    const left: Left[] = [];
    for (const { credentialsId: id } of rows) {
        try {
            await removeCredentials(hub, connector.id, id);
        } catch (error) {
            if (!(error instanceof Fault)) {
                throw error;
            }
            left.push({ id, why: sentenceOf(error.problem) });
        }
    }
    return left;
}

function leftoverProblem(left: readonly Left[]): Problem | undefined {
    const [first] = left;
    const ids = left.map(({ id }) => id).join(", ");
    return first === undefined
        ? undefined
        : {
              kind: "badAnswer",
              code: "ox-not-removed",
              message: `OX has the new credentials and uses them, and the former ones (${ids}) could not be removed: ${first.why} They are on record, and the next pulumi up removes them.`,
          };
}
