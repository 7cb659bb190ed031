import { listSetting } from '../cognito-idp/clients.ts'
import { poolList, poolSetting } from '../cognito-idp/pool-settings.ts'
import type { JsonObject } from '../json.ts'
import type { ClientState, PoolState } from '../state/index.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { button, codeField, field, form, hidden, html, type Html, type Page } from './page.ts'
import { linkTo, type Visit } from './visit.ts'

/** Whether the client's users can be users of the pool itself; a client that names no provider has those only. */
export function hasPasswords(client: ClientState): boolean {
  const providers = listSetting(client, 'SupportedIdentityProviders')
  return providers.length === 0 || providers.includes('COGNITO')
}

/** The first page: the user name and a password, the other first factors of the pool, and other providers. */
export function showStart(visit: Visit, { client, loginHint, provider }: AuthorizationRequest, token: string): Page {
  const { pool, query, form: sent } = visit
  const isOwn = hasPasswords(client)
  const others = listSetting(client, 'SupportedIdentityProviders').filter((name) => pool.providers[name] !== undefined)
  const canSignUp = poolSetting(pool, 'AdminCreateUserConfig')['AllowAdminCreateUserOnly'] !== true
  const username = sent['username'] ?? loginHint
  const links = [
    ['/forgotPassword', 'Forgot your password?'] as const,
    ...(canSignUp ? [['/signup', 'Create an account'] as const] : []),
  ]
  const { identity_provider: _, idp_identifier: __, ...rest } = query
  return {
    title: 'Sign in',
    body: html`
${
  isOwn && (provider === undefined || provider === 'COGNITO' || pool.providers[provider] === undefined)
    ? html`${form(
        token,
        html`${field(nameLabel(pool), 'username', { value: username, autocomplete: 'username webauthn', isFirst: username === undefined })}
${field('Password', 'password', { type: 'password', autocomplete: 'current-password', isFirst: username !== undefined })}
${button('Sign in')}
${otherFactors(pool).map(([factor, label]) => button(label, 'factor', factor))}`,
      )}
<nav>${links.map(([path, label]) => html`<a href="${linkTo(visit, path, query)}">${label}</a>`)}</nav>`
    : undefined
}
${others.map((name) => html`<p><a href="${linkTo(visit, '/provider', { ...rest, identity_provider: name })}">Continue with ${name}</a></p>`)}
${isOwn || others.length > 0 ? undefined : html`<p>The app client has no identity provider.</p>`}`,
  }
}

/** How users of the pool are called. */
export function nameLabel({ usernameAttributes, aliases }: PoolState): string {
  const [first, second] = usernameAttributes
  const label = (name: string) => (name === 'email' ? 'E-mail address' : 'Phone number')
  if (first !== undefined) return second === undefined ? label(first) : 'E-mail address or phone number'
  return aliases.length === 0 ? 'User name' : 'User name or alias'
}

/** What users can begin with in place of a password. */
function otherFactors(pool: PoolState): readonly (readonly [string, string])[] {
  const allowed = poolList({ settings: poolSetting(pool, 'SignInPolicy') }, 'AllowedFirstAuthFactors')
  return [
    ...(pool.passkeys === undefined ? [] : [['WEB_AUTHN', 'Sign in with a passkey'] as const]),
    ...(allowed.includes('EMAIL_OTP') ? [['EMAIL_OTP', 'Send a code by e-mail'] as const] : []),
    ...(allowed.includes('SMS_OTP') ? [['SMS_OTP', 'Send a code by text message'] as const] : []),
  ]
}

/** The page of a challenge. Its form has all that the answer needs: nothing of it is kept for the browser here. */
export function showChallenge({ form: sent }: Visit, answer: JsonObject, token: string): Page {
  const { ChallengeName, Session, AvailableChallenges, SecretCode, ChallengeParameters } = answer
  const challenge = String(ChallengeName)
  const parameters: JsonObject = {
    ...Object(ChallengeParameters),
    ...(AvailableChallenges !== undefined && { AvailableChallenges }),
  }
  const username = sent['username'] ?? ''
  const text = (name: string) => String(parameters[name] ?? '')
  const kept = hidden({
    challenge,
    session: String(Session),
    username,
    shown: JSON.stringify(parameters),
    ...(SecretCode !== undefined && { secret: String(SecretCode) }),
  })
  const step = (content: Html, attributes?: Html) => form(token, html`${kept}${content}`, attributes)
  switch (challenge) {
    case 'SMS_MFA':
    case 'EMAIL_OTP':
    case 'SMS_OTP':
      return {
        title: 'Enter the code',
        notice: `We sent a code to ${text('CODE_DELIVERY_DESTINATION')}.`,
        body: step(html`${codeField('Code')}${button('Continue')}`),
      }
    case 'SOFTWARE_TOKEN_MFA':
      return {
        title: 'Enter the code',
        notice: 'Your authenticator app shows a code of six digits.',
        body: step(html`${codeField('Code')}${button('Continue')}`),
      }
    case 'NEW_PASSWORD_REQUIRED':
      return {
        title: 'Choose a new password',
        body: step(html`${field('New password', 'password', { type: 'password', autocomplete: 'new-password', isFirst: true })}
${readList(text('requiredAttributes')).map((name) => field(attributeLabel(name), name))}${button('Continue')}`),
      }
    case 'SELECT_MFA_TYPE':
      return {
        title: 'How do you want to get a code?',
        body: step(
          html`${readList(text('MFAS_CAN_CHOOSE')).map((method) => button(methodLabel(method), 'answer', method))}`,
        ),
      }
    case 'SELECT_CHALLENGE':
      return {
        title: 'How do you want to sign in?',
        body: html`${step(html`${field('Password', 'password', { type: 'password', autocomplete: 'current-password' })}${button('Sign in')}`)}
${step(html`${offered(parameters).map((method) => button(methodLabel(method), 'answer', method))}`)}`,
      }
    case 'PASSWORD':
      return {
        title: 'Enter your password',
        body: step(
          html`${field('Password', 'password', { type: 'password', autocomplete: 'current-password', isFirst: true })}${button('Sign in')}`,
        ),
      }
    case 'WEB_AUTHN':
      return {
        title: 'Use your passkey',
        hasScript: true,
        body: html`<p class="error" id="passkey-error" role="alert"></p>${step(
          html`${hidden({ credential: '' })}${button('Use a passkey')}`,
          html`data-passkey="get" data-options="${text('CREDENTIAL_REQUEST_OPTIONS')}"`,
        )}`,
      }
    case 'MFA_SETUP':
      return { title: 'Set up a second factor', body: showSetUp(step, username, parameters, SecretCode) }
    default:
      return { title: 'Sign in', body: html``, error: `The page cannot answer the challenge ${challenge}.` }
  }
}

function showSetUp(step: (content: Html) => Html, username: string, parameters: JsonObject, secret: unknown): Html {
  const label = `cognito:${encodeURIComponent(username)}`
  const app = html`<p>Add this key to an authenticator app, then enter the code that it shows:</p><p><code id="secret">${String(secret)}</code></p>
<p><a href="otpauth://totp/${label}?secret=${String(secret)}&issuer=cognito">Open an authenticator app</a></p>
${step(html`${codeField('Code of the app')}${button('Continue')}`)}`
  const mail = html`<p>Or get codes by e-mail:</p>
${step(html`${field('E-mail address', 'email', { type: 'email', autocomplete: 'email' })}${button('Send a code')}`)}`
  const methods = readList(String(parameters['MFAS_CAN_SETUP'] ?? '[]'))
  return html`${secret === undefined ? undefined : app}${methods.includes('EMAIL_OTP') ? mail : undefined}`
}

function offered({ AvailableChallenges: list }: JsonObject): readonly string[] {
  const known = ['WEB_AUTHN', 'EMAIL_OTP', 'SMS_OTP']
  return Array.isArray(list) ? list.map(String).filter((one) => known.includes(one)) : []
}

function readList(text: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.map(String) : []
  } catch {
    return []
  }
}

function methodLabel(method: string): string {
  if (method === 'SOFTWARE_TOKEN_MFA') return 'Authenticator app'
  if (method === 'WEB_AUTHN') return 'Passkey'
  return method.startsWith('SMS') ? 'Text message' : 'E-mail'
}

/** An attribute's name, for people: `given_name` is "Given name". */
export function attributeLabel(name: string): string {
  const words = name
    .replace(/^userAttributes\./, '')
    .replace(/^custom:/, '')
    .replaceAll('_', ' ')
  return words === 'email' ? 'E-mail address' : words.charAt(0).toUpperCase() + words.slice(1)
}
