/** Where everything of this project lies, and the environment that programs run in. */
declare const environment: {
    /** The folder of the project. */
    readonly root: string;
    /** What is built and downloaded. */
    readonly build: string;
    /** The folder of the Pulumi CLI and its language host. */
    readonly engineBin: string;
    /** The folder in which the packed package is installed, for projects below it. */
    readonly projects: string;
    /** The packed package. */
    readonly packageFile: string;
    /** The Node that everything but set-up itself runs on. */
    programNode(): string;
    /** An environment with a HOME that can be written to. */
    withHome(base?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
    /** The search path on which the engine, its language host and the programs' Node come first. */
    searchPath(base?: NodeJS.ProcessEnv): string;
    /** The URL of a file backend in a folder. */
    fileBackend(folder: string): string;
    /** The environment to run `pulumi` in. */
    environment(base?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
    /** How many compilers may run side by side without the machine running short of memory. */
    buildParallelism(): number;
};
export = environment;
