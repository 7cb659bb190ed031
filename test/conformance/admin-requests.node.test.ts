import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import {
  addMembers,
  assignRole,
  auditPool,
  createPoolAdmin,
  type Operation,
  type PoolAdmin,
  promote,
  removeMembers,
  signInAsAdmin,
  syncMembers,
} from '../../src/admin/index.ts'
import { resolveEndpoint } from '../../src/aws/client/endpoint.ts'
import { createLocalPool } from '../../src/local/index.ts'
import { answer, credentials, scripted } from '../support/aws.ts'
import { createSignatureVerifier } from '../support/signature-verifier.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string | undefined>
  readonly input: unknown
}

const userPoolId = 'eu-west-1_AbCdEfGhI'
const relevant = ['content-type', 'x-amz-target', 'x-amz-security-token']
const session = { ...credentials, sessionToken: 'session' }

/** What the SDK sends for an operation. */
async function sentBySdk(operation: string, input: object, options = {}): Promise<Seen> {
  const seen: Seen[] = []
  const client = new sdk.CognitoIdentityProviderClient({
    region: 'eu-west-1',
    credentials: session,
    maxAttempts: 1,
    requestHandler: {
      async handle(request: {
        method: string
        hostname: string
        path: string
        headers: Record<string, string>
        body: string
      }) {
        const { method, hostname, path, headers, body } = request
        seen.push({
          method,
          url: `https://${hostname}${path}`,
          headers: pick((name) => headers[name]),
          input: JSON.parse(body),
        })
        return { response: { statusCode: 200, headers: {}, body: new TextEncoder().encode('{}') } }
      },
    },
    ...options,
  })
  const Command = Object.entries(sdk).find(([name]) => name === `${operation}Command`)?.[1]
  if (typeof Command !== 'function') throw new Error(`the SDK has no ${operation}`)
  // The commands are a union of 140 types, of which one is chosen by name.
  const send = client.send.bind(client) as (command: object) => Promise<unknown>
  await send(Reflect.construct(Command, [input]))
  return seen[0]!
}

function pick(read: (name: string) => string | null | undefined): Seen['headers'] {
  const signed = /SignedHeaders=/.test(read('authorization') ?? '')
  return { ...Object.fromEntries(relevant.map((name) => [name, read(name) ?? undefined])), signed: String(signed) }
}

const name = 'ops'
const helpers: [Operation, (admin: PoolAdmin) => Promise<unknown>][] = [
  ['ListGroups', (a) => a.groups.list().page({ limit: 5, token: 't' })],
  ['GetGroup', (a) => a.groups.get(name)],
  ['CreateGroup', (a) => a.groups.create({ name, description: 'd', roleArn: 'arn', precedence: 0 })],
  ['UpdateGroup', (a) => a.groups.update(name, { precedence: 3 })],
  ['DeleteGroup', (a) => a.groups.delete(name)],
  ['ListUsersInGroup', (a) => a.groups.members(name).page()],
  ['ListUsers', (a) => a.users.list({ filter: { email: { startsWith: 'a"b\\' } }, attributes: ['email'] }).page()],
  ['AdminGetUser', (a) => a.users.get('alice')],
  [
    'AdminCreateUser',
    (a) =>
      a.users.create(
        {
          username: 'älice/%😀',
          attributes: { email: 'a@b.c', tier: 'true' },
          temporaryPassword: 'p',
          messageAction: 'SUPPRESS',
          desiredDeliveryMediums: ['EMAIL'],
          forceAliasCreation: false,
          validationData: { k: 'v' },
        },
        { clientMetadata: { a: 'b' } },
      ),
  ],
  ['AdminDeleteUser', (a) => a.users.delete('alice')],
  ['AdminEnableUser', (a) => a.users.enable('alice')],
  ['AdminDisableUser', (a) => a.users.disable('alice')],
  ['AdminConfirmSignUp', (a) => a.users.confirmSignUp('alice', { clientMetadata: { a: 'b' } })],
  ['AdminSetUserPassword', (a) => a.users.setPassword('alice', 'p', { permanent: true })],
  ['AdminResetUserPassword', (a) => a.users.resetPassword('alice')],
  ['AdminUpdateUserAttributes', (a) => a.users.updateAttributes('alice', { tier: '1' })],
  ['AdminDeleteUserAttributes', (a) => a.users.deleteAttributes('alice', ['tier'])],
  ['AdminUserGlobalSignOut', (a) => a.users.signOut('alice')],
  ['AdminListGroupsForUser', (a) => a.users.groups('alice').page({ limit: 60 })],
  ['AdminAddUserToGroup', (a) => a.users.addToGroup('alice', name)],
  ['AdminRemoveUserFromGroup', (a) => a.users.removeFromGroup('alice', name)],
  [
    'CreateIdentityProvider',
    (a) =>
      a.identityProviders.create({
        ...{ name: 'Corp', type: 'OIDC', details: { client_id: 'c' }, identifiers: ['x'] },
        ...{ attributeMapping: { email: 'mail' }, acrMapping: { a: 'b' } },
      }),
  ],
  ['DescribeIdentityProvider', (a) => a.identityProviders.describe('Corp')],
  ['UpdateIdentityProvider', (a) => a.identityProviders.update('Corp', { details: { client_id: 'd' } })],
  ['DescribeUserPoolClient', (a) => a.clients.describe('c')],
  [
    'UpdateUserPoolClient',
    (a) => a.clients.update('c', { callbackURLs: ['u'], tokenValidityUnits: { idToken: 'days' }, clientName: 'n' }),
  ],
  ['AdminInitiateAuth', (a) => signInAsAdmin(a, { clientId: 'c', clientMetadata: { a: 'b' } }, 'alice', 'p')],
]

describe('the AWS SDK sends the same', () => {
  it.each(helpers)('%s', async (operation, act) => {
    const { admin, sent } = scripted(
      Array.from(
        { length: 3 },
        () => () =>
          answer({ Group: { GroupName: name, Description: 'd' }, UserPoolClient: { ReadAttributes: ['email'] } }),
      ),
      { attributeMap: { tier: 'custom:tier' }, credentials: session },
    )
    await act(admin).catch(() => {})
    const ours = sent.find((one) => one.operation === operation)!
    const theirs = await sentBySdk(operation, ours.input)
    expect({
      method: 'POST',
      url: ours.url,
      headers: pick((header) => ours.headers.get(header)),
      input: ours.input,
    }).toEqual(theirs)
  })

  it.each(['ForgotPassword', 'InitiateAuth', 'ListUserPools', 'UpdateAuthEventFeedback'] as const)(
    '%s, signed or not',
    async (operation) => {
      const { admin, sent } = scripted([answer({})], { credentials: session })
      await admin.call(operation, { MaxResults: 1 } as never)
      const ours = sent[0]!
      const theirs = await sentBySdk(operation, { MaxResults: 1, UserPoolId: ours.input['UserPoolId'] })
      expect(ours.headers.has('authorization')).toBe(theirs.headers['signed'] === 'true')
    },
  )

  it.each(
    [
      'eu-west-1',
      'us-gov-west-1',
      'cn-north-1',
      'us-iso-east-1',
      'us-isob-east-1',
      'eu-isoe-west-1',
      'us-isof-south-1',
      'eusc-de-east-1',
    ].flatMap((region) => [false, true].map((fips) => [region, fips] as const)),
  )('to the same host in %s, FIPS %s', async (region, fips) => {
    const theirs = await sentBySdk('ListUserPools', { MaxResults: 1 }, { region, useFipsEndpoint: fips })
    expect(resolveEndpoint('cognito-idp', { region, fips })).toBe(theirs.url)
  })
})

describe('the helpers know what operations exist', () => {
  it('and this table has all of them', async () => {
    const pool = await createLocalPool({ groups: ['a', 'b'], users: { alice: { groups: ['a'] }, bob: {} } })
    const { settings } = pool
    const admin = createPoolAdmin({
      userPoolId: settings.userPoolId,
      fetch: settings.fetch,
      credentials,
      sleep: async () => {},
    })
    pool.fail('AdminAddUserToGroup', { times: 1, networkError: true, when: 'after' })
    await addMembers(admin, [{ username: 'bob', group: 'a' }])
    await removeMembers(admin, [{ username: 'bob', group: 'a' }])
    await syncMembers(admin, [{ username: 'bob', group: 'a' }], { groups: ['a'], maxRemovals: 1 })
    await assignRole(admin, 'alice', 'b', { among: ['a', 'b'] })
    await promote(admin, 'alice', 'a', { among: ['a', 'b'], order: 'given' })
    await auditPool(admin)
    const used = new Set(pool.requests.map(({ operation }) => operation))
    expect(helpers.map(([operation]) => operation)).toEqual(expect.arrayContaining([...used]))
  })
})

describe('signatures pass a verifier of another make', () => {
  it.each([credentials, session])('for every helper', async (known) => {
    const pool = await createLocalPool({
      userPoolId,
      groups: [name],
      users: { alice: { password: 'Correct-Horse-1' } },
      verifySignature: createSignatureVerifier([known]),
    })
    const { settings } = pool
    const admin = createPoolAdmin({ userPoolId, credentials: known, fetch: settings.fetch, now: settings.now })
    const codes: unknown[] = []
    for (const [, act] of helpers) await act(admin).catch((error: { code: unknown }) => codes.push(error.code))
    expect(pool.requests.length).toBeGreaterThan(helpers.length - 1)
    for (const code of codes) expect(code).not.toMatch(/Signature|Token|Unrecognized|AccessDenied/)
    await admin.groups.create({ name: 'ünï/%"' })
    const wrong = createPoolAdmin({
      ...{ userPoolId, fetch: settings.fetch, now: settings.now },
      credentials: { ...known, secretAccessKey: 'another' },
    })
    await expect(wrong.groups.list().toArray()).rejects.toMatchObject({ code: 'InvalidSignatureException' })
  })

  it('with a clock that is ten minutes off, either way', async () => {
    for (const skew of [-600_000, 600_000]) {
      const pool = await createLocalPool({ groups: [name], verifySignature: createSignatureVerifier([credentials]) })
      const { settings } = pool
      const admin = createPoolAdmin({
        ...{ userPoolId: settings.userPoolId, credentials, fetch: settings.fetch },
        now: () => settings.now() + skew,
      })
      expect(await admin.groups.list().toArray()).toHaveLength(1)
      expect(await admin.groups.list().toArray()).toHaveLength(1)
      expect(pool.count('ListGroups')).toBe(3)
    }
  })

  it('with credentials that expire, asked for once more', async () => {
    const first = { ...session, expiresAt: 0 }
    const second = { ...session, sessionToken: 'renewed', accessKeyId: 'AKIDRENEWED' }
    const pool = await createLocalPool({ groups: [name], verifySignature: createSignatureVerifier([first, second]) })
    const { settings } = pool
    let asked = 0
    const admin = createPoolAdmin({
      ...{ userPoolId: settings.userPoolId, fetch: settings.fetch, now: settings.now },
      credentials: () => (asked++ === 0 ? first : second),
    })
    expect(await admin.groups.list().toArray()).toHaveLength(1)
    expect([asked, pool.count('ListGroups')]).toEqual([2, 2])
  })
})
