import path from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { importModule } from "./esm";

interface Chromium {
    readonly args: string[];
    executablePath(): Promise<string>;
}

/** A real headless Chromium, out of an npm package. */
export async function startChromium(): Promise<Browser> {
    if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) {
        throw new Error(
            `This test needs Chromium from @sparticuz/chromium, which is for Linux: run it there (this is ${process.platform} ${process.arch}).`,
        );
    }
    const { default: chromium } = await importModule<{ default: Chromium }>("@sparticuz/chromium");
    const { default: puppeteer } = await importModule<{ default: typeof import("puppeteer-core").default }>(
        "puppeteer-core",
    );
    return puppeteer.launch({
        args: [...chromium.args, "--no-sandbox"],
        executablePath: await chromium.executablePath(),
        headless: "shell",
    });
}

/** A page from a file, with whatever it complains about and asks the network for. */
export async function openFile(
    browser: Browser,
    file: string,
    scheme: "light" | "dark" = "light",
    width = 1440,
): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
    });
    page.on("request", (request) => requests.push(request.url()));
    await page.setViewport({ width, height: 1000 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(`file://${path.resolve(file)}`);
    return { page, complaints, requests };
}
