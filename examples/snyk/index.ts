// pulumi config set --secret token
import * as pulumi from "@pulumi/pulumi";
import { snyk } from "pulumi-connections";

const config = new pulumi.Config();

const scanner = new snyk.ServiceAccount("scanner", { token: config.requireSecret("token"), region: "eu-01" });

export const apiUrl = scanner.apiUrl;
export const account = scanner.account;
export const status = scanner.status;
