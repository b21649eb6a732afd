# pulumi config set url https://acme.jamfcloud.com; pulumi config set clientId ...
# The secrets are in the environment, JAMF_CLIENT_SECRET and NANGO_KEY: no run records them.
import pulumi
import pulumi_connections as connections

config = pulumi.Config()
client_id = config.require("clientId")
client_secret = {"secretFrom": "env", "name": "JAMF_CLIENT_SECRET"}
nango_key = connections.SecretReferenceArgs(secret_from=connections.SecretSource.ENV, name="NANGO_KEY")

mdm = connections.jamf.ApiClient(
    "mdm",
    url=config.require("url"),
    client_id=client_id,
    client_secret=connections.SecretReferenceArgs(secret_from=connections.SecretSource.ENV, name="JAMF_CLIENT_SECRET"),
)

integration = connections.nango.Integration(
    "integration", environment_key=nango_key, unique_key="jamf", provider="jamf"
)

hub = connections.nango.Connection(
    "hub",
    environment_key=nango_key,
    integration=integration.unique_key,
    connection_id="acme",
    # Inside `arguments`, names are those of the pages, not Python's.
    connection=connections.ConnectionInputArgs(
        type="jamf.ApiClient",
        arguments={"url": mdm.url, "clientId": client_id, "clientSecret": client_secret},
    ),
)

pulumi.export("api", mdm.api_url)
pulumi.export("version", mdm.version)
