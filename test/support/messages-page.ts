// docs/messages.md: its head is written by hand, everything below the mark from the registry of messages.
import fs from "node:fs";
import path from "node:path";
import { sections } from "../../provider/messages";
import type { MessageRow, MessageSection } from "../../provider/messages/section";

export const messagesPage = path.resolve(__dirname, "../../../docs/messages.md");

const mark =
    "<!-- Written from provider/messages. After a change there: WRITE_PAGES=1 npm run check -- core/messages -->";

const row = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`.replace(/\| {2}\|$/, "| |");

function sectionLines({ title, level, intro, errors, others }: MessageSection): readonly string[] {
    const messages = [
        ...Object.entries<MessageRow>(errors).map(([code, [says, means]]) => ({ anchor: code, code, says, means })),
        ...Object.entries<MessageRow>(others).map(([anchor, [says, means, code]]) => ({ anchor, code, says, means })),
    ];
    return [
        `${level === undefined ? "##" : "###"} ${title}`,
        ...(intro === undefined ? [] : ["", intro]),
        "",
        row(["message", "meaning, and what to do"]),
        row(["---", "---"]),
        ...messages.map(({ anchor, code, says, means = "" }) =>
            row([`<a id="${anchor}"></a>\`${says}${code === undefined ? "" : ` [${code}]`}\``, means]),
        ),
        "",
    ];
}

/** The page as the registry has it, below the head that it has now. */
export function pageOfMessages(): string {
    const [head = ""] = fs.readFileSync(messagesPage, "utf8").split(mark);
    return [head.trimEnd(), "", mark, "", ...sections.flatMap(sectionLines)].join("\n");
}
