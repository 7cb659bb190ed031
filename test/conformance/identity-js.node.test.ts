import type {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  CognitoUserSession,
} from 'amazon-cognito-identity-js'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'

// The browser SDK of Amplify's first generation signs in at the local pool: its SRP and device maths are its own.

const password = 'Correct-h0rse'
let pool: LocalPool
let library: typeof import('amazon-cognito-identity-js')

beforeAll(async () => {
  vi.stubGlobal('fetch', (...args: Parameters<LocalPool['fetch']>) => pool.fetch(...args))
  library = await import('amazon-cognito-identity-js')
})

beforeEach(async () => {
  pool = await createLocalPool({
    groups: ['editor'],
    users: {
      alice: { password, groups: ['editor'], email: 'alice@example.com', email_verified: true },
      bob: { password, status: 'FORCE_CHANGE_PASSWORD', email: 'bob@example.com' },
      'Zoë.Ünïcode': { password: 'pässwörd-🔑-1A' },
    },
    clients: [{ clientId: 'hiding', hideUnknownUsers: true }],
  })
})

describe('amazon-cognito-identity-js at the local pool', () => {
  it.each([
    ['alice', password],
    ['Zoë.Ünïcode', 'pässwörd-🔑-1A'],
  ])('signs %s in by SRP', async (username, right) => {
    const session = await signIn(userOf(username), username, right)
    expect(session).toMatchObject({ kind: 'success' })
    if (session.kind !== 'success') return
    expect(session.session.getAccessToken().payload).toMatchObject({ username, token_use: 'access' })
    expect(session.session.getIdToken().payload['cognito:username']).toBe(username)
  })

  it('agrees with the pool on many salts and secrets', async () => {
    for (let round = 0; round < 6; round++) {
      expect((await signIn(userOf('alice'), 'alice', password)).kind).toBe('success')
    }
  })

  it('is refused with a wrong password, and told of unknown users as the client says', async () => {
    const wrong = { kind: 'failure', code: 'NotAuthorizedException', message: 'Incorrect username or password.' }
    expect(await signIn(userOf('alice'), 'alice', 'Wr0ng-password')).toEqual(wrong)
    expect(await signIn(userOf('mallory'), 'mallory', password)).toMatchObject({ code: 'UserNotFoundException' })
    expect(await signIn(userOf('mallory', 'hiding'), 'mallory', password)).toEqual(wrong)
  })

  it('chooses a new password in place of a temporary one', async () => {
    const user = userOf('bob')
    expect(await signIn(user, 'bob', password)).toMatchObject({
      kind: 'newPasswordRequired',
      attributes: { email: 'bob@example.com' },
    })
    const session = await new Promise<CognitoUserSession>((onSuccess, onFailure) => {
      user.completeNewPasswordChallenge('N3w-password', {}, { onSuccess, onFailure })
    })
    expect(session.isValid()).toBe(true)
    expect((await signIn(userOf('bob'), 'bob', 'N3w-password')).kind).toBe('success')
  })

  it('signs in with the password itself', async () => {
    const user = userOf('alice')
    user.setAuthenticationFlowType('USER_PASSWORD_AUTH')
    expect((await signIn(user, 'alice', password)).kind).toBe('success')
  })

  it('renews its tokens', async () => {
    const user = userOf('alice')
    const outcome = await signIn(user, 'alice', password)
    if (outcome.kind !== 'success') throw new Error(outcome.kind)
    const renewed = await new Promise<CognitoUserSession>((resolve, reject) => {
      user.refreshSession(outcome.session.getRefreshToken(), (error, session) =>
        error ? reject(error) : resolve(session),
      )
    })
    expect(renewed.getAccessToken().getJwtToken()).not.toBe(outcome.session.getAccessToken().getJwtToken())
  })
})

type Outcome =
  | { readonly kind: 'success'; readonly session: CognitoUserSession }
  | { readonly kind: 'failure'; readonly code: string; readonly message: string }
  | { readonly kind: 'newPasswordRequired'; readonly attributes: unknown; readonly required: unknown }
  | { readonly kind: 'totpRequired' | 'mfaRequired' | 'selectMFAType' | 'mfaSetup' }

function signIn(user: CognitoUser, Username: string, Password: string): Promise<Outcome> {
  const details: AuthenticationDetails = new library.AuthenticationDetails({ Username, Password })
  return new Promise((resolve) => {
    user.authenticateUser(details, {
      onSuccess: (session) => resolve({ kind: 'success', session }),
      onFailure: ({ code, message }) => resolve({ kind: 'failure', code, message }),
      newPasswordRequired: (attributes, required) => resolve({ kind: 'newPasswordRequired', attributes, required }),
      totpRequired: () => resolve({ kind: 'totpRequired' }),
      mfaRequired: () => resolve({ kind: 'mfaRequired' }),
      selectMFAType: () => resolve({ kind: 'selectMFAType' }),
      mfaSetup: () => resolve({ kind: 'mfaSetup' }),
    })
  })
}

function userOf(Username: string, ClientId = pool.settings.clientId): CognitoUser {
  const Pool: CognitoUserPool = new library.CognitoUserPool({ UserPoolId: pool.settings.userPoolId, ClientId })
  return new library.CognitoUser({ Username, Pool })
}
