// Opens, updates or closes the one issue about connections: `node gitlab-issue.mjs report.md CODE`, where CODE is the exit code of the preview.
// CONNECTIONS_ISSUE_TOKEN is a project access token with the scope api, a masked variable that only the job connections-issue has; the rest is what GitLab sets in
// every job.
import fs from "node:fs";

const [file = "report.md", code = "1"] = process.argv.slice(2);
const {
    CI_API_V4_URL: api,
    CI_PROJECT_ID: project,
    CI_JOB_URL: job = "",
    CONNECTIONS_ISSUE_TOKEN: token,
} = process.env;
if (!api || !project || !token) {
    console.error("No issue is opened: CONNECTIONS_ISSUE_TOKEN is not set, or this is no job of GitLab.");
    process.exit(0);
}

const title = "Connections need attention";
/** Tells this program's issue from others: no person sees it. */
const mark = "<!-- pulumi-connections: nightly -->";

async function call(method, path, body) {
    const headers = { "private-token": token, "content-type": "application/json" };
    const answer = await fetch(`${api}/projects/${encodeURIComponent(project)}/issues${path}`, {
        method,
        headers,
        body: body && JSON.stringify(body),
        redirect: "error",
    });
    if (!answer.ok) {
        throw new Error(
            `GitLab answered ${method} issues with HTTP ${answer.status}. Check the scope of CONNECTIONS_ISSUE_TOKEN.`,
        );
    }
    return answer.json();
}

function readReport() {
    try {
        return fs.readFileSync(file, "utf8");
    } catch {
        return "The nightly job has left no report. Its log says why.\n";
    }
}

try {
    // People have issues of this label and title too: only one that this token has opened, with the mark, is written to.
    const listed = await call("GET", "?state=opened&scope=created_by_me&labels=connections&per_page=100");
    if (!Array.isArray(listed)) {
        throw new Error("GitLab answered with something else than a list of issues. Check CI_API_V4_URL.");
    }
    const open = listed.find((issue) => String(issue?.description).includes(mark));
    const description = `${readReport()}\n${job}\n\n${mark}\n`;
    if (code === "0") {
        console.log(
            open === undefined ? "All connections work." : `Issue ${open.iid} is closed: all connections work again.`,
        );
        await (open && call("PUT", `/${open.iid}`, { state_event: "close", description }));
    } else if (open === undefined) {
        const { iid } = await call("POST", "", { title, labels: "connections", description });
        console.log(`Issue ${iid} is opened.`);
    } else {
        await call("PUT", `/${open.iid}`, { description });
        console.log(`Issue ${open.iid} is updated.`);
    }
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
