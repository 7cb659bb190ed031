import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dispatch } from '../../src/local/dispatcher.ts'
import { createSortedPairs, putEnding, removeEnding, removeEndingOf } from '../../src/local/sorted-pairs.ts'
import { openPool } from '../../src/local/local-pool.ts'
import { createWorld } from '../../src/local/world.ts'
import { outcome, trusting } from '../support/local-iam.ts'
import { authorizationFor, type Json, requestFor } from '../support/local-pool.ts'

/** A record whose readers are counted, and those who list it whole. */
function counted<T extends object>(record: T) {
  const counts = { reads: 0, listings: 0 }
  const proxy = new Proxy(record, {
    get(target, name, receiver) {
      counts.reads += 1
      return Reflect.get(target, name, receiver)
    },
    ownKeys(target) {
      counts.listings += 1
      return Reflect.ownKeys(target)
    },
  })
  return { proxy, counts }
}

/** A world with so many users, each with tokens, a challenge and an identity, and everything that grows with them counted. */
async function createCrowd(size: number) {
  const start = Date.UTC(2026, 0, 1)
  const world = createWorld({ now: () => start })
  const names = Array.from({ length: size }, (_, index) => `user-${String((index * 7919) % size).padStart(6, '0')}`)
  const role = 'arn:aws:iam::123456789012:role/reader'
  const pool = openPool(world, {
    aliases: ['email', 'preferred_username'],
    caseSensitive: false,
    groups: ['everyone', 'few', { name: 'readers', roleArn: role, precedence: 1 }],
    clients: [{ clientId: 'rotating', authFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'] }],
    users: names.map((username) => ({
      ...{ username, sub: `sub-of-${username}`, email: `${username}@example.com`, email_verified: true },
      ...{ groups: ['everyone', 'readers'], password: 'Correct-horse-1' },
      devices: [{ key: 'eu-west-1_11111111-2222-4333-8444-555555555555' }],
    })),
    identityPool: { roleMapping: 'token', allowClassicFlow: true, serverSideTokenCheck: true },
    ...{ maxSessions: 5, threatProtection: true, passkeys: {} },
  })
  const { userPoolId } = pool.settings
  const state = world.state.pools[userPoolId]
  const identities = world.state.identityPools[pool.identityPoolId]
  if (state === undefined || identities === undefined) throw new Error('There is no pool.')
  for (const username of names) {
    const grant = { username, clientId: pool.settings.clientId, until: start + 3_600_000 }
    putEnding(state.refreshTokens, `token-of-${username}`, { ...grant, authTime: 1, originJti: username }, start)
    putEnding(state.sessions, `session-of-${username}`.padEnd(20, '-'), { ...grant, challenge: 'SMS_MFA' }, start)
    const id = `tkn${username.replace('-', '').padEnd(25, '0')}`
    putEnding(state.userSessions, id, { ...grant, originJti: username, createdAt: start, lastActiveAt: start }, start)
    const event = { username, at: start, until: grant.until, hasPassed: true, factors: [], feedbackToken: 'x' }
    putEnding(state.authEvents, `event-of-${username}`, event, start)
    identities.identities[`eu-west-1:${username}`] = {
      logins: { provider: username },
      createdAt: start,
      updatedAt: start,
    }
    world.state.sessionCredentials[`ASIALOCAL${username}`] = {
      ...{ accessKeyId: `ASIALOCAL${username}`, secretAccessKey: 's', sessionToken: 't', sessionName: 's' },
      ...{ roleName: 'reader', roleId: 'x', until: start + 3_600_000 },
    }
  }
  const records = {
    users: counted(state.users),
    refreshTokens: counted(state.refreshTokens),
    sessions: counted(state.sessions),
    userSessions: counted(state.userSessions),
    authEvents: counted(state.authEvents),
    identities: counted(identities.identities),
    sessionCredentials: counted(world.state.sessionCredentials),
  }
  const { users, refreshTokens, sessions, userSessions, authEvents } = records
  Object.assign(state, { userSessions: userSessions.proxy, authEvents: authEvents.proxy })
  Object.assign(state, { users: users.proxy, refreshTokens: refreshTokens.proxy, sessions: sessions.proxy })
  Object.assign(identities, { identities: records.identities.proxy })
  Object.assign(world.state, { sessionCredentials: records.sessionCredentials.proxy })
  const place = { fetch: (request: Request) => dispatch(world, request) }
  const call = async (operation: string, input: Json = {}) => {
    const response = await place.fetch(requestFor(pool, operation, { UserPoolId: userPoolId, ...input }))
    const text = await response.text()
    if (!response.ok) throw new Error(`${operation}: ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Json)
  }
  const identityCall = async (operation: string, input: Json) => {
    const response = await place.fetch(
      new Request('https://cognito-identity.eu-west-1.amazonaws.com/', {
        method: 'POST',
        headers: {
          'x-amz-target': `AWSCognitoIdentityService.${operation}`,
          authorization: authorizationFor('eu-west-1', 'cognito-identity'),
        },
        body: JSON.stringify(input),
      }),
    )
    const text = await response.text()
    if (!response.ok) throw new Error(`${operation}: ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Json)
  }
  const iam = (action: string, input: Record<string, string>) => outcome(place, action, input)
  const trust = trusting({ Federated: 'cognito-identity.amazonaws.com' }, 'sts:AssumeRoleWithWebIdentity', {
    StringEquals: { 'cognito-identity.amazonaws.com:aud': pool.identityPoolId },
  })
  await iam('CreateRole', { RoleName: 'reader', AssumeRolePolicyDocument: trust })
  return { size, world, pool, call, identityCall, iam, records, middle: names[size >> 1] ?? '' }
}

type Crowd = Awaited<ReturnType<typeof createCrowd>>

const email = (Value: string) => [
  { Name: 'email', Value },
  { Name: 'email_verified', Value: 'true' },
]
const on = (operation: string, input: Json = {}) => {
  return (crowd: Crowd) => crowd.call(operation, { Username: crowd.middle, ...input })
}
const passwordOf = (crowd: Crowd): Json => ({
  ClientId: crowd.pool.settings.clientId,
  AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
  AuthParameters: { USERNAME: crowd.middle, PASSWORD: 'Correct-horse-1' },
})
const logins = async ({ pool, middle }: Crowd) => {
  const { idToken } = await pool.tokens(middle)
  return { [`cognito-idp.eu-west-1.amazonaws.com/${pool.settings.userPoolId}`]: idToken }
}

const work: Readonly<Record<string, (crowd: Crowd) => Promise<unknown>>> = {
  'AdminGetUser in another case': (crowd) => crowd.call('AdminGetUser', { Username: crowd.middle.toUpperCase() }),
  'AdminGetUser by sub': (crowd) => crowd.call('AdminGetUser', { Username: `sub-of-${crowd.middle}` }),
  'AdminGetUser by alias': (crowd) => crowd.call('AdminGetUser', { Username: `${crowd.middle}@example.com` }),
  'AdminGetUser of nobody': (crowd) => crowd.call('AdminGetUser', { Username: 'nobody' }).catch(() => {}),
  AdminCreateUser: ({ call }) => call('AdminCreateUser', { Username: 'new', UserAttributes: email('new@example.com') }),
  'AdminCreateUser of a name that is taken': (crowd) => on('AdminCreateUser')(crowd).catch(() => {}),
  'AdminCreateUser of an alias that is taken': ({ call, middle }) => {
    return call('AdminCreateUser', { Username: 'x', UserAttributes: email(`${middle}@example.com`) }).catch(() => {})
  },
  AdminUpdateUserAttributes: on('AdminUpdateUserAttributes', { UserAttributes: email('other@example.com') }),
  AdminDeleteUserAttributes: on('AdminDeleteUserAttributes', { UserAttributeNames: ['email'] }),
  'ListUsers, in the middle': async ({ call, middle, pool }) => {
    const scope = ['ListUsers', pool.settings.userPoolId, '']
    const token = btoa(JSON.stringify([JSON.stringify([middle, middle]), ...scope]))
    const PaginationToken = token.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    expect(await call('ListUsers', { PaginationToken })).toMatchObject({ Users: Array(60).fill({}) })
  },
  ...Object.fromEntries(
    ['username = "x"', 'username ^= "user"', 'email ^= "user"', 'sub = "x"', 'name ^= "x"', 'status = "Enabled"']
      .concat(['status = "Disabled"', 'cognito:user_status = "confirmed"', 'cognito:user_status = "unconfirmed"'])
      .map((Filter) => [`ListUsers, ${Filter}`, ({ call }: Crowd) => call('ListUsers', { Filter })]),
  ),
  ListUsersInGroup: ({ call }) => call('ListUsersInGroup', { GroupName: 'everyone' }),
  AdminListGroupsForUser: on('AdminListGroupsForUser'),
  AdminAddUserToGroup: on('AdminAddUserToGroup', { GroupName: 'few' }),
  AdminRemoveUserFromGroup: on('AdminRemoveUserFromGroup', { GroupName: 'few' }),
  AdminListDevices: on('AdminListDevices'),
  AdminListUserSessions: on('AdminListUserSessions'),
  AdminRevokeUserSession: (crowd) => {
    const SessionId = `tkn${crowd.middle.replace('-', '').padEnd(25, '0')}`
    return on('AdminRevokeUserSession', { SessionId, RevokeAssociatedSessions: 'LINKED' })(crowd)
  },
  AdminListUserAuthEvents: on('AdminListUserAuthEvents'),
  StartWebAuthnRegistration: async ({ call, pool, middle }) => {
    const { accessToken } = await pool.tokens(middle)
    return call('StartWebAuthnRegistration', { AccessToken: accessToken })
  },
  AdminDisableUser: on('AdminDisableUser'),
  AdminEnableUser: on('AdminEnableUser'),
  AdminSetUserPassword: on('AdminSetUserPassword', { Password: 'Correct-horse-1', Permanent: true }),
  AdminSetUserMFAPreference: on('AdminSetUserMFAPreference', { SMSMfaSettings: { Enabled: false } }),
  AdminUserGlobalSignOut: on('AdminUserGlobalSignOut'),
  'AdminInitiateAuth, wrong': (crowd) => {
    const AuthParameters = { USERNAME: crowd.middle, PASSWORD: 'wrong' }
    return crowd.call('AdminInitiateAuth', { ...passwordOf(crowd), AuthParameters }).catch(() => {})
  },
  AdminInitiateAuth: (crowd) => crowd.call('AdminInitiateAuth', passwordOf(crowd)),
  'AdminInitiateAuth, REFRESH_TOKEN_AUTH': async (crowd) => {
    const AuthParameters = { REFRESH_TOKEN: (await crowd.pool.tokens(crowd.middle)).refreshToken }
    return crowd.call('AdminInitiateAuth', { ...passwordOf(crowd), AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters })
  },
  DescribeUserPool: ({ call }) => call('DescribeUserPool'),
  DeleteUserPoolClient: ({ call }) => call('DeleteUserPoolClient', { ClientId: 'rotating' }),
  AdminDeleteUser: ({ call }) => call('AdminDeleteUser', { Username: 'new' }),
  DeleteGroup: ({ call }) => call('DeleteGroup', { GroupName: 'everyone' }),
  'GetId, GetCredentialsForIdentity, GetOpenIdToken': async (crowd) => {
    const Logins = await logins(crowd)
    const { identityPoolId: IdentityPoolId } = crowd.pool
    const { IdentityId } = await crowd.identityCall('GetId', { IdentityPoolId, Logins })
    await crowd.identityCall('GetCredentialsForIdentity', { IdentityId, Logins })
    await crowd.identityCall('GetOpenIdToken', { IdentityId, Logins })
  },
  'ListIdentities, in the middle': async ({ identityCall, pool, middle }) => {
    const { identityPoolId: IdentityPoolId } = pool
    const scope = ['ListIdentities', IdentityPoolId, 'false']
    const token = btoa(JSON.stringify([`eu-west-1:${middle}`, ...scope]))
    const NextToken = token.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    const { Identities } = await identityCall('ListIdentities', { IdentityPoolId, MaxResults: 60, NextToken })
    expect(Identities).toHaveLength(60)
  },
  'DescribeIdentity, LookupDeveloperIdentity, UnlinkIdentity and DeleteIdentities': async (crowd) => {
    const Logins = await logins(crowd)
    const { identityPoolId: IdentityPoolId } = crowd.pool
    const { IdentityId } = await crowd.identityCall('GetId', { IdentityPoolId, Logins })
    await crowd.identityCall('DescribeIdentity', { IdentityId })
    await crowd
      .identityCall('LookupDeveloperIdentity', { IdentityPoolId, DeveloperUserIdentifier: 'x' })
      .catch(() => {})
    await crowd.identityCall('UnlinkIdentity', { IdentityId, Logins, LoginsToRemove: Object.keys(Logins) })
    await crowd.identityCall('DeleteIdentities', { IdentityIdsToDelete: [IdentityId] })
  },
  DeleteRole: ({ iam }) => iam('DeleteRole', { RoleName: 'reader' }),
}

describe('what an operation touches', () => {
  it('does not depend on how many users there are', async () => {
    const crowds = [await createCrowd(200), await createCrowd(2000)]
    const touched = async (crowd: Crowd) => {
      const result: Record<string, unknown> = {}
      // What finds users and what they have is made at the first need.
      await crowd.call('AdminListUserAuthEvents', { Username: 'user-000000' })
      await crowd.call('AdminUserGlobalSignOut', { Username: 'user-000000' })
      await work['GetId, GetCredentialsForIdentity, GetOpenIdToken']?.(crowd)
      for (const [name, run] of Object.entries(work)) {
        for (const { counts } of Object.values(crowd.records)) Object.assign(counts, { reads: 0, listings: 0 })
        await run(crowd)
        result[name] = Object.fromEntries(
          Object.entries(crowd.records).map(([record, { counts }]) => [record, { ...counts }]),
        )
      }
      return result
    }
    const [few, many] = [await touched(crowds[0] as Crowd), await touched(crowds[1] as Crowd)]
    expect(many).toEqual(few)
    for (const [name, records] of Object.entries(many)) {
      for (const { reads, listings } of Object.values(records as Record<string, { reads: number; listings: number }>)) {
        expect([name, listings, reads <= 70]).toEqual([name, 0, true])
      }
    }
  })

  it('leaves a group’s members behind when the group is deleted, and gives them to no later one of its name', async () => {
    const { call, middle, pool } = await createCrowd(3)
    const members = async () => ((await call('ListUsersInGroup', { GroupName: 'few' }))['Users'] as Json[]).length
    for (const expected of [1, 1, 1]) {
      await call('AdminAddUserToGroup', { Username: middle, GroupName: 'few' })
      expect(await members()).toBe(expected)
      await call('DeleteGroup', { GroupName: 'few' })
      expect(await call('AdminListGroupsForUser', { Username: middle })).toMatchObject({ Groups: [{}, {}] })
      await call('CreateGroup', { GroupName: 'few' })
      expect(await members()).toBe(0)
      expect(await call('AdminListGroupsForUser', { Username: middle })).toMatchObject({ Groups: [{}, {}] })
      expect(JSON.stringify(await pool.tokens(middle))).not.toContain('few')
    }
  })

  it('finds everything again after the state went through JSON', async () => {
    const { call, middle, world, pool } = await createCrowd(50)
    await call('AdminAddUserToGroup', { Username: middle, GroupName: 'few' })
    await call('DeleteGroup', { GroupName: 'few' })
    await call('CreateGroup', { GroupName: 'few' })
    const answers = () =>
      Promise.all([
        call('ListUsers', { Filter: 'email ^= "user-00001"' }),
        call('ListUsersInGroup', { GroupName: 'few' }),
        call('ListUsersInGroup', { GroupName: 'readers' }),
        call('AdminGetUser', { Username: `${middle}@example.com` }),
        call('AdminListGroupsForUser', { Username: middle.toUpperCase() }),
        call('DescribeUserPool'),
      ])
    const before = await answers()
    const { userPoolId } = pool.settings
    world.state.pools[userPoolId] = JSON.parse(JSON.stringify(world.state.pools[userPoolId]))
    expect(await answers()).toEqual(before)
    await call('AdminUserGlobalSignOut', { Username: middle })
    const tokens = Object.entries(world.state.pools[userPoolId]?.refreshTokens ?? {})
    expect(tokens.filter(([, { isRevoked }]) => isRevoked).map(([token]) => token)).toEqual([`token-of-${middle}`])
  })
})

describe('sorted pairs', () => {
  it('are what a sorted array is', () => {
    const text = fc.oneof(fc.constantFrom('', 'a', 'ab', 'b', '\ud83d\ude00', '\uffff'), fc.string({ maxLength: 3 }))
    const pair = fc.tuple(text, text)
    const change = fc.tuple(fc.boolean(), pair)
    fc.assert(
      fc.property(
        fc.array(pair),
        fc.array(change),
        text,
        fc.option(pair),
        fc.nat(5),
        (first, changes, key, after, count) => {
          const same = ([a, x]: readonly [string, string]) => JSON.stringify([a, x])
          const held = new Map(first.map((one) => [same(one), one]))
          const pairs = createSortedPairs([...held.values()])
          for (const [isAdded, one] of changes) {
            if (isAdded) held.set(same(one), one)
            else held.delete(same(one))
            pairs[isAdded ? 'add' : 'remove'](...one)
          }
          const less = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
          const sorted = [...held.values()].sort(([a, x], [b, y]) => less(a, b) || less(x, y))
          expect(pairs.size).toBe(sorted.length)
          expect(pairs.list({ count: 1000 })).toEqual(sorted)
          for (const isPrefix of [true, false]) {
            const wanted = sorted
              .filter(([found]) => (isPrefix ? found.startsWith(key) : found === key))
              .filter(([a, x]) => after === null || (less(a, after[0]) || less(x, after[1])) > 0)
            expect(pairs.list({ key, isPrefix, after: after ?? undefined, count })).toEqual(wanted.slice(0, count))
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('are many', () => {
    const pairs = createSortedPairs()
    const numbers = Array.from({ length: 5000 }, (_, index) => String((index * 7919) % 5000).padStart(4, '0'))
    for (const number of numbers) pairs.add(number, number)
    for (const number of numbers) pairs.add(number, number)
    expect(pairs.size).toBe(5000)
    expect(pairs.list({ after: ['2499', '2499'], count: 2 })).toEqual([
      ['2500', '2500'],
      ['2501', '2501'],
    ])
    for (const number of numbers) if (number !== '4321') pairs.remove(number, number)
    expect(pairs.list({ count: 10 })).toEqual([['4321', '4321']])
    pairs.remove('4321', '4321')
    expect([pairs.size, pairs.list({ count: 10 })]).toEqual([0, []])
  })
})

describe('what ends', () => {
  it('leaves a day after its end, and before that with its owner', () => {
    const entries: Record<string, { until: number; username: string }> = {}
    for (let at = 0; at < 100; at += 1) putEnding(entries, `old-${at}`, { until: at, username: `u${at % 2}` }, 0)
    for (let at = 0; at < 40; at += 1) putEnding(entries, `new-${at}`, { until: 10 ** 9, username: 'u2' }, 86_400_049)
    expect(Object.keys(entries).filter((key) => key.startsWith('old-'))).toHaveLength(50)
    removeEndingOf(entries, 'u1')
    removeEnding(entries, 'old-50')
    removeEnding(entries, 'nothing')
    expect(Object.keys(entries).filter((key) => key.startsWith('old-'))).toHaveLength(24)
    putEnding(entries, 'new-0', { until: 10 ** 9, username: 'u3' }, 86_400_049)
    removeEndingOf(entries, 'u2')
    expect(Object.keys(entries).filter((key) => key.startsWith('new-'))).toEqual(['new-0'])
  })
})
