import { removeAbandonedProjects } from "./project";
import { seedOfRun } from "./seed";

/** Runs once before all tests. Workers have its environment, and so the seed. */
export default function globalSetup(): void {
    removeAbandonedProjects();
    process.stdout.write(`SEED=${seedOfRun()}\n`);
}
