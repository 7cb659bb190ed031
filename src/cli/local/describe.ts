import type { LocalServer } from '../../local/server/index.ts'

/** What a script needs of a server. */
export interface ServerSettings {
  readonly url: string
  readonly region: string
  readonly userPoolId: string
  readonly clientId: string
  readonly identityPoolId: string
  readonly issuer: string
  readonly jwksUrl: string
}

/** The addresses and ids of a server and its pool. */
export function toSettings({ url, region, pool, settings }: LocalServer): ServerSettings {
  const { userPoolId, clientId, jwksUrl } = settings
  return { url, region, userPoolId, clientId, identityPoolId: pool.identityPoolId, issuer: pool.issuer, jwksUrl }
}

/** One way of using a server: what for, and what to paste there. */
export interface Pointer {
  readonly name:
    | 'shell'
    | 'boto3'
    | 'AWS SDK for JavaScript'
    | 'Terraform'
    | 'Amplify'
    | 'amazon-cognito-identity-js'
    | 'guard'
  readonly title: string
  readonly code: string
}

/** How to point clients at a server. */
export function pointers(server: LocalServer): readonly Pointer[] {
  const { url, region, userPoolId, clientId, jwksUrl } = toSettings(server)
  const issuer = 'issuer' in server.settings ? `issuer: '${server.settings.issuer}'` : `jwksUrl: '${jwksUrl}'`
  return [
    {
      name: 'shell',
      title: 'The AWS CLI, and every SDK, by the environment; any keys do',
      code: [
        `export AWS_ENDPOINT_URL=${url} AWS_REGION=${region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
        `aws cognito-idp list-users --user-pool-id ${userPoolId}`,
      ].join('\n'),
    },
    {
      name: 'boto3',
      title: 'boto3',
      code: `cognito = boto3.client('cognito-idp', endpoint_url='${url}', region_name='${region}', aws_access_key_id='local', aws_secret_access_key='local')`,
    },
    {
      name: 'AWS SDK for JavaScript',
      title: 'The AWS SDK for JavaScript',
      code: `const cognito = new CognitoIdentityProviderClient({ endpoint: '${url}', region: '${region}', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })`,
    },
    {
      name: 'Terraform',
      title: 'Terraform',
      code: [
        'provider "aws" {',
        `  region                      = "${region}"`,
        '  access_key                  = "local"',
        '  secret_key                  = "local"',
        '  skip_metadata_api_check     = true',
        '  skip_requesting_account_id  = true',
        '  skip_credentials_validation = true',
        '  endpoints {',
        ...['cognitoidp', 'cognitoidentity', 'iam', 'sts'].map((name) => `    ${name.padEnd(15)} = "${url}"`),
        '  }',
        '}',
      ].join('\n'),
    },
    {
      name: 'Amplify',
      title: 'Amplify',
      code: `Amplify.configure({ Auth: { Cognito: { userPoolId: '${userPoolId}', userPoolClientId: '${clientId}', userPoolEndpoint: '${url}' } } })`,
    },
    {
      name: 'amazon-cognito-identity-js',
      title: 'amazon-cognito-identity-js',
      code: `const pool = new CognitoUserPool({ UserPoolId: '${userPoolId}', ClientId: '${clientId}', endpoint: '${url}' })`,
    },
    {
      name: 'guard',
      title: 'A guard',
      code: `const guard = createGuard({ userPoolId: '${userPoolId}', clientId: '${clientId}', ${issuer}, groups })`,
    },
  ]
}

/** What a person reads once the server listens. */
export function describeServer(server: LocalServer): string {
  const { url, region, userPoolId, clientId, identityPoolId } = toSettings(server)
  const paragraphs = [
    [
      `The local AWS listens at ${url}, region ${region}.`,
      `User pool ${userPoolId}, app client ${clientId}, identity pool ${identityPoolId}.`,
      'Open it in a browser for its users, the codes that it would have sent, and recent calls with their answers.',
    ].join('\n'),
    ...pointers(server).map(({ title, code }) => `# ${title}\n${code}`),
  ]
  return `${paragraphs.join('\n\n')}\n`
}
