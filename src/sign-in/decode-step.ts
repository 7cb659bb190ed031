import { isJsonObject } from '../internal/encoding.ts'
import { SignInError } from './error.ts'
import type { ChallengeName, CodeDelivery, NewDevice, OpenStep, SignInStep, Tokens } from './step.ts'

type Texts = { readonly [name: string]: string }

/** An answer to InitiateAuth, RespondToAuthChallenge or their administrators' forms. Nothing in it is believed. */
export interface WireAnswer {
  readonly AuthenticationResult?: unknown
  readonly ChallengeName?: unknown
  readonly ChallengeParameters?: unknown
  readonly AvailableChallenges?: unknown
  readonly Session?: unknown
}

/** Whose answer it is: `username` is the one that was sent, for challenges that name none. */
export interface StepPlace {
  readonly userPoolId: string
  readonly clientId: string
  readonly username: string
}

/**
 * What an answer says. `now` is in milliseconds. Throws SignInError where it holds neither tokens nor a challenge.
 */
export function decodeStep(answer: WireAnswer, place: StepPlace, now: number): SignInStep {
  if (!isJsonObject(answer) || !isJsonObject(place)) throw new SignInError('ANSWER_MALFORMED')
  const tokens = decodeTokens(answer.AuthenticationResult, now)
  if (tokens) return { status: 'signed-in', tokens, newDevice: newDeviceOf(answer.AuthenticationResult) }
  const { ChallengeName: challenge } = answer
  if (!isText(challenge) || challenge === '') throw new SignInError('ANSWER_MALFORMED')
  const parameters = textsOf(answer.ChallengeParameters)
  const session = isText(answer.Session) ? answer.Session : undefined
  const { userPoolId, clientId } = place
  const common = { userPoolId, clientId, username: nameIn(parameters) ?? place.username, session, parameters }
  const details = detailsOf(challenge, parameters, answer.AvailableChallenges)
  if (!details) return { status: 'other-challenge', challenge, ...common }
  return { status: 'challenge', challenge, ...common, ...details } as OpenStep
}

/** The name of the user in the parameters of a challenge. */
export function nameIn(parameters: Texts): string | undefined {
  return parameters['USER_ID_FOR_SRP'] || parameters['USERNAME'] || undefined
}

/** The tokens of an answer; undefined where it has none. `now` is in milliseconds. */
export function decodeTokens(result: unknown, now: number): Tokens | undefined {
  if (!isJsonObject(result)) return undefined
  const { AccessToken: accessToken, IdToken: idToken, RefreshToken: refreshToken } = textsOf(result)
  if (!accessToken) throw new SignInError('ANSWER_MALFORMED')
  const expiresIn = Number.isFinite(result['ExpiresIn']) ? Number(result['ExpiresIn']) : 0
  return {
    accessToken,
    idToken,
    refreshToken,
    expiresIn,
    expiresAt: Math.floor(now / 1000) + expiresIn,
    deviceKey: newDeviceOf(result)?.key,
  }
}

/** The device that an answer with tokens names. */
function newDeviceOf(result: unknown): NewDevice | undefined {
  const { DeviceKey: key, DeviceGroupKey: groupKey } = textsOf(isJsonObject(result) && result['NewDeviceMetadata'])
  return key && groupKey ? { key, groupKey, asksUser: false } : undefined
}

/** What a challenge brings along; undefined for one that no person answers, or that is not known. */
export function detailsOf(challenge: string, given: Texts, available: unknown): object | undefined {
  const read = (name: string) => parse(given[name])
  switch (challenge as ChallengeName) {
    case 'SMS_MFA':
    case 'SMS_OTP':
    case 'EMAIL_OTP':
      return deliveryOf(given)
    case 'SOFTWARE_TOKEN_MFA':
      return { deviceName: given['FRIENDLY_DEVICE_NAME'] }
    case 'SELECT_MFA_TYPE':
      return { choices: listOf(read('MFAS_CAN_CHOOSE')) }
    case 'MFA_SETUP':
      return { choices: listOf(read('MFAS_CAN_SETUP')) }
    case 'SELECT_CHALLENGE':
      return { choices: listOf(available) }
    case 'NEW_PASSWORD_REQUIRED':
      return {
        requiredAttributes: listOf(read('requiredAttributes')).map((name) => name.replace(/^userAttributes\./, '')),
        attributes: textsOf(read('userAttributes')),
      }
    case 'WEB_AUTHN':
      return { requestOptions: read('CREDENTIAL_REQUEST_OPTIONS') }
    case 'CUSTOM_CHALLENGE':
    case 'PASSWORD':
    case 'PASSWORD_SRP':
      return {}
    default:
      return undefined
  }
}

function deliveryOf(given: Texts): CodeDelivery {
  return {
    medium: given['CODE_DELIVERY_DELIVERY_MEDIUM'],
    destination: given['CODE_DELIVERY_DESTINATION'],
  }
}

/** The members of an object that are texts. */
export function textsOf(value: unknown): Texts {
  const entries = isJsonObject(value) ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => isText(entry[1])))
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : []
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function parse(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '')
  } catch {
    return undefined
  }
}
