import {checkPackage,createPackageFromTarballData} from "@arethetypeswrong/core";
import {publint} from "publint";
import fs from "fs";
const t=fs.readFileSync("/tmp/hp/pulumi-connections-0.1.0.tgz");
const r=await checkPackage(createPackageFromTarballData(new Uint8Array(t)),{excludeEntrypoints:[/\.json$/]});
console.log(JSON.stringify(r.problems,null,1), Object.keys(r.entrypoints));
console.log(JSON.stringify((await publint({pack:{tarball:new Uint8Array(t).buffer},level:"suggestion",strict:true})).messages));
