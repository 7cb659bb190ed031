import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalPool } from '../../src/local/index.ts'
import {
  createAccount,
  createMfa,
  createSignIn,
  isAwsError,
  type SignIn,
  type SignInStep,
  type Tokens,
} from '../../src/sign-in/index.ts'
import { totp } from '../sign-in/totp.ts'
import { exampleCredentials } from '../support/sdk-client.ts'
import { cognitoLocalCode, startCognitoLocal } from './emulators/cognito-local.ts'
import { hasMoto } from './emulators/moto.ts'
import { type Emulator, startEmulator } from './emulators/process.ts'

// One scenario of a user by our client, at our local AWS and at two emulators that are none of ours. Neither of them has SRP's
// server side: cognito-local has none, and moto takes any proof. So the password is sent as it is.

const password = 'Correct-h0rse'
const newPassword = 'N3w-password'

interface Place {
  readonly signIn: SignIn
  /** The newest code that was sent to somebody. */
  code(): string
  /** Milliseconds, by its clock. */
  now(): number
  /** Makes its clock later, by whole codes of an authenticator app. */
  later(): void
}

interface Step {
  readonly name: string
  readonly expected: unknown
  run(place: Place): Promise<unknown>
}

/** What went wrong, by AWS's code. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing',
    (error: unknown) => (isAwsError(error) ? error.code : `${error}`),
  )
}

const enter = (signIn: SignIn, username: string, typed: string) => signIn.withPassword(username, typed, { srp: false })

async function tokensOf(step: SignInStep | Promise<SignInStep>): Promise<Tokens> {
  const last = await step
  if (last.status !== 'signed-in') throw new Error(last.challenge)
  return last.tokens
}

function claimsOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())
}

const steps: readonly Step[] = [
  {
    name: 'a password signs in',
    expected: ['alice', 'access', 'alice@example.com'],
    async run({ signIn }) {
      const { accessToken, idToken } = await tokensOf(enter(signIn, 'alice', password))
      const { username, token_use } = claimsOf(accessToken)
      return [username, token_use, claimsOf(idToken)['email']]
    },
  },
  {
    name: 'a wrong password and an unknown user are refused',
    expected: ['NotAuthorizedException', 'UserNotFoundException'],
    run: async ({ signIn }) => [
      await refusal(enter(signIn, 'alice', 'Wr0ng-password')),
      await refusal(enter(signIn, 'mallory', password)),
    ],
  },
  {
    name: 'a temporary password is replaced',
    expected: ['NEW_PASSWORD_REQUIRED', 'signed-in', 'signed-in'],
    async run({ signIn }) {
      const step = await enter(signIn, 'bob', password)
      if (step.status !== 'challenge' || step.challenge !== 'NEW_PASSWORD_REQUIRED') return step
      const next = await signIn.respond(step, { password: newPassword })
      return [step.challenge, next.status, (await enter(signIn, 'bob', newPassword)).status]
    },
  },
  {
    name: 'tokens are renewed by REFRESH_TOKEN_AUTH, and the refresh token stays',
    expected: ['alice', true],
    async run({ signIn }) {
      const tokens = await tokensOf(enter(signIn, 'alice', password))
      const renewed = await signIn.refresh(tokens, { by: 'REFRESH_TOKEN_AUTH' })
      return [claimsOf(renewed.accessToken)['username'], renewed.refreshToken === tokens.refreshToken]
    },
  },
  {
    name: 'a profile is read and changed',
    expected: ['alice', 'Alice'],
    async run({ signIn }) {
      const { profile } = createAccount(signIn)
      const { accessToken } = await tokensOf(enter(signIn, 'alice', password))
      await profile.update(accessToken, { name: 'Alice' })
      const { username, attributes } = await profile.get(accessToken)
      return [username, attributes['name']]
    },
  },
  {
    name: 'a password is changed, by who knows the one before',
    expected: ['NotAuthorizedException', 'NotAuthorizedException', 'signed-in'],
    async run({ signIn }) {
      const account = createAccount(signIn)
      const { accessToken } = await tokensOf(enter(signIn, 'alice', password))
      const wrong = await refusal(account.changePassword(accessToken, 'Wr0ng-password', newPassword))
      await account.changePassword(accessToken, password, newPassword)
      const old = await refusal(enter(signIn, 'alice', password))
      const { status } = await enter(signIn, 'alice', newPassword)
      await account.changePassword(accessToken, newPassword, password)
      return [wrong, old, status]
    },
  },
  {
    name: 'a user signs up and confirms the address',
    expected: [false, 'UserNotConfirmedException', 'signed-in'],
    async run({ signIn, code }) {
      const account = createAccount(signIn)
      const { confirmed } = await account.signUp('dora', password, { attributes: { email: 'dora@example.com' } })
      const early = await refusal(enter(signIn, 'dora', password))
      await account.confirmSignUp('dora', code())
      return [confirmed, early, (await enter(signIn, 'dora', password)).status]
    },
  },
  {
    name: 'a wrong code confirms nobody',
    expected: 'CodeMismatchException',
    async run({ signIn }) {
      const account = createAccount(signIn)
      await account.signUp('emil', password, { attributes: { email: 'emil@example.com' } })
      return refusal(account.confirmSignUp('emil', '000000'))
    },
  },
  {
    name: 'a forgotten password is set again',
    expected: ['EMAIL', 'signed-in'],
    async run({ signIn, code }) {
      const account = createAccount(signIn)
      const { medium } = await account.forgotPassword('alice')
      await account.confirmForgotPassword('alice', code(), newPassword)
      return [medium, (await enter(signIn, 'alice', newPassword)).status]
    },
  },
  {
    name: 'an authenticator app is set up, and its code signs in',
    expected: ['EnableSoftwareTokenMFAException', 'SOFTWARE_TOKEN_MFA', 'CodeMismatchException', 'signed-in'],
    async run({ signIn, now, later }) {
      const mfa = createMfa(signIn)
      const { accessToken } = await tokensOf(enter(signIn, 'bob', newPassword))
      const { secret } = await mfa.setUp(accessToken, { issuer: 'Example', account: 'bob' })
      const early = await refusal(mfa.verify(accessToken, '000000'))
      await mfa.verify(accessToken, await totp(secret, now()))
      await mfa.setPreference(accessToken, { totp: 'preferred' })
      later()
      const step = await enter(signIn, 'bob', newPassword)
      if (step.status !== 'challenge' || step.challenge !== 'SOFTWARE_TOKEN_MFA') return [early, step.status]
      const wrong = await refusal(signIn.respond(step, { code: '000000' }))
      const right = await signIn.respond(step, { code: await totp(secret, now()) })
      return [early, step.challenge, wrong, right.status]
    },
  },
  {
    name: 'signing out everywhere ends the refresh token',
    expected: 'NotAuthorizedException',
    async run({ signIn }) {
      const tokens = await tokensOf(enter(signIn, 'dora', password))
      await createAccount(signIn).globalSignOut(tokens.accessToken)
      return refusal(signIn.refresh(tokens, { by: 'REFRESH_TOKEN_AUTH' }))
    },
  },
  {
    name: 'a revoked refresh token renews nothing',
    expected: 'NotAuthorizedException',
    async run({ signIn }) {
      const tokens = await tokensOf(enter(signIn, 'dora', password))
      await signIn.revoke(tokens.refreshToken ?? '')
      return refusal(signIn.refresh(tokens, { by: 'REFRESH_TOKEN_AUTH' }))
    },
  },
  {
    name: 'a user deletes the account',
    expected: 'UserNotFoundException',
    async run({ signIn }) {
      const { accessToken } = await tokensOf(enter(signIn, 'dora', password))
      await createAccount(signIn).deleteAccount(accessToken)
      return refusal(enter(signIn, 'dora', password))
    },
  },
]

/** How an emulator is known to differ, by the name of the step: why, and what comes out instead. */
type Defects = Readonly<Record<string, readonly [why: string, outcome: unknown]>>

const cognitoLocalDefects: Defects = {
  'a wrong password and an unknown user are refused': [
    'Other error names.',
    ['InvalidPasswordException', 'NotAuthorizedException'],
  ],
  'a password is changed, by who knows the one before': [
    'Other error names.',
    ['InvalidPasswordException', 'InvalidPasswordException', 'signed-in'],
  ],
  'an authenticator app is set up, and its code signs in': [
    'Another error name at the set-up.',
    ['CodeMismatchException', 'SOFTWARE_TOKEN_MFA', 'CodeMismatchException', 'signed-in'],
  ],
  'signing out everywhere ends the refresh token': ['Has no GlobalSignOut.', 'Unsupported'],
  'a user deletes the account': ['Tells of no unknown users.', 'NotAuthorizedException'],
}
const motoDefects: Defects = {
  'a password signs in': ['Has no attributes in ID tokens.', ['alice', 'access', undefined]],
  'a wrong code confirms nobody': ['Takes any code.', 'nothing'],
  'an authenticator app is set up, and its code signs in': [
    'Another error name at the set-up.',
    ['CodeMismatchException', 'SOFTWARE_TOKEN_MFA', 'CodeMismatchException', 'signed-in'],
  ],
  'a revoked refresh token renews nothing': ['Has no RevokeToken.', 'UnknownError'],
  'a user deletes the account': ['Has no DeleteUser.', 'UnknownError'],
}

/** A pool with Alice, and Bob whose password is temporary. */
async function openPool(client: CognitoIdentityProviderClient): Promise<{ userPoolId: string; clientId: string }> {
  const { UserPool } = await client.send(
    new CreateUserPoolCommand({ PoolName: 'users', AutoVerifiedAttributes: ['email'], MfaConfiguration: 'OPTIONAL' }),
  )
  const UserPoolId = UserPool?.Id ?? ''
  const { UserPoolClient } = await client.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'app',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  )
  for (const Username of ['alice', 'bob']) {
    const UserAttributes = [
      { Name: 'email', Value: `${Username}@example.com` },
      { Name: 'email_verified', Value: 'true' },
    ]
    await client.send(
      new AdminCreateUserCommand({
        ...{ UserPoolId, Username, UserAttributes, TemporaryPassword: password, MessageAction: 'SUPPRESS' },
      }),
    )
  }
  const permanent = { UserPoolId, Username: 'alice', Password: password, Permanent: true }
  await client.send(new AdminSetUserPasswordCommand(permanent))
  return { userPoolId: UserPoolId, clientId: UserPoolClient?.ClientId ?? '' }
}

async function play(place: Place, defects: Defects): Promise<void> {
  for (const { name, expected, run } of steps) {
    const outcome = await run(place).catch((error: unknown) => (isAwsError(error) ? error.code : `${error}`))
    expect.soft([name, outcome]).toEqual([name, defects[name] ? defects[name][1] : expected])
  }
}

async function playAt(endpoint: string, code: string, defects: Defects): Promise<void> {
  const sdk = new CognitoIdentityProviderClient({
    ...{ region: 'eu-west-1', endpoint, credentials: exampleCredentials, maxAttempts: 1 },
  })
  const ids = await openPool(sdk)
  const signIn = createSignIn({ ...ids, region: 'eu-west-1', endpoint, retry: { attempts: 1 } })
  // They take a code twice.
  await play({ signIn, code: () => code, now: Date.now, later: () => {} }, defects)
}

describe('a user’s own scenario', () => {
  it('at the local AWS comes out as at Cognito', async () => {
    let now = Date.now()
    const verified = (name: string) => ({ password, email: `${name}@example.com`, email_verified: true })
    const users = { alice: verified('alice'), bob: { ...verified('bob'), status: 'FORCE_CHANGE_PASSWORD' } } as const
    const pool = await createLocalPool({ users, now: () => now })
    const { fetch, userPoolId, clientId } = pool.settings
    const signIn = createSignIn({ userPoolId, clientId, fetch, now: () => now, retry: { attempts: 1 } })
    const later = () => {
      now += 30_000
    }
    await play({ signIn, code: () => pool.outbox.at(-1)?.code ?? '', now: () => now, later }, {})
  })

  describe('at cognito-local', () => {
    let emulator: Emulator
    beforeAll(async () => {
      emulator = await startCognitoLocal()
    }, 60_000)
    afterAll(() => emulator?.stop())

    it('comes out so too, where it has the flow', () => playAt(emulator.url, cognitoLocalCode, cognitoLocalDefects))
  })

  describe.skipIf(!hasMoto())('at moto (where moto_server is on PATH)', () => {
    let emulator: Emulator
    beforeAll(async () => {
      const command = (port: number) => ['moto_server', '-H', '127.0.0.1', '-p', `${port}`] as const
      emulator = await startEmulator(command, {
        cwd: tmpdir(),
        env: () => ({ MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP: 'true' }),
      })
    }, 60_000)
    afterAll(() => emulator?.stop())

    it('comes out so too, where it has the flow', () => playAt(emulator.url, '123456', motoDefects))
  })
})
