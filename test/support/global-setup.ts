import { removeAbandonedProjects } from "./project";

export default function globalSetup(): void {
    removeAbandonedProjects();
}
