import { AuthenticationError, assertConfig, ForbiddenError } from '../errors.ts'
import { isTexts } from '../internal/encoding.ts'
import { checkOptions, unknownName } from '../internal/options.ts'
import { assertGiven, noPromise } from '../internal/promises.ts'
import { bearer, type TokenSourceContext } from '../token-sources/index.ts'
import {
  type AccessPrincipal,
  checkTokenPair,
  type IdPrincipal,
  type Principal,
  type TokenUse,
  type VerifiedToken,
} from '../tokens/index.ts'
import type { RequestContext } from '../keys/index.ts'
import type { Shared } from './shared.ts'
import type { CommonOptions, GroupMap, ManyPoolsOptions } from './options.ts'

export interface AuthenticateContext extends RequestContext {
  /**
   * Holds cookies to the rules for unsafe methods whatever the method is; with 'allow-navigation', all but top-level
   * navigations by GET, which any link can cause.
   */
  readonly strictCookies?: boolean | 'allow-navigation' | undefined
  /** Says that a request without a token may pass, so that `onEvent` hears of no refusal. The error is thrown all the same. */
  readonly optional?: boolean | undefined
}

export interface VerifyContext extends RequestContext {
  /** Only tokens of this pool. With `selectPool` it has to be given, since there is no request to go by. */
  readonly userPoolId?: string | undefined
}

type Options<C> = CommonOptions<TokenUse | 'any', C> & Pick<ManyPoolsOptions<string, string, 'any', C>, 'selectPool'>

const contextNames = ['waitUntil', 'strictCookies', 'optional'] as const

/** Says who is calling. */
export function createAuthentication<C>(
  { verify, records, cookies, changes, clientIds, events, now }: Shared<C>,
  options: Options<C>,
  maps: ReadonlyMap<string, GroupMap<string, string> | undefined>,
) {
  const { tokenUse = 'access', tokenSource = bearer, validate, unknownGroups, selectPool } = options
  const scopes = Object.freeze([...(options.scopes ?? [])])
  const regroup = options.resolveGroups && createRegrouper(options.resolveGroups)

  async function authenticate(request: Request, context: AuthenticateContext = {}): Promise<Principal<C>> {
    if (unknownName(context, contextNames) !== undefined)
      checkOptions<AuthenticateContext>('authenticate', context, contextNames)
    const reading = tokenSource === bearer ? bearer(request) : tokenSource(request, sourceContext(request, context))
    const token = typeof reading === 'object' ? await reading : reading
    const verified = verify(text('tokenSource', token || undefined), { tokenUse, userPoolId: poolOf(request) }, context)
    return admit('then' in verified ? await verified : verified, request)
  }

  function poolOf(request: Request): string | undefined {
    if (!selectPool) return undefined
    const userPoolId: unknown = selectPool(request)
    noPromise('selectPool', userPoolId)
    // Whatever a table of hosts gives for a host that is not in it, such as `constructor`, is no pool.
    if (typeof userPoolId !== 'string') throw new AuthenticationError('ISSUER_UNKNOWN')
    return userPoolId
  }

  /** The pool that a token must be of which came without a request. */
  function poolIn(place: string, context: VerifyContext): string | undefined {
    checkOptions<VerifyContext>(place, context, ['userPoolId', 'waitUntil'])
    const { userPoolId: id } = context
    const holds = typeof id === 'string' ? id : !selectPool && id === undefined
    assertGiven(`${place}: userPoolId`, id, holds, 'the id of a pool')
    return id
  }

  function sourceContext(request: Request, context: AuthenticateContext): TokenSourceContext {
    const { strictCookies = false } = context
    const known = [true, false, 'allow-navigation'].includes(strictCookies)
    assertConfig('strictCookies', known, 'true, false or allow-navigation')
    return {
      clientIds,
      tokenUse,
      now,
      strictCookies,
      verify: async (token) => (await verify(token, { tokenUse, userPoolId: poolOf(request) }, context)).principal,
      setCookies: (values) => void cookies.set(request, values),
      onAnswer: (change) => void changes.set(request, (changes.get(request) ?? new Set()).add(change)),
    }
  }

  async function verifyToken(token: string, context: VerifyContext = {}): Promise<Principal<C>> {
    const userPoolId = poolIn('verify', context)
    return admit(await verify(text('verify', token), { tokenUse, userPoolId }, context))
  }

  async function verifyTokens(
    { idToken, accessToken }: { readonly idToken: string; readonly accessToken: string },
    context: VerifyContext = {},
  ) {
    const userPoolId = poolIn('verifyTokens', context)
    const id = await verify(text('idToken', idToken), { tokenUse: 'id', userPoolId }, context)
    const access = await verify(text('accessToken', accessToken), { tokenUse: 'access', userPoolId }, context)
    await checkTokenPair(id, access)
    return { id: (await admit(id)) as IdPrincipal<C>, access: (await admit(access)) as AccessPrincipal<C> }
  }

  /** The last steps, which depend on more than the token: taken every time. */
  function admit(verified: VerifiedToken<Principal<C>>, request?: Request): Principal<C> | Promise<Principal<C>> {
    const principal = regroup ? regroup(verified.principal, request) : verified.principal
    if (!records.has(principal)) records.set(principal, verified)
    return validate ? validateThenPermit(principal, validate(principal, { request })) : permit(principal)
  }

  async function validateThenPermit(
    principal: Principal<C>,
    passed: boolean | Promise<boolean>,
  ): Promise<Principal<C>> {
    if ((await passed) !== true) throw new AuthenticationError('VALIDATION_FAILED')
    return permit(principal)
  }

  function permit(principal: Principal<C>): Principal<C> {
    const { userPoolId, tokenUse } = principal
    if (unknownGroups === 'refuse') {
      const known = maps.get(userPoolId)?.definitions ?? {}
      // Cognito itself puts federated users into a group, `<pool id>_<provider>`.
      const federated = `${userPoolId}_`
      const unknown = principal.groups.filter(
        (group) => !Object.hasOwn(known, group) && (!group.startsWith(federated) || group === federated),
      )
      if (unknown.length) throw new ForbiddenError('GROUP_UNKNOWN', { claim: 'cognito:groups', actual: unknown })
    }
    if (tokenUse === 'access' && !scopes.every((scope) => principal.scopes.includes(scope))) {
      const scope = scopes.join(' ')
      throw new ForbiddenError('SCOPE_REQUIRED', { scope, claim: 'scope', expected: scopes, actual: principal.scopes })
    }
    return principal
  }

  if (!events) return { authenticate, verify: verifyToken, verifyTokens }
  const { watch } = events
  return {
    authenticate: (request: Request, context: AuthenticateContext = {}) =>
      watch(authenticate(request, context), context, request),
    verify: (token: string, context: VerifyContext = {}) => watch(verifyToken(token, context), context),
    verifyTokens: (tokens: Parameters<typeof verifyTokens>[0], context: VerifyContext = {}) =>
      watch(verifyTokens(tokens, context), context),
  }
}

/** A token that is text. None at all is a matter of the caller, anything else of the application. */
function text(place: string, token: unknown): string {
  if (token === undefined || token === null) throw new AuthenticationError('TOKEN_MISSING')
  assertGiven(place, token, typeof token === 'string', 'a token as text')
  return token
}

export type GroupsOf<P> = (principal: P, context: { readonly request: Request | undefined }) => readonly string[]

/**
 * Replaces a principal's groups by what `resolveGroups` says. As long as it says the same, the same principal comes back, so
 * that decisions about it stay remembered. The result throws ConfigurationError where `resolveGroups` gives no list of names.
 */
export function createRegrouper<C>(
  resolveGroups: GroupsOf<Principal<C>>,
): (principal: Principal<C>, request: Request | undefined) => Principal<C> {
  const latest = new WeakMap<object, Principal<C>>()
  return (principal, request) => {
    const groups: unknown = resolveGroups(principal, { request })
    assertGiven('resolveGroups', groups, isTexts(groups), 'an array of group names, and no promise')
    const known = latest.get(principal) ?? principal
    if (known.groups.length === groups.length && known.groups.every((group, at) => group === groups[at])) return known
    const replaced = Object.freeze({ ...principal, groups: Object.freeze([...groups]) })
    latest.set(principal, replaced)
    return replaced
  }
}
