import { isJsonObject } from '../internal/encoding.ts'
import type { ChallengeName, CodeDelivery, SignInStep, SrpParameters } from './step.ts'
import type { AdminInitiateAuthResponse } from '../aws/index.ts'

/**
 * What an answer to a sign-in says (AdminInitiateAuth, InitiateAuth, RespondToAuthChallenge and its admin form).
 * `username` is the one that was sent, for challenges that name none.
 */
export function signInStepOf(answer: AdminInitiateAuthResponse, username: string): SignInStep {
  const { AuthenticationResult: result, ChallengeName: challenge = '', ChallengeParameters: parameters = {} } = answer
  if (result) {
    const { AccessToken = '', IdToken, RefreshToken, ExpiresIn = 0, NewDeviceMetadata: device } = result
    const { DeviceKey: key, DeviceGroupKey: groupKey } = device ?? {}
    return {
      status: 'signed-in',
      tokens: { accessToken: AccessToken, idToken: IdToken, refreshToken: RefreshToken, expiresIn: ExpiresIn },
      newDevice: key && groupKey ? { key, groupKey } : undefined,
    }
  }
  const common = {
    username: parameters['USER_ID_FOR_SRP'] ?? parameters['USERNAME'] ?? username,
    session: answer.Session,
    parameters,
  }
  const details = detailsOf(challenge as ChallengeName, answer, parameters)
  if (details === undefined) return { status: 'other-challenge', challenge, ...common }
  return { status: 'challenge', challenge, ...common, ...details } as SignInStep
}

type Parameters = { readonly [name: string]: string | undefined }

/** What a challenge brings along; undefined for one that is not known. */
function detailsOf(challenge: ChallengeName, answer: AdminInitiateAuthResponse, given: Parameters): object | undefined {
  switch (challenge) {
    case 'SMS_MFA':
    case 'SMS_OTP':
    case 'EMAIL_OTP':
      return deliveryOf(given)
    case 'SOFTWARE_TOKEN_MFA':
      return { deviceName: given['FRIENDLY_DEVICE_NAME'] }
    case 'SELECT_MFA_TYPE':
      return { choices: textsIn(given['MFAS_CAN_CHOOSE']) }
    case 'MFA_SETUP':
      return { choices: textsIn(given['MFAS_CAN_SETUP']) }
    case 'SELECT_CHALLENGE':
      return { choices: answer.AvailableChallenges ?? [] }
    case 'PASSWORD_VERIFIER':
    case 'DEVICE_PASSWORD_VERIFIER':
      return srpOf(given)
    case 'NEW_PASSWORD_REQUIRED':
      return {
        requiredAttributes: textsIn(given['requiredAttributes']).map((name) => name.replace(/^userAttributes\./, '')),
        attributes: attributesIn(given['userAttributes']),
      }
    case 'WEB_AUTHN':
      return { requestOptions: parse(given['CREDENTIAL_REQUEST_OPTIONS']) }
    case 'CUSTOM_CHALLENGE':
    case 'DEVICE_SRP_AUTH':
    case 'ADMIN_NO_SRP_AUTH':
    case 'PASSWORD':
    case 'PASSWORD_SRP':
      return {}
    default:
      return undefined satisfies undefined
  }
}

function deliveryOf(given: Parameters): CodeDelivery {
  return { medium: given['CODE_DELIVERY_DELIVERY_MEDIUM'], destination: given['CODE_DELIVERY_DESTINATION'] }
}

function srpOf(given: Parameters): SrpParameters {
  const { SALT: salt = '', SRP_B: srpB = '', SECRET_BLOCK: secretBlock = '' } = given
  return { salt, srpB, secretBlock }
}

function textsIn(json: string | undefined): string[] {
  const list = parse(json)
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
}

function attributesIn(json: string | undefined): Record<string, string> {
  const members = parse(json)
  const entries = isJsonObject(members) ? Object.entries(members) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

function parse(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '')
  } catch {
    return undefined
  }
}
