import { readChoice, readOptionalText, readText } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import { keysOfOwner, putEnding, removeEnding } from '../sorted-pairs.ts'
import type { AuthEventState, PoolState, State } from '../state/index.ts'
import { poolSetting } from './pool-settings.ts'
import { findSigningIn, readPool, readUser } from './directory.ts'

/** How many events of a user are kept. */
const maxEvents = 60
/** How long an event is kept, in milliseconds. */
const eventLife = 30 * 86_400_000

/** The operations on what threat protection has logged. */
export function authEventOperations(): Operations {
  return {
    'cognito-idp.AdminListUserAuthEvents': listEvents,
    'cognito-idp.AdminUpdateAuthEventFeedback': (state, input, context) => {
      return giveFeedback(state, input, context, 'Admin')
    },
    'cognito-idp.UpdateAuthEventFeedback': (state, input, context) => giveFeedback(state, input, context, 'User'),
  }
}

/**
 * Logs a sign-in that has ended well or badly, where the pool has threat protection. Whoever can be reached by mail is
 * told of a bad one, with the token by which the user says what it was.
 */
function recordSignIn(
  pool: PoolState,
  username: string,
  { hasPassed, factors }: Pick<AuthEventState, 'hasPassed' | 'factors'>,
  { now, random }: Pick<Context, 'now' | 'random'>,
): void {
  const events = keysOfOwner(pool.authEvents, username)
  const [oldest] = events.toSorted((a, b) => (pool.authEvents[a]?.at ?? 0) - (pool.authEvents[b]?.at ?? 0))
  if (events.length >= maxEvents && oldest !== undefined) removeEnding(pool.authEvents, oldest)
  const feedbackToken = random.opaque(48)
  const event: AuthEventState = { username, at: now, until: now + eventLife, hasPassed, factors, feedbackToken }
  putEnding(pool.authEvents, random.uuid(), event, now)
  const email = pool.users[username]?.attributes['email']
  if (hasPassed || email === undefined) return
  pool.outbox.push({ medium: 'EMAIL', to: email, username, purpose: 'sign-in-notice', code: feedbackToken, at: now })
}

/** What an attempt is about, as far as it is known. */
export interface LoggedAttempt {
  readonly pool: PoolState | undefined
  readonly username: string | undefined
  readonly factor: 'Password' | 'Mfa'
}

/** Logs how a step of signing in ends: with tokens, or because it is not authorized. What goes on is not logged. */
export function logged(
  { pool, username, factor }: LoggedAttempt,
  context: Context,
  step: () => JsonObject,
): JsonObject {
  const user =
    pool !== undefined && username !== undefined && isProtected(pool) ? findSigningIn(pool, username) : undefined
  const record = (hasPassed: boolean) => {
    if (pool !== undefined && user !== undefined) {
      recordSignIn(pool, user.username, { hasPassed, factors: [factor] }, context)
    }
  }
  try {
    const output = step()
    if (output['AuthenticationResult'] !== undefined) record(true)
    return output
  } catch (error) {
    if (error instanceof ServiceError && ['NotAuthorizedException', 'CodeMismatchException'].includes(error.code)) {
      record(false)
    }
    throw error
  }
}

function listEvents(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const { username } = readUser(pool, input)
  checkEnabled(pool)
  const events = keysOfOwner(pool.authEvents, username).flatMap((id) => {
    const event = pool.authEvents[id]
    return event === undefined ? [] : [{ id, event }]
  })
  const latestFirst = ({ id, event }: (typeof events)[number]) => {
    return `${String(Number.MAX_SAFE_INTEGER - event.at).padStart(16, '0')} ${id}`
  }
  const page = readPage(input, events, latestFirst, {
    token: 'NextToken',
    limit: 'MaxResults',
    max: maxEvents,
    scope: ['AdminListUserAuthEvents', pool.userPoolId, username],
  })
  return { AuthEvents: page.items.map(({ id, event }) => describe(id, event)), ...page.next }
}

/** An `AuthEventType`. Nothing here judges risks. */
function describe(id: string, { at, hasPassed, factors, feedback }: AuthEventState): JsonObject {
  const result = hasPassed ? 'Success' : 'Failure'
  return {
    EventId: id,
    EventType: 'SignIn',
    CreationDate: at / 1000,
    EventResponse: hasPassed ? 'Pass' : 'Fail',
    EventRisk: { RiskDecision: 'NoRisk', CompromisedCredentialsDetected: false },
    ChallengeResponses: factors.map((ChallengeName) => ({ ChallengeName, ChallengeResponse: result })),
    EventContextData: { IpAddress: '127.0.0.1', DeviceName: 'unknown' },
    ...(feedback !== undefined && {
      EventFeedback: { FeedbackValue: feedback.value, Provider: feedback.provider, FeedbackDate: feedback.at / 1000 },
    }),
  }
}

/** Users show the token that was mailed to them; administrators need none. */
function giveFeedback(state: State, input: JsonObject, context: Context, provider: 'Admin' | 'User'): JsonObject {
  const pool = readPool(state, input, context)
  const id = readText(input, 'EventId', { min: 1, max: 50, pattern: /^[\w+-]+$/ })
  const value = readChoice(input, 'FeedbackValue', ['Valid', 'Invalid']) ?? 'Valid'
  const token = readOptionalText(input, 'FeedbackToken', { pattern: /^[A-Za-z0-9-_=.]+$/ })
  const { username } = readUser(pool, input)
  checkEnabled(pool)
  const event = pool.authEvents[id]
  if (event?.username !== username) throw new ServiceError('ResourceNotFoundException', 'The event does not exist.')
  if (provider === 'User' && token !== event.feedbackToken) throw notAuthorized('Invalid feedback token.')
  pool.authEvents[id] = { ...event, feedback: { value, provider, at: context.now } }
  return {}
}

/** Whether the pool logs sign-ins: with threat protection, in the feature plan PLUS. */
function isProtected(pool: PoolState): boolean {
  return ['AUDIT', 'ENFORCED'].includes(String(poolSetting(pool, 'UserPoolAddOns')['AdvancedSecurityMode']))
}

function checkEnabled(pool: PoolState): void {
  if (isProtected(pool)) return
  throw new ServiceError('UserPoolAddOnNotEnabledException', 'Threat protection is not enabled for the user pool.')
}
