import { describe, expect, it } from 'vitest'
import { decodeStep, encodeAnswer, type OpenStep, type SignInCode, SignInError } from '../../src/sign-in/index.ts'
import { clientId, userPoolId } from './scripted.ts'

const place = { userPoolId, clientId, username: 'alice' }
const asked = (ChallengeName: string, ChallengeParameters: object = {}, more: object = {}) =>
  decodeStep({ ChallengeName, ChallengeParameters, Session: 's', ...more }, place, 0)

describe('decodeStep', () => {
  it.each<[string, unknown, unknown]>([
    ['no answer', undefined, place],
    ['no place', { ChallengeName: 'SMS_MFA' }, undefined],
    ['neither tokens nor a challenge', {}, place],
    ['a challenge without a name', { ChallengeName: '' }, place],
    ['a challenge whose name is no text', { ChallengeName: 7 }, place],
    ['a result without an access token', { AuthenticationResult: { IdToken: 'i' } }, place],
  ])('refuses %s', (_name, answer, where) => {
    expect(() => decodeStep(answer as object, where as typeof place, 0)).toThrow(
      expect.objectContaining({ name: 'SignInError', code: 'ANSWER_MALFORMED' }),
    )
  })

  it('goes by the user name of the challenge, and else by the one that was sent', () => {
    expect(asked('SMS_MFA', { USERNAME: 'u-1' })).toMatchObject({ username: 'u-1' })
    expect(asked('SMS_MFA', { USERNAME: 'u-1', USER_ID_FOR_SRP: 'u-2' })).toMatchObject({ username: 'u-2' })
    expect(asked('SMS_MFA')).toMatchObject({ username: 'alice' })
  })

  it.each<[string, object, object]>([
    [
      'EMAIL_OTP',
      { CODE_DELIVERY_DELIVERY_MEDIUM: 'EMAIL', CODE_DELIVERY_DESTINATION: 'a***@x***' },
      { medium: 'EMAIL', destination: 'a***@x***' },
    ],
    ['SOFTWARE_TOKEN_MFA', { FRIENDLY_DEVICE_NAME: 'phone' }, { deviceName: 'phone' }],
    ['SELECT_MFA_TYPE', { MFAS_CAN_CHOOSE: '["SMS_MFA"]', MFAS_CAN_SETUP: '["EMAIL_OTP"]' }, { choices: ['SMS_MFA'] }],
    ['MFA_SETUP', { MFAS_CAN_CHOOSE: '["SMS_MFA"]', MFAS_CAN_SETUP: '["EMAIL_OTP"]' }, { choices: ['EMAIL_OTP'] }],
    [
      'NEW_PASSWORD_REQUIRED',
      { requiredAttributes: '["userAttributes.email","custom:userAttributes.x"]', userAttributes: '{"a":"b","c":7}' },
      { requiredAttributes: ['email', 'custom:userAttributes.x'], attributes: { a: 'b' } },
    ],
    ['WEB_AUTHN', { CREDENTIAL_REQUEST_OPTIONS: '{"challenge":"c"}' }, { requestOptions: { challenge: 'c' } }],
  ])('reads what %s brings along', (challenge, parameters, details) => {
    expect(asked(challenge, parameters)).toEqual({
      ...{ status: 'challenge', challenge, userPoolId, clientId, username: 'alice', session: 's', parameters },
      ...details,
    })
  })

  it('takes a device that lacks its group’s key for none, and leaves it open who decides on one', () => {
    const result = (NewDeviceMetadata: object) =>
      decodeStep({ AuthenticationResult: { AccessToken: 'a', NewDeviceMetadata } }, place, 0)
    expect(result({ DeviceKey: 'k' })).toMatchObject({ newDevice: undefined, tokens: { deviceKey: undefined } })
    expect(result({ DeviceGroupKey: 'g' })).toMatchObject({ newDevice: undefined })
    expect(result({ DeviceKey: 'k', DeviceGroupKey: 'g' })).toMatchObject({
      ...{ newDevice: { key: 'k', groupKey: 'g', asksUser: false }, tokens: { deviceKey: 'k' } },
    })
  })
})

describe('encodeAnswer', () => {
  it('takes texts only, all of them', () => {
    const raw = asked('X') as OpenStep
    expect(() => encodeAnswer(raw, { responses: { ANSWER: 'x', OTHER: 7 } })).toThrow('respond: responses')
    const fresh = asked('NEW_PASSWORD_REQUIRED', { requiredAttributes: '["userAttributes.email"]' }) as OpenStep
    expect(() => encodeAnswer(fresh, { password: 'x', attributes: { email: 7 } })).toThrow('respond: attributes')
  })
})

describe('SignInError', () => {
  it.each<[SignInCode, string]>([
    ['SESSION_ENDED', 'Session ended.'],
    ['CHALLENGE_UNANSWERED', 'Challenge unanswered.'],
  ])('spells out %s', (code, message) => {
    const cause = new Error('why')
    expect(new SignInError(code, { cause })).toMatchObject({ name: 'SignInError', code, message, cause })
  })
})
