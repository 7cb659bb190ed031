import { describe, expect, it } from 'vitest'
import { createGuard, defineGroups } from '../../src/index.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import {
  type ChallengeName,
  type ChallengeStep,
  createAccount,
  createMfa,
  createSignIn,
  type DeviceStore,
  openStep,
  type SignInOptions,
  type SignInStep,
  type StoredDevice,
  sealStep,
} from '../../src/sign-in/index.ts'
import { errorOf } from '../support/aws.ts'
import { totp } from './totp.ts'

const password = 'Correct-Horse-1'
const secret = 'a secret of 32 characters or more'

function signInTo(pool: LocalPool, now: () => number, options: Partial<SignInOptions> = {}) {
  const { userPoolId, clientId } = pool.settings
  return createSignIn({ userPoolId: `${userPoolId}`, clientId: `${clientId}`, fetch: pool.fetch, now, ...options })
}

function tokensOf(step: SignInStep) {
  if (step.status !== 'signed-in') throw new Error(`a challenge: ${step.challenge}`)
  return step.tokens
}

function expectChallenge<C extends ChallengeName>(step: SignInStep, name: C): ChallengeStep<C> {
  if (step.status !== 'challenge' || step.challenge !== name) throw new Error(`${step.status}, not ${name}`)
  return step as ChallengeStep<C>
}

describe('the codes of an authenticator app', () => {
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [20000000000, '65353130'],
  ])('are those of RFC 6238 appendix B at %d', async (seconds, code) => {
    expect(await totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', seconds * 1000, 8)).toBe(code)
  })
})

describe('signing in at the local pool', () => {
  it('proves a password by SRP, and the guard knows the user', async () => {
    const groups = defineGroups({ editor: { allow: ['posts.write'] } })
    const pool = await createLocalPool({ groups: { editor: {} }, users: { alice: { password, groups: ['editor'] } } })
    const signIn = signInTo(pool, Date.now)
    const { accessToken } = tokensOf(await signIn.withPassword('alice', password))
    const guard = createGuard({ ...pool.settings, groups })
    expect(guard.can(await guard.verify(accessToken), 'posts.write')).toBe(true)
    expect(await errorOf(signIn.withPassword('alice', 'Wrong-Horse-7'))).toMatchObject({
      code: 'NotAuthorizedException',
    })
  })

  it('takes a user from sign-up through a second factor, renewal and a forgotten password to the end', async () => {
    let now = Date.UTC(2026, 10, 5, 9, 7, 3)
    const pool = await createLocalPool({ users: {}, now: () => now })
    const signIn = signInTo(pool, () => now)
    const [account, mfa] = [createAccount(signIn), createMfa(signIn)]
    const lastCode = () => `${pool.outbox.at(-1)?.code}`

    const attributes = { email: 'alice@x.test' }
    expect(await account.signUp('alice', password, { attributes })).toMatchObject({ confirmed: false })
    expect(await errorOf(signIn.withPassword('alice', password))).toMatchObject({ code: 'UserNotConfirmedException' })
    await account.confirmSignUp('alice', lastCode())
    const first = tokensOf(await signIn.withPassword('alice', password))
    expect(await account.profile.get(first.accessToken)).toMatchObject({ username: 'alice', attributes })

    const { secret: key } = await mfa.setUp(first.accessToken, { issuer: 'Acme', account: 'alice' })
    await mfa.verify(first.accessToken, await totp(key, now))
    await mfa.setPreference(first.accessToken, { totp: 'preferred' })

    now += 60_000
    const asked = expectChallenge(await signIn.withPassword('alice', password), 'SOFTWARE_TOKEN_MFA')
    const opened = await openStep(await sealStep(asked, secret), secret)
    const step = expectChallenge(opened, 'SOFTWARE_TOKEN_MFA')
    const wrong = await totp(key, now + 3_600_000)
    expect(await errorOf(signIn.respond(step, { code: wrong }))).toMatchObject({ code: 'CodeMismatchException' })
    const second = tokensOf(await signIn.respond(step, { code: await totp(key, now) }))
    expect(await errorOf(signIn.respond(step, { code: await totp(key, now) }))).toMatchObject({ name: 'AwsError' })

    const session = signIn.session(second)
    now += 3_590_000
    expect((await session.tokens()).accessToken).not.toBe(second.accessToken)

    await account.forgotPassword('alice')
    await account.confirmForgotPassword('alice', lastCode(), 'Another-Horse-2')
    expect(await errorOf(signIn.withPassword('alice', password))).toMatchObject({ code: 'NotAuthorizedException' })
    const third = expectChallenge(await signIn.withPassword('alice', 'Another-Horse-2'), 'SOFTWARE_TOKEN_MFA')
    const { accessToken } = tokensOf(await signIn.respond(third, { code: await totp(key, now) }))
    await account.globalSignOut(accessToken)
    expect(await errorOf(session.renew())).toMatchObject({ code: 'SESSION_ENDED' })
  })

  it('replaces a temporary password by SRP', async () => {
    const pool = await createLocalPool({
      users: { alice: { password, status: 'FORCE_CHANGE_PASSWORD', attributes: { email: 'a@x.test' } } },
    })
    const signIn = signInTo(pool, Date.now)
    const step = expectChallenge(await signIn.withPassword('alice', password), 'NEW_PASSWORD_REQUIRED')
    expect(
      tokensOf(await signIn.respond(step, { password: 'Another-Horse-2', attributes: step.attributes })),
    ).toBeTruthy()
  })

  it('signs in with Unicode names and passwords, and a client secret', async () => {
    const pool = await createLocalPool({
      users: { 'ålice-名': { password: 'Pässwörd-1-🐎' } },
      clients: [{ clientId: 'secretive', secret: 'hushHushHushHushHushHush' }],
    })
    const signIn = signInTo(pool, Date.now, { clientId: 'secretive', clientSecret: 'hushHushHushHushHushHush' })
    const tokens = tokensOf(await signIn.withPassword('ålice-名', 'Pässwörd-1-🐎'))
    expect(tokensOf({ status: 'signed-in', tokens: await signIn.refresh(tokens), newDevice: undefined })).toBeTruthy()
    await signIn.revoke(`${tokens.refreshToken}`)
    expect(await errorOf(signIn.refresh(tokens))).toMatchObject({ code: 'NotAuthorizedException' })
  })
})

describe('devices at the local pool', () => {
  it('are confirmed, and then prove themselves by SRP', async () => {
    const map = new Map<string, StoredDevice>()
    const deviceStore: DeviceStore = {
      get: (key) => map.get(key),
      set: (key, device) => void map.set(key, device),
      delete: (key) => void map.delete(key),
    }
    const pool = await createLocalPool({ users: { alice: { password } }, deviceTracking: 'always' })
    const signIn = signInTo(pool, Date.now, { deviceStore })
    const first = await signIn.withPassword('alice', password)
    if (first.status !== 'signed-in' || !first.newDevice) throw new Error('no new device')
    expect(map.size).toBe(1)
    const again = tokensOf(await signIn.withPassword('alice', password))
    expect(again.deviceKey).toBe(first.newDevice.key)
    expect(await signIn.refresh(again)).toMatchObject({ deviceKey: first.newDevice.key })
  })
})
