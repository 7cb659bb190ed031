import {
  CompleteWebAuthnRegistrationCommand,
  DeleteWebAuthnCredentialCommand,
  GetUserAuthFactorsCommand,
  GetUserPoolMfaConfigCommand,
  InitiateAuthCommand,
  ListWebAuthnCredentialsCommand,
  RespondToAuthChallengeCommand,
  SetUserPoolMfaConfigCommand,
  StartWebAuthnRegistrationCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool, type LocalPoolOptions } from '../../../src/local/index.ts'
import { createPasskeys, createSignIn } from '../../../src/sign-in/index.ts'
import {
  type Authenticator,
  type AuthenticatorOptions,
  createAuthenticator,
  fromBase64Url,
} from '../../support/authenticator.ts'
import { type Json, requestFor } from '../../support/local-pool.ts'
import { createSdkClient } from '../../support/sdk-client.ts'

const password = 'Correct-h0rse'
const ClientId = 'app'
let pool: LocalPool
let sdk: ReturnType<typeof createSdkClient>
let key: Authenticator

const create = async (options: LocalPoolOptions = {}) => {
  pool = await createLocalPool({
    now: () => 1_767_225_600_000,
    clientId: ClientId,
    clients: [
      { clientId: ClientId, authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'] },
      { clientId: 'other', authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH'] },
      { clientId: 'hiding', hideUnknownUsers: true, authFlows: ['ALLOW_USER_AUTH'] },
    ],
    users: { alice: { password }, bob: { password } },
    passkeys: { relyingPartyId: 'example.com' },
    ...options,
  })
  sdk = createSdkClient(pool)
}

beforeEach(async () => {
  await create()
  key = await createAuthenticator()
})

/** An operation of users, which carries no signature. */
const call = async (operation: string, input: Json): Promise<Json> => {
  const request = requestFor(pool, operation, input)
  request.headers.delete('authorization')
  const text = await (await pool.fetch(request)).text()
  return text === '' ? {} : JSON.parse(text)
}

const tokenOf = async (username = 'alice', clientId = ClientId) => {
  const { accessToken } = await pool.tokens(username, { clientId })
  return accessToken
}

const startRegistration = async (AccessToken: string) => {
  const { CredentialCreationOptions } = await sdk.send(new StartWebAuthnRegistrationCommand({ AccessToken }))
  return CredentialCreationOptions as Json
}

/** Registers a passkey for the user. */
const register = async (authenticator = key, username = 'alice') => {
  const AccessToken = await tokenOf(username)
  const Credential = (await authenticator.register(await startRegistration(AccessToken))) as never
  await sdk.send(new CompleteWebAuthnRegistrationCommand({ AccessToken, Credential }))
}

const begin = async (USERNAME = 'alice') => {
  const AuthParameters = { USERNAME, PREFERRED_CHALLENGE: 'WEB_AUTHN' }
  const { ChallengeName, ChallengeParameters, Session } = await sdk.send(
    new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_AUTH', AuthParameters }),
  )
  expect(ChallengeName).toBe('WEB_AUTHN')
  return { options: JSON.parse(ChallengeParameters?.['CREDENTIAL_REQUEST_OPTIONS'] ?? '') as Json, Session }
}

const answer = (credential: unknown, Session: string | undefined, USERNAME = 'alice') => {
  const ChallengeResponses = { USERNAME, CREDENTIAL: JSON.stringify(credential) }
  return sdk.send(
    new RespondToAuthChallengeCommand({ ClientId, ChallengeName: 'WEB_AUTHN', ChallengeResponses, Session }),
  )
}

const refused = (name: string, message?: RegExp) =>
  expect.objectContaining({ name, ...(message && { message: expect.stringMatching(message) }) })
const invalid = refused('NotAuthorizedException', /^Invalid credential\.$/)

describe('a passkey', () => {
  it.each([-7, -257] as const)(
    'of algorithm %i is registered, listed, signed in with and deleted, as @simplewebauthn verifies it too',
    async (algorithm) => {
      const authenticator = await createAuthenticator(algorithm)
      const AccessToken = await tokenOf()
      const creation = await startRegistration(AccessToken)
      expect(creation).toMatchObject({
        rp: { id: 'example.com' },
        user: { name: 'alice', displayName: 'alice' },
        pubKeyCredParams: [
          { type: 'public-key', alg: -7 },
          { type: 'public-key', alg: -257 },
        ],
        excludeCredentials: [],
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'preferred' },
      })
      const Credential = (await authenticator.register(creation)) as never
      const judged = await verifyRegistrationResponse({
        response: Credential,
        expectedChallenge: String(creation['challenge']),
        expectedOrigin: 'https://example.com',
        expectedRPID: 'example.com',
      })
      expect(judged.verified).toBe(true)
      await sdk.send(new CompleteWebAuthnRegistrationCommand({ AccessToken, Credential }))

      const { Credentials } = await sdk.send(new ListWebAuthnCredentialsCommand({ AccessToken }))
      expect(Credentials).toEqual([
        {
          CredentialId: authenticator.id,
          FriendlyCredentialName: expect.any(String),
          RelyingPartyId: 'example.com',
          AuthenticatorAttachment: 'platform',
          AuthenticatorTransports: ['internal'],
          CreatedAt: new Date(1_767_225_600_000),
        },
      ])
      const factors = await sdk.send(new GetUserAuthFactorsCommand({ AccessToken }))
      expect(factors.ConfiguredUserAuthFactors).toEqual(['PASSWORD', 'WEB_AUTHN'])
      expect((await startRegistration(AccessToken))['excludeCredentials']).toEqual([
        { type: 'public-key', id: authenticator.id, transports: ['internal'] },
      ])

      const { options, Session } = await begin()
      expect(options).toEqual({
        challenge: expect.stringMatching(/^[\w-]{43}$/),
        rpId: 'example.com',
        timeout: 60_000,
        userVerification: 'preferred',
        allowCredentials: [{ type: 'public-key', id: authenticator.id, transports: ['internal'] }],
      })
      const assertion = await authenticator.assert(options)
      const { credential } = judged.registrationInfo ?? {}
      if (credential === undefined) throw new Error('not registered')
      const asserted = await verifyAuthenticationResponse({
        response: assertion as never,
        expectedChallenge: String(options['challenge']),
        expectedOrigin: 'https://example.com',
        expectedRPID: 'example.com',
        credential,
      })
      expect(asserted.verified).toBe(true)
      const { AuthenticationResult } = await answer(assertion, Session)
      expect(AuthenticationResult?.RefreshToken).toEqual(expect.any(String))

      await sdk.send(new DeleteWebAuthnCredentialCommand({ AccessToken, CredentialId: authenticator.id }))
      expect((await sdk.send(new ListWebAuthnCredentialsCommand({ AccessToken }))).Credentials).toEqual([])
      await expect(
        sdk.send(new DeleteWebAuthnCredentialCommand({ AccessToken, CredentialId: authenticator.id })),
      ).rejects.toEqual(refused('ResourceNotFoundException'))
    },
  )

  it('is registered, listed, signed in with and deleted by the client of this package', async () => {
    const signIn = createSignIn(pool.settings)
    const passkeys = createPasskeys(signIn)
    const accessToken = await tokenOf()
    const options = (await passkeys.start(accessToken)) as Json
    await passkeys.complete(accessToken, await key.register(options))
    let step = await signIn.choose('alice')
    if (step.status !== 'challenge' || step.challenge !== 'SELECT_CHALLENGE') throw new Error('another step')
    expect(step.choices).toEqual(['PASSWORD', 'PASSWORD_SRP', 'WEB_AUTHN'])
    step = await signIn.respond(step, { choice: 'WEB_AUTHN' })
    if (step.status !== 'challenge' || step.challenge !== 'WEB_AUTHN') throw new Error('another step')
    step = await signIn.respond(step, { credential: await key.assert(step.requestOptions as Json) })
    expect(step.status).toBe('signed-in')
    const [passkey] = await passkeys.list(accessToken).toArray()
    expect(passkey).toMatchObject({ id: key.id, relyingPartyId: 'example.com' })
    await passkeys.delete(accessToken, key.id)
    expect(await passkeys.list(accessToken).toArray()).toEqual([])
  })

  it('cannot be registered twice, by nobody', async () => {
    await register()
    const bob = await tokenOf('bob')
    const Credential = (await key.register(await startRegistration(bob))) as never
    await expect(sdk.send(new CompleteWebAuthnRegistrationCommand({ AccessToken: bob, Credential }))).rejects.toEqual(
      refused('WebAuthnCredentialNotSupportedException'),
    )
  })

  it('belongs to the host of the managed login unless the pool names a domain', async () => {
    await create({ passkeys: {} })
    const options = await startRegistration(await tokenOf())
    expect(options['rp']).toEqual({ id: pool.domain, name: pool.domain })
  })

  it('is not registered where the pool takes none', async () => {
    await create({ passkeys: undefined })
    const AccessToken = await tokenOf()
    await expect(startRegistration(AccessToken)).rejects.toEqual(refused('WebAuthnNotEnabledException'))
    const complete = new CompleteWebAuthnRegistrationCommand({ AccessToken, Credential: {} })
    await expect(sdk.send(complete)).rejects.toEqual(refused('WebAuthnNotEnabledException'))
  })

  it('leaves with its user, whose name and passkey are then free', async () => {
    await register()
    await call('DeleteUser', { AccessToken: await tokenOf() })
    await register(key, 'bob')
    expect((await begin('bob')).options['allowCredentials']).toHaveLength(1)
  })
})

describe('a registration is refused', () => {
  const wrong: [string, AuthenticatorOptions, string][] = [
    ['of another origin', { origin: 'https://evil.test' }, 'WebAuthnOriginNotAllowedException'],
    ['of plain http', { origin: 'http://example.com' }, 'WebAuthnOriginNotAllowedException'],
    ['of another relying party', { rpId: 'evil.test' }, 'WebAuthnRelyingPartyMismatchException'],
    ['with another challenge', { challenge: 'AAAA' }, 'WebAuthnChallengeNotFoundException'],
    ['that is an assertion', { type: 'webauthn.get' }, 'InvalidParameterException'],
    ['with another id', { id: 'AAAA' }, 'InvalidParameterException'],
    ['without a user present', { isUserPresent: false }, 'WebAuthnCredentialNotSupportedException'],
  ]
  it.each(wrong)('%s', async (_, how, name) => {
    const AccessToken = await tokenOf()
    const options = await startRegistration(AccessToken)
    const complete = async (more: AuthenticatorOptions) => {
      const Credential = (await key.register(options, more)) as never
      return sdk.send(new CompleteWebAuthnRegistrationCommand({ AccessToken, Credential }))
    }
    await expect(complete(how)).rejects.toEqual(refused(name))
    await expect(complete({})).resolves.toBeDefined()
  })

  it('without user verification, where the pool requires it', async () => {
    await create({ passkeys: { relyingPartyId: 'example.com', userVerification: 'required' } })
    const AccessToken = await tokenOf()
    const options = await startRegistration(AccessToken)
    expect(options['authenticatorSelection']).toMatchObject({ userVerification: 'required' })
    const Credential = (await key.register(options, { isUserVerified: false })) as never
    await expect(sdk.send(new CompleteWebAuthnRegistrationCommand({ AccessToken, Credential }))).rejects.toEqual(
      refused('WebAuthnCredentialNotSupportedException', /not verified/),
    )
  })

  it('that nobody started, that another client started, that was completed, or that is too late', async () => {
    const AccessToken = await tokenOf()
    const options = await startRegistration(AccessToken)
    const Credential = (await key.register(options)) as never
    const complete = (token: string) =>
      sdk.send(new CompleteWebAuthnRegistrationCommand({ AccessToken: token, Credential }))
    await expect(complete(await tokenOf('bob'))).rejects.toEqual(refused('WebAuthnChallengeNotFoundException'))
    await expect(complete(await tokenOf('alice', 'other'))).rejects.toEqual(refused('WebAuthnClientMismatchException'))
    await complete(AccessToken)
    await expect(complete(AccessToken)).rejects.toEqual(refused('WebAuthnChallengeNotFoundException'))
    const second = (await (await createAuthenticator()).register(await startRegistration(AccessToken))) as never
    pool.advance(301)
    const late = new CompleteWebAuthnRegistrationCommand({ AccessToken, Credential: second })
    await expect(sdk.send(late)).rejects.toEqual(refused('WebAuthnChallengeNotFoundException'))
  })

  it('of more than twenty', async () => {
    for (let index = 0; index < 20; index++) await register(await createAuthenticator())
    await expect(register()).rejects.toEqual(refused('LimitExceededException'))
  })
})

describe('a sign-in is refused', () => {
  const wrong: [string, AuthenticatorOptions][] = [
    ['from another origin', { origin: 'https://evil.test' }],
    ['for another relying party', { rpId: 'evil.test' }],
    ['with another challenge', { challenge: 'AAAA' }],
    ['with a registration', { type: 'webauthn.create' }],
    ['without a user present', { isUserPresent: false }],
    ['with another user’s handle', { userHandle: 'Ym9i' }],
    ['with an unknown credential', { id: 'AAAA' }],
  ]
  it.each(wrong)('%s, and goes on with the right answer', async (_, how) => {
    await register()
    const { options, Session } = await begin()
    await expect(answer(await key.assert(options, how), Session)).rejects.toEqual(invalid)
    expect((await answer(await key.assert(options), Session)).AuthenticationResult).toBeDefined()
  })

  it('with the passkey of another user', async () => {
    await register()
    const stranger = await createAuthenticator()
    await register(stranger, 'bob')
    const { options, Session } = await begin()
    const assertion = await stranger.assert(options, { userHandle: undefined })
    await expect(answer(assertion, Session)).rejects.toEqual(invalid)
  })

  it('with an answer that was used, and with one whose counter went back', async () => {
    await register()
    const first = await begin()
    const assertion = await key.assert(first.options, { signCount: 7 })
    await answer(assertion, first.Session)
    await expect(answer(assertion, first.Session)).rejects.toEqual(
      refused('NotAuthorizedException', /only be used once/),
    )
    const second = await begin()
    await expect(answer(assertion, second.Session)).rejects.toEqual(invalid)
    for (const signCount of [7, 6, 0]) {
      await expect(answer(await key.assert(second.options, { signCount }), second.Session)).rejects.toEqual(invalid)
    }
    await answer(await key.assert(second.options, { signCount: 8 }), second.Session)
  })

  it('of a counter never, where the authenticator does not count', async () => {
    await register()
    for (let round = 0; round < 2; round++) {
      const { options, Session } = await begin()
      await answer(await key.assert(options, { signCount: 0 }), Session)
    }
  })

  it('without user verification, where the pool requires it', async () => {
    await create({ passkeys: { relyingPartyId: 'example.com', userVerification: 'required' } })
    await register()
    const { options, Session } = await begin()
    expect(options['userVerification']).toBe('required')
    await expect(answer(await key.assert(options, { isUserVerified: false }), Session)).rejects.toEqual(invalid)
    await answer(await key.assert(options), Session)
  })

  it('with what is no credential at all', async () => {
    await register()
    const { Session } = await begin()
    for (const CREDENTIAL of ['x', '[]', 'null', '{}', '{"rawId":1}', '{"rawId":"AAAA","type":"public-key"}']) {
      const ChallengeResponses = { USERNAME: 'alice', CREDENTIAL }
      expect(
        await call('RespondToAuthChallenge', { ClientId, ChallengeName: 'WEB_AUTHN', ChallengeResponses, Session }),
      ).toMatchObject({ __type: 'NotAuthorizedException' })
    }
  })

  it('after the passkey was deleted, or the user disabled', async () => {
    await register()
    const { options, Session } = await begin()
    const assertion = await key.assert(options)
    await call('DeleteWebAuthnCredential', { AccessToken: await tokenOf(), CredentialId: key.id })
    await expect(answer(assertion, Session)).rejects.toEqual(invalid)
  })
})

describe('a user with a second factor', () => {
  const users = { alice: { password, email: 'a@example.com', email_verified: true, mfa: ['EMAIL_OTP'] as const } }
  const choices = async () => {
    const answered = await call('InitiateAuth', {
      ClientId,
      AuthFlow: 'USER_AUTH',
      AuthParameters: { USERNAME: 'alice' },
    })
    return answered['AvailableChallenges']
  }

  it('begins with a password, since a passkey alone is one factor', async () => {
    await create({ users })
    await register()
    expect(await choices()).toEqual(['PASSWORD', 'PASSWORD_SRP'])
    const prefer = { AccessToken: await tokenOf(), WebAuthnMfaSettings: { Enabled: true } }
    expect(await call('SetUserMFAPreference', prefer)).toMatchObject({ __type: 'InvalidParameterException' })
  })

  it('signs in by a verified passkey, where those count as two factors and the user wants it', async () => {
    await create({ users, passkeys: { relyingPartyId: 'example.com', multiFactor: true } })
    await register()
    expect(await choices()).toEqual(['PASSWORD', 'PASSWORD_SRP'])
    const prefer = { AccessToken: await tokenOf(), WebAuthnMfaSettings: { Enabled: true } }
    expect(await call('SetUserMFAPreference', prefer)).toEqual({})
    expect(await choices()).toEqual(['PASSWORD', 'PASSWORD_SRP', 'WEB_AUTHN'])
    const { options, Session } = await begin()
    expect(options['userVerification']).toBe('required')
    await expect(answer(await key.assert(options, { isUserVerified: false }), Session)).rejects.toEqual(invalid)
    expect((await answer(await key.assert(options), Session)).AuthenticationResult).toBeDefined()
  })
})

it('SetUserPoolMfaConfig says whether and how the pool takes passkeys', async () => {
  await create({ passkeys: undefined })
  const UserPoolId = pool.settings.userPoolId
  const WebAuthnConfiguration = {
    RelyingPartyId: 'auth.example.com',
    UserVerification: 'required',
    FactorConfiguration: 'SINGLE_FACTOR',
  } as const
  await sdk.send(new SetUserPoolMfaConfigCommand({ UserPoolId, WebAuthnConfiguration }))
  const config = await sdk.send(new GetUserPoolMfaConfigCommand({ UserPoolId }))
  expect(config.WebAuthnConfiguration).toEqual(WebAuthnConfiguration)
  expect(await startRegistration(await tokenOf())).toMatchObject({
    rp: { id: 'auth.example.com' },
    authenticatorSelection: { userVerification: 'required' },
  })
})

describe('the option `passkeys`', () => {
  it.each<[object, string]>([
    [{ rpId: 'example.com' }, 'it is called "relyingPartyId"'],
    [{ relyingPartyId: 'https://example.com' }, 'passkeys.relyingPartyId'],
    [{ userVerification: 'always' }, 'expected one of required, preferred'],
    [{ multiFactor: 'yes' }, 'passkeys.multiFactor: expected true or false'],
  ])('refuses %j', async (passkeys, message) => {
    await expect(createLocalPool({ passkeys })).rejects.toThrow(message)
  })
})

it('challenges are random, and 32 bytes long', async () => {
  const AccessToken = await tokenOf()
  const [a, b] = [await startRegistration(AccessToken), await startRegistration(AccessToken)]
  expect(fromBase64Url(String(a['challenge']))).toHaveLength(32)
  expect(a['challenge']).not.toBe(b['challenge'])
})
