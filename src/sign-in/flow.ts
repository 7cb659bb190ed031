import { isAwsError } from '../aws/index.ts'
import { assertConfig } from '../errors.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { type Client, contextOf, limitsOf, type SignInCallOptions } from './client.ts'
import { decodeStep, nameIn, textsOf, type WireAnswer } from './decode-step.ts'
import { confirmNewDevice, type KnownDevices, type StoredDevice } from './devices.ts'
import { encodeAnswer } from './encode-answer.ts'
import { SignInError } from './error.ts'
import { parseStep } from './seal-step.ts'
import { answerSrp, createSrpKeys, decodeBase64, type SrpIdentity, type SrpKeys, srpTimestamp } from './srp.ts'
import type { OpenStep, SignInStep } from './step.ts'

type Texts = { readonly [name: string]: string | undefined }

/** The options of a call that can end a sign-in. */
export interface SignInFlowOptions extends SignInCallOptions {
  /** What lists call this device, if Cognito begins to know it now. */
  readonly deviceName?: string | undefined
}

/** How a sign-in begins. */
export interface Beginning {
  readonly flow: 'USER_SRP_AUTH' | 'USER_PASSWORD_AUTH' | 'CUSTOM_AUTH' | 'USER_AUTH'
  readonly username: string
  readonly parameters: Texts
  /** The password, where SRP is to prove it. */
  readonly srpPassword?: string | undefined
  /** Of a confirmed sign-up. */
  readonly session?: string | undefined
}

/** One sign-in on its way, within one call. It is never stored: it holds the password. */
interface Flow {
  readonly options: SignInFlowOptions
  /** The name that the next answer goes by. */
  username: string
  /** The password and the numbers of SRP, until they have been used. */
  proof: { readonly password: string; readonly keys: SrpKeys } | undefined
  device: StoredDevice | undefined
  /** The name that the device was found by. */
  deviceOwner: string
  deviceKeys?: SrpKeys | undefined
}

/** Begins a sign-in, and answers by itself what needs no person. */
export async function begin(
  client: Client,
  known: KnownDevices,
  { flow: AuthFlow, username, parameters, srpPassword, session: Session }: Beginning,
  options: SignInFlowOptions,
): Promise<SignInStep> {
  return withDevice(known, username, async (device) => {
    const flow = createFlow(client, username, device, srpPassword, options)
    const AuthParameters = {
      ...textsOf(parameters),
      ...(flow.proof && { SRP_A: flow.proof.keys.srpA }),
      ...(await identify(client, flow)),
    }
    const input = { AuthFlow, ClientId: client.clientId, AuthParameters, Session, ...contextOf(options) }
    const first = client.call('InitiateAuth', input, limitsOf(options)).catch((error) => {
      throw checkDevice(flow, error)
    })
    return advance(client, known, flow, await first)
  })
}

/** Answers a step, and what follows that needs no person. */
export async function answer(
  client: Client,
  known: KnownDevices,
  given: OpenStep,
  answerGiven: unknown,
  options: SignInFlowOptions,
): Promise<SignInStep> {
  const step = parseStep(given)
  const isOurs = step.userPoolId === client.userPoolId && step.clientId === client.clientId
  if (!isOurs) throw new SignInError('STEP_INVALID')
  const { responses, password } = encodeAnswer(step, answerGiven)
  const session =
    step.challenge === 'MFA_SETUP' && !('EMAIL' in responses)
      ? await verifySetUp(client, step, answerGiven, options)
      : step.session
  return withDevice(known, step.username, async (device) => {
    const flow = createFlow(client, step.username, device, password, options)
    const srp = flow.proof && { SRP_A: flow.proof.keys.srpA }
    const next = await send(client, flow, step.challenge, session, { ...srp, ...responses })
    return advance(client, known, flow, next)
  })
}

/** Checks the first code of an authenticator app; resolves to the session that MFA_SETUP is answered with. */
async function verifySetUp(client: Client, step: OpenStep, given: unknown, options: SignInCallOptions) {
  const { code, deviceName } = textsOf(given)
  assertConfig('respond: code', code, 'the first code of the app, or an email.')
  const input = { Session: step.session, UserCode: code, FriendlyDeviceName: deviceName }
  const { Status, Session } = await client.call('VerifySoftwareToken', input, limitsOf(options))
  if (Status !== 'SUCCESS') throw new SignInError('ANSWER_MALFORMED')
  return Session
}

function createFlow(
  { randomBytes }: Client,
  username: string,
  device: StoredDevice | undefined,
  password: string | undefined,
  options: SignInFlowOptions,
): Flow {
  const proof = password === undefined ? undefined : { password, keys: createSrpKeys(randomBytes) }
  return { options, username, proof, device, deviceOwner: username }
}

/** Does the work with the user's device; once more without it where Cognito has forgotten it. */
async function withDevice(
  known: KnownDevices,
  username: string,
  work: (device: StoredDevice | undefined) => Promise<SignInStep>,
): Promise<SignInStep> {
  for (let isRepeated = false; ; isRepeated = true) {
    try {
      return await work(isRepeated ? undefined : await known.find(username))
    } catch (error) {
      const owner = forgotten.get(error as object)
      if (owner === undefined) throw error
      await known.drop(owner)
      if (isRepeated) throw error
    }
  }
}

/** Errors that say that Cognito does not know a stored device any more, with the name that the device was found by. */
const forgotten = /* @__PURE__ */ new WeakMap<object, string>()

/** How many steps are taken by themselves. There are four: the password, and three of a device. */
const MOST_STEPS = 6

async function advance(client: Client, known: KnownDevices, flow: Flow, first: WireAnswer): Promise<SignInStep> {
  let next = first
  for (let count = 0; count < MOST_STEPS; count++) {
    const parameters = textsOf(next.ChallengeParameters)
    flow.username = nameIn(parameters) ?? flow.username
    if (!flow.device && next.ChallengeName && !count) {
      flow.device = await known.find(flow.username)
      flow.deviceOwner = flow.username
    }
    const responses = await proofOf(client, flow, next.ChallengeName, parameters)
    if (!responses) return finish(client, known, flow, next)
    next = await sendProof(client, known, flow, `${next.ChallengeName}`, next.Session, responses)
  }
  throw new SignInError('ANSWER_MALFORMED')
}

/** The answer to a challenge that needs no person; undefined for the others. Each is given once. */
async function proofOf(
  client: Client,
  flow: Flow,
  challenge: unknown,
  parameters: { readonly [name: string]: string },
): Promise<Texts | undefined> {
  const { proof, device, deviceKeys, username } = flow
  const prove = async (keys: SrpKeys, identity: SrpIdentity) => {
    const { SALT: salt = '', SRP_B: srpB = '', SECRET_BLOCK: secretBlock = '' } = parameters
    const TIMESTAMP = srpTimestamp(client.serverNow())
    const signature = await answerSrp(keys, { salt, srpB, secretBlock }, identity, TIMESTAMP)
    return { ...signature, PASSWORD_CLAIM_SECRET_BLOCK: secretBlock, TIMESTAMP }
  }
  if (challenge === 'PASSWORD_VERIFIER' && proof) {
    flow.proof = undefined
    const name = parameters['USER_ID_FOR_SRP'] || username
    return prove(proof.keys, { group: poolPart(client), name, password: proof.password })
  }
  if (challenge === 'DEVICE_SRP_AUTH' && device && !deviceKeys) {
    flow.deviceKeys = createSrpKeys(client.randomBytes)
    return { SRP_A: flow.deviceKeys.srpA }
  }
  if (challenge === 'DEVICE_PASSWORD_VERIFIER' && device && deviceKeys) {
    flow.deviceKeys = undefined
    return prove(deviceKeys, { group: device.groupKey, name: device.key, password: device.password })
  }
  return undefined
}

/** A device that is refused is dropped, or it would lock its user out for good. */
async function sendProof(
  client: Client,
  known: KnownDevices,
  flow: Flow,
  challenge: string,
  session: unknown,
  responses: Texts,
): Promise<WireAnswer> {
  try {
    return await send(client, flow, challenge, session, responses)
  } catch (error) {
    const isRefused = isAwsError(error) && error.code === 'NotAuthorizedException'
    if (isRefused && challenge.startsWith('DEVICE_')) await known.drop(flow.deviceOwner)
    throw error
  }
}

async function send(
  client: Client,
  flow: Flow,
  challenge: string,
  session: unknown,
  responses: Texts,
): Promise<WireAnswer> {
  const { options } = flow
  try {
    return await client.call(
      'RespondToAuthChallenge',
      {
        ClientId: client.clientId,
        // A newer challenge may have a name that the API's model does not know yet.
        ChallengeName: challenge as 'CUSTOM_CHALLENGE',
        Session: typeof session === 'string' ? session : undefined,
        ChallengeResponses: { ...(await identify(client, flow)), ...textsOf(responses) },
        ...contextOf(options),
      },
      limitsOf(options),
    )
  } catch (error) {
    throw checkDevice(flow, error)
  }
}

/** Who is signing in: the name, the secret hash over that name, the device. */
async function identify(client: Client, { username, device }: Flow): Promise<{ readonly [name: string]: string }> {
  return textsOf({ USERNAME: username, SECRET_HASH: await client.secretHash(username), DEVICE_KEY: device?.key })
}

/** Marks the error of a forgotten device. A pool or a client that does not exist is another one. */
function checkDevice({ device, deviceOwner }: Flow, error: unknown): unknown {
  if (device && isAwsError(error) && error.code === 'ResourceNotFoundException' && /\bdevice\b/i.test(error.message)) {
    forgotten.set(error, deviceOwner)
  }
  return error
}

async function finish(client: Client, known: KnownDevices, flow: Flow, last: WireAnswer): Promise<SignInStep> {
  const { userPoolId, clientId } = client
  const step = decodeStep(last, { userPoolId, clientId, username: flow.username }, client.now())
  if (step.status !== 'signed-in') return step
  const { tokens, newDevice } = step
  const username = usernameIn(tokens.accessToken) ?? flow.username
  if (!newDevice) return { ...step, tokens: { ...tokens, deviceKey: flow.device?.key } }
  // Until it is confirmed, a refresh token of such a sign-in does not renew.
  return { ...step, newDevice: await confirmNewDevice(client, known, username, tokens, newDevice, flow.options) }
}

/** The name of the user in an access token. */
export function usernameIn(accessToken: string): string | undefined {
  return textsOf(claimsIn(accessToken))['username']
}

/** The claims of a token that came from Cognito just now, or that is only looked at: nobody verifies it here. */
export function claimsIn(token: string): Readonly<Record<string, unknown>> {
  try {
    const part = token.split('.')[1] ?? ''
    const claims: unknown = JSON.parse(
      new TextDecoder().decode(decodeBase64(part.replaceAll('-', '+').replaceAll('_', '/'))),
    )
    return isJsonObject(claims) ? claims : {}
  } catch {
    return {}
  }
}

/** The part of the pool's id after `_`. */
function poolPart({ userPoolId }: Client): string {
  return userPoolId.slice(userPoolId.indexOf('_') + 1)
}
