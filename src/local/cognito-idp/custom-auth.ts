import { isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, ServiceError } from '../operation.ts'
import type { ClientState, CustomResult, PoolState, UserState } from '../state/index.ts'
import { attributesFor, callTrigger } from '../triggers.ts'
import { issueChallenge, type SignIn } from './challenges.ts'
import { authenticationResult } from './tokens.ts'

/** What the triggers have decided. */
export type CustomDecision =
  | { readonly kind: 'tokens' | 'failure' | 'password' }
  | {
      readonly kind: 'challenge'
      readonly shown: JsonObject
      readonly hidden: JsonObject
      readonly metadata: string | undefined
    }

/** A decision, and the answers that it rests on. */
export interface CustomStep {
  readonly decision: CustomDecision
  readonly results: readonly CustomResult[]
}

/** Whose sign-in it is. */
interface Subject {
  readonly pool: PoolState
  readonly client: ClientState
  readonly user: UserState
}

/** Asks the triggers what comes next, after these answers. Throws a service error where one is missing or fails. */
export async function decideCustom(
  subject: Subject,
  results: readonly CustomResult[],
  context: Context,
): Promise<CustomDecision> {
  const define = await ask('DefineAuthChallenge', subject, { session: results }, context)
  if (define['failAuthentication'] === true) return { kind: 'failure' }
  if (define['issueTokens'] === true) return { kind: 'tokens' }
  const challengeName = define['challengeName']
  if (challengeName === 'PASSWORD_VERIFIER') return { kind: 'password' }
  if (challengeName !== 'CUSTOM_CHALLENGE') {
    throw new ServiceError('InvalidLambdaResponseException', 'Invalid lambda function output : Invalid challenge name')
  }
  const created = await ask('CreateAuthChallenge', subject, { challengeName, session: results }, context)
  const { publicChallengeParameters: shown, privateChallengeParameters: hidden, challengeMetadata } = created
  const metadata = typeof challengeMetadata === 'string' ? challengeMetadata : undefined
  return { kind: 'challenge', shown: isObject(shown) ? shown : {}, hidden: isObject(hidden) ? hidden : {}, metadata }
}

/** Whether the trigger takes this answer. */
export async function judgeCustom(
  subject: Subject,
  challengeAnswer: string,
  privateChallengeParameters: JsonObject,
  context: Context,
): Promise<boolean> {
  const request = { challengeAnswer, privateChallengeParameters }
  const response = await ask('VerifyAuthChallengeResponse', subject, request, context)
  return response['answerCorrect'] === true
}

/** The tokens or the next challenge. Throws NotAuthorizedException where the triggers refuse. */
export function applyDecision(signIn: SignIn, decision: CustomDecision, results: readonly CustomResult[]): JsonObject {
  const { pool, user, client, context, clientMetadata } = signIn
  if (!user.enabled) throw notAuthorized('User is disabled.')
  if (user.status === 'UNCONFIRMED') throw new ServiceError('UserNotConfirmedException', 'User is not confirmed.')
  switch (decision.kind) {
    case 'tokens':
      return authenticationResult(pool, user, client, context, { clientMetadata })
    case 'challenge': {
      const { shown, hidden, metadata } = decision
      const custom = { results, hidden, metadata }
      return issueChallenge(signIn, 'CUSTOM_CHALLENGE', { USERNAME: user.username, ...shown }, { custom })
    }
    default:
      throw notAuthorized('Incorrect username or password.')
  }
}

async function ask(
  name: 'DefineAuthChallenge' | 'CreateAuthChallenge' | 'VerifyAuthChallengeResponse',
  { pool, client, user }: Subject,
  request: JsonObject,
  context: Context,
): Promise<JsonObject> {
  const call = {
    source: `${name}_Authentication`,
    clientId: client.clientId,
    userName: user.username,
    request: { userAttributes: attributesFor(user), ...request },
  }
  const response = await callTrigger(name, pool, call, context)
  if (response === undefined) throw invalidParameter('Custom auth lambda trigger is not configured for the user pool.')
  return response
}
