import process from 'node:process'
import { createPoolAdmin, type PoolAdmin } from '../admin/index.ts'
import { isLoopback, isSafeEndpoint } from '../internal/urls.ts'
import {
  createIamClient,
  createIdentityPoolClient,
  type IamClient,
  type IdentityPoolClient,
} from '../provision/index.ts'
import { findCredentials } from './aws-credentials.ts'
import { CommandError } from './context.ts'

/** How a command reaches AWS: `connectionFlags` of `commands/shared.ts`, as they were given. */
export interface ConnectionFlags {
  readonly pool?: string
  readonly identityPool?: string
  readonly profile?: string
  readonly endpoint?: string
  readonly maxRps?: number
}

/** The clients of one pool. */
export interface Connection {
  readonly userPoolId: string
  /** What is asked in place of AWS, where something is. */
  readonly endpoint: string | undefined
  readonly admin: PoolAdmin
  readonly iam: IamClient
  /** Undefined where no identity pool is named. */
  readonly identityPool: IdentityPoolClient | undefined
  readonly identityPoolId: string | undefined
}

/** Connects to AWS, or to the endpoint that is named. Nothing is sent yet. Throws CommandError for what is missing. */
export function connect(flags: ConnectionFlags): Connection {
  const { env } = process
  const userPoolId = flags.pool ?? env['COGNITO_USER_POOL_ID']
  if (!userPoolId) throw new CommandError('--pool: expected the id of the user pool, here or in COGNITO_USER_POOL_ID')
  if (!/^[\w-]+_[0-9A-Za-z]+$/.test(userPoolId)) {
    throw new CommandError('--pool: expected an id such as eu-west-1_AbCdEfGhI')
  }
  const region = userPoolId.slice(0, userPoolId.indexOf('_'))
  const identityPoolId = flags.identityPool ?? env['COGNITO_IDENTITY_POOL_ID']
  const endpoint = flags.endpoint ?? (env['AWS_ENDPOINT_URL'] || undefined)
  if (endpoint !== undefined && !isSafeEndpoint(endpoint)) {
    throw new CommandError(
      '--endpoint or AWS_ENDPOINT_URL: expected https, or this machine as in http://127.0.0.1:9400',
    )
  }
  const isLocal = endpoint !== undefined && isLoopback(endpoint)
  const options = {
    credentials: findCredentials({ profile: flags.profile, region, endpoint, isLocal }),
    ...(endpoint !== undefined && { endpoint }),
    ...(flags.maxRps !== undefined && { fetch: limitRate(flags.maxRps) }),
  }
  return {
    userPoolId,
    endpoint,
    admin: createPoolAdmin({ ...options, userPoolId }),
    iam: createIamClient({ ...options, region }),
    identityPool: identityPoolId ? createIdentityPoolClient({ ...options, identityPoolId }) : undefined,
    identityPoolId: identityPoolId || undefined,
  }
}

/** `fetch`, with at most so many requests a second. A request that is given up meanwhile is not waited for. */
function limitRate(perSecond: number): (request: Request) => Promise<Response> {
  let next = 0
  return async (request) => {
    const now = performance.now()
    const at = Math.max(now, next)
    next = at + 1000 / perSecond
    if (at > now) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, at - now)
        request.signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    return fetch(request)
  }
}
