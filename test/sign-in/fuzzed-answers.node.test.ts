import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CognigateError } from '../../src/errors.ts'
import {
  authorizedFetch,
  clientCredentials,
  clientToken,
  createAccount,
  createDevices,
  createMfa,
  createPasskeys,
  createSignIn,
  decodeStep,
  openStep,
  parseStep,
  type SignIn,
} from '../../src/sign-in/index.ts'
import { accessToken, clientId, userPoolId, verifier } from './scripted.ts'

// Whatever a server answers, a call ends in a value or in an error of ours.

const names = [
  ...['AuthenticationResult', 'AccessToken', 'IdToken', 'RefreshToken', 'ExpiresIn', 'NewDeviceMetadata', 'DeviceKey'],
  ...['DeviceGroupKey', 'ChallengeName', 'ChallengeParameters', 'AvailableChallenges', 'Session', 'SALT', 'SRP_B'],
  ...['SECRET_BLOCK', 'USER_ID_FOR_SRP', 'USERNAME', 'MFAS_CAN_CHOOSE', 'MFAS_CAN_SETUP', 'requiredAttributes'],
  ...['userAttributes', 'CREDENTIAL_REQUEST_OPTIONS', 'SecretCode', 'Status', 'UserConfirmationNecessary', 'Device'],
  ...['Devices', 'DeviceAttributes', 'Name', 'Value', 'DeviceCreateDate', 'PaginationToken', 'NextToken', 'Sessions'],
  ...['Credentials', 'CreatedAt', 'CredentialCreationOptions', 'UserAttributes', 'UserMFASettingList', 'Username'],
  ...['CodeDeliveryDetails', 'CodeDeliveryDetailsList', 'UserSub', 'UserConfirmed', 'ClientAuthenticationResult'],
  ...['access_token', 'expires_in', 'error', '__type', 'message', '__proto__', 'constructor', 'toString', 'then'],
] as const
const words = [
  ...['PASSWORD_VERIFIER', 'DEVICE_SRP_AUTH', 'DEVICE_PASSWORD_VERIFIER', 'SOFTWARE_TOKEN_MFA', 'MFA_SETUP', 'SUCCESS'],
  ...['SELECT_MFA_TYPE', 'SELECT_CHALLENGE', 'NEW_PASSWORD_REQUIRED', 'WEB_AUTHN', 'CUSTOM_CHALLENGE', 'SMS_OTP', ''],
  ...['["SMS_MFA"]', '{"a":1}', 'null', '[null]', '0', 'f'.repeat(768), 'zz', 'JBSWY3DPEHPK3PXP', '\u0000', '\ud800'],
  ...['NotAuthorizedException', 'ResourceNotFoundException', 'Device does not exist.', 'TooManyRequestsException'],
  ...[accessToken('u-1'), `${accessToken('u-1')}.x`, 'a.!.c', 'a.bnVsbA.c', verifier.SECRET_BLOCK, verifier.SRP_B],
]
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e300, ...words),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.constant({ toString: 5 }),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...names), tie('any')), { maxLength: 6 })
    // As JSON text has it, so that `__proto__` is a name like others.
    .map((members) => JSON.parse(`{${members.map(([name, of]) => `"${name}":${JSON.stringify(of)}`).join(',')}}`)),
}))
/** An answer that looks like one: tokens, or a challenge with odd parameters. */
const likely = fc.oneof(
  fc.record({
    ...{ NextToken: value.any, PaginationToken: value.any, Session: value.any },
    ...{ Devices: fc.array(value.any, { maxLength: 2 }), Sessions: fc.array(value.any, { maxLength: 2 }) },
    ...{ Credentials: fc.array(value.any, { maxLength: 2 }), Device: value.object },
    ...{ UserAttributes: fc.array(value.any, { maxLength: 2 }), Username: value.any },
    CodeDeliveryDetailsList: fc.array(value.any, { maxLength: 2 }),
  }),
  value.object,
  value.object.map((AuthenticationResult) => ({ AuthenticationResult })),
  value.object.map((more) => ({ AuthenticationResult: { AccessToken: accessToken('u-1'), ...Object(more) } })),
  fc.record({
    ChallengeName: fc.constantFrom(...words.slice(0, 12)),
    ChallengeParameters: fc.oneof(
      value.object,
      value.object.map((more) => ({ ...verifier, ...Object(more) })),
    ),
    Session: value.any,
    AvailableChallenges: value.any,
  }),
)
const answers = fc.array(
  fc.tuple(
    fc.oneof(
      { arbitrary: likely.map((body) => JSON.stringify(body)), weight: 5 },
      fc.constantFrom('', '[', 'null', '<html>', '5', '"text"'),
    ),
    fc.constantFrom(200, 200, 200, 200, 400, 400, 401, 404, 500, 302, 206),
  ),
  { minLength: 1, maxLength: 5 },
)

type Call = (signIn: SignIn, fetch: (request: Request) => Promise<Response>) => Promise<unknown>
const device = { key: 'k', groupKey: 'g', password: 'p' }
const tokens = { accessToken: accessToken('u-1', { exp: 1, iat: 0 }), refreshToken: 'r', deviceKey: 'k' }
const step = (challenge: string, parameters = {}) =>
  ({ ...{ userPoolId, clientId, username: 'u-1', session: 's' }, status: 'challenge', challenge, parameters }) as const
const machine = { clientId, clientSecret: 'secret' }
const calls: Record<string, Call> = {
  withPassword: (s) => s.withPassword('alice', 'pw'),
  'withPassword, sent': (s) => s.withPassword('alice', 'pw', { srp: false }),
  custom: (s) => s.custom('alice', { password: 'pw' }),
  choose: (s) => s.choose('alice', { preferred: 'PASSWORD_SRP', password: 'pw' }),
  'respond to a code': (s) => s.respond(parseStep(step('SMS_MFA')), { code: '1' } as never),
  'respond to PASSWORD_SRP': (s) => s.respond(parseStep(step('PASSWORD_SRP')), { password: 'pw' } as never),
  'respond to MFA_SETUP': (s) => s.respond(parseStep(step('MFA_SETUP')), { code: '1' } as never),
  refresh: (s) => s.refresh(tokens),
  'refresh by REFRESH_TOKEN_AUTH': (s) => s.refresh(tokens, { by: 'REFRESH_TOKEN_AUTH' }),
  'session.tokens': (s) => s.session(tokens).tokens(),
  'session.signOut': (s) => s.session(tokens).signOut(),
  revoke: (s) => s.revoke('r'),
  signUp: (s) => createAccount(s).signUp('alice', 'pw'),
  confirmSignUp: (s) => createAccount(s).confirmSignUp('alice', '1'),
  resendCode: (s) => createAccount(s).resendCode('alice'),
  forgotPassword: (s) => createAccount(s).forgotPassword('alice'),
  'profile.get': (s) => createAccount(s).profile.get('t'),
  'profile.update': (s) => createAccount(s).profile.update('t', { name: 'a' }),
  'profile.sendCode': (s) => createAccount(s).profile.sendCode('t', 'email'),
  'sessions.list': (s) => createAccount(s).sessions.list('t').toArray(),
  'mfa.setUp': (s) => createMfa(s).setUp('t', { issuer: 'i', account: 'a' }),
  'mfa.setUp of a step': (s) => createMfa(s).setUp(step('MFA_SETUP') as never, { issuer: 'i', account: 'a' }),
  'mfa.verify': (s) => createMfa(s).verify('t', '1'),
  'mfa.factors': (s) => createMfa(s).factors('t'),
  'passkeys.start': (s) => createPasskeys(s).start('t'),
  'passkeys.list': (s) => createPasskeys(s).list('t').toArray(),
  'devices.get': (s) => createDevices(s).get('t', 'k'),
  'devices.list': (s) => createDevices(s).list('t').toArray(),
  clientToken: (_, fetch) => clientToken({ ...machine, userPoolId, fetch }),
  clientCredentials: (_, fetch) => clientCredentials({ ...machine, domain: 'https://auth.example.com', fetch }),
  authorizedFetch: (s) => {
    const origins = ['https://api.example.com']
    const fetch = async () => new Response(null, { status: 401 })
    return authorizedFetch(s, { username: 'alice', password: 'pw', origins, fetch })('https://api.example.com/')
  },
}

describe('a fuzzed answer', () => {
  it.each(Object.entries(calls))('to %s ends in a value or in an error of ours', async (name, call) => {
    await fc.assert(
      fc.asyncProperty(answers, async (script) => {
        let at = 0
        const fetch = async () => {
          // The answers repeat, and so do page tokens: a list that nothing ends would be read for ever.
          if (at > 60) throw new Error('read for ever')
          const [body, status] = script[at++ % script.length] ?? ['', 200]
          return new Response(body, { status, headers: { location: 'https://elsewhere.example' } })
        }
        let now = 1_000_000
        const signIn = createSignIn({
          ...{ userPoolId, clientId, fetch, random: () => 1, now: () => now },
          sleep: async (milliseconds) => {
            now += milliseconds
          },
          deviceStore: { get: () => device, set: () => {}, delete: () => {} },
        })
        const result = await call(signIn, fetch).catch((error: unknown) => error)
        expect(at).toBeLessThan(50)
        if (result instanceof Error) expect(result).toBeInstanceOf(CognigateError)
        else if (!(result instanceof Response)) expect(() => JSON.stringify(result)).not.toThrow()
      }),
      // Those that compute SRP take longer.
      { numRuns: /password|custom|choose|SRP|authorized/i.test(name) ? 30 : 250, seed: 20_261_127 },
    )
  })

  it('that is read as a step, sealed or not, is one or refused', async () => {
    await fc.assert(
      fc.asyncProperty(value.any, fc.string(), async (given, text) => {
        const place = { userPoolId, clientId, username: 'u-1' }
        const readers = [
          async () => parseStep(given),
          async () => parseStep(text),
          async () => decodeStep(given as object, place, 0),
          () => openStep(text, 's'.repeat(32)),
        ]
        for (const read of readers) {
          const result = await read().catch((error: unknown) => error)
          if (result instanceof Error) expect(result).toBeInstanceOf(CognigateError)
          else expect(JSON.parse(JSON.stringify(result))).toHaveProperty('status')
        }
      }),
      { numRuns: 300, seed: 20_261_127 },
    )
  })
})
