/** Runs once after all tests: processes of a project whose test was killed would go on for minutes. */
export { removeAbandonedProjects as default } from "./project";
