// pulumi config set clientId ...
// pulumi config set --secret clientSecret
import * as pulumi from "@pulumi/pulumi";
import { crowdstrike } from "pulumi-connections";

const config = new pulumi.Config();

// Without cloud, CrowdStrike names the client's own, which apiUrl then has.
const falcon = new crowdstrike.ApiClient("falcon", {
    clientId: config.require("clientId"),
    clientSecret: config.requireSecret("clientSecret"),
});

export const apiUrl = falcon.apiUrl;
export const cloud = falcon.cloud;
export const status = falcon.status;
