import { isAwsError, type OpenStep, parseStep, SignInError, type SignInStep } from 'cognigate/sign-in'
import { renderSVG } from 'uqr'
import { type Body, textOf } from './http.ts'
import type { Parts } from './worker.ts'

/** Answers what the page can ask for. */
export async function answerStep({ signIn }: Parts, step: OpenStep, body: Body): Promise<SignInStep> {
  const text = (name: string) => textOf(body, name)
  if (step.status === 'challenge') {
    switch (step.challenge) {
      case 'SOFTWARE_TOKEN_MFA':
      case 'SMS_MFA':
      case 'EMAIL_OTP':
      case 'SMS_OTP':
        return signIn.respond(step, { code: text('code') })
      case 'MFA_SETUP':
        return signIn.respond(step, text('email') ? { email: text('email') } : { code: text('code') })
      case 'SELECT_MFA_TYPE':
        return signIn.respond(step, { choice: text('choice') })
      case 'NEW_PASSWORD_REQUIRED': {
        const attributes = Object.fromEntries(step.requiredAttributes.map((name) => [name, text(name)]))
        return signIn.respond(step, { password: text('password'), attributes })
      }
      case 'WEB_AUTHN':
        return signIn.respond(step, { credential: body['credential'] })
    }
  }
  throw new SignInError('CHALLENGE_UNANSWERED')
}

/** What the page is told of a step, and the step to seal: setting up an app moves it on. */
export async function describeStep(parts: Parts, step: OpenStep): Promise<{ next: OpenStep; asked: object }> {
  const { challenge } = step
  const asked = { status: 'challenge', challenge }
  if (step.status !== 'challenge') return { next: step, asked }
  switch (step.challenge) {
    case 'SMS_MFA':
    case 'EMAIL_OTP':
    case 'SMS_OTP':
      return { next: step, asked: { ...asked, destination: step.destination } }
    case 'SELECT_MFA_TYPE':
      return { next: step, asked: { ...asked, choices: step.choices } }
    case 'NEW_PASSWORD_REQUIRED':
      return { next: step, asked: { ...asked, attributes: step.requiredAttributes } }
    case 'WEB_AUTHN':
      return { next: step, asked: { ...asked, options: passkeyOptions(step.requestOptions) } }
    case 'MFA_SETUP': {
      const { choices } = step
      if (!choices.includes('SOFTWARE_TOKEN_MFA')) return { next: step, asked: { ...asked, choices } }
      const { secret, uri, step: next } = await parts.mfa.setUp(step, { issuer, account: step.username })
      return { next, asked: { ...asked, choices, secret, uri, qr: qrCode(uri) } }
    }
    default:
      return { next: step, asked }
  }
}

/** Begins to set an authenticator app up for a user who is signed in. */
export async function setUpApp({ mfa }: Parts, accessToken: string, account: string): Promise<object> {
  const { secret, uri } = await mfa.setUp(accessToken, { issuer, account })
  return { secret, uri, qr: qrCode(uri) }
}

/** What authenticator apps show above the code. */
const issuer = 'cognigate example'

/** An image that authenticator apps scan. It holds the secret, as the URI does. */
function qrCode(uri: string): string {
  return renderSVG(uri, { ecc: 'M', border: 4 })
}

/**
 * Asks for the user's passkey. Those who have none, or do not exist, are asked as well, for a passkey that nobody has: who is
 * known here does not show (WebAuthn Level 3, 14.6.2). The answer to that is refused like that of a wrong passkey.
 */
export async function signInWithPasskey(parts: Parts, username: string, request: Request): Promise<SignInStep> {
  const { signIn } = parts
  const step = await signIn.choose(username, { preferred: 'WEB_AUTHN' }).catch((error) => {
    if (!isAwsError(error) || !userErrors.includes(error.code)) throw error
    return undefined
  })
  if (step?.status === 'challenge' && step.challenge === 'WEB_AUTHN') return step
  const options = {
    challenge: toBase64Url(crypto.getRandomValues(new Uint8Array(32))),
    rpId: parts.relyingPartyId ?? new URL(request.url).hostname,
    allowCredentials: [{ id: await pretendedId(parts.secret, username) }],
  }
  const session =
    (step?.status !== 'signed-in' && step?.session) || toBase64Url(crypto.getRandomValues(new Uint8Array(72)))
  const { userPoolId, clientId } = signIn
  const parameters = { CREDENTIAL_REQUEST_OPTIONS: JSON.stringify(options) }
  return parseStep({ status: 'challenge', challenge: 'WEB_AUTHN', userPoolId, clientId, username, session, parameters })
}

/** What `parseRequestOptionsFromJSON` takes: alike whether there is a passkey or not. A user with several has several ids. */
function passkeyOptions(given: unknown): object {
  const { challenge, rpId, allowCredentials } = Object(given)
  const ids = Array.isArray(allowCredentials) ? allowCredentials.map(({ id }) => ({ id, type: 'public-key' })) : []
  return { challenge, rpId, allowCredentials: ids, userVerification: 'required', timeout: 120_000 }
}

/** What Cognito says of a user who may not sign in. */
const userErrors = [
  'NotAuthorizedException',
  'UserNotFoundException',
  'UserNotConfirmedException',
  'PasswordResetRequiredException',
]

/** The id of the passkey that somebody does not have: the same each time. */
async function pretendedId(secret: string, username: string): Promise<string> {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const hash = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes(secret), hash, false, ['sign'])
  return toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes(`passkey ${username}`))))
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
