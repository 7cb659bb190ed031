import { assertConfig } from '../errors.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import { checkSecrets, type Secrets, seal, unseal } from '../internal/seal.ts'
import { detailsOf, textsOf } from './decode-step.ts'
import { SignInError } from './error.ts'
import type { OpenStep, SignInStep } from './step.ts'

/** What a sealed step is bound to. Opening needs the same. */
export interface SealOptions {
  /** What the step is kept for, where an application has several uses. Default `sign-in`. */
  readonly purpose?: string | undefined
  /** What only the same browser can bring again, such as a random value in another `__Host-` cookie. Default: nothing. */
  readonly browser?: string | undefined
  /** For how many seconds the step can be opened. Default 900, which is the longest that Cognito keeps a session. */
  readonly maxAge?: number | undefined
  /** Replaces the clock. Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
}

/**
 * Encrypts a step that waits for an answer, for a cookie or a form: whoever holds an open step can answer it (AES-256-GCM, with a
 * key that HKDF makes of the secret for this one use). The step says which pool and client it belongs to, and `respond` takes no
 * other. A copy opens as often as it is brought until it expires: that a challenge is answered once is up to Cognito.
 *
 * @example
 * ```ts
 * const secret = env.STEP_SECRET // 32 random bytes in base64
 * const sealed = await sealStep(step, secret, { browser })
 * const again = await openStep(sealed, secret, { browser })
 * ```
 *
 * @param secret 32 characters or more; of several the first one seals
 * @throws ConfigurationError for a step without a question, or a secret that is too short
 */
export async function sealStep(step: SignInStep, secret: Secrets, options: SealOptions = {}): Promise<string> {
  const { use, now, maxAge } = readOptions('sealStep', options)
  assertConfig(
    'sealStep',
    isJsonObject(step) && step.status !== 'signed-in',
    'a step that waits for an answer; tokens are no step.',
  )
  const { status, challenge, userPoolId, clientId, username, session, parameters } = step
  // What follows from the parameters is left out and derived again: cookies are small.
  const choices = 'choices' in step ? step.choices : undefined
  const content = { status, challenge, userPoolId, clientId, username, session, parameters, choices }
  checkSecrets(secret)
  return seal(JSON.stringify({ ...content, until: Math.floor(now / 1000) + maxAge }), secret, use)
}

/**
 * Opens a sealed step. Throws SignInError: STEP_INVALID for what was sealed for another purpose or browser, with
 * another secret, or changed; STEP_EXPIRED for one that is too old.
 */
export async function openStep(sealed: string, secret: Secrets, options: SealOptions = {}): Promise<OpenStep> {
  const { use, now } = readOptions('openStep', options)
  checkSecrets(secret)
  const text = await unseal(sealed, secret, use)
  if (text === undefined) throw new SignInError('STEP_INVALID')
  const step = parseStep(text)
  const { until } = JSON.parse(text)
  if (!(now < until * 1000)) throw new SignInError('STEP_EXPIRED')
  return step
}

function readOptions(place: string, options: SealOptions) {
  checkOptions<SealOptions>(place, options, ['purpose', 'browser', 'maxAge', 'now'])
  const { purpose = 'sign-in', browser = '', maxAge = 900, now = Date.now } = options
  assertConfig(`${place}: maxAge`, Number.isFinite(maxAge) && maxAge > 0 && maxAge < 2 ** 31, 'seconds, more than 0.')
  return { use: { purpose: `step ${purpose}`, context: browser }, now: now(), maxAge }
}

/**
 * Reads a step that was written as JSON, or that has become an unknown value on its way: what is missing or of another type is
 * refused, and unknown members are left out. It proves nothing about where the step comes from: see `openStep`. Throws
 * SignInError of code STEP_INVALID.
 */
export function parseStep(json: unknown): OpenStep {
  const step = typeof json === 'string' ? parseJson(json) : json
  if (!isJsonObject(step)) throw new SignInError('STEP_INVALID')
  const { status, challenge, userPoolId, clientId, username, session } = textsOf(step)
  const isOpen = status === 'challenge' || status === 'other-challenge'
  const isSession = session === (step['session'] ?? undefined)
  if (!(isOpen && challenge && userPoolId && clientId && username && isSession && isJsonObject(step['parameters']))) {
    throw new SignInError('STEP_INVALID')
  }
  const parameters = textsOf(step['parameters'])
  const common = { challenge, userPoolId, clientId, username, session, parameters }
  if (status === 'other-challenge') return { status, ...common }
  const details = detailsOf(challenge, parameters, step['choices'])
  if (!details) throw new SignInError('STEP_INVALID')
  return { status, ...common, ...details } as OpenStep
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
