// Opens, updates or closes the one issue about connections: `node gitlab-issue.mjs report.md CODE`, where CODE is the exit code of the preview.
// CONNECTIONS_ISSUE_TOKEN is a project access token with the scope api, a masked variable of the project; the rest is what GitLab sets in every job.
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

const title = "Connections need a hand";

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

try {
    // Only an issue of this program's own is overwritten: others may have the label as well.
    const open = (await call("GET", "?state=opened&labels=connections&per_page=100")).find(
        (issue) => issue.title === title,
    );
    const description = `${fs.readFileSync(file, "utf8")}\n${job}\n`;
    if (code === "0") {
        console.log(
            open === undefined ? "All connections work." : `Issue ${open.iid} is closed: all connections work again.`,
        );
        await (open && call("PUT", `/${open.iid}`, { state_event: "close", description }));
    } else if (open === undefined) {
        const { iid } = await call("POST", "", {
            title,
            labels: "connections",
            description,
        });
        console.log(`Issue ${iid} is opened.`);
    } else {
        await call("PUT", `/${open.iid}`, { description });
        console.log(`Issue ${open.iid} is updated.`);
    }
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
