import { completePasskey, offerPasskey } from '../cognito-idp/passkeys.ts'
import type { JsonObject } from '../json.ts'
import { type PreparedOperation, ServiceError } from '../operation.ts'
import { readAuthorization } from './authorization-request.ts'
import { button, foreignForm, form, hidden, html, isOwnForm, readToken, showPage } from './page.ts'
import { linkTo, redirect, respond, toVisit } from './visit.ts'

/** Adds a passkey to the user whom the browser is signed in as, and goes back to the client by way of the authorization endpoint. */
export const addPasskey: PreparedOperation = {
  async prepare(state, input, _, context) {
    const visit = toVisit(state, input)
    const { pool } = visit
    const session = pool.loginSessions[visit.loginSession ?? '']
    const request = readAuthorization(visit)
    const signedIn = (current: typeof pool) => {
      const user = session === undefined || session.until <= context.now ? undefined : current.users[session.username]
      return user?.enabled && !(request instanceof Response)
        ? { pool: current, user, client: request.client }
        : undefined
    }
    const before = signedIn(pool)
    const isSent = visit.isPost && isOwnForm(visit)
    const credential = parse(visit.form['credential'])
    const complete = isSent && before !== undefined ? await completePasskey(before, credential, context) : undefined
    return (current, same, now): JsonObject => {
      const here = toVisit(current, same)
      if (request instanceof Response) return respond(here, () => request)
      const who = signedIn(here.pool)
      if (who === undefined) return respond(here, () => redirect(linkTo(here, '/login', here.query)))
      const token = readToken(here, now)
      const show = (error?: string, status?: number) => {
        const { CredentialCreationOptions } = offerPasskey(who, now)
        const attributes = html`data-passkey="create" data-options="${JSON.stringify(CredentialCreationOptions)}"`
        const body = html`<p class="error" id="passkey-error" role="alert"></p>
${form(token, html`${hidden({ credential: '' })}${button('Create a passkey')}`, attributes)}
<nav><a href="${linkTo(here, '/oauth2/authorize', here.query)}">Not now</a></nav>`
        const page = { title: 'Add a passkey', body, error, status, hasScript: true }
        return respond(here, () => showPage(here, page, token))
      }
      try {
        if (!here.isPost) return show()
        if (complete === undefined) return show(foreignForm(), 403)
        complete(who, now)
        return respond(here, () => redirect(linkTo(here, '/oauth2/authorize', here.query)))
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error
        if (here.isPost) return show(error.message)
        return respond(here, () =>
          showPage(here, { title: 'Add a passkey', body: html``, error: error.message }, token),
        )
      }
    }
  },
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
