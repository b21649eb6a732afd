// What of Nango is promised to be so, as a pure function: written from the description of its API, and using nothing of the simulator.

/** Anything JSON. */
export type Value = string | number | boolean | null | { readonly [name: string]: Value };

/** Texts by their names. */
export type Texts = Readonly<Record<string, string>>;

/** What a write sends. */
export interface Content {
    readonly secret: string;
    readonly config?: Readonly<Record<string, Value>>;
    readonly metadata?: Readonly<Record<string, Value>>;
    readonly tags?: Texts;
    readonly webhook?: string;
}

/** One call, or one thing that happens to a row. */
export type Command =
    | { readonly do: "create integration" | "delete integration" | "read integration"; readonly key: string }
    | ({ readonly do: "write" } & Target & { readonly content: Content })
    | ({ readonly do: "write another type" } & Target)
    | ({ readonly do: "patch tags" } & Target & { readonly tags: Texts })
    | ({ readonly do: "patch config" | "read" | "delete" | "fail" } & Target)
    | ({ readonly do: "replace metadata" | "merge metadata" } & Target & {
              readonly metadata: Readonly<Record<string, Value>>;
          })
    | { readonly do: "list"; readonly id: string };

interface Target {
    readonly key: string;
    readonly id: string;
}

/** A connection, as somebody who may read its credentials sees it. */
export interface Row {
    /** Which row it is: an overwrite keeps it, a new row after a deletion is another. */
    readonly row: number;
    readonly secret: string;
    readonly config: Readonly<Record<string, Value>>;
    readonly metadata: Readonly<Record<string, Value>>;
    readonly tags: Texts;
    readonly webhook: string | null;
    readonly failed: boolean;
}

/** What there is. */
export interface State {
    readonly integrations: readonly string[];
    readonly rows: readonly (Target & Row)[];
    readonly next: number;
}

/** What a call must answer. */
export interface Expected {
    readonly status: number;
    readonly code?: string;
    /** The row that the answer shows. */
    readonly shows?: Row;
    /** The rows that a list shows, by integration. */
    readonly lists?: readonly (Target & Row)[];
}

/** Nothing is there. */
export const empty: State = { integrations: [], rows: [], next: 1 };

const readable = /^[A-Za-z0-9,.;:=+~[\]|@${}"'\\/_ -]{1,255}$/;

const small = (tags: Texts): Texts =>
    Object.fromEntries(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));

const answer = (state: State, status: number, code?: string): [State, Expected] => [
    state,
    { status, ...(code !== undefined && { code }) },
];

function changed(state: State, row: Row, change: Partial<Row>): State {
    return { ...state, rows: state.rows.map((one) => (one.row === row.row ? { ...one, ...change } : one)) };
}

/** What a command answers, and what there is after it. */
export function step(state: State, command: Command): [State, Expected] {
    if (command.do === "list") {
        if (command.id.length > 255) {
            return answer(state, 400, "invalid_query_params");
        }
        return [state, { status: 200, lists: state.rows.filter(({ id }) => id === command.id) }];
    }
    const known = state.integrations.includes(command.key);
    switch (command.do) {
        case "create integration":
            return known
                ? answer(state, 400, "invalid_body")
                : answer({ ...state, integrations: [...state.integrations, command.key] }, 200);
        case "read integration":
            return known ? answer(state, 200) : answer(state, 404, "not_found");
        case "delete integration":
            // Its connections go along.
            return known
                ? answer(
                      {
                          ...state,
                          integrations: state.integrations.filter((key) => key !== command.key),
                          rows: state.rows.filter(({ key }) => key !== command.key),
                      },
                      200,
                  )
                : answer(state, 404, "not_found");
    }
    const { key, id } = command;
    const row = state.rows.find((one) => one.key === key && one.id === id);
    switch (command.do) {
        case "write": {
            if (!known) {
                return answer(state, 404, "not_found");
            }
            if (id.length > 255) {
                return answer(state, 500, "generic_error_support");
            }
            const { secret, config = {}, metadata = {}, tags = {}, webhook = null } = command.content;
            const written = {
                row: row?.row ?? state.next,
                secret,
                config,
                metadata,
                tags: small(tags),
                webhook,
                failed: false,
            };
            const others = state.rows.filter((one) => one !== row);
            return [
                { ...state, rows: [...others, { key, id, ...written }], next: row ? state.next : state.next + 1 },
                { status: 201, shows: written },
            ];
        }
        case "write another type":
            return known ? answer(state, 400, "invalid_body") : answer(state, 404, "not_found");
        case "fail":
            return answer(row ? changed(state, row, { failed: true }) : state, 0);
        case "delete":
            if (!readable.test(id)) {
                return answer(state, 400, "invalid_uri_params");
            }
            return row
                ? answer({ ...state, rows: state.rows.filter((one) => one !== row) }, 200)
                : answer(state, 400, "unknown_connection");
        case "replace metadata":
        case "merge metadata": {
            if (!readable.test(id)) {
                return answer(state, 400, "invalid_body");
            }
            if (!row) {
                return answer(state, 404, "unknown_connection");
            }
            const isMerge = command.do === "merge metadata";
            return answer(
                changed(state, row, { metadata: { ...(isMerge && row.metadata), ...command.metadata } }),
                isMerge ? 200 : 201,
            );
        }
    }
    if (command.do === "patch config") {
        return answer(state, 400, "invalid_body");
    }
    if (!readable.test(id)) {
        return answer(state, 400, "invalid_uri_params");
    }
    if (!known) {
        return answer(state, 400, "unknown_provider_config");
    }
    if (!row) {
        return answer(state, 404, "not_found");
    }
    if (command.do === "patch tags") {
        return answer(changed(state, row, { tags: small(command.tags) }), 200);
    }
    const { key: _key, id: _id, ...shows } = row;
    return [state, { status: 200, shows }];
}
