import { dispatch } from '../../src/local/dispatcher.ts'
import type { LocalRequest } from '../../src/local/index.ts'
import { createWorld } from '../../src/local/world.ts'
import { outcome, queryJson } from './local-iam.ts'
import { authorizationFor } from './local-pool.ts'
import { signRequest } from './signed-request.ts'

/** The time of the world, in milliseconds. */
export const start = 1_767_225_600_000
export const denied = [403, 'AccessDenied']
/** The principal that is everybody in the account. */
export const account = { AWS: 'arn:aws:iam::123456789012:root' }

type Texts = Record<string, string>

/** Temporary credentials as STS answers them in JSON. */
export interface StsKeys {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly SessionToken: string
  readonly Expiration: number
}

export const arnOf = (name: string) => `arn:aws:iam::123456789012:role/${name}`

/** A policy that allows one action on one resource. */
export function allow(Action: string, Resource: string): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] })
}

/** The secrets of the keys that tests sign with, by access key id. */
const secrets = new Map<string, string>()

/** Headers of a request that these keys sign: a place of `createSts` puts the signature in. */
export function by(keys: Pick<StsKeys, 'AccessKeyId' | 'SecretAccessKey' | 'SessionToken'>, service = 'sts') {
  const { AccessKeyId, SecretAccessKey, SessionToken } = keys
  secrets.set(AccessKeyId, SecretAccessKey)
  return {
    authorization: authorizationFor('us-east-1', service).replace('AKIDEXAMPLE', AccessKeyId),
    'x-amz-security-token': SessionToken,
  }
}

/** The request with its true signature, where it is by keys that `by` was given. */
async function sign(request: Request, at: number): Promise<Request> {
  const [, accessKeyId = '', region = '', service = ''] =
    /Credential=(\w+)\/\d+\/([\w-]+)\/([\w-]+)\//.exec(request.headers.get('authorization') ?? '') ?? []
  const secretAccessKey = secrets.get(accessKeyId)
  if (secretAccessKey === undefined) return request
  const sessionToken = request.headers.get('x-amz-security-token') ?? undefined
  return signRequest(request, { accessKeyId, secretAccessKey, sessionToken, service, region, at })
}

/** A world of its own, with its inside, and short ways to call its IAM and STS. */
export function createSts() {
  const world = createWorld({ now: () => start })
  const place = {
    fetch: async (request: LocalRequest) => {
      return dispatch(world, request instanceof Request ? await sign(request, world.clock.now()) : request)
    },
  }
  const send = (action: string, input: Texts = {}, headers: Texts = {}) => {
    return outcome(place, action, input, { service: 'sts', headers })
  }
  const result = async (action: string, input: Texts = {}, headers: Texts = {}) => {
    const { body } = await queryJson(place, action, input, { service: 'sts', headers })
    const answer = body[`${action}Response`] as Record<string, unknown> | undefined
    return (answer?.[`${action}Result`] ?? body['Error']) as Record<string, unknown> & { Credentials: StsKeys }
  }
  const session = (name: string) => ({ RoleArn: arnOf(name), RoleSessionName: 'alice' })
  return {
    world,
    place,
    /** The status of a call of STS, with the code of a refusal. */
    send,
    /** The result of a call of STS, or its refusal. */
    result,
    createRole: (RoleName: string, AssumeRolePolicyDocument: string, more: Texts = {}) => {
      return outcome(place, 'CreateRole', { RoleName, AssumeRolePolicyDocument, ...more })
    },
    putPolicy: (RoleName: string, PolicyDocument: string) => {
      return outcome(place, 'PutRolePolicy', { RoleName, PolicyName: 'own', PolicyDocument })
    },
    /** The outcome of AssumeRole. */
    assume: (name: string, more: Texts = {}, headers: Texts = {}) => {
      return send('AssumeRole', { ...session(name), ...more }, headers)
    },
    /** The credentials that AssumeRole gives. */
    keysOf: async (name: string, more: Texts = {}, headers: Texts = {}) => {
      return (await result('AssumeRole', { ...session(name), ...more }, headers)).Credentials
    },
  }
}
