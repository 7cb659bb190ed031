import type { LocalServer } from '../../local/server/index.ts'

/** The addresses and ids of a server, and of its pool unless it began without one. */
export function toSettings(server: LocalServer, isEmpty: boolean): Readonly<Record<string, string>> {
  const { url, region } = server
  if (isEmpty) return { url, region }
  const { pool, settings } = server
  const { userPoolId, clientId, jwksUrl } = settings
  const { identityPoolId, issuer } = pool
  return { url, region, userPoolId, clientId, identityPoolId, issuer, jwksUrl, domain: server.domain }
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
    | 'login'
  readonly title: string
  readonly code: string
}

/** How to point clients at a server, and at its pool unless it began without one. */
export function pointers(server: LocalServer, isEmpty: boolean): readonly Pointer[] {
  const { url, region, administrator } = server
  const { accessKeyId: key, secretAccessKey: secret } = administrator ?? {
    accessKeyId: 'local',
    secretAccessKey: 'local',
  }
  const services: readonly Pointer[] = [
    {
      name: 'shell',
      title: `The AWS CLI, and every SDK, by the environment; ${administrator === undefined ? 'any keys do' : 'only keys that the server knows'}`,
      code: [
        `export AWS_ENDPOINT_URL=${url} AWS_REGION=${region} AWS_DEFAULT_REGION=${region} AWS_ACCESS_KEY_ID=${key} AWS_SECRET_ACCESS_KEY=${secret}`,
        isEmpty
          ? 'aws cognito-idp create-user-pool --pool-name first'
          : `aws cognito-idp list-users --user-pool-id ${server.settings.userPoolId}`,
      ].join('\n'),
    },
    {
      name: 'boto3',
      title: 'boto3',
      code: `cognito = boto3.client('cognito-idp', endpoint_url='${url}', region_name='${region}', aws_access_key_id='${key}', aws_secret_access_key='${secret}')`,
    },
    {
      name: 'AWS SDK for JavaScript',
      title: 'The AWS SDK for JavaScript',
      code: `const cognito = new CognitoIdentityProviderClient({ endpoint: '${url}', region: '${region}', credentials: { accessKeyId: '${key}', secretAccessKey: '${secret}' } })`,
    },
    {
      name: 'Terraform',
      title: 'Terraform',
      code: [
        'provider "aws" {',
        `  region                      = "${region}"`,
        `  access_key                  = "${key}"`,
        `  secret_key                  = "${secret}"`,
        '  skip_metadata_api_check     = true',
        '  skip_requesting_account_id  = true',
        '  skip_credentials_validation = true',
        '  endpoints {',
        ...['cognitoidp', 'cognitoidentity', 'iam', 'sts'].map((name) => `    ${name.padEnd(15)} = "${url}"`),
        '  }',
        '}',
      ].join('\n'),
    },
  ]
  return isEmpty ? services : [...services, ...poolPointers(server)]
}

function poolPointers(server: LocalServer): readonly Pointer[] {
  const { url, settings } = server
  const { userPoolId, clientId, issuer, jwksUrl } = settings
  const ids = `userPoolId: '${userPoolId}', clientId: '${clientId}'`
  const keys = issuer === undefined ? `jwksUrl: '${jwksUrl}'` : `issuer: '${issuer}'`
  return [
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
      code: `const guard = createGuard({ ${ids}, ${keys}, groups })`,
    },
    ...loginPointers(server, `${ids}, ${keys}`),
  ]
}

/** The login of an app on this machine, at an address that the app client has: by preference where `wrangler dev` listens. */
function loginPointers({ domain, callbackUrls, pool, settings }: LocalServer, poolOptions: string): readonly Pointer[] {
  const local = callbackUrls.filter((url) => /^http:\/\/[^/]+\/.*[^/]$/.test(url))
  const redirectUri = local.find((url) => url.startsWith('http://localhost:8787/')) ?? local[0]
  if (redirectUri === undefined) return []
  const secret = secretOf(pool, settings.clientId)
  const { origin } = new URL(redirectUri)
  return [
    {
      name: 'login',
      title: `Browser login, for an app at ${origin}; its guard is the one above with tokenSource: login.session`,
      code: `const login = createLogin({ domain: '${domain}', ${poolOptions}, ${secret === undefined ? '' : `clientSecret: '${secret}', `}redirectUri: '${redirectUri}', secrets: '${randomSecret()}', development: true })`,
    },
  ]
}

/** 32 bytes at random in base64, of this printing: the sessions of an app that has them end with the next one. */
function randomSecret(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
}

function secretOf(pool: LocalServer['pool'], clientId: string): string | undefined {
  try {
    return pool.clientSecret(clientId)
  } catch {
    return undefined
  }
}

/** What a person reads once the server listens. */
export function describeServer(server: LocalServer, isEmpty: boolean): string {
  const { url, region } = server
  const lines = [`The local AWS listens at ${url}, region ${region}. Open it in a browser to see what is in it.`]
  if (!isEmpty) {
    const { userPoolId, clientId } = server.settings
    lines.push(`User pool ${userPoolId}, app client ${clientId}, identity pool ${server.pool.identityPoolId}.`)
    const back = server.callbackUrls.filter((url) => !url.endsWith('/')).join(', ')
    lines.push(
      `Managed login at ${server.domain}, for app clients with callbackUrls${back && `: this one has ${back}`}.`,
    )
  }
  const paragraphs = [lines.join('\n'), ...pointers(server, isEmpty).map(({ title, code }) => `# ${title}\n${code}`)]
  return `${paragraphs.join('\n\n')}\n`
}
