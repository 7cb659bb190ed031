import { describe, expect, it } from 'vitest'
import {
  createAccount,
  createDevices,
  createMfa,
  createPasskeys,
  type MfaPreference,
  type SignIn,
} from '../../src/sign-in/index.ts'
import { createVerifier } from '../../src/sign-in/srp.ts'
import { answer, errorOf } from '../support/aws.ts'
import { challenge, scriptedSignIn, signedIn } from './scripted.ts'

// Each call of what users do for themselves says by its own name what is wrong with what it was given, before anything is sent.

type Given = (signIn: SignIn, options: never) => unknown

const calls: Record<string, Given> = {
  signUp: (s, o) => createAccount(s).signUp('a', 'p', o),
  confirmSignUp: (s, o) => createAccount(s).confirmSignUp('a', '1', o),
  resendCode: (s, o) => createAccount(s).resendCode('a', o),
  forgotPassword: (s, o) => createAccount(s).forgotPassword('a', o),
  confirmForgotPassword: (s, o) => createAccount(s).confirmForgotPassword('a', '1', 'p', o),
  changePassword: (s, o) => createAccount(s).changePassword('t', 'p', 'q', o),
  deleteAccount: (s, o) => createAccount(s).deleteAccount('t', o),
  globalSignOut: (s, o) => createAccount(s).globalSignOut('t', o),
  'profile.get': (s, o) => createAccount(s).profile.get('t', o),
  'profile.update': (s, o) => createAccount(s).profile.update('t', {}, o),
  'profile.deleteAttributes': (s, o) => createAccount(s).profile.deleteAttributes('t', ['a'], o),
  'profile.sendCode': (s, o) => createAccount(s).profile.sendCode('t', 'email', o),
  'profile.verifyCode': (s, o) => createAccount(s).profile.verifyCode('t', 'email', '1', o),
  'sessions.list': (s, o) => createAccount(s).sessions.list('t', o),
  'sessions.revoke': (s, o) => createAccount(s).sessions.revoke('t', 'i', o),
  'mfa.setUp': (s, o) => createMfa(s).setUp('t', { issuer: 'i', account: 'a', ...Object(o) }),
  'mfa.verify': (s, o) => createMfa(s).verify('t', '1', o),
  'mfa.setPreference': (s, o) => createMfa(s).setPreference('t', { totp: 'on' }, o),
  'mfa.factors': (s, o) => createMfa(s).factors('t', o),
  'passkeys.start': (s, o) => createPasskeys(s).start('t', o),
  'passkeys.complete': (s, o) => createPasskeys(s).complete('t', {}, o),
  'passkeys.list': (s, o) => createPasskeys(s).list('t', o),
  'passkeys.delete': (s, o) => createPasskeys(s).delete('t', 'k', o),
  'devices.remember': (s, o) => createDevices(s).remember('t', 'k', true, o),
  'devices.get': (s, o) => createDevices(s).get('t', 'k', o),
  'devices.list': (s, o) => createDevices(s).list('t', o),
  'devices.forget': (s, o) => createDevices(s).forget('t', 'k', o),
}

const messageOf = async (call: () => unknown) => `${await errorOf((async () => call())())}`

describe('a call of the user’s own', () => {
  it.each(Object.entries(calls))('%s names an option that it does not know', async (place, call) => {
    const { signIn, sent } = scriptedSignIn([])
    expect(await messageOf(() => call(signIn, { metadata: {} } as never))).toContain(
      `ConfigurationError: ${place}: unknown option "metadata"`,
    )
    expect(sent).toHaveLength(0)
  })

  it.each(['signUp', 'confirmSignUp', 'resendCode', 'forgotPassword', 'confirmForgotPassword'] as const)(
    '%s needs a user name',
    async (name) => {
      const account = createAccount(scriptedSignIn([]).signIn)
      const call = account[name] as (username: string) => Promise<unknown>
      expect(await messageOf(() => call(''))).toBe(
        `ConfigurationError: ${name}: username: expected a text, well-formed and not empty.`,
      )
    },
  )

  it.each<[string, () => unknown]>([
    ['createAccount', () => createAccount({} as never)],
    ['createMfa', () => createMfa({} as never)],
    ['createPasskeys', () => createPasskeys({} as never)],
    ['createDevices', () => createDevices({} as never)],
  ])('%s needs what createSignIn returns', (name, create) => {
    expect(create).toThrow(`${name}: expected what createSignIn returns.`)
  })

  it('takes the options that it knows', async () => {
    const { signIn, sent } = scriptedSignIn([
      answer({ Status: 'SUCCESS' }),
      answer({}),
      answer({ UserConfirmed: true }),
    ])
    await createMfa(signIn).verify('t', '1', { deviceName: 'phone', timeout: 5 })
    await createAccount(signIn).sessions.revoke('t', 'i')
    const options = { attributes: {}, validationData: {}, clientMetadata: { a: 'b' } }
    expect(await createAccount(signIn).signUp('a', undefined, options)).toMatchObject({ confirmed: true })
    expect(sent[0]?.input).toMatchObject({ FriendlyDeviceName: 'phone' })
    expect(sent[1]?.input).toMatchObject({ RevokeAssociatedSessions: 'NONE' })
    expect(sent[2]?.input).toMatchObject({ ClientMetadata: { a: 'b' }, UserAttributes: [], ValidationData: [] })
  })

  it('wants attributes as values by their names', async () => {
    const { profile } = createAccount(scriptedSignIn([]).signIn)
    expect(await messageOf(() => profile.update('t', ['a'] as never))).toContain(
      'attributes: expected values by the names',
    )
  })
})

describe('lists of the user’s own', () => {
  it.each<[string, (signIn: SignIn) => AsyncIterable<unknown>, [object, object], string]>([
    [
      'sessions',
      (s) => createAccount(s).sessions.list('t'),
      [{ Sessions: [{ SessionId: 'a' }], NextToken: 'n' }, { Sessions: [{ SessionId: 'b', IsCurrentSession: true }] }],
      'NextToken',
    ],
    [
      'devices',
      (s) => createDevices(s).list('t'),
      [
        { Devices: [{ DeviceKey: 'a' }], PaginationToken: 'n' },
        { Devices: [{ DeviceKey: 'b' }], PaginationToken: '' },
      ],
      'PaginationToken',
    ],
    [
      'passkeys',
      (s) => createPasskeys(s).list('t'),
      [
        { Credentials: [{ CredentialId: 'a' }], NextToken: 'n' },
        { Credentials: [{}, null], NextToken: null },
      ],
      'NextToken',
    ],
  ])('go from page to page: %s', async (what, list, pages, token) => {
    const { signIn, sent } = scriptedSignIn(pages.map((page) => answer(page)))
    const items: Record<string, unknown>[] = []
    for await (const item of list(signIn)) items.push(item as Record<string, unknown>)
    expect(items.map((item) => item['key'] ?? item['id'])).toEqual(['a', what === 'passkeys' ? '' : 'b'])
    if (what === 'sessions') expect(items.map((item) => item['isCurrent'])).toEqual([false, true])
    if (what === 'passkeys') expect(items[1]).toMatchObject({ name: '', relyingPartyId: '' })
    expect(sent.map(({ input }) => input[token])).toEqual([undefined, 'n'])
  })

  it.each<[string, (signIn: SignIn) => Promise<unknown>]>([
    ['ListUserSessions', (s) => createAccount(s).sessions.list('t').toArray()],
    ['ListDevices', (s) => createDevices(s).list('t').toArray()],
    ['ListWebAuthnCredentials', (s) => createPasskeys(s).list('t').toArray()],
  ])('end where a page token comes twice: %s', async (operation, list) => {
    const page = () => answer({ NextToken: 'n', PaginationToken: 'n' })
    const error = await errorOf(list(scriptedSignIn([page, page, page]).signIn))
    expect(error).toMatchObject({ code: 'PageTokenRepeated', operation })
  })
})

describe('second factors', () => {
  const mfa = (...script: Response[]) => {
    const { signIn, sent } = scriptedSignIn(script)
    return { ...createMfa(signIn), sent }
  }
  const names = { issuer: 'i', account: 'a' }

  it('are set up for an access token or a step of MFA_SETUP, and nothing else', async () => {
    const { setUp, sent } = mfa(answer({ SecretCode: 'ABCD2345' }))
    expect(await setUp('t', names)).toEqual({ secret: 'ABCD2345', uri: 'otpauth://totp/i:a?secret=ABCD2345&issuer=i' })
    expect(sent[0]).toMatchObject({ operation: 'AssociateSoftwareToken', input: { AccessToken: 't' } })
    for (const from of [undefined, null, 5, {}, { challenge: 'SMS_MFA' }]) {
      expect(await messageOf(() => setUp(from as never, names))).toBe(
        'ConfigurationError: mfa.setUp: expected an access token, or a step of MFA_SETUP.',
      )
    }
    for (const wrong of [{ account: 5 }, { account: '' }, { account: '\ud800' }, { issuer: '' }]) {
      expect(await messageOf(() => setUp('t', { ...names, ...wrong } as never))).toContain(
        'mfa.setUp: expected "issuer"',
      )
    }
  })

  it.each([undefined, 5, '', 'not base32', 'ABCD=2345', '=ABCD'])('take no secret of %j', async (SecretCode) => {
    expect(await errorOf(mfa(answer({ SecretCode })).setUp('t', names))).toMatchObject({ code: 'ANSWER_MALFORMED' })
  })

  it('are verified by SUCCESS alone', async () => {
    for (const output of [{}, { Status: 'ERROR' }, { Status: true }]) {
      expect(await errorOf(mfa(answer(output)).verify('t', '1'))).toMatchObject({ code: 'ANSWER_MALFORMED' })
    }
  })

  it('are preferred by names and values that are known', async () => {
    const { setPreference, sent } = mfa(answer({}))
    expect(await messageOf(() => setPreference('t', { SMS: 'on' } as never))).toContain(
      'mfa.setPreference: unknown option "SMS"; did you mean "sms"?',
    )
    for (const name of ['totp', 'sms', 'email', 'passkeys']) {
      expect(await messageOf(() => setPreference('t', { [name]: true } as never))).toBe(
        `ConfigurationError: mfa.setPreference: ${name}: expected "off", "on" or "preferred".`,
      )
    }
    const preference: MfaPreference = { email: 'on', passkeys: 'off' }
    await setPreference('t', preference)
    expect(sent[0]?.input).toEqual({
      AccessToken: 't',
      EmailMfaSettings: { Enabled: true, PreferredMfa: false },
      WebAuthnMfaSettings: { Enabled: false },
    })
  })

  it('by passkey begin with options, and end with a credential', async () => {
    for (const CredentialCreationOptions of [undefined, 'text', []]) {
      const passkeys = createPasskeys(scriptedSignIn([answer({ CredentialCreationOptions })]).signIn)
      expect(await errorOf(passkeys.start('t'))).toMatchObject({ code: 'ANSWER_MALFORMED' })
    }
    const { complete } = createPasskeys(scriptedSignIn([]).signIn)
    expect(await messageOf(() => complete('t', 'text'))).toContain('passkeys.complete: credential: expected')
  })
})

describe('devices', () => {
  it('are remembered unless it is said otherwise', async () => {
    const { signIn, sent } = scriptedSignIn([answer({}), answer({})])
    await createDevices(signIn).remember('t', 'k')
    await createDevices(signIn).remember('t', 'k', false)
    expect(sent.map(({ input }) => input['DeviceRememberedStatus'])).toEqual(['remembered', 'not_remembered'])
  })

  it('are named when they are asked for', async () => {
    expect(await messageOf(() => createDevices(scriptedSignIn([]).signIn).get('t', ''))).toContain(
      'devices.get: deviceKey:',
    )
  })

  it('whose members are of another type have empty ones', async () => {
    const Device = { DeviceKey: 5, DeviceAttributes: [{ Name: 'a' }, { Name: 7, Value: 8 }, null] }
    const { signIn } = scriptedSignIn([answer({ Device })])
    expect(await createDevices(signIn).get('t', 'k')).toMatchObject({ key: '', attributes: { a: '', '': '' } })
  })

  it('are confirmed with the verifier of a password that stays here, also without a store', async () => {
    const NewDeviceMetadata = { DeviceKey: 'k', DeviceGroupKey: 'g' }
    const bytes = (length: number) => new Uint8Array(length).fill(7)
    const stored: unknown[] = []
    const store = { get: () => undefined, delete: () => {}, set: (...given: unknown[]) => void stored.push(...given) }
    for (const deviceStore of [store, undefined]) {
      const script = [signedIn({ NewDeviceMetadata }), answer({ UserConfirmationNecessary: false })]
      const { signIn, sent } = scriptedSignIn(script, { deviceStore, randomBytes: bytes })
      const step = await signIn.withPassword('alice', 'pw', { srp: false })
      expect(step).toMatchObject({ newDevice: { key: 'k', groupKey: 'g', asksUser: false } })
      const identity = { group: 'g', name: 'k', password: btoa(String.fromCharCode(...bytes(40))) }
      expect(sent[1]?.input['DeviceSecretVerifierConfig']).toEqual(await createVerifier(identity, bytes(16)))
    }
    expect(stored[1]).toEqual({ key: 'k', groupKey: 'g', password: btoa(String.fromCharCode(...bytes(40))) })
    const asked = scriptedSignIn([challenge('SMS_MFA')])
    expect(await asked.signIn.withPassword('alice', 'pw', { srp: false })).toMatchObject({ challenge: 'SMS_MFA' })
  })
})
