import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPoolAdmin } from '../../src/admin/index.ts'
import {
  AuthenticationError,
  type AwsCredentials,
  AwsError,
  ConfigurationError,
  roleCredentials,
} from '../../src/credentials/index.ts'
import { createGuard } from '../../src/index.ts'
import type { IdPrincipal } from '../../src/tokens/principal.ts'
import { createIamClient } from '../../src/aws/index.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { answer, credentials, errorOf, refusal } from '../support/aws.ts'

const start = Date.UTC(2026, 0, 1)
const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`

let pool: LocalPool

beforeAll(async () => {
  pool = await createLocalPool({
    now: () => start,
    groups: {
      reports: { allow: [], roleArn: roleArn('reports'), precedence: 1 },
      audits: { allow: [], roleArn: roleArn('audits'), precedence: 2 },
      closed: { allow: [], roleArn: roleArn('closed') },
      plain: { allow: [] },
    },
    users: {
      alice: { groups: ['reports', 'audits'] },
      bob: { groups: ['plain'] },
      carol: { groups: ['closed'] },
      dave: { groups: ['reports'] },
    },
    identityPool: { roleMapping: 'token' },
  })
  const iam = createIamClient({ credentials, fetch: pool.fetch, now: pool.settings.now })
  await iam.roles.create({ name: 'reports', trustPolicy: trust(pool.identityPoolId) })
  await iam.roles.create({ name: 'audits', trustPolicy: trust(pool.identityPoolId) })
  await iam.roles.create({ name: 'closed', trustPolicy: trust(pool.settings.userPoolId) })
})

function trust(audience: string): Record<string, unknown> {
  const name = 'cognito-identity.amazonaws.com'
  const Condition = {
    StringEquals: { [`${name}:aud`]: audience },
    'ForAnyValue:StringLike': { [`${name}:amr`]: 'authenticated' },
  }
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: name },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition,
  }
  return { Version: '2012-10-17', Statement: [statement] }
}

const idGuard = () => createGuard({ ...pool.settings, tokenUse: 'id' })
type IdGuard = ReturnType<typeof idGuard>

/** The options of a guard's calls to the local pool. */
const optionsOf = (guard: IdGuard) => {
  const { identityPoolId, settings } = pool
  return { guard, identityPoolId, fetch: settings.fetch, now: settings.now, sleep: async () => {} }
}

const signIn = async (guard: IdGuard, username: string): Promise<IdPrincipal> =>
  guard.verify((await pool.tokens(username)).idToken)

/** Whose role credentials are, as STS tells it. */
const sessionOf = async (given: AwsCredentials) =>
  (await createIamClient({ credentials: given, fetch: pool.fetch, now: pool.settings.now }).caller()).arn

const calls = () => [pool.count('GetId'), pool.count('GetCredentialsForIdentity')]
const session = (name: string) => `arn:aws:sts::123456789012:assumed-role/${name}/CognitoIdentityCredentials`

let guard: IdGuard

beforeEach(() => {
  guard = idGuard()
})

describe('the credentials of a caller', () => {
  it('are those of the role of the group that comes first', async () => {
    const got = await roleCredentials(await signIn(guard, 'alice'), optionsOf(guard))
    expect(got).toEqual({
      accessKeyId: expect.stringMatching(/^ASIA[0-9A-Z]{16}$/),
      secretAccessKey: expect.stringMatching(/^\w{40}$/),
      sessionToken: expect.any(String),
      expiration: new Date(Math.floor(pool.settings.now() / 1000) * 1000 + 3_600_000),
      identityId: expect.stringMatching(/^eu-west-1:[0-9a-f-]{36}$/),
    })
    expect(await sessionOf(got)).toBe(session('reports'))
  })

  it('are those of another of the own roles, if it is named', async () => {
    const alice = await signIn(guard, 'alice')
    const options = optionsOf(guard)
    const [first, second] = [
      await roleCredentials(alice, options),
      await roleCredentials(alice, { ...options, role: roleArn('audits') }),
    ]
    expect([await sessionOf(first), await sessionOf(second)]).toEqual([session('reports'), session('audits')])
    expect(second.identityId).toBe(first.identityId)
    for (const role of [roleArn('closed'), roleArn('admin'), '']) {
      expect(await errorOf(roleCredentials(alice, { ...options, role }))).toBeInstanceOf(AwsError)
    }
  })

  it('sign the calls of an administration', async () => {
    const got = await roleCredentials(await signIn(guard, 'alice'), optionsOf(guard))
    const { userPoolId, fetch, now } = pool.settings
    const admin = createPoolAdmin({ userPoolId, credentials: got, fetch, now })
    const arn = `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/${userPoolId}`
    expect(await errorOf(admin.groups.list().toArray())).toMatchObject({ code: 'AccessDeniedException', status: 400 })
    const statement = { Effect: 'Allow', Action: 'cognito-idp:ListGroups', Resource: arn }
    const iam = createIamClient({ credentials, fetch, now })
    await iam.roles.putPolicy('reports', 'own', { Version: '2012-10-17', Statement: [statement] })
    expect((await admin.groups.list().toArray()).map(({ name }) => name)).toContain('reports')
  })

  it.each([
    ['bob', 'without a role', 'NotAuthorizedException'],
    ['carol', 'with a role that trusts another audience', 'InvalidIdentityPoolConfigurationException'],
  ])('are refused to %s, %s', async (username, _, code) => {
    const error = await errorOf(roleCredentials(await signIn(guard, username), optionsOf(guard)))
    expect(error).toBeInstanceOf(AwsError)
    expect(error).toMatchObject({ code, operation: 'GetCredentialsForIdentity', status: 400 })
  })
})

describe('nobody else has them', () => {
  it.each<[string, (principal: IdPrincipal) => unknown]>([
    ['a copy of a principal', (principal) => ({ ...principal })],
    ['a principal made up', ({ sub, userPoolId }) => ({ sub, userPoolId, tokenUse: 'id', kind: 'user' })],
    ['a heir of a principal', (principal) => Object.create(principal)],
    ['a proxy of a principal', (principal) => new Proxy(principal, {})],
    ['nothing', () => undefined],
  ])('%s', async (_, change) => {
    const alice = await signIn(guard, 'alice')
    await roleCredentials(alice, optionsOf(guard))
    const before = calls()
    const error = await errorOf(roleCredentials(change(alice) as IdPrincipal, optionsOf(guard)))
    expect(error).toBeInstanceOf(Error)
    expect(calls()).toEqual(before)
  })

  it('a principal of another guard, until that guard vouches for it', async () => {
    const alice = await signIn(guard, 'alice')
    await roleCredentials(alice, optionsOf(guard))
    const other = idGuard()
    const before = calls()
    expect(await errorOf(roleCredentials(alice, optionsOf(other)))).toBeInstanceOf(ConfigurationError)
    expect(calls()).toEqual(before)
    const own = await other.verify(guard.tokenOf(alice))
    await roleCredentials(own, optionsOf(other))
    expect(calls()).toEqual(before.map((count) => count + 1))
  })

  it('whoever forges a token of a caller that is remembered', async () => {
    const { idToken } = await pool.tokens('alice')
    await roleCredentials(await guard.verify(idToken), optionsOf(guard))
    const [head = '', body = '', signature = ''] = idToken.split('.')
    const before = calls()
    for (const forged of [`${head}.${body}.${signature.slice(0, -4)}AAAA`, `${head}.${body}.`, `${head}.${body}`]) {
      expect(await errorOf(guard.verify(forged))).toBeInstanceOf(AuthenticationError)
    }
    const liar = { tokenOf: () => `${head}.${body}.${signature.slice(0, -4)}AAAA` }
    const alice = await guard.verify(idToken)
    const error = await errorOf(roleCredentials(alice, { ...optionsOf(guard), guard: liar }))
    expect(error).toMatchObject({ code: 'NotAuthorizedException' })
    expect(calls()).toEqual([before[0]! + 1, before[1]])
  })

  it('the caller with an access token', async () => {
    const any = createGuard({ ...pool.settings, tokenUse: 'any' })
    const alice = await any.verify((await pool.tokens('alice')).accessToken)
    const before = calls()
    const error = await errorOf(roleCredentials(alice as IdPrincipal, { ...optionsOf(guard), guard: any }))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ code: 'TOKEN_USE_WRONG', status: 401 })
    expect(calls()).toEqual(before)
  })

  it('the caller past the end of the token, however long the credentials last', async () => {
    const token = (await pool.tokens('alice', { expiresIn: 600 })).idToken
    const alice = await guard.verify(token)
    await roleCredentials(alice, optionsOf(guard))
    const { now } = pool.settings
    const at = (seconds: number) => roleCredentials(alice, { ...optionsOf(guard), now: () => now() + seconds * 1000 })
    const before = calls()
    expect(await at(599)).toHaveProperty('accessKeyId')
    expect(await errorOf(at(600))).toMatchObject({ name: 'AuthenticationError', code: 'TOKEN_EXPIRED' })
    expect(calls()).toEqual(before)
  })
})

describe('they are remembered', () => {
  it('by guard, token, identity pool and role', async () => {
    const alice = await signIn(guard, 'alice')
    const before = calls()
    const one = await roleCredentials(alice, optionsOf(guard))
    expect(await roleCredentials(alice, optionsOf(guard))).toEqual(one)
    const again = await guard.verify(guard.tokenOf(alice))
    expect(await roleCredentials(again, optionsOf(guard))).toEqual(one)
    expect(calls()).toEqual([before[0]! + 1, before[1]! + 1])

    const dave = await roleCredentials(await signIn(guard, 'dave'), optionsOf(guard))
    expect(dave.identityId).not.toBe(one.identityId)
    expect(dave.accessKeyId).not.toBe(one.accessKeyId)
  })

  it('with the identity, which a later token needs not be asked for', async () => {
    const one = await roleCredentials(await signIn(guard, 'alice'), optionsOf(guard))
    const before = calls()
    const two = await roleCredentials(await signIn(guard, 'alice'), optionsOf(guard))
    expect(calls()).toEqual([before[0], before[1]! + 1])
    expect([two.identityId, two.accessKeyId === one.accessKeyId]).toEqual([one.identityId, false])
  })

  it('until 5 minutes before their end', async () => {
    const alice = await guard.verify((await pool.tokens('alice', { expiresIn: 86_400 })).idToken)
    const { now } = pool.settings
    const at = (seconds: number) => roleCredentials(alice, { ...optionsOf(guard), now: () => now() + seconds * 1000 })
    const one = await at(0)
    expect((await at(3299)).accessKeyId).toBe(one.accessKeyId)
    expect((await at(3300)).accessKeyId).not.toBe(one.accessKeyId)
  })

  it('as values that nobody can change for others', async () => {
    const alice = await signIn(guard, 'alice')
    const one = await roleCredentials(alice, optionsOf(guard))
    const end = +one.expiration
    one.expiration.setFullYear(3000)
    Object.assign(one, { accessKeyId: 'other' })
    const two = await roleCredentials(alice, optionsOf(guard))
    expect([+two.expiration, two.accessKeyId === 'other']).toEqual([end, false])
  })

  it('and never as promises: each of two callers at once asks', async () => {
    const alice = await signIn(guard, 'alice')
    const before = calls()
    let arrived = 0
    let open = () => {}
    const both = new Promise<void>((resolve) => {
      open = resolve
    })
    const fetch = async (request: Request) => {
      if (++arrived === 2) open()
      await both
      return pool.fetch(request)
    }
    const got = await Promise.all([1, 2].map(() => roleCredentials(alice, { ...optionsOf(guard), fetch })))
    expect(calls()).toEqual([before[0]! + 2, before[1]! + 2])
    expect(new Set(got.map(({ identityId }) => identityId)).size).toBe(1)
  })

  it('where they were issued only: an error is not', async () => {
    const alice = await signIn(guard, 'alice')
    pool.fail('GetCredentialsForIdentity', { error: 'InternalErrorException', status: 400, times: 1 })
    expect(await errorOf(roleCredentials(alice, optionsOf(guard)))).toBeInstanceOf(AwsError)
    expect(await roleCredentials(alice, optionsOf(guard))).toHaveProperty('accessKeyId')
  })

  it('for a thousand tokens of each guard', async () => {
    const { token, principal, vouch } = await manyTokens(guard)
    const asked: string[] = []
    const fetch = async (request: Request) => {
      const operation = request.headers.get('x-amz-target')?.split('.')[1] ?? ''
      asked.push(operation)
      if (operation === 'GetId') return answer({ IdentityId: 'eu-west-1:1' })
      return answer({ IdentityId: 'eu-west-1:1', Credentials: issued() })
    }
    const options = { ...optionsOf(guard), guard: vouch, fetch }
    const ask = (index: number) => {
      token.index = index
      return roleCredentials(principal, options)
    }
    for (let index = 0; index < 1000; index++) await ask(index)
    await ask(0)
    expect(asked).toHaveLength(1001)
    await ask(1000)
    await ask(0)
    expect(asked).toHaveLength(1002)
    await ask(1)
    expect(asked).toHaveLength(1003)
  })
})

/** A guard that vouches for as many tokens as there are numbers. */
async function manyTokens(from: IdGuard) {
  const principal = await signIn(from, 'alice')
  const token = { index: 0 }
  const text = from.tokenOf(principal)
  return { token, principal, vouch: { tokenOf: () => `${text}${token.index}` } }
}

function issued(changes: object = {}): object {
  const Expiration = Math.floor(pool.settings.now() / 1000) + 3600
  return { AccessKeyId: 'ASIA1', SecretKey: 'secret', SessionToken: 'session', Expiration, ...changes }
}

describe('an answer of AWS', () => {
  /** Answers in order, and remembers what was asked. */
  const scripted = (...answers: Response[]) => {
    const asked: { operation: string; input: Record<string, unknown>; signed: boolean; url: string }[] = []
    const fetch = async (request: Request) => {
      const operation = request.headers.get('x-amz-target')?.split('.')[1] ?? ''
      const input = JSON.parse(await request.text())
      asked.push({ operation, input, signed: request.headers.has('authorization'), url: request.url })
      return answers.shift() ?? answer({}, 500)
    }
    return { asked, fetch }
  }

  it('is asked for without a signature, at the identity pool’s region', async () => {
    const { asked, fetch } = scripted(
      answer({ IdentityId: 'eu-west-1:1' }),
      answer({ IdentityId: 'eu-west-1:1', Credentials: issued() }),
    )
    const alice = await signIn(guard, 'alice')
    const identityPoolId = 'us-east-2:01234567-89ab-4def-8123-456789abcdef'
    await roleCredentials(alice, { ...optionsOf(guard), fetch, identityPoolId, role: 'arn:a' })
    const Logins = {
      [`cognito-idp.eu-west-1.amazonaws.com/${pool.settings.userPoolId}`]: guard.tokenOf(alice),
    }
    const where = { signed: false, url: 'https://cognito-identity.us-east-2.amazonaws.com/' }
    expect(asked).toEqual([
      { operation: 'GetId', input: { IdentityPoolId: identityPoolId, Logins }, ...where },
      {
        operation: 'GetCredentialsForIdentity',
        input: { IdentityId: 'eu-west-1:1', Logins, CustomRoleArn: 'arn:a' },
        ...where,
      },
    ])
  })

  it('is that of one identity pool, and of one place', async () => {
    const got = (name: string) => [
      answer({ IdentityId: name }),
      answer({ Credentials: issued({ AccessKeyId: `ASIA${name}` }) }),
    ]
    const { asked, fetch } = scripted(...got('1'), ...got('2'), ...got('3'), ...got('4'))
    const alice = await signIn(guard, 'alice')
    const ids = ['eu-west-1:01234567-89ab-4def-8123-456789abcdef', 'eu-west-1:01234567-89ab-4def-8123-456789abcde0']
    const places = [
      { identityPoolId: ids[0]! },
      { identityPoolId: ids[1]! },
      { identityPoolId: ids[0]!, region: 'eu-west-2' },
      { identityPoolId: ids[0]!, endpoint: 'https://proxy.test/aws' },
    ]
    const ask = async (place: object) => {
      const { identityId, accessKeyId } = await roleCredentials(alice, { ...optionsOf(guard), ...place, fetch })
      return [identityId, accessKeyId]
    }
    for (const _ of [1, 2]) {
      const found = []
      for (const place of places) found.push(await ask(place))
      expect(found).toEqual(['1', '2', '3', '4'].map((name) => [name, `ASIA${name}`]))
    }
    expect(
      asked.filter(({ operation }) => operation === 'GetId').map(({ url, input }) => [url, input['IdentityPoolId']]),
    ).toEqual([
      ['https://cognito-identity.eu-west-1.amazonaws.com/', ids[0]],
      ['https://cognito-identity.eu-west-1.amazonaws.com/', ids[1]],
      ['https://cognito-identity.eu-west-2.amazonaws.com/', ids[0]],
      ['https://proxy.test/aws', ids[0]],
    ])
    expect(asked).toHaveLength(8)
  })

  it('that an identity is gone: the next one is asked for, once', async () => {
    const gone = () => refusal('ResourceNotFoundException')
    const { asked, fetch } = scripted(
      answer({ IdentityId: 'eu-west-1:1' }),
      answer({ Credentials: issued() }),
      gone(),
      answer({ IdentityId: 'eu-west-1:2' }),
      answer({ Credentials: issued() }),
      gone(),
      answer({ IdentityId: 'eu-west-1:3' }),
      gone(),
    )
    const options = { ...optionsOf(guard), fetch }
    const ask = async () => roleCredentials(await signIn(guard, 'alice'), options)
    expect([(await ask()).identityId, (await ask()).identityId]).toEqual(['eu-west-1:1', 'eu-west-1:2'])
    expect(await errorOf(ask())).toMatchObject({ code: 'ResourceNotFoundException' })
    expect(asked).toHaveLength(8)
  })

  it.each<[string, readonly object[]]>([
    ['no identity', [{}]],
    ['an identity of another type', [{ IdentityId: 7 }]],
    ['no credentials', [{ IdentityId: 'eu-west-1:1' }, {}]],
    ['null', [{ IdentityId: 'eu-west-1:1' }, { Credentials: null }]],
    ...(['AccessKeyId', 'SecretKey', 'SessionToken', 'Expiration'] as const).map((name): [string, object[]] => [
      `no ${name}`,
      [
        { IdentityId: 'eu-west-1:1' },
        { Credentials: { AccessKeyId: 'a', SecretKey: 'b', SessionToken: 'c', Expiration: 1, [name]: undefined } },
      ],
    ]),
    [
      'an end that is none',
      [
        { IdentityId: 'eu-west-1:1' },
        { Credentials: { AccessKeyId: 'a', SecretKey: 'b', SessionToken: 'c', Expiration: 'soon' } },
      ],
    ],
  ])('with %s is no answer', async (_, answers) => {
    const { fetch } = scripted(...answers.map((output) => answer(output)))
    const error = await errorOf(roleCredentials(await signIn(guard, 'alice'), { ...optionsOf(guard), fetch }))
    expect(error).toMatchObject({ name: 'AwsError', code: 'MalformedAnswer' })
  })

  it('that it is asked too often is waited out', async () => {
    pool.fail('GetCredentialsForIdentity', { error: 'TooManyRequestsException', times: 2 })
    expect(await roleCredentials(await signIn(guard, 'alice'), optionsOf(guard))).toHaveProperty('accessKeyId')
  })

  it('that is an error tells no token', async () => {
    const alice = await signIn(guard, 'alice')
    const token = guard.tokenOf(alice)
    const { fetch } = scripted(answer({ __type: 'NotAuthorizedException', message: `Bad token ${token}.` }, 400))
    const error = await errorOf(roleCredentials(alice, { ...optionsOf(guard), fetch }))
    expect(error).toMatchObject({ code: 'NotAuthorizedException', message: 'GetId: NotAuthorizedException, … token …' })
    expect(JSON.stringify(error) + String(error)).not.toContain(token.slice(0, 40))
  })

  it('is not waited for past a signal', async () => {
    const alice = await signIn(guard, 'alice')
    const signal = AbortSignal.abort(new Error('enough'))
    expect(await errorOf(roleCredentials(alice, { ...optionsOf(guard), signal }))).toMatchObject({ message: 'enough' })
  })
})

describe('options that are wrong are named', () => {
  it.each<[string, object]>([
    ['identityPoolId', { identityPoolId: 'eu-west-1_AbCdEfGhI' }],
    ['identityPoolId', { identityPoolId: 'eu-west-1:01234567-89ab-4def-8123-456789abcdef/x' }],
    ['identityPoolId', { identityPoolId: undefined }],
    ['guard', { guard: undefined }],
    ['guard', { guard: {} }],
    ['endpoint', { endpoint: 'nowhere' }],
    ['endpoint', { endpoint: 'http://compose:8080' }],
    ['roleCredentials', { roleArn: 'x' }],
    ['roleCredentials', { identityPoolID: 'x' }],
  ])('%s', async (name, change) => {
    const alice = await signIn(guard, 'alice')
    const error = await errorOf(roleCredentials(alice, { ...optionsOf(guard), ...change } as never))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain(`${name}: `)
  })

  it('http off this machine is admitted by allowHttp', async () => {
    const alice = await signIn(guard, 'alice')
    const options = { ...optionsOf(guard), endpoint: 'http://compose:8080', allowHttp: true }
    const asked: string[] = []
    const fetch = async (request: Request) => {
      asked.push(request.url)
      return new Response('{"__type":"ResourceNotFoundException"}', { status: 400 })
    }
    await errorOf(roleCredentials(alice, { ...options, fetch }))
    expect(asked).toEqual(['http://compose:8080/'])
  })
})
