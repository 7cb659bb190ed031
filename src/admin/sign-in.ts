import { type CallOptions, getClock } from '../aws/index.ts'
import { ConfigurationError, assertConfig } from '../errors.ts'
import { assertMade, checkOptions } from '../internal/options.ts'
import {
  type AnswerTo,
  type ChallengeStep,
  decodeStep,
  encodeAnswer,
  type OpenStep,
  parseStep,
  SignInError,
  type SignInStep,
  secretHash,
} from '../sign-in/index.ts'
import type { PoolAdmin } from './pool-admin.ts'

/** The app client that the user signs in with. It must allow ALLOW_ADMIN_USER_PASSWORD_AUTH. */
export interface AdminSignInOptions extends CallOptions {
  readonly clientId: string
  /** Of a client that has one. */
  readonly clientSecret?: string | undefined
  /** For the pool's Lambda triggers. */
  readonly clientMetadata?: { readonly [name: string]: string } | undefined
}

/**
 * Signs a user in with the password, from a server that has AWS credentials (AdminInitiateAuth with
 * ADMIN_USER_PASSWORD_AUTH). Resolves to the tokens, or to what Cognito asks for next: answer it with `respondAsAdmin`. Throws
 * AwsError: `NotAuthorizedException` for a wrong password, and outcome `unknown` if the response was lost.
 *
 * @example
 * ```ts
 * import { signInAsAdmin } from 'cognigate/admin'
 *
 * const step = await signInAsAdmin(admin, { clientId }, username, password)
 * if (step.status === 'signed-in') console.log(step.tokens.expiresIn)
 * ```
 */
export async function signInAsAdmin(
  admin: SigningAdmin,
  options: AdminSignInOptions,
  username: string,
  password: string,
): Promise<SignInStep> {
  const { clientId, clientMetadata, limits, identify } = readOptions('signInAsAdmin', admin, options)
  const answer = await admin.call(
    'AdminInitiateAuth',
    {
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      ClientId: clientId,
      AuthParameters: { ...(await identify(username)), PASSWORD: password },
      ClientMetadata: clientMetadata,
    },
    limits,
  )
  return decodeStep(answer, { userPoolId: admin.userPoolId, clientId, username }, getClock(admin).now())
}

/**
 * Answers a step of `signInAsAdmin` (AdminRespondToAuthChallenge). Challenges that SRP answers are for `createSignIn` of
 * `cognigate/sign-in`. Throws AwsError: after CodeMismatchException the step can be answered again. Throws SignInError of code
 * STEP_INVALID for what is no step.
 */
export async function respondAsAdmin<S extends OpenStep>(
  admin: SigningAdmin,
  options: AdminSignInOptions,
  step: S,
  answer: AnswerTo<S>,
): Promise<SignInStep> {
  const { clientId, clientMetadata, limits, identify } = readOptions('respondAsAdmin', admin, options)
  if (step?.userPoolId !== admin.userPoolId || step.clientId !== clientId) {
    throw new ConfigurationError('respondAsAdmin: expected a step of this pool and client.')
  }
  const open = parseStep(step)
  const { responses, password } = encodeAnswer(open, answer)
  if (password !== undefined) {
    throw new ConfigurationError(
      'respondAsAdmin: SRP is for createSignIn of cognigate/sign-in; choose "PASSWORD" here.',
    )
  }
  let { session } = open
  if (open.challenge === 'MFA_SETUP' && !('EMAIL' in responses)) {
    const { code: UserCode, deviceName: FriendlyDeviceName } = answer as AnswerTo<ChallengeStep<'MFA_SETUP'>>
    const isCode = typeof UserCode === 'string' && UserCode !== ''
    assertConfig('respondAsAdmin: code', isCode, 'the first code of the app, or an email.')
    const verified = await admin.call('VerifySoftwareToken', { Session: session, UserCode, FriendlyDeviceName }, limits)
    if (verified.Status !== 'SUCCESS') throw new SignInError('ANSWER_MALFORMED')
    session = verified.Session
  }
  const { username } = open
  const next = await admin.call(
    'AdminRespondToAuthChallenge',
    {
      ClientId: clientId,
      // A newer challenge may have a name that the API's model does not know yet.
      ChallengeName: open.challenge as 'CUSTOM_CHALLENGE',
      Session: session,
      ChallengeResponses: { ...(await identify(username)), ...responses },
      ClientMetadata: clientMetadata,
    },
    limits,
  )
  return decodeStep(next, { userPoolId: admin.userPoolId, clientId, username }, getClock(admin).now())
}

type SigningAdmin = Pick<PoolAdmin, 'call' | 'userPoolId'>

function readOptions(place: string, admin: SigningAdmin, options: AdminSignInOptions) {
  assertMade(place, admin, 'call', 'what createPoolAdmin returns.')
  checkOptions<AdminSignInOptions>(place, options, [
    ...(['clientId', 'clientSecret', 'clientMetadata', 'attempts', 'timeout', 'signal', 'renewal', 'pace'] as const),
  ])
  const { clientId, clientSecret, clientMetadata, ...limits } = options
  const identify = async (username: string) => ({
    USERNAME: username,
    ...(clientSecret && { SECRET_HASH: await secretHash(clientSecret, username, clientId) }),
  })
  return { clientId, clientMetadata, limits, identify }
}
