import { buildSchema } from "graphql";

/** What all credentials have. */
const common = `
    credentialsId: String
    credentialsName: String
    tokenExpirationDate: String
    credentialsType: CredentialsType
    isCertChecksDisabled: Boolean
    hostURL: String
    iv: String
    monitoredResources: JSON
    monitorAllResources: Boolean
    monitorAllNewlyCreatedResources: Float
    brokerUsername: String
    brokerPassword: String
    brokerEnabled: Boolean
    brokerHost: String
    brokerPort: Int`;

/**
 * OX's API of connectors, as its reference documents name its types and fields. Not confirmed, and so no more than one possibility: the
 * enum value `JiraServiceAccountOAuth2`, the fields `cloudId`, `cloudSiteName` and `scopes` of `CredentialsInput`, and the values of
 * `ResourceType`, `ResourceIcon`, `ResourceName` and `InputTypes`.
 */
export const schema = buildSchema(`
scalar JSON

enum CredentialsType {
    UserPassword UserPasswordBothOptional UserPasswordOnly UrlOnly UserPasswordAndTenant Token TokenAndUser IdentityProvider
    BotIdentityProvider ClientIdSecretKey AWSAssumeRole ApiKey TokenAndProjectId APISecretAndAccessKey None GitHubApp BitbucketApp
    OrganizationIdAndApiKey ClientIdSecretApiUrl TokenOnly ServicePrincipal ClientIdClientSecret ClientIdClientSecretNoHost AppIdAndToken
    Webhook Broker JiraServiceAccountOAuth2
}
enum ResourceType { project repository channel }
enum ResourceIcon { project repository channel }
enum ResourceName { Projects Repositories Channels }
enum InputTypes { text password checkbox number }

type UserPasswordOnlyCredentials { name: String password: String ${common} }
type UserPasswordCredentials { name: String password: String extraOptionalCreds: JSON ${common} }
type TokenCredentials { token: String ${common} }
type TokenOnlyCredentials { token: String optionalFields: OptionalFields ${common} }
type TokenAndUserCredentials { name: String token: String ${common} }
type ClientIdClientSecretCredentials { clientId: String clientSecret: String ${common} }
type JiraServiceAccountOAuth2Credentials {
    clientId: String clientSecret: String cloudId: String cloudSiteName: String
    cachedAccessToken: String cachedAccessTokenIv: String scopes: [String] ${common}
}
union Credential = UserPasswordOnlyCredentials | UserPasswordCredentials | TokenCredentials | TokenOnlyCredentials
    | TokenAndUserCredentials | ClientIdClientSecretCredentials | JiraServiceAccountOAuth2Credentials

type OptionalFields { SSHKey: String RepoSearchQuery: String Config: String buildIssueToCloud: Boolean }
type ResourceOptions { resourceName: ResourceName hideMonitorNewResourcesCheckbox: Boolean showSettingsPerResource: Boolean }
type ResourceItem { type: String }
type LinkToDocs { href: String title: String }
type ConnectionInstructions { type: CredentialsType title: String details: [String] linksToDocs: [LinkToDocs] permissions: [String] }
type OptionalConnectorInput { name: String credsTypes: [CredentialsType] inputType: InputTypes key: String ffKey: String value: String }
type TabInput { inputType: InputTypes inputTitle: String inputName: String }
type ConditionalOptionalTabs { tabTitle: String tabInputs: [TabInput] }

type Connector {
    id: String name: String displayName: String description: String hostURL: String iconURL: String family: String
    credentialsType: CredentialsType credentialsTypes: [CredentialsType] brokerSupportCredentialsTypes: [CredentialsType]
    disabledMultiCredentialsTypes: [CredentialsType] credentials: [Credential] isConfigured: Boolean isResourceAvailable: Boolean
    ffKeyResourceAvailable: String resourceOptions: ResourceOptions resources: [ResourceItem] isOxBuiltIn: Boolean isOpenSource: Boolean
    openSourceWebsiteUrl: String openSourceLicense: String openSourceAuthor: String defaultEnabled: Boolean comingSoon: Boolean
    isDemoEnabled: Boolean aliasFor: String connectionInstructions: [ConnectionInstructions] isDiscovered: Boolean isEmptyOfRepos: Boolean
    isDevelopment: Boolean connectorExplanation: String optionalInputFields: [OptionalConnectorInput]
    conditionalOptionalTabs: [ConditionalOptionalTabs] dependsOn: String disabledBy: [String] externalLink: String textExternalLink: String
    ffKey: String beta: Boolean supportedDisabledCertChecksTypes: [String] enableMultiCredentials: Boolean
}
type ConnectorResponse { connector: Connector }
type ConnectorsByFamily { family: String familyDisplayName: String connectors: [ConnectorResponse] }
type VerifySingleCredentialsResponse { credentialsAreValid: Boolean! noReposFound: Boolean! validationMessage: String }
type Resource {
    id: String name: String resourceOrgName: String isMonitored: Boolean resourceType: ResourceType children: [Resource]
    iconName: ResourceIcon settingsAvailable: Boolean credentialsId: String
}
type ConnectorResourceResponse { resources: [Resource] monitorAllNewlyCreatedResources: Boolean total: Int selected: Int }
type MonitorConnectorResourceResponse { success: Boolean }

input AtlassianCredsInput { organizationId: String apiKey: String }
input ExtraOptionalCredsInput { atlassian: AtlassianCredsInput }
input OptionalFieldsInput { SSHKey: String RepoSearchQuery: String Config: String buildIssueToCloud: Boolean }
input CredentialsInput {
    name: String password: String token: String clientId: String secretKey: String tenant: String projectId: String apiAccessKey: String
    apiSecretKey: String clientSecret: String organizationId: String apiKey: String optionalFields: OptionalFieldsInput
    extraOptionalCreds: ExtraOptionalCredsInput apiUrl: String appId: String webhookUrl: String hostURL: String brokerUsername: String
    brokerPassword: String brokerSSHPublicKey: String brokerEnabled: Boolean brokerHost: String brokerPort: Int
    isCertChecksDisabled: Boolean tokenExpirationDate: String cloudId: String cloudSiteName: String scopes: [String]
}
input AddCredentialsInput {
    connectorID: String! hostURL: String credentialsType: CredentialsType! credentialsInput: CredentialsInput! credentialsName: String
    isCertChecksDisabled: Boolean
}
input RemoveCredentialsInput { connectorID: String! credentialsIndex: Int credentialsId: String }
input VerifyCredentialsInput { connectorID: String! credentialsID: String featureFlags: JSON }
input GetConnectorResourcesInput { connectorID: String! credentialsId: String featureFlags: JSON }
input ResourceInput { id: String name: String isMonitored: Boolean resourceType: ResourceType credentialsId: String }
input MonitorConnectorResourceInput {
    connectorID: String! originalConnectorID: String credentialsId: String credentialsType: String resources: [ResourceInput]
    monitorAllResources: Boolean monitorAllNewlyCreatedResources: Float featureFlags: JSON
}

type Query {
    getConnectorsByFamily(family: String): [ConnectorsByFamily]
    getConnectorResources(getConnectorResourcesInput: GetConnectorResourcesInput!): ConnectorResourceResponse
}
type Mutation {
    addCredentials(addCredentialsInput: AddCredentialsInput!): ConnectorResponse
    removeCredentials(removeCredentialsInput: RemoveCredentialsInput!): ConnectorResponse
    verifySingleConnectorCredentials(verifyCredentialsInput: VerifyCredentialsInput!): VerifySingleCredentialsResponse
    monitorConnectorResources(monitorConnectorResourceInput: MonitorConnectorResourceInput!): MonitorConnectorResourceResponse
}
`);
