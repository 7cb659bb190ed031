import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'

/**
 * Writes which managed policies AWS has, and what those that people attach allow:
 * `aws iam get-account-authorization-details --filter AWSManagedPolicy > FILE`, then
 * `node scripts/generate-aws-policies.ts FILE`. It works from AWS itself as from an emulator that has AWS's policies.
 */
interface Listed {
  readonly Arn: string
  readonly Path: string
  readonly DefaultVersionId: string
  readonly PolicyVersionList: readonly {
    readonly VersionId: string
    readonly Document: { readonly Statement: unknown }
  }[]
}

interface Statement {
  readonly Action?: string | readonly string[]
}

/** Policies whose documents are kept whole. */
const whole =
  'AdministratorAccess PowerUserAccess IAMFullAccess IAMReadOnlyAccess IAMUserChangePassword AmazonCognitoPowerUser ' +
  'AmazonCognitoReadOnly AmazonCognitoDeveloperAuthenticatedIdentities AmazonCognitoUnAuthedIdentitiesSessionPolicy ' +
  'AmazonCognitoUnauthenticatedIdentities AmazonESCognitoAccess AWSLambdaBasicExecutionRole AWSLambdaVPCAccessExecutionRole ' +
  'AWSXRayDaemonWriteAccess AmazonS3ReadOnlyAccess AmazonS3FullAccess AmazonDynamoDBFullAccess ' +
  'AmazonDynamoDBReadOnlyAccess CloudWatchLogsFullAccess AmazonSNSFullAccess AmazonSQSFullAccess AmazonSESFullAccess ' +
  'AmazonCognitoIdpEmailServiceRolePolicy AmazonCognitoIdpServiceRolePolicy AWSDenyAll AWSLambda_FullAccess AWSLambdaRole ' +
  'AWSLambda_ReadOnlyAccess AmazonAPIGatewayInvokeFullAccess AmazonAPIGatewayPushToCloudWatchLogs ' +
  'SecretsManagerReadWrite AmazonSSMReadOnlyAccess AWSAppSyncPushToCloudWatchLogs'
/** Long ones, of which only what is about the services of the local AWS is kept. */
const shortened = 'ReadOnlyAccess ViewOnlyAccess SecurityAudit'
const services = /^(?:\*|(?:cognito-idp|cognito-identity|iam|sts):.*)$/

const source = process.argv[2]
if (source === undefined) throw new TypeError('Give the file of GetAccountAuthorizationDetails.')
const { Policies: policies }: { readonly Policies: readonly Listed[] } = JSON.parse(readFileSync(source, 'utf8'))
const paths = new Map<string, string[]>()
const documents: Record<string, readonly [version: number, document: unknown]> = {}
for (const policy of policies.toSorted((a, b) => (a.Arn < b.Arn ? -1 : 1))) {
  const name = policy.Arn.slice(policy.Arn.lastIndexOf('/') + 1)
  paths.set(policy.Path, [...(paths.get(policy.Path) ?? []), name])
  const version = policy.PolicyVersionList.find(({ VersionId }) => VersionId === policy.DefaultVersionId)
  const number = Number(policy.DefaultVersionId.slice(1))
  if (version !== undefined && whole.split(' ').includes(name)) documents[name] = [number, version.Document]
  if (version === undefined || !shortened.split(' ').includes(name)) continue
  documents[name] = [number, { ...version.Document, Statement: shorten(version.Document.Statement) }]
}
const names = Object.fromEntries([...paths].map(([path, list]) => [path, list.join(' ')]))
const json = JSON.stringify({ names, documents }).replaceAll('\\', '\\\\').replaceAll("'", "\\'")
const target = 'src/local/iam/aws-policies.generated.ts'
writeFileSync(
  target,
  `// Made by scripts/generate-aws-policies.ts from AWS's list of its managed policies.
/** Names by path, and documents with their versions by name, as JSON; \`aws-policies.ts\` reads it. */
export const awsPoliciesText =
  '${json}'
`,
)
process.stdout.write(`${target}: ${json.length} characters\n`)

function shorten(statements: unknown): readonly unknown[] {
  return [statements].flat().flatMap((statement: unknown) => {
    if (typeof statement !== 'object' || statement === null) return []
    const { Action }: Statement = statement
    const kept = [Action ?? []].flat().filter((action) => services.test(action))
    return kept.length === 0 ? [] : [{ ...statement, Action: kept }]
  })
}
