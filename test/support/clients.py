"""Calls the vendors that standard input describes with public Python clients, and prints what each call gave."""

import json
import sys

import jira
from atlassian import Confluence, Jira
from jamf_pro_sdk import ApiClientCredentialsProvider, JamfProClient, SessionConfig

given = json.load(sys.stdin)
results = {}


def attempt(name, call):
    try:
        results[name] = {"value": call()}
    except Exception as error:
        response = getattr(error, "response", None)
        status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
        results[name] = {"error": type(error).__name__, "status": status}


def jamf(secret):
    server = given["jamf"]
    client = JamfProClient(
        server=server["host"],
        port=server["port"],
        credentials=ApiClientCredentialsProvider(server["clientId"], secret),
        session_config=SessionConfig(scheme="http"),
    )
    return {path: client.pro_api_request("get", path).json() for path in ("v1/jamf-pro-version", "v1/auth")}


def jira_library(**how):
    client = jira.JIRA(max_retries=0, **how)
    return {"myself": client.myself(), "server": client.server_info(), "projects": [project.key for project in client.projects()]}


def atlassian_library(**how):
    client = Jira(**how)
    projects = [project["key"] for project in client.projects()]
    return {"myself": client.myself(), "server": client.get_server_info(), "projects": projects}


def confluence_spaces():
    # The part of the library that reads spaces by API v1 is the one for servers.
    client = Confluence(url=given["gateway"]["confluence"], username=user[0], password=user[1], cloud=False)
    return [space["key"] for space in client.get_all_spaces()["results"]]


gateway, site, data_center = given["gateway"], given["site"], given["dataCenter"]
user = (gateway["email"], gateway["apiToken"])
attempt("jamf", lambda: jamf(given["jamf"]["clientSecret"]))
attempt("jamf, wrong secret", lambda: jamf("wrong"))
attempt("jira, Basic", lambda: jira_library(server=gateway["url"], basic_auth=user))
attempt("jira, Bearer", lambda: jira_library(server=gateway["url"], token_auth=gateway["apiToken"]))
attempt("jira, wrong token", lambda: jira_library(server=gateway["url"], basic_auth=(user[0], "wrong")))
attempt("jira, site", lambda: jira_library(server=site["url"], basic_auth=(site["username"], site["apiToken"])))
attempt("jira, Data Center", lambda: jira_library(server=data_center["url"], token_auth=data_center["apiToken"]))
attempt("atlassian, Basic", lambda: atlassian_library(url=gateway["url"], username=user[0], password=user[1], cloud=True))
attempt("atlassian, wrong token", lambda: atlassian_library(url=gateway["url"], username=user[0], password="wrong", cloud=True))
attempt("atlassian, Data Center", lambda: atlassian_library(url=data_center["url"], token=data_center["apiToken"]))
attempt("confluence", confluence_spaces)
json.dump(results, sys.stdout)
