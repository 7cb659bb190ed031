import { AuthenticationError, ForbiddenError } from '../errors.ts'
import type { AccessPrincipal, IdPrincipal, Principal, TokenUse } from '../principal.ts'
import {
  bearer,
  checkTokenPair,
  type RequestContext,
  type TokenSourceContext,
  type VerifiedToken,
} from '../tokens/index.ts'
import type { Engine } from './engine.ts'
import type { CommonOptions, GroupMap, ManyPoolsOptions } from './options.ts'
import { createRegrouper } from './regroup.ts'

export interface AuthenticateContext extends RequestContext {
  /**
   * Holds cookies to the rules for unsafe methods whatever the method is; with 'allow-navigation', all but top-level
   * navigations by GET, which any link can cause.
   */
  readonly strictCookies?: boolean | 'allow-navigation' | undefined
  /** Says that a request without a token may pass, so that `onEvent` hears of no refusal. The error is thrown all the same. */
  readonly optional?: boolean | undefined
}

type Options<C> = CommonOptions<TokenUse | 'any', C> & Pick<ManyPoolsOptions<string, string, 'any', C>, 'poolFor'>

/** Says who is calling. */
export function createAuthentication<C>(
  { verify, records, cookies, clientIds, events, now }: Engine<C>,
  options: Options<C>,
  mapOf: (userPoolId: string) => GroupMap<string, string> | undefined,
) {
  const { tokenUse = 'access', tokenFrom = bearer, scopes = [], check, unknownGroups, poolFor } = options
  const regroup = options.groupsOf && createRegrouper(options.groupsOf)

  async function authenticate(request: Request, context: AuthenticateContext = {}): Promise<Principal<C>> {
    const reading = tokenFrom === bearer ? bearer(request) : tokenFrom(request, sourceContext(request, context))
    const token = typeof reading === 'object' ? await reading : reading
    if (!token) throw new AuthenticationError('TOKEN_MISSING')
    const verified = verify(token, { tokenUse, userPoolId: poolOf(request) }, context)
    return admit('then' in verified ? await verified : verified, request)
  }

  function poolOf(request: Request): string | undefined {
    const userPoolId = poolFor?.(request)
    if (poolFor && !userPoolId) throw new AuthenticationError('ISSUER_UNKNOWN')
    return userPoolId
  }

  function sourceContext(request: Request, context: AuthenticateContext): TokenSourceContext {
    return {
      clientIds,
      tokenUse,
      now,
      strictCookies: context.strictCookies ?? false,
      verify: async (token) => (await verify(token, { tokenUse, userPoolId: poolOf(request) }, context)).principal,
      setCookies: (values) => void cookies.set(request, values),
    }
  }

  async function verifyToken(token: string, context: RequestContext = {}): Promise<Principal<C>> {
    return admit(await verify(token, { tokenUse }, context))
  }

  async function verifyTokens(
    { idToken, accessToken }: { readonly idToken: string; readonly accessToken: string },
    context: RequestContext = {},
  ) {
    const id = await verify(idToken, { tokenUse: 'id' }, context)
    const access = await verify(accessToken, { tokenUse: 'access' }, context)
    await checkTokenPair(id, access)
    return { id: (await admit(id)) as IdPrincipal<C>, access: (await admit(access)) as AccessPrincipal<C> }
  }

  /** The last steps, which depend on more than the token: taken every time. */
  function admit(verified: VerifiedToken<C>, request?: Request): Principal<C> | Promise<Principal<C>> {
    const principal = regroup ? regroup(verified.principal, request) : verified.principal
    if (!records.has(principal)) records.set(principal, verified)
    return check ? checkThenPermit(principal, check(principal, { request })) : permit(principal)
  }

  async function checkThenPermit(principal: Principal<C>, passed: boolean | Promise<boolean>): Promise<Principal<C>> {
    if ((await passed) !== true) throw new AuthenticationError('CHECK_REFUSED')
    return permit(principal)
  }

  function permit(principal: Principal<C>): Principal<C> {
    if (unknownGroups === 'refuse') {
      const known = mapOf(principal.userPoolId)?.names
      if (!principal.groups.every((group) => known?.includes(group))) throw new ForbiddenError('GROUP_UNKNOWN')
    }
    if (principal.tokenUse === 'access' && !scopes.every((scope) => principal.scopes.includes(scope))) {
      throw new ForbiddenError('SCOPE_REQUIRED', { scope: scopes.join(' ') })
    }
    return principal
  }

  if (!events) return { authenticate, verify: verifyToken, verifyTokens }
  const one = (principal: Principal<C>) => [principal]
  return {
    authenticate: (request: Request, context: AuthenticateContext = {}) =>
      events.watch(authenticate(request, context), one, context, request),
    verify: (token: string, context: RequestContext = {}) => events.watch(verifyToken(token, context), one, context),
    verifyTokens: (tokens: Parameters<typeof verifyTokens>[0], context: RequestContext = {}) =>
      events.watch(verifyTokens(tokens, context), ({ id, access }) => [id, access], context),
  }
}
