import { computeSecretHash } from '../cognito-idp/clients.ts'
import { signUpOperations } from '../cognito-idp/sign-up.ts'
import type { JsonObject } from '../json.ts'
import { type Context, Deferred, type Handler, type PreparedOperation, ServiceError } from '../operation.ts'
import type { PoolState, State } from '../state/index.ts'
import { type AuthorizationRequest, readAuthorization } from './authorization-request.ts'
import { attributeLabel, nameLabel } from './login-pages.ts'
import {
  button,
  codeField,
  field,
  foreignForm,
  form,
  type Html,
  html,
  isOwnForm,
  type Page,
  readToken,
  showPage,
} from './page.ts'
import { linkTo, redirect, respond, toVisit, type Visit } from './visit.ts'

/** A page that makes one call of the API, and leads on where that succeeds. */
interface AccountPage {
  readonly operation: string
  readonly title: string
  fields(visit: Visit): Html
  input(visit: Visit): JsonObject
  /** Where the browser goes next, and what the address says then. */
  next(visit: Visit, output: JsonObject): readonly [path: string, more: Readonly<Record<string, string>>]
  notice?(visit: Visit): string | undefined
}

/** Makes an account. What the pool requires is asked for. */
export const signUp = accountPage({
  operation: 'SignUp',
  title: 'Create an account',
  fields: ({ pool, form: sent, query }) => html`
${field(nameLabel({ ...pool, aliases: [] }), 'username', { value: sent['username'] ?? query['login_hint'], autocomplete: 'username', isFirst: true })}
${asked(pool).map((name) => field(attributeLabel(name), `attribute.${name}`, { value: sent[`attribute.${name}`], ...kindOf(name) }))}
${field('Password', 'password', { type: 'password', autocomplete: 'new-password' })}
${button('Create the account')}`,
  input: ({ form: sent }) => ({
    Username: sent['username'],
    Password: sent['password'],
    UserAttributes: Object.entries(sent).flatMap(([name, Value]) => {
      return name.startsWith('attribute.') && Value !== '' ? [{ Name: name.slice(10), Value }] : []
    }),
  }),
  next: ({ form: sent }, { UserConfirmed }) => {
    return [UserConfirmed === true ? '/login' : '/confirmUser', { login_hint: sent['username'] ?? '' }]
  },
})

/** The code that confirms an account; another one on request. */
export const confirmUser = accountPage({
  operation: 'ConfirmSignUp',
  title: 'Confirm your account',
  notice: () => 'Enter the code that we sent you.',
  fields: ({ form: sent, query }) => html`
${field('User name', 'username', { value: sent['username'] ?? query['login_hint'], autocomplete: 'username' })}
${codeField('Code')}${button('Confirm')}${button('Send another code', 'resend', 'true')}`,
  input: ({ form: sent }) => ({ Username: sent['username'], ConfirmationCode: sent['code']?.trim() }),
  next: ({ form: sent }) => {
    return [sent['resend'] === undefined ? '/login' : '/confirmUser', { login_hint: sent['username'] ?? '' }]
  },
})

/** Sends a code for a new password. */
export const forgotPassword = accountPage({
  operation: 'ForgotPassword',
  title: 'Forgot your password?',
  notice: () => 'We send a code to the address or number that you have verified.',
  fields: ({ pool, form: sent, query }) => html`
${field(nameLabel(pool), 'username', { value: sent['username'] ?? query['login_hint'], autocomplete: 'username', isFirst: true })}${button('Send a code')}`,
  input: ({ form: sent }) => ({ Username: sent['username'] }),
  next: ({ form: sent }) => ['/confirmForgotPassword', { login_hint: sent['username'] ?? '' }],
})

/** Takes the code and the new password. */
export const confirmForgotPassword = accountPage({
  operation: 'ConfirmForgotPassword',
  title: 'Choose a new password',
  notice: () => 'Enter the code that we sent you.',
  fields: ({ form: sent, query }) => html`
${field('User name', 'username', { value: sent['username'] ?? query['login_hint'], autocomplete: 'username' })}
${codeField('Code')}${field('New password', 'password', { type: 'password', autocomplete: 'new-password' })}${button('Change the password')}`,
  input: ({ form: sent }) => {
    return { Username: sent['username'], ConfirmationCode: sent['code']?.trim(), Password: sent['password'] }
  },
  next: ({ form: sent }) => ['/login', { login_hint: sent['username'] ?? '' }],
})

/** What a new user has to have, and what the pool can confirm the account by. */
function asked({ requiredAttributes, usernameAttributes, aliases }: PoolState): readonly string[] {
  const byName = usernameAttributes.length === 1 ? usernameAttributes : []
  const contact = usernameAttributes.length > 0 ? [] : ['email']
  const named = [...requiredAttributes, ...contact, ...aliases.filter((name) => name === 'email')]
  return [...new Set(named)].filter((name) => !byName.some((one) => one === name))
}

function kindOf(name: string) {
  if (name === 'email') return { type: 'email', autocomplete: 'email' }
  return name === 'phone_number' ? { type: 'tel', autocomplete: 'tel' } : {}
}

function accountPage(page: AccountPage): PreparedOperation {
  return {
    async prepare(state, input, keys, context) {
      const visit = toVisit(state, input)
      const request = readAuthorization(visit)
      const isSent = visit.isPost && isOwnForm(visit) && !(request instanceof Response)
      const call = isSent ? await prepareCall(page, visit, request, { state, keys, context }) : undefined
      return (current, same, now) => answer(page, toVisit(current, same), call, current, now)
    },
  }
}

type Prepared = Parameters<PreparedOperation['prepare']>
type Call = (state: State, context: Context) => JsonObject | undefined

async function prepareCall(
  page: AccountPage,
  visit: Visit,
  { client }: AuthorizationRequest,
  { state, keys, context }: { readonly state: State; readonly keys: Prepared[2]; readonly context: Context },
): Promise<Call> {
  const sent = page.input(visit)
  const [hash] = (await computeSecretHash(client, String(sent['Username']))) ?? []
  const isResend = visit.form['resend'] !== undefined
  const { ConfirmationCode: _, ...named } = sent
  const input = {
    ...(isResend ? named : sent),
    ClientId: client.clientId,
    ...(hash !== undefined && { SecretHash: hash }),
  }
  const operation = signUpOperations()[`cognito-idp.${isResend ? 'ResendConfirmationCode' : page.operation}`]
  try {
    const handler: Handler | undefined =
      typeof operation === 'object' ? await operation.prepare(state, input, keys, context) : operation
    return (current, now) => handler?.(current, input, now)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return () => {
      throw error
    }
  }
}

function answer(page: AccountPage, visit: Visit, call: Call | undefined, state: State, context: Context): JsonObject {
  const request = readAuthorization(visit)
  if (request instanceof Response) return respond(visit, () => request)
  const token = readToken(visit, context)
  const show = (error?: string, status?: number) => {
    const { title, fields, notice } = page
    const back = html`<nav><a href="${linkTo(visit, '/login', visit.query)}">Back to signing in</a></nav>`
    const body = html`${form(token, fields(visit))}${back}`
    const shown: Page = { title, body, error, status, notice: notice?.(visit) }
    return showPage(visit, shown, token)
  }
  if (!visit.isPost) return respond(visit, () => show())
  if (!isOwnForm(visit)) return respond(visit, () => show(foreignForm(), 403))
  try {
    const output = call?.(state, context) ?? {}
    const [path, more] = page.next(visit, output)
    const told = output['PostConfirmation']
    return respond(visit, async (keys) => {
      // A trigger's error comes after the effect, which stays.
      if (told instanceof Deferred) {
        const error = await Promise.resolve(told.make(keys)).catch((reason: unknown) => reason)
        if (error instanceof ServiceError) return show(error.message)
      }
      return redirect(linkTo(visit, path, { ...visit.query, ...more }))
    })
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return respond(visit, () => show(error.message))
  }
}
