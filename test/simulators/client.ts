/** What a hub has answered. */
export interface HubAnswer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** The body as JSON, or as text where it is none. */
    readonly body: any;
}

/** Calls a hub as any HTTP client would: what is no text is sent as JSON. Rejects when the connection breaks. */
export async function callHub(
    endpoint: string,
    method: string,
    path: string,
    authorization?: string,
    body?: unknown,
    headers: Record<string, string> = {},
): Promise<HubAnswer> {
    const sent =
        body === undefined || body === null ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(`${endpoint}${path}`, {
        method,
        redirect: "manual",
        headers: {
            ...(authorization !== undefined && { authorization }),
            ...(sent !== undefined && { "content-type": "application/json" }),
            ...headers,
        },
        ...(sent !== undefined && { body: sent }),
    });
    const text = await answer.text();
    let json: unknown = text;
    try {
        json = JSON.parse(text);
    } catch {
        // It stays text.
    }
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: json };
}
