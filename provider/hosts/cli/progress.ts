// Messages on stderr during long work.
import { oneLine, type Terminal } from "./terminal";

const quietMs = 1_000;
const everyMs = 10_000;
const blinkMs = 120;
const wheel = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/**
 * Does work, and reports it from the first second on: on a terminal in one line that comes and goes, elsewhere in a
 * line every ten seconds.
 * @param text The description of the work; a function where it changes meanwhile.
 */
export async function withProgress<T>(
    terminal: Terminal,
    text: string | (() => string),
    work: () => Promise<T>,
): Promise<T> {
    const textNow = (): string => (typeof text === "string" ? text : text());
    const startedAt = Date.now();
    const seconds = (): number => Math.round((Date.now() - startedAt) / 1000);
    let isShown = false;
    let turn = 0;
    const show = (): void => {
        isShown = true;
        if (terminal.canRewrite) {
            terminal.rewrite(`\r\u001b[2K${wheel[turn++ % wheel.length] ?? ""} ${oneLine(textNow())}, ${seconds()} s`);
        } else {
            terminal.printError(`${textNow()}, ${seconds()} s`);
        }
    };
    let ticking: NodeJS.Timeout | undefined;
    const first = setTimeout(() => {
        show();
        ticking = setInterval(show, terminal.canRewrite ? blinkMs : everyMs);
    }, quietMs);
    try {
        return await work();
    } finally {
        clearTimeout(first);
        clearInterval(ticking);
        if (isShown && terminal.canRewrite) {
            terminal.rewrite("\r\u001b[2K");
        }
    }
}
