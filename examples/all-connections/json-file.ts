import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";

interface Inputs {
    path: string;
    content: unknown;
}

const write = ({ path, content }: Inputs): void => fs.writeFileSync(path, `${JSON.stringify(content, undefined, 4)}\n`);

const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
    async create(inputs) {
        write(inputs);
        return { id: inputs.path, outs: inputs };
    },
    async update(_id, _olds, news) {
        write(news);
        return { outs: news };
    },
    async delete(_id, { path }) {
        fs.rmSync(path, { force: true });
    },
};

/** A JSON file beside the program: a stand-in for any resource that takes what a connection gives. */
export class JsonFile extends pulumi.dynamic.Resource {
    constructor(
        name: string,
        args: pulumi.Inputs & { path: string; content: pulumi.Inputs },
        opts?: pulumi.CustomResourceOptions,
    ) {
        super(provider, name, args, { replaceOnChanges: ["path"], ...opts });
    }
}
