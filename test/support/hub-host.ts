// A host of a few lines for one resource at a hub, in a process of its own that a test can kill at any moment: `node hub-host.js up|destroy`, told by its
// environment what the program declares and where the state is. It records after each verb, as an engine does.
import fs from "node:fs";
import { describe } from "../../provider/core/problems";
import { Session } from "../../provider/core/session";
import type { HandlerContext } from "../../provider/core/handler";
import type { Values } from "../../provider/define";
import { connectionTypes, handlerOf } from "../../provider/hosts/handlers";
import { hubs } from "../../provider/hubs";
import { observe } from "../../provider/hubs/observe";
import { RemoteType } from "../../provider/hubs/type";

/** What a run of the host is told. */
export interface HubRun {
    readonly verb: "up" | "destroy";
    /** Whether an `up` is only previewed. */
    readonly preview?: boolean;
    readonly kind: keyof typeof hubs;
    /** The file that the state is kept in. */
    readonly file: string;
    readonly owner: string;
    readonly declared: Values;
    readonly endpoints: Readonly<Record<string, string>>;
}

/** What is kept of a resource. */
export interface HubState {
    readonly id: string;
    readonly inputs: Values;
    readonly outputs: Values;
}

export const runVariable = "TEST_HUB_RUN";

/**
 * Does one run: the program's side and the provider's in sessions of their own, as in an engine's processes.
 * @throws ConnectionError where a verb fails, and Error where the arguments are refused.
 */
export async function runHub(
    { verb, kind, file, owner, declared, endpoints, preview = false }: HubRun,
    warn: (message: string) => void,
): Promise<void> {
    const handler = handlerOf(kind);
    if (handler === undefined) {
        throw new Error(`There is no ${kind}`);
    }
    const session = (): Session => new Session({ endpoints, verify: undefined });
    const context: HandlerContext = { session: session(), log: { warn } };
    const kept = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as HubState) : undefined;
    const keep = (state: HubState): void => {
        fs.writeFileSync(`${file}.new`, JSON.stringify(state));
        fs.renameSync(`${file}.new`, file);
    };
    if (verb === "destroy") {
        if (kept !== undefined) {
            await handler.delete({ id: kept.id, recorded: kept.outputs }, context);
            fs.rmSync(file);
        }
        return;
    }
    const asked = { label: kind, owner, preview, isSealed: false, declared };
    const observation = await observe(new RemoteType(hubs[kind]()), connectionTypes, session(), asked);
    observation.warnings.forEach(warn);
    const { inputs, problems } = await handler.check(
        { recorded: kept?.inputs, declared, report: observation },
        context,
    );
    if (problems.length > 0) {
        throw new Error(problems.map(describe).join("\n"));
    }
    if (preview) {
        return;
    }
    if (kept === undefined) {
        const { id, state } = await handler.create({ inputs }, context);
        keep({ id, inputs, outputs: state });
    } else if ((await handler.diff({ recorded: kept.outputs, inputs }, context)).changes) {
        const { state } = await handler.update({ recorded: kept.outputs, inputs }, context);
        keep({ ...kept, inputs, outputs: state });
    } else {
        keep({ ...kept, inputs });
    }
}

if (require.main === module) {
    runHub(JSON.parse(process.env[runVariable] ?? "") as HubRun, () => undefined).then(
        () => process.exit(0),
        (error: Error) => {
            console.error(error.message);
            process.exit(1);
        },
    );
}
