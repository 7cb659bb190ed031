import { describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPoolOptions } from '../../src/local/index.ts'
import {
  type ChallengeName,
  type ChallengeStep,
  clientToken,
  createAccount,
  createMfa,
  createPasskeys,
  createSignIn,
  type SignInStep,
  type Tokens,
} from '../../src/sign-in/index.ts'
import { createAuthenticator } from '../support/authenticator.ts'
import { errorOf } from '../support/aws.ts'

// What came to Cognito in the last years, from one end to the other: passkeys, codes as first factors, a sign-up that goes on as a
// sign-in, second factors by e-mail, sessions, machine tokens by the API.

const password = 'Correct-Horse-1'
const app = {
  clientId: 'app',
  authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
} as const
const alice = { password, email: 'alice@x.test', email_verified: true }

async function createWorld(settings: LocalPoolOptions = {}) {
  const pool = await createLocalPool({ clientId: 'app', clients: [app], users: { alice }, ...settings })
  const { userPoolId, clientId, fetch, now } = pool.settings
  const signIn = createSignIn({ userPoolId, clientId, fetch, now })
  return { pool, signIn, account: createAccount(signIn), code: () => `${pool.outbox.at(-1)?.code}` }
}

function tokensOf(step: SignInStep): Tokens {
  if (step.status !== 'signed-in') throw new Error(JSON.stringify(step))
  return step.tokens
}

function asked<C extends ChallengeName>(step: SignInStep, name: C): ChallengeStep<C> {
  if (step.status !== 'challenge' || step.challenge !== name) throw new Error(JSON.stringify(step))
  return step as ChallengeStep<C>
}

describe('passkeys', () => {
  it('are registered, listed, sign their user in, and sign nobody in once they are deleted', async () => {
    const { signIn } = await createWorld({ passkeys: { relyingPartyId: 'example.com' } })
    const passkeys = createPasskeys(signIn)
    const authenticator = await createAuthenticator()
    const { accessToken } = tokensOf(await signIn.withPassword('alice', password))
    const options = (await passkeys.start(accessToken)) as Record<string, unknown>
    await passkeys.complete(accessToken, await authenticator.register(options))
    expect(await createMfa(signIn).factors(accessToken)).toMatchObject({ first: expect.arrayContaining(['WEB_AUTHN']) })

    const step = asked(await signIn.choose('alice', { preferred: 'WEB_AUTHN' }), 'WEB_AUTHN')
    const request = step.requestOptions as Record<string, unknown>
    const stranger = await (await createAuthenticator()).assert(request)
    expect(await errorOf(signIn.respond(step, { credential: stranger }))).toMatchObject({ name: 'AwsError' })
    const fresh = asked(await signIn.choose('alice', { preferred: 'WEB_AUTHN' }), 'WEB_AUTHN')
    const credential = await authenticator.assert(fresh.requestOptions as Record<string, unknown>)
    tokensOf(await signIn.respond(fresh, { credential }))

    const [passkey] = await passkeys.list(accessToken).toArray()
    expect(passkey).toMatchObject({ id: authenticator.id, relyingPartyId: 'example.com' })
    await passkeys.delete(accessToken, authenticator.id)
    expect(await passkeys.list(accessToken).toArray()).toEqual([])
    const left = asked(await signIn.choose('alice'), 'SELECT_CHALLENGE')
    expect(left.choices).not.toContain('WEB_AUTHN')
  })
})

describe('a sign-up', () => {
  it('goes on as a sign-in by its session, without another question', async () => {
    const { signIn, account, code } = await createWorld()
    const { session } = await account.signUp('dora', password, { attributes: { email: 'dora@x.test' } })
    expect(session).toEqual(expect.any(String))
    const confirmed = await account.confirmSignUp('dora', code(), { session })
    tokensOf(await signIn.choose('dora', { session: confirmed.session }))
    expect(await errorOf(signIn.choose('dora', { session: confirmed.session }))).toMatchObject({ name: 'AwsError' })
  })
})

describe('MFA_SETUP', () => {
  it('sets codes by e-mail up, which the next sign-in asks for', async () => {
    const users = { bob: { password } }
    const { signIn, code } = await createWorld({ users, mfaRequired: true, mfaMethods: ['EMAIL_OTP'] })
    const step = asked(await signIn.withPassword('bob', password), 'MFA_SETUP')
    expect(step.choices).toEqual(['EMAIL_OTP'])
    const sent = asked(await signIn.respond(step, { email: 'bob@x.test' }), 'EMAIL_OTP')
    tokensOf(await signIn.respond(sent, { code: code() }))
    const again = asked(await signIn.withPassword('bob', password), 'EMAIL_OTP')
    expect(again.medium).toBe('EMAIL')
    tokensOf(await signIn.respond(again, { code: code() }))
  })
})

describe('the sessions of a user', () => {
  it('are listed and revoked one by one, but not the own one', async () => {
    const { pool, signIn, account } = await createWorld({ maxSessions: 5 })
    const first = tokensOf(await signIn.withPassword('alice', password))
    pool.advance(1000)
    const second = tokensOf(await signIn.withPassword('alice', password))
    const sessions = await account.sessions.list(second.accessToken).toArray()
    expect(sessions.map(({ isCurrent }) => isCurrent).sort()).toEqual([false, true])
    const [own, other] = [sessions.find(({ isCurrent }) => isCurrent), sessions.find(({ isCurrent }) => !isCurrent)]
    await account.sessions.revoke(second.accessToken, `${other?.id}`)
    expect(await errorOf(signIn.refresh(first))).toMatchObject({ code: 'NotAuthorizedException' })
    expect(await errorOf(account.sessions.revoke(second.accessToken, `${own?.id}`))).toMatchObject({ name: 'AwsError' })
    expect((await signIn.refresh(second)).accessToken).not.toBe('')
  })
})

describe('a machine', () => {
  it('gets its token by the API, with its secret and the scopes that it has', async () => {
    const secret = 'hushHushHushHushHushHush'
    const machine = {
      clientId: 'machine',
      secret,
      scopes: ['orders/read'],
      authFlows: ['ALLOW_CLIENT_TOKEN_AUTH'],
    } as const
    const { pool } = await createWorld({ clients: [app, machine] })
    const { userPoolId, fetch, now } = pool.settings
    const common = { userPoolId, clientId: 'machine', fetch, now }
    const { accessToken, expiresIn } = await clientToken({ ...common, clientSecret: secret, scopes: ['orders/read'] })
    expect(JSON.parse(atob(`${accessToken.split('.')[1]}`))).toMatchObject({
      client_id: 'machine',
      scope: 'orders/read',
    })
    expect(expiresIn).toBe(3600)
    expect(await errorOf(clientToken({ ...common, clientSecret: 'wrongWrongWrongWrongWrong' }))).toMatchObject({
      name: 'AwsError',
    })
  })
})
