import { challengeOperations } from '../cognito-idp/challenge-answers.ts'
import { computeSecretHash } from '../cognito-idp/clients.ts'
import { associate, mfaOperations } from '../cognito-idp/mfa.ts'
import { signInOperations } from '../cognito-idp/sign-in.ts'
import type { JsonObject } from '../json.ts'
import type { KeyRing } from '../key-ring.ts'
import {
  type Context,
  type Handler,
  notAuthorized,
  type Operations,
  type PreparedOperation,
  ServiceError,
} from '../operation.ts'
import type { State } from '../state/index.ts'
import { type AuthorizationRequest, readAuthorization } from './authorization-request.ts'
import { type SignedInHere, signInHere } from './authorize.ts'
import { hasPasswords, showChallenge, showStart } from './login-pages.ts'
import { foreignForm, isOwnForm, readToken, showPage } from './page.ts'
import { linkTo, redirect, respond, toVisit, type Visit, withFinish } from './visit.ts'

type Keys = Readonly<Record<string, KeyRing>>

/**
 * The page on which users sign in. What is sent becomes a call of the API, so that every rule of it holds here as well; its next
 * challenge is the next page.
 */
export const login: PreparedOperation = {
  async prepare(state, input, keys, context) {
    const visit = toVisit(state, input)
    const request = readAuthorization(visit)
    const isSent = visit.isPost && isOwnForm(visit) && !(request instanceof Response)
    const call = isSent ? await prepareStep(visit, request, { state, keys, context }) : undefined
    return (current, same, now) => answer(toVisit(current, same), call, current, now)
  },
}

/** One step of a sign-in: done with what the sign-in may end with. */
type Step = (state: State, context: Context) => JsonObject

function answer(visit: Visit, step: Step | undefined, state: State, context: Context): JsonObject {
  const request = readAuthorization(visit)
  if (request instanceof Response) return respond(visit, () => request)
  const token = readToken(visit, context)
  const start = (error?: string, status?: number) => {
    return showPage(visit, { ...showStart(visit, request, token), error, status }, token)
  }
  if (!visit.isPost) return respond(visit, () => start())
  if (!isOwnForm(visit)) return respond(visit, () => start(foreignForm(), 403))
  let done: SignedInHere | undefined
  try {
    const finishing = withFinish(context, (user, factors, level) => {
      done = { user, factors, level }
      return {}
    })
    const next = step?.(state, finishing) ?? {}
    if (done !== undefined) {
      return signInHere(visit, request, done, context, (error) => start(describe(error)))
    }
    const challenge = next['ChallengeName'] === 'MFA_SETUP' ? { ...next, ...beginSetUp(state, next, context) } : next
    return respond(visit, () => showPage(visit, showChallenge(visit, challenge, token), token))
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return refuse(visit, error, start, token)
  }
}

/** Wrong input keeps its step; users who have something else to do first are led there; all others start again. */
function refuse(
  visit: Visit,
  error: ServiceError,
  start: (error: string) => Promise<Response>,
  token: string,
): JsonObject {
  const { query, form } = visit
  const username = form['username'] ?? ''
  const isFirst = form['challenge'] === undefined
  if (isFirst && error.code === 'UserNotConfirmedException') {
    return respond(visit, () => redirect(linkTo(visit, '/confirmUser', { ...query, login_hint: username })))
  }
  if (isFirst && error.code === 'PasswordResetRequiredException') {
    return respond(visit, () => redirect(linkTo(visit, '/forgotPassword', { ...query, login_hint: username })))
  }
  const isOver = error.code === 'NotAuthorizedException' || error.code === 'UserNotFoundException'
  if (isFirst || isOver) return respond(visit, () => start(describe(error)))
  return respond(visit, () => {
    return showPage(visit, { ...showChallenge(visit, fromForm(form), token), error: describe(error) }, token)
  })
}

/** The challenge that a form has answered, as it was shown. */
function fromForm(form: Visit['form']): JsonObject {
  const { challenge: ChallengeName, session: Session, username: USERNAME, shown = '{}', secret: SecretCode } = form
  let parameters: unknown = {}
  try {
    parameters = JSON.parse(shown)
  } catch {}
  return { ChallengeName, Session, SecretCode, ChallengeParameters: { ...Object(parameters), USERNAME } }
}

/** What AWS says, in a sentence; the names of Lambda functions' errors stay as they are. */
function describe({ message }: ServiceError): string {
  return message.trim() === '' ? 'That did not work. Try again.' : message
}

/** A user without a second factor is given a secret for an application at once. */
function beginSetUp(state: State, { Session, ChallengeParameters }: JsonObject, context: Context): JsonObject {
  const methods = String(Object(ChallengeParameters)['MFAS_CAN_SETUP'])
  if (!methods.includes('SOFTWARE_TOKEN_MFA')) return {}
  return associate(state, undefined, { Session }, context)
}

/** What a form becomes: a call of the API by the user of this client. */
async function prepareStep(
  visit: Visit,
  request: AuthorizationRequest,
  { state, keys, context }: { readonly state: State; readonly keys: Keys; readonly context: Context },
): Promise<Step> {
  const { form } = visit
  const { client, acrValues } = request
  const { clientId: ClientId } = client
  const { username: USERNAME = '', password: PASSWORD = '', challenge: ChallengeName, session: Session } = form
  const [hash] = (await computeSecretHash(client, USERNAME)) ?? []
  const common = { USERNAME, ...(hash !== undefined && { SECRET_HASH: hash }) }
  const finishing = withFinish(context, () => ({}))
  const prepare = (operation: Operations[string] | undefined, input: JsonObject) => {
    return prepareCall(operation, input, { state, keys, context: finishing })
  }
  const operations = { ...signInOperations(), ...challengeOperations(), ...mfaOperations() }
  if (ChallengeName === undefined) {
    if (!hasPasswords(client)) return () => ({})
    const preferred = form['factor']
    const byChoice = acrValues !== undefined || preferred !== undefined
    const AuthParameters = {
      ...common,
      ...(preferred === undefined && { PASSWORD }),
      ...(byChoice && { PREFERRED_CHALLENGE: preferred ?? 'PASSWORD' }),
      ...(acrValues !== undefined && { TARGET_ACR_VALUES: acrValues }),
    }
    const AuthFlow = byChoice ? 'USER_AUTH' : 'USER_PASSWORD_AUTH'
    const initiate = await prepare(operations['cognito-idp.InitiateAuth'], { AuthFlow, ClientId, AuthParameters })
    return (current, now) => {
      const next = initiate(current, now)
      // Where the client hides who exists, unknown users are offered a choice.
      if (preferred !== undefined || next['ChallengeName'] !== 'SELECT_CHALLENGE') return next
      throw notAuthorized('Incorrect username or password.')
    }
  }
  const respondTo = (session: string | undefined, answers: JsonObject) => {
    const ChallengeResponses = { ...common, ...answers }
    return { ChallengeName, ClientId, Session: session, ChallengeResponses }
  }
  const respondOperation = operations['cognito-idp.RespondToAuthChallenge']
  if (ChallengeName !== 'MFA_SETUP' || form['email'] !== undefined) {
    return prepare(respondOperation, respondTo(Session, readAnswers(ChallengeName, form)))
  }
  const verify = await prepare(operations['cognito-idp.VerifySoftwareToken'], { Session, UserCode: form['code'] })
  // Nothing of this answer depends on the session, which verifying replaces.
  const proceed = await prepare(respondOperation, respondTo(Session, {}))
  return (current, now) => {
    const { Session: verified } = verify(current, now)
    return proceed(current, now, respondTo(String(verified), {}))
  }
}

/** Prepares a call now, and makes it later: with the same input, or with one of which nothing has to be prepared anew. */
async function prepareCall(
  operation: Operations[string] | undefined,
  input: JsonObject,
  { state, keys, context }: { readonly state: State; readonly keys: Keys; readonly context: Context },
): Promise<(state: State, context: Context, input?: JsonObject) => JsonObject> {
  let handler: Handler
  try {
    if (operation === undefined) throw new ServiceError('InvalidParameterException', 'There is no such step.')
    handler = typeof operation === 'function' ? operation : await operation.prepare(state, input, keys, context)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    handler = () => {
      throw error
    }
  }
  return (current, now, other = input) => handler(current, other, now) ?? {}
}

function readAnswers(challenge: string, form: Visit['form']): JsonObject {
  const { code = '', answer: ANSWER = '', password = '', credential: CREDENTIAL = '', email: EMAIL = '' } = form
  switch (challenge) {
    case 'NEW_PASSWORD_REQUIRED': {
      const given = Object.entries(form).filter(([name]) => name.startsWith('userAttributes.'))
      return { NEW_PASSWORD: password, ...Object.fromEntries(given) }
    }
    case 'SELECT_MFA_TYPE':
      return { ANSWER }
    case 'SELECT_CHALLENGE':
      return password === '' ? { ANSWER } : { ANSWER: 'PASSWORD', PASSWORD: password }
    case 'PASSWORD':
      return { PASSWORD: password }
    case 'WEB_AUTHN':
      return { CREDENTIAL }
    case 'MFA_SETUP':
      return { EMAIL }
    default:
      return { [`${challenge}_CODE`]: code.replaceAll(/\s/g, '') }
  }
}
