import { shared } from "./environment";
import { removeAbandonedProjects } from "./project";
import { seedOfRun } from "./seed";

/** Runs once before all tests. Workers have its environment, and so the seed. */
export default function globalSetup(): void {
    Object.assign(process.env, shared.withHome());
    removeAbandonedProjects();
    process.stdout.write(`SEED=${seedOfRun()}\n`);
}
