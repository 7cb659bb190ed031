import { ConfigurationError, assertConfig } from '../errors.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { isWellFormed } from './srp.ts'
import type { ChallengeStep, OpenStep } from './step.ts'

type Texts = { readonly [name: string]: string }

/** An answer as it is sent, and what stays here: the password of an answer by SRP. */
export interface EncodedAnswer {
  readonly responses: Texts
  /** Where the answer begins SRP: `SRP_A` goes with it. */
  readonly password?: string | undefined
}

/**
 * The `ChallengeResponses` of an answer, without user name, secret hash and device. Throws ConfigurationError where the answer
 * is not one to this step.
 */
export function encodeAnswer(step: OpenStep, answer: unknown): EncodedAnswer {
  assertConfig('respond: answer', isJsonObject(answer), 'an object.')
  const read = (name: string): string => {
    const value = Object.hasOwn(answer, name) ? answer[name] : undefined
    assertConfig(
      `respond: ${name}`,
      typeof value === 'string' && isWellFormed(value),
      `a text, as ${step.challenge} needs it.`,
    )
    return value
  }
  if (step.status === 'other-challenge') {
    const responses = answer['responses']
    const isTexts = isJsonObject(responses) && Object.values(responses).every((value) => typeof value === 'string')
    assertConfig('respond: responses', isTexts, 'texts by the names of the API.')
    return { responses: responses as Texts }
  }
  switch (step.challenge) {
    case 'SMS_MFA':
    case 'EMAIL_OTP':
    case 'SMS_OTP':
    case 'SOFTWARE_TOKEN_MFA':
      return { responses: { [`${step.challenge}_CODE`]: read('code') } }
    case 'SELECT_MFA_TYPE':
      return { responses: { ANSWER: read('choice') } }
    case 'CUSTOM_CHALLENGE':
      return { responses: { ANSWER: read('answer') } }
    case 'SELECT_CHALLENGE': {
      const choice = read('choice')
      if (answer['password'] === undefined) return { responses: { ANSWER: choice } }
      const password = read('password')
      if (choice === 'PASSWORD_SRP') return { responses: { ANSWER: choice }, password }
      assertConfig('respond: password', choice === 'PASSWORD', 'none, unless a password was chosen.')
      return { responses: { ANSWER: choice, PASSWORD: password } }
    }
    case 'PASSWORD':
      return { responses: { PASSWORD: read('password') } }
    case 'PASSWORD_SRP':
      return { responses: {}, password: read('password') }
    case 'WEB_AUTHN':
      assertConfig('respond: credential', isJsonObject(answer['credential']), 'what PublicKeyCredential.toJSON gives.')
      return { responses: { CREDENTIAL: JSON.stringify(answer['credential']) } }
    case 'MFA_SETUP':
      return { responses: answer['email'] === undefined ? {} : { EMAIL: read('email') } }
    case 'NEW_PASSWORD_REQUIRED':
      return { responses: { NEW_PASSWORD: read('password'), ...attributesOf(step, answer['attributes']) } }
  }
}

/** Only attributes that are required and missing may be sent; Cognito refuses the others, even when they do not change. */
function attributesOf(step: ChallengeStep<'NEW_PASSWORD_REQUIRED'>, given: unknown): Texts {
  const { requiredAttributes, attributes } = step
  const sent: [string, string][] = []
  for (const [name, value] of Object.entries(given ?? {})) {
    assertConfig('respond: attributes', typeof value === 'string', 'texts by the names of attributes.')
    if (requiredAttributes.includes(name)) sent.push([`userAttributes.${name}`, value])
    else if (attributes[name] !== value) {
      throw new ConfigurationError(
        `respond: attributes: ${JSON.stringify(name)} is not asked for here; change it with profile.update after signing in.`,
      )
    }
  }
  return Object.fromEntries(sent)
}
