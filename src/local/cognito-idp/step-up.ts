import type { JsonObject } from '../json.ts'
import type { KeyRing } from '../key-ring.ts'
import { type Context, invalidParameter, notAuthorized, ServiceError } from '../operation.ts'
import { keysOfOwner } from '../sorted-pairs.ts'
import type { AuthenticationLevel, MfaMethod, PoolState, State, UserState } from '../state/index.ts'
import { readSignedIn, verifyAccessToken } from './access-token.ts'
import { canUsePasskey } from './passkeys.ts'
import { poolSetting } from './pool-settings.ts'

// Levels of authentication. AWS fixes which factors reach which level and does not say how. Here: 1 is any one factor, 2
// any two, 3 two with an authenticator app, 4 a passkey that counts as two factors.

/** What an access token already shows of its user. */
export interface Credit {
  readonly username: string
  readonly factors: readonly string[]
  /** In seconds since the epoch. */
  readonly authTime: number
}

/** The credit of `ACCESS_TOKEN`; undefined without one. Throws NotAuthorizedException for one that is not good. */
export async function readCredit(
  state: State,
  input: JsonObject,
  keys: Readonly<Record<string, KeyRing>>,
  context: Context,
): Promise<Credit | undefined> {
  const token: unknown = Object(input['AuthParameters'])['ACCESS_TOKEN']
  if (input['AuthFlow'] !== 'USER_AUTH' || typeof token !== 'string') return undefined
  const claims = await verifyAccessToken(token, keys)
  const { pool, user, originJti } = readSignedIn(state, claims, context)
  const origin = keysOfOwner(pool.refreshTokens, user.username)
    .map((key) => pool.refreshTokens[key])
    .find((entry) => entry?.originJti === originJti)
  return { username: user.username, factors: origin?.factors ?? ['PASSWORD'], authTime: Number(claims['auth_time']) }
}

/**
 * The level that a sign-in has to reach: the first of `TARGET_ACR_VALUES` that the user can. Undefined where none is
 * asked for. Throws where the feature plan lacks levels, and where nothing that is asked for can be reached.
 */
export function readTarget(
  pool: PoolState,
  user: UserState,
  { TARGET_ACR_VALUES: asked, ACCESS_TOKEN: token }: Readonly<Record<string, string>>,
): number | undefined {
  if (asked === undefined && token === undefined) return undefined
  if (pool.settings['UserPoolTier'] === 'LITE') {
    throw new ServiceError(
      'FeatureUnavailableInTierException',
      'Step-up authentication needs the feature plan ESSENTIALS or PLUS.',
    )
  }
  if (asked === undefined) throw invalidParameter('ACCESS_TOKEN requires TARGET_ACR_VALUES.')
  const names = levelNames(pool)
  const levels = asked.split(' ').flatMap((value) => {
    const at = names.indexOf(value)
    return at < 0 ? [] : [at + 1]
  })
  if (levels.length === 0) throw invalidParameter('None of TARGET_ACR_VALUES is a level of the user pool.')
  const target = levels.find((level) => canReach(pool, user, level))
  if (target === undefined) throw invalidParameter('The user cannot reach any of TARGET_ACR_VALUES.')
  return target
}

/** What of the credit counts for this user: none that is older than `MAX_AGE`, in seconds. */
export function countCredit(
  credit: Credit | undefined,
  { username }: UserState,
  { MAX_AGE: maxAge }: Readonly<Record<string, string>>,
  { now }: Pick<Context, 'now'>,
): readonly string[] {
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) throw invalidParameter('MAX_AGE is not a number of seconds.')
  if (credit === undefined) return []
  if (credit.username !== username) throw notAuthorized('The access token is not one of this user.')
  const age = Math.floor(now / 1000) - credit.authTime
  return maxAge !== undefined && age > Number(maxAge) ? [] : credit.factors
}

/** The level that these factors reach; 0 for none. */
export function levelOf(factors: readonly string[]): number {
  const distinct = new Set(factors)
  if (distinct.has('VERIFIED_PASSKEY')) return 4
  if (distinct.size < 2) return distinct.size
  return distinct.has('SOFTWARE_TOKEN_MFA') ? 3 : 2
}

/** The second factor that leads to the target. */
export function findStepUp(user: UserState, proven: readonly string[], target: number): MfaMethod | undefined {
  const methods = secondFactors(user).filter((method) => !proven.includes(method))
  return target === 3 ? methods.find((method) => method === 'SOFTWARE_TOKEN_MFA') : methods[0]
}

/** The claims `acr` and `amr` (RFC 8176) of these factors. */
export function describeLevel(pool: PoolState, factors: readonly string[]): AuthenticationLevel {
  const level = levelOf(factors)
  const words = factors.flatMap((factor) => {
    if (factor === 'PASSWORD') return ['pwd']
    if (factor.startsWith('SMS_')) return ['sms']
    return factor.endsWith('PASSKEY') ? ['hwk'] : ['otp']
  })
  return {
    acr: levelNames(pool)[Math.max(0, level - 1)] ?? '',
    amr: [...new Set([...words, ...(level > 1 ? ['mfa'] : [])])],
  }
}

/** The names of the four levels. */
export function levelNames(pool: PoolState): readonly string[] {
  const names = poolSetting(pool, 'AcrConfiguration')
  return [1, 2, 3, 4].map((level) => {
    const own: unknown = Object(names[`Level${level}`])['AcrValue']
    return typeof own === 'string' ? own : `urn:cognito:loa:${level}`
  })
}

function canReach(pool: PoolState, user: UserState, level: number): boolean {
  if (level === 4) return pool.passkeys?.isMultiFactor === true && canUsePasskey(pool, user)
  const methods = secondFactors(user)
  return level === 1 || (level === 2 ? methods.length > 0 : methods.includes('SOFTWARE_TOKEN_MFA'))
}

/** The preferred one first; an application that is set up counts, whether or not it is asked for otherwise. */
function secondFactors({ mfa, preferredMfa, hasSoftwareToken }: UserState): readonly MfaMethod[] {
  const preferred = preferredMfa === undefined ? [] : [preferredMfa]
  return [...new Set<MfaMethod>([...preferred, ...mfa, ...(hasSoftwareToken ? (['SOFTWARE_TOKEN_MFA'] as const) : [])])]
}
