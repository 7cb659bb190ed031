import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { promisify } from 'node:util'
import { serviceHost } from '../internal/regions.ts'
import { isLoopback } from '../internal/urls.ts'
import type { Credentials } from '../provision/index.ts'
import { CommandError } from './context.ts'

/** Where credentials are looked for. */
export interface CredentialsSearch {
  /** A profile of the AWS CLI. Default: AWS_PROFILE. */
  readonly profile?: string | undefined
  readonly region: string
  /** What is asked in place of AWS. */
  readonly endpoint?: string | undefined
  /** Whether any keys do, since the endpoint is on this machine. */
  readonly isLocal: boolean
}

/**
 * Finds credentials in the order of the AWS CLI: a named profile; AWS_ACCESS_KEY_ID and its companions; AWS_PROFILE; a web identity
 * (AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN); a container's (AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI); and then whatever
 * the AWS SDK's provider chain finds where `@aws-sdk/credential-providers` is installed, or the AWS CLI. The result is asked
 * again when the credentials are about to expire. Throws CommandError where there are none, which names no secret.
 */
export function findCredentials(search: CredentialsSearch): () => Promise<Credentials> {
  return async () => {
    const keys = search.profile === undefined ? fromEnvironment() : undefined
    if (keys !== undefined) return keys
    const profile = search.profile ?? (process.env['AWS_PROFILE'] || undefined)
    if (profile !== undefined) return (await fromSdk(profile)) ?? (await fromCli(profile))
    const found = (await fromWebIdentity(search)) ?? (await fromContainer())
    if (found !== undefined) return found
    if (search.isLocal) return { accessKeyId: 'local', secretAccessKey: 'local' }
    return (await fromSdk(undefined)) ?? (await fromCli(undefined))
  }
}

function fromEnvironment(): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION } = process.env
  if (!AWS_ACCESS_KEY_ID) return undefined
  if (!AWS_SECRET_ACCESS_KEY) throw new CommandError('AWS_SECRET_ACCESS_KEY: expected beside AWS_ACCESS_KEY_ID')
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
async function fromWebIdentity({ region, endpoint }: CredentialsSearch): Promise<Credentials | undefined> {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME, AWS_ENDPOINT_URL_STS } = process.env
  if (!file) return undefined
  if (!AWS_ROLE_ARN) throw new CommandError('AWS_ROLE_ARN: expected beside AWS_WEB_IDENTITY_TOKEN_FILE')
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: AWS_ROLE_ARN,
    RoleSessionName: AWS_ROLE_SESSION_NAME || 'cognigate',
    WebIdentityToken: await readToken('AWS_WEB_IDENTITY_TOKEN_FILE', file),
  })
  const url = AWS_ENDPOINT_URL_STS || endpoint || `https://${serviceHost('sts', region)}/`
  const response = await request(url, { method: 'POST', body }, 'AWS_WEB_IDENTITY_TOKEN_FILE')
  const answer = await response.text()
  const read = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer)?.[1]
  if (!response.ok) {
    const why = read('Code') ?? response.status
    throw new CommandError(
      `AWS_WEB_IDENTITY_TOKEN_FILE: STS refuses it (${why}); see whether the token is fresh, and whether AWS_ROLE_ARN trusts its issuer`,
    )
  }
  return checked(read('AccessKeyId'), read('SecretAccessKey'), read('SessionToken'), read('Expiration'), 'STS')
}

/** Where containers get credentials without https, beside loopback: ECS, and EKS over IPv4 and IPv6. */
const containerHosts = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]']

/**
 * The endpoint for credentials of ECS and EKS. The authorization is sent by https, or to this machine, or to the hosts above.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
async function fromContainer(): Promise<Credentials | undefined> {
  const { env } = process
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']
  const full = env['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  const name = relative ? 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI' : 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
  const url = relative ? `http://169.254.170.2${relative}` : full
  if (!url) return undefined
  if (!URL.canParse(url)) throw new CommandError(`${name}: expected an address`)
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'https:' && !(protocol === 'http:' && (isLoopback(url) || containerHosts.includes(hostname)))) {
    throw new CommandError(`${name}: expected https, or a host of ECS, of EKS or of this machine`)
  }
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const authorization = file
    ? await readToken('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', file)
    : env['AWS_CONTAINER_AUTHORIZATION_TOKEN']
  if (/[\r\n]/.test(authorization ?? '')) throw new CommandError(`${name}: expected an authorization token of one line`)
  const response = await request(url, { headers: authorization ? { authorization } : {} }, name)
  if (!response.ok) throw new CommandError(`${name}: expected credentials, but the answer is HTTP ${response.status}`)
  return fromJson(await response.text(), name)
}

async function readToken(name: string, file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) throw new CommandError(`${name}: the file cannot be read`)
  return text.trim()
}

async function request(url: string, init: RequestInit, who: string): Promise<Response> {
  // AbortSignal.timeout keeps Deno running until its time has come.
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), 5000)
  const response = await fetch(url, { ...init, redirect: 'error', signal: controller.signal }).catch(() => undefined)
  clearTimeout(timer)
  if (response === undefined) throw new CommandError(`${who}: no answer from ${new URL(url).host}`)
  return response
}

/**
 * What the AWS CLI finds for a profile: `aws configure export-credentials`. Version 1 has no such command; the keys that stand in a
 * profile are found there too.
 */
async function fromCli(profile: string | undefined): Promise<Credentials> {
  const what = profile === undefined ? 'credentials' : `--profile ${profile}`
  const of = profile === undefined ? [] : ['--profile', profile]
  const exported = await runAws(['configure', 'export-credentials', '--format', 'process', ...of])
  if (exported === undefined) {
    throw new CommandError(
      `${what}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install the AWS CLI, whose profiles are read through it`,
    )
  }
  if (exported.isOk) return fromJson(exported.stdout, 'the AWS CLI')
  const unknown = `${what}: the AWS CLI knows no such profile; it names them by: aws configure list-profiles`
  const isUnknown = ({ stderr }: { stderr: string }) => /could not be found/.test(stderr)
  if (isUnknown(exported)) throw new CommandError(unknown)
  if (!/invalid choice/i.test(exported.stderr)) {
    const hint = profile === undefined ? 'configure' : `sso login --profile ${profile}`
    throw new CommandError(`${what}: the AWS CLI has none; try: aws ${hint}`)
  }
  const read = async (key: string) => {
    const shown = await runAws(['configure', 'get', key, ...of])
    if (shown !== undefined && isUnknown(shown)) throw new CommandError(unknown)
    return shown?.stdout.trim() || undefined
  }
  const id = await read('aws_access_key_id')
  const others = id === undefined ? [] : ['aws_secret_access_key', 'aws_session_token', 'role_arn'].map(read)
  const [secret, token, role] = await Promise.all(others)
  if (id === undefined || secret === undefined || role !== undefined) {
    throw new CommandError(
      `${what}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install version 2 of the AWS CLI: this one tells only of keys that stand in a profile`,
    )
  }
  return toCredentials(id, secret, token, undefined)
}

/** Undefined where there is no AWS CLI. */
async function runAws(args: readonly string[]): Promise<{ isOk: boolean; stdout: string; stderr: string } | undefined> {
  try {
    const { stdout } = await promisify(execFile)('aws', args, { timeout: 60_000 })
    return { isOk: true, stdout, stderr: '' }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
    return { isOk: false, stdout: '', stderr }
  }
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
    throw new CommandError(`${who}: expected credentials, but the answer has none`)
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Token, Expiration } = given
  return checked(AccessKeyId, SecretAccessKey, SessionToken ?? Token, Expiration, who)
}

function checked(id: unknown, secret: unknown, token: unknown, expiration: unknown, who: string): Credentials {
  if (typeof id !== 'string' || typeof secret !== 'string')
    throw new CommandError(`${who}: expected credentials, but the answer has none`)
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return toCredentials(id, secret, text(token), text(expiration))
}
