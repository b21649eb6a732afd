// pulumi config set url https://acme.jamfcloud.com; pulumi config set clientId ...
// The secrets are in the environment, JAMF_CLIENT_SECRET and NANGO_KEY: no run records them.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"pulumi-connections/sdk/go/connections"
	"pulumi-connections/sdk/go/connections/jamf"
	"pulumi-connections/sdk/go/connections/nango"
)

func fromEnvironment(name string) connections.SecretReferenceArgs {
	return connections.SecretReferenceArgs{SecretFrom: connections.SecretSourceEnv, Name: pulumi.String(name)}
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		clientID := pulumi.String(config.Require(ctx, "clientId"))

		mdm, err := jamf.NewApiClient(ctx, "mdm", &jamf.ApiClientArgs{
			Url:          pulumi.String(config.Require(ctx, "url")),
			ClientId:     clientID,
			ClientSecret: fromEnvironment("JAMF_CLIENT_SECRET"),
		})
		if err != nil {
			return err
		}

		integration, err := nango.NewIntegration(ctx, "integration", &nango.IntegrationArgs{
			EnvironmentKey: fromEnvironment("NANGO_KEY"),
			UniqueKey:      pulumi.String("jamf"),
			Provider:       pulumi.String("jamf"),
		})
		if err != nil {
			return err
		}

		_, err = nango.NewConnection(ctx, "hub", &nango.ConnectionArgs{
			EnvironmentKey: fromEnvironment("NANGO_KEY"),
			Integration:    integration.UniqueKey,
			ConnectionId:   pulumi.String("acme"),
			Connection: connections.ConnectionInputArgs{
				Type: pulumi.String("jamf.ApiClient"),
				Arguments: pulumi.Map{
					"url":          mdm.Url,
					"clientId":     clientID,
					"clientSecret": fromEnvironment("JAMF_CLIENT_SECRET"),
				},
			},
		})
		if err != nil {
			return err
		}

		ctx.Export("api", mdm.ApiUrl)
		ctx.Export("version", mdm.Version)
		return nil
	})
}
