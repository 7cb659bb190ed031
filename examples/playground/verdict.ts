import type { Verdict } from './page/scene.ts'
import { CognigateError, type Decision, type Guard, type Principal } from '../../src/index.ts'

/** Why the app allows or refuses this request for a permission; `undefined` stands for a route that any signed-in user may call. */
export async function verdictOn(guard: Guard, request: Request, name: string | undefined): Promise<Verdict> {
  let principal: Principal
  try {
    principal = await guard.authenticate(request)
  } catch (error) {
    if (!(error instanceof CognigateError)) throw error
    return { allowed: false, code: error.code, sentence: `Refused: ${reasonOf(error)}. No group is looked at.` }
  }
  if (principal.kind === 'client') {
    return {
      allowed: false,
      code: 'USER_REQUIRED',
      sentence: 'Refused: the token belongs to a machine, and only users are admitted.',
    }
  }
  const { username, groups } = principal
  const caller = { username, groups }
  if (name === undefined) {
    return {
      allowed: true,
      code: 'ALLOW',
      sentence: `Allowed: ${username} is signed in, which is all it takes.`,
      caller,
    }
  }
  const decision = guard.explain(principal, name)
  return { allowed: decision.allowed, code: decision.code, sentence: inWords(decision, username), caller, decision }
}

/** A decision in a sentence or two. */
export function inWords(decision: Decision, username: string): string {
  const { code, permission: name, groups, matched = [], failed = [], wouldAllow = [] } = decision
  const rules = list(
    matched.map(({ group, effect, rule, via }) => {
      const by = via.length > 1 ? ` (inherited by ${via[0]})` : ''
      return `${group} ${effect === 'allow' ? 'allows' : 'denies'} ${rule}${by}`
    }),
  )
  const remedy = wouldAllow.length === 0 ? '' : ` ${list(wouldAllow, 'or')} would allow it.`
  if (code === 'ALLOW') return `Allowed: ${rules}.`
  if (code === 'DENY_EXPLICIT') return `Refused: ${rules}, and a deny wins over every allow.`
  if (code === 'NO_GROUPS') return `Refused: ${username} is in no group.${remedy}`
  if (code === 'DENY_DEFAULT') {
    return `Refused: nothing in ${list(groups)} allows ${name}, and what is not allowed is denied.${remedy}`
  }
  const conditions = list([...new Set(failed.map(({ claim }) => (claim === undefined ? 'the claims' : claim)))])
  return `Refused: ${rules}, but a condition on ${conditions} does not hold.${remedy}`
}

/** Why nobody could be established as the caller. */
function reasonOf({ code, message }: CognigateError): string {
  const reasons: Readonly<Record<string, string>> = {
    TOKEN_MISSING: 'the request carries no token',
    TOKEN_MALFORMED: 'this is not a token',
    TOKEN_EXPIRED: 'the token has expired',
    TOKEN_USE_WRONG: 'this is another kind of token, and the app wants an access token',
    ISSUER_UNKNOWN: 'the token comes from another user pool',
    CLIENT_WRONG: 'the token was issued to another app client',
    KEY_UNKNOWN: 'the token is signed with a key that the user pool does not have',
    SIGNATURE_INVALID: 'the signature does not fit the token, so somebody has changed it',
    KEYS_UNAVAILABLE: 'the keys of the user pool cannot be fetched now, so nothing can be said about the token',
  }
  return reasons[code] ?? message.replace(/\.$/, '')
}

function list(items: readonly string[], last = 'and'): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`
}
