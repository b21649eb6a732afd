import type { StatusReport } from "../status";
export async function writePage(_file: string, _report: StatusReport, _now: Date): Promise<void> {
    throw new Error("not yet");
}
