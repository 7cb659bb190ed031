import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Credentials } from '../provision/index.ts'
import { CommandError } from './context.ts'

/** Where credentials are looked for. */
export interface CredentialsSearch {
  /** A profile of the AWS CLI. Default: AWS_PROFILE. */
  readonly profile?: string | undefined
  readonly region: string
  /** Whether any keys do, since the endpoint is on this machine. */
  readonly isLocal: boolean
}

/**
 * Finds credentials, as the AWS CLI does: a named profile; AWS_ACCESS_KEY_ID and its companions; a web identity
 * (AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN); a container's (AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI); and then whatever
 * the AWS CLI finds, or the AWS SDK's provider chain where `@aws-sdk/credential-providers` is installed. The result is asked
 * again when the credentials are about to expire. Throws CommandError where there are none.
 */
export function findCredentials(search: CredentialsSearch): () => Promise<Credentials> {
  return async () => {
    const { env } = process
    const profile = search.profile ?? (env['AWS_ACCESS_KEY_ID'] ? undefined : env['AWS_PROFILE'])
    if (profile !== undefined) return (await fromSdk(profile)) ?? (await fromCli(profile))
    const found =
      fromEnvironment() ??
      (await fromWebIdentity(search.region)) ??
      (await fromContainer()) ??
      (await fromSdk(undefined))
    if (found !== undefined) return found
    if (search.isLocal) return { accessKeyId: 'local', secretAccessKey: 'local' }
    return fromCli(undefined)
  }
}

function fromEnvironment(): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined
  return toCredentials(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION)
}

function toCredentials(
  id: string,
  secret: string,
  token: string | undefined,
  expiration: string | undefined,
): Credentials {
  return {
    accessKeyId: id,
    secretAccessKey: secret,
    ...(token && { sessionToken: token }),
    ...(expiration && { expiration }),
  }
}

/** AssumeRoleWithWebIdentity of STS, which is not signed. */
async function fromWebIdentity(region: string): Promise<Credentials | undefined> {
  const { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME, AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL } =
    process.env
  if (!AWS_WEB_IDENTITY_TOKEN_FILE || !AWS_ROLE_ARN) return undefined
  const token = await readFile(AWS_WEB_IDENTITY_TOKEN_FILE, 'utf8').catch(() => {
    throw new CommandError('AWS_WEB_IDENTITY_TOKEN_FILE: the file cannot be read')
  })
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: AWS_ROLE_ARN,
    RoleSessionName: AWS_ROLE_SESSION_NAME || 'cognigate',
    WebIdentityToken: token.trim(),
  })
  const url = AWS_ENDPOINT_URL_STS || AWS_ENDPOINT_URL || `https://sts.${region}.${suffix}/`
  const answer = await request(url, { method: 'POST', body }, 'STS')
  const read = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer)?.[1]
  return checked(read('AccessKeyId'), read('SecretAccessKey'), read('SessionToken'), read('Expiration'), 'STS')
}

/** The endpoint for credentials of ECS and EKS. */
async function fromContainer(): Promise<Credentials | undefined> {
  const { env } = process
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']
  const url = relative ? `http://169.254.170.2${relative}` : env['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  if (!url) return undefined
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const authorization = file ? (await readFile(file, 'utf8')).trim() : env['AWS_CONTAINER_AUTHORIZATION_TOKEN']
  const answer = await request(url, { headers: authorization ? { authorization } : {} }, 'the container')
  return fromJson(answer, 'the container')
}

async function request(url: string, init: RequestInit, who: string): Promise<string> {
  // AbortSignal.timeout keeps Deno running until its time has come.
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), 5000)
  const response = await fetch(url, { ...init, redirect: 'error', signal: controller.signal }).catch(() => undefined)
  clearTimeout(timer)
  if (response?.ok) return response.text()
  throw new CommandError(`credentials: ${who} ${response ? `answered ${response.status}` : 'did not answer'}`)
}

/** What the AWS CLI finds for a profile: `aws configure export-credentials`. */
async function fromCli(profile: string | undefined): Promise<Credentials> {
  const args = ['configure', 'export-credentials', '--format', 'process', ...(profile ? ['--profile', profile] : [])]
  let text: string
  try {
    text = (await promisify(execFile)('aws', args, { timeout: 60_000 })).stdout
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const what = profile === undefined ? 'credentials' : `--profile ${profile}`
    throw new CommandError(
      isMissing
        ? `${what}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install the AWS CLI, whose profiles are read through it`
        : `${what}: the AWS CLI has none; try: aws ${profile ? `sso login --profile ${profile}` : 'configure'}`,
    )
  }
  return fromJson(text, 'the AWS CLI')
}

/** The provider chain of the AWS SDK, where it is installed beside this package. */
async function fromSdk(profile: string | undefined): Promise<Credentials | undefined> {
  const name = '@aws-sdk/credential-providers'
  const sdk: unknown = await import(name).catch(() => undefined)
  if (typeof sdk !== 'object' || sdk === null || !('fromNodeProviderChain' in sdk)) return undefined
  const { fromNodeProviderChain: chain } = sdk
  if (typeof chain !== 'function') return undefined
  try {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await chain({ profile })()
    return { accessKeyId, secretAccessKey, sessionToken, expiration }
  } catch {
    return undefined
  }
}

function fromJson(text: string, who: string): Credentials {
  let given: Record<string, unknown>
  try {
    given = JSON.parse(text)
  } catch {
    throw new CommandError(`credentials: ${who} gave none`)
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Token, Expiration } = given
  return checked(AccessKeyId, SecretAccessKey, SessionToken ?? Token, Expiration, who)
}

function checked(id: unknown, secret: unknown, token: unknown, expiration: unknown, who: string): Credentials {
  if (typeof id !== 'string' || typeof secret !== 'string') throw new CommandError(`credentials: ${who} gave none`)
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return toCredentials(id, secret, text(token), text(expiration))
}
