import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { type GrowthMeasure, type GrowthPlan, growthSizes } from '../growth-plan.ts'
import { median } from '../stats.ts'

/** Calls operations of local pools of some sizes in turn, in a process of its own. */
const plan: GrowthPlan = JSON.parse(process.argv[2] ?? '')
setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

type Input = Readonly<Record<string, unknown>>
interface Subject {
  readonly pool: LocalPool
  readonly users: number
  turn: number
}

const operations: Readonly<Record<string, (subject: Subject) => Promise<unknown>>> = {
  'AdminCreateUser, AdminDeleteUser': async ({ pool, turn }) => {
    const Username = `new-${turn}`
    await call(pool, 'AdminCreateUser', { Username, UserAttributes: attributes(`${Username}@example.com`) })
    await call(pool, 'AdminDeleteUser', { Username })
  },
  'AdminGetUser by name': (subject) => call(subject.pool, 'AdminGetUser', { Username: anyone(subject) }),
  'AdminGetUser by alias': (subject) =>
    call(subject.pool, 'AdminGetUser', { Username: `${anyone(subject)}@example.com` }),
  'AdminGetUser by sub': (subject) => call(subject.pool, 'AdminGetUser', { Username: `sub-of-${anyone(subject)}` }),
  AdminUpdateUserAttributes: (subject) => {
    const UserAttributes = attributes(`${anyone(subject)}@example.com`, `${subject.turn}`)
    return call(subject.pool, 'AdminUpdateUserAttributes', { Username: anyone(subject), UserAttributes })
  },
  ListUsers: ({ pool }) => call(pool, 'ListUsers', {}),
  'ListUsers by e-mail': (subject) => {
    return call(subject.pool, 'ListUsers', { Filter: `email = "${anyone(subject)}@example.com"` })
  },
  'ListUsers by prefix': (subject) => call(subject.pool, 'ListUsers', { Filter: `email ^= "${anyone(subject)}"` }),
  'ListUsers by status': ({ pool }) => call(pool, 'ListUsers', { Filter: 'cognito:user_status = "CONFIRMED"' }),
  ListUsersInGroup: ({ pool }) => call(pool, 'ListUsersInGroup', { GroupName: 'everyone' }),
  'AdminAddUserToGroup, AdminRemoveUserFromGroup': async (subject) => {
    const input = { Username: anyone(subject), GroupName: 'few' }
    await call(subject.pool, 'AdminAddUserToGroup', input)
    await call(subject.pool, 'AdminRemoveUserFromGroup', input)
  },
  AdminListGroupsForUser: (subject) => call(subject.pool, 'AdminListGroupsForUser', { Username: anyone(subject) }),
  'AdminDisableUser, AdminEnableUser': async (subject) => {
    await call(subject.pool, 'AdminDisableUser', { Username: anyone(subject) })
    await call(subject.pool, 'AdminEnableUser', { Username: anyone(subject) })
  },
  AdminSetUserPassword: (subject) => {
    const input = { Username: anyone(subject), Password: 'Correct-horse-1', Permanent: true }
    return call(subject.pool, 'AdminSetUserPassword', input)
  },
  AdminUserGlobalSignOut: (subject) => call(subject.pool, 'AdminUserGlobalSignOut', { Username: anyone(subject) }),
  'AdminInitiateAuth, a challenge': ({ pool }) => {
    const AuthParameters = { USERNAME: 'fresh', PASSWORD: 'Correct-horse-1' }
    const input = { ClientId: pool.settings.clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters }
    return call(pool, 'AdminInitiateAuth', input)
  },
  DescribeUserPool: ({ pool }) => call(pool, 'DescribeUserPool', {}),
}

const subjects: Subject[] = []
let bytes = 0
for (const users of growthSizes) {
  const before = heapUsed()
  const subject = await subjectOf(users)
  await call(subject.pool, 'ListUsers', {})
  subjects.push(subject)
  bytes = heapUsed() - before
}
const samples = Object.keys(operations).map((name) => [name, subjects.map((): number[] => [])] as const)
for (let round = -1; round < plan.rounds; round++) {
  for (const [name, times] of samples) {
    for (const [index, subject] of subjects.entries()) {
      const begun = cpuTime()
      for (let count = 0; count < plan.calls; count++) {
        subject.turn += 1
        await operations[name]?.(subject)
      }
      if (round >= 0) times[index]?.push((cpuTime() - begun) / plan.calls)
    }
  }
}
const microseconds = Object.fromEntries(samples.map(([name, times]) => [name, times.map(median)]))
process.stdout.write(JSON.stringify({ microseconds, megabytes: bytes / 1e6 } satisfies GrowthMeasure))

async function subjectOf(users: number): Promise<Subject> {
  const names = Array.from({ length: users }, (_, index) => `user-${(index * 7919) % users}`)
  const pool = await createLocalPool({
    aliases: ['email'],
    groups: ['everyone', 'few'],
    users: [
      ...names.map((username) => ({
        ...{ username, sub: `sub-of-${username}`, email: `${username}@example.com`, email_verified: true },
        groups: ['everyone'],
      })),
      { username: 'fresh', password: 'Correct-horse-1', status: 'FORCE_CHANGE_PASSWORD' as const },
    ],
  })
  return { pool, users, turn: 0 }
}

function anyone({ users, turn }: Subject): string {
  return `user-${(turn * 7907) % users}`
}

function attributes(email: string, tier = 'gold') {
  return [
    { Name: 'email', Value: email },
    { Name: 'email_verified', Value: 'true' },
    { Name: 'custom:tier', Value: tier },
  ]
}

async function call({ fetch, endpoint, settings, region }: LocalPool, operation: string, input: Input) {
  const response = await fetch(
    new Request(`${endpoint}/`, {
      method: 'POST',
      headers: {
        'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/${region}/cognito-idp/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      },
      body: JSON.stringify({ UserPoolId: settings.userPoolId, ...input }),
    }),
  )
  const text = await response.text()
  if (!response.ok) throw new Error(`${operation} answered ${text}`)
}

/** In microseconds: what else the machine does counts for nothing. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function heapUsed(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
