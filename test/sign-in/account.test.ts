import { describe, expect, it } from 'vitest'
import {
  createAccount,
  createDevices,
  createMfa,
  createPasskeys,
  secretHash,
  type SignIn,
} from '../../src/sign-in/index.ts'
import { answer, errorOf } from '../support/aws.ts'
import { challenge, clientId, scriptedSignIn } from './scripted.ts'

type Row = [
  operation: string,
  call: (signIn: SignIn) => Promise<unknown>,
  output: object,
  input: object,
  result?: unknown,
]

const delivery = { CodeDeliveryDetails: { DeliveryMedium: 'EMAIL', Destination: 'a***', AttributeName: 'email' } }
const sentTo = { medium: 'EMAIL', destination: 'a***' }
const account = (signIn: SignIn) => createAccount(signIn)

const rows: Row[] = [
  [
    'SignUp',
    (s) => account(s).signUp('alice', 'pw', { attributes: { email: 'a@x.test' }, validationData: { v: '1' } }),
    { UserSub: 'sub', UserConfirmed: false, ...delivery, Session: 's' },
    {
      ...{ Username: 'alice', Password: 'pw', UserAttributes: [{ Name: 'email', Value: 'a@x.test' }] },
      ValidationData: [{ Name: 'v', Value: '1' }],
    },
    { sub: 'sub', confirmed: false, delivery: sentTo, session: 's' },
  ],
  [
    'ConfirmSignUp',
    (s) => account(s).confirmSignUp('alice', '1', { session: 's', forceAliasCreation: true }),
    { Session: 'next' },
    { Username: 'alice', ConfirmationCode: '1', Session: 's', ForceAliasCreation: true },
    { session: 'next' },
  ],
  ['ResendConfirmationCode', (s) => account(s).resendCode('alice'), delivery, { Username: 'alice' }, sentTo],
  ['ForgotPassword', (s) => account(s).forgotPassword('alice'), delivery, { Username: 'alice' }, sentTo],
  [
    'ConfirmForgotPassword',
    (s) => account(s).confirmForgotPassword('alice', '1', 'pw'),
    {},
    { Username: 'alice', ConfirmationCode: '1', Password: 'pw' },
  ],
  [
    'ChangePassword',
    (s) => account(s).changePassword('t', 'old', 'new'),
    {},
    { AccessToken: 't', PreviousPassword: 'old', ProposedPassword: 'new' },
  ],
  ['DeleteUser', (s) => account(s).deleteAccount('t'), {}, { AccessToken: 't' }],
  ['GlobalSignOut', (s) => account(s).globalSignOut('t'), {}, { AccessToken: 't' }],
  [
    'GetUser',
    (s) => account(s).profile.get('t'),
    { Username: 'u', UserAttributes: [{ Name: 'custom:a', Value: 'true' }], UserMFASettingList: ['SMS_MFA'] },
    { AccessToken: 't' },
    { username: 'u', attributes: { 'custom:a': 'true' }, mfa: { methods: ['SMS_MFA'], preferred: undefined } },
  ],
  [
    'UpdateUserAttributes',
    (s) => account(s).profile.update('t', { name: 'A' }),
    { CodeDeliveryDetailsList: [delivery.CodeDeliveryDetails] },
    { AccessToken: 't', UserAttributes: [{ Name: 'name', Value: 'A' }] },
    [{ attribute: 'email', ...sentTo }],
  ],
  [
    'DeleteUserAttributes',
    (s) => account(s).profile.deleteAttributes('t', ['name']),
    {},
    { UserAttributeNames: ['name'] },
  ],
  [
    'GetUserAttributeVerificationCode',
    (s) => account(s).profile.sendCode('t', 'email'),
    delivery,
    { AttributeName: 'email' },
    sentTo,
  ],
  [
    'VerifyUserAttribute',
    (s) => account(s).profile.verifyCode('t', 'email', '1'),
    {},
    { AttributeName: 'email', Code: '1' },
  ],
  [
    'ListUserSessions',
    (s) => account(s).sessions.list('t').toArray(),
    { Sessions: [{ SessionId: 'i', CreateDate: 1, IsCurrentSession: true, SessionType: 'APP' }] },
    { AccessToken: 't' },
    [expect.objectContaining({ id: 'i', type: 'APP', createdAt: new Date(1000), isCurrent: true })],
  ],
  [
    'RevokeUserSession',
    (s) => account(s).sessions.revoke('t', 'i', { linked: true }),
    {},
    { SessionId: 'i', RevokeAssociatedSessions: 'LINKED' },
  ],
  [
    'SetUserMFAPreference',
    (s) => createMfa(s).setPreference('t', { totp: 'preferred', sms: 'off', passkeys: 'on' }),
    {},
    {
      SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
      SMSMfaSettings: { Enabled: false, PreferredMfa: false },
      WebAuthnMfaSettings: { Enabled: true },
    },
  ],
  [
    'VerifySoftwareToken',
    (s) => createMfa(s).verify('t', '1'),
    { Status: 'SUCCESS' },
    { AccessToken: 't', UserCode: '1' },
  ],
  [
    'GetUserAuthFactors',
    (s) => createMfa(s).factors('t'),
    { Username: 'u', ConfiguredUserAuthFactors: ['PASSWORD'] },
    { AccessToken: 't' },
    { username: 'u', first: ['PASSWORD'], second: [], preferred: undefined },
  ],
  [
    'StartWebAuthnRegistration',
    (s) => createPasskeys(s).start('t'),
    { CredentialCreationOptions: { rp: {} } },
    { AccessToken: 't' },
    { rp: {} },
  ],
  [
    'CompleteWebAuthnRegistration',
    (s) => createPasskeys(s).complete('t', { id: 'k' }),
    {},
    { Credential: { id: 'k' } },
  ],
  [
    'ListWebAuthnCredentials',
    (s) => createPasskeys(s).list('t').toArray(),
    { Credentials: [{ CredentialId: 'k', FriendlyCredentialName: 'n', RelyingPartyId: 'x.test', CreatedAt: 1 }] },
    { AccessToken: 't' },
    [
      {
        id: 'k',
        name: 'n',
        relyingPartyId: 'x.test',
        attachment: undefined,
        transports: [],
        createdAt: new Date(1000),
      },
    ],
  ],
  ['DeleteWebAuthnCredential', (s) => createPasskeys(s).delete('t', 'k'), {}, { CredentialId: 'k' }],
  [
    'UpdateDeviceStatus',
    (s) => createDevices(s).remember('t', 'k', false),
    {},
    { DeviceRememberedStatus: 'not_remembered' },
  ],
  ['ForgetDevice', (s) => createDevices(s).forget('t', 'k'), {}, { DeviceKey: 'k' }],
  [
    'GetDevice',
    (s) => createDevices(s).get('t', 'k'),
    { Device: { DeviceKey: 'k', DeviceAttributes: [{ Name: 'device_name', Value: 'n' }], DeviceCreateDate: 1 } },
    { DeviceKey: 'k' },
    expect.objectContaining({ key: 'k', attributes: { device_name: 'n' }, createdAt: new Date(1000) }),
  ],
  [
    'ListDevices',
    (s) => createDevices(s).list('t').toArray(),
    { Devices: [{ DeviceKey: 'k' }] },
    { AccessToken: 't' },
    [expect.objectContaining({ key: 'k' })],
  ],
]

describe('what users do for themselves', () => {
  it.each<Row>(rows)('%s', async (...[operation, call, output, input, result]: Row) => {
    const { signIn, sent } = scriptedSignIn([answer(output)])
    expect(await call(signIn)).toEqual(result)
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ operation, input })
    expect(sent[0]?.headers.has('authorization')).toBe(false)
  })

  it.each<Row>(rows.slice(0, 5))('%s has the secret hash of the user it is about', async (...[, call, output]: Row) => {
    const { signIn, sent } = scriptedSignIn([answer(output)], { clientSecret: 'hush' })
    await call(signIn)
    expect(sent[0]?.input).toMatchObject({
      ClientId: clientId,
      SecretHash: await secretHash('hush', 'alice', clientId),
    })
  })

  it.each<Row>(rows)('%s ends in a value or an error of ours, whatever is answered', async (...[, call]: Row) => {
    for (const output of [
      {},
      { Device: 7, Devices: 7, Sessions: {}, Credentials: 'x', CodeDeliveryDetailsList: 1, UserAttributes: [null, 1] },
    ]) {
      try {
        await call(scriptedSignIn([answer(output)]).signIn)
      } catch (error) {
        expect(['SignInError', 'AwsError']).toContain((error as Error).name)
      }
    }
  })
})

describe('an authenticator app', () => {
  it.each([
    [
      'Acme & Söhne',
      'a+b@x.test',
      'otpauth://totp/Acme%20%26%20S%C3%B6hne:a%2Bb%40x.test?secret=JBSWY3DP&issuer=Acme%20%26%20S%C3%B6hne',
    ],
    ['https://x.test', 'alice', 'otpauth://totp/https%2F%2Fx.test:alice?secret=JBSWY3DP&issuer=https%2F%2Fx.test'],
  ])('gets a URI for %s and %s', async (issuer, name, uri) => {
    const { signIn } = scriptedSignIn([answer({ SecretCode: 'JBSWY3DP====' })])
    expect(await createMfa(signIn).setUp('t', { issuer, account: name })).toEqual({ secret: 'JBSWY3DP', uri })
  })

  it('is set up during a sign-in, with a step that has the new session', async () => {
    const { signIn, sent } = scriptedSignIn([
      challenge('MFA_SETUP'),
      answer({ SecretCode: 'JBSWY3DP', Session: 'next' }),
    ])
    const step = await signIn.withPassword('alice', 'x', { srp: false })
    if (step.status !== 'challenge' || step.challenge !== 'MFA_SETUP') throw new Error('another step')
    const made = await createMfa(signIn).setUp(step, { issuer: 'Acme', account: 'alice' })
    expect(sent[1]?.input).toEqual({ Session: 'session of MFA_SETUP' })
    expect(made.step).toEqual({ ...step, session: 'next' })
  })

  it('needs names, and a secret that is one', async () => {
    const { signIn } = scriptedSignIn([answer({ SecretCode: 'x&issuer=evil' })])
    const mfa = createMfa(signIn)
    expect(await errorOf(mfa.setUp('t', { issuer: '', account: 'a' }))).toMatchObject({ code: 'CONFIGURATION' })
    expect(await errorOf(mfa.setUp('t', { issuer: '\ud800', account: 'a' }))).toMatchObject({ code: 'CONFIGURATION' })
    expect(await errorOf(mfa.setUp('t', { issuer: 'A', account: 'a' }))).toMatchObject({ code: 'ANSWER_MALFORMED' })
    expect(await errorOf(mfa.setPreference('t', { totp: 'yes' as never }))).toMatchObject({ code: 'CONFIGURATION' })
  })
})
