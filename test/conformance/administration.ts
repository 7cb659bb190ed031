import {
  addMembers,
  assignRole,
  auditPool,
  type PoolAdmin,
  removeMembers,
  signInAsAdmin,
  syncMembers,
} from '../../src/admin/index.ts'

const password = 'Correct-h0rse'
const among = ['admin', 'editor', 'viewer']
const names = Array.from({ length: 130 }, (_, index) => `n${String(index).padStart(3, '0')}`)
const staff = (usernames: readonly string[]) => usernames.map((username) => ({ username, group: 'staff' }))

/** What is done by more than one call, in order, on an empty pool: the outcome of each step by its name. */
export async function administer(admin: PoolAdmin): Promise<Record<string, unknown>> {
  const { groups, users, clients } = admin
  const outcomes: Record<string, unknown> = {}
  const membersOf = async (group: string) =>
    (await groups.members(group).toArray()).map(({ username }) => username).sort()

  for (const name of [...among, 'staff']) await groups.create({ name, description: `The ${name}s` })
  await groups.update('editor', { precedence: 5 })
  const { description, precedence } = await groups.get('editor')
  outcomes['an update keeps the rest of a group'] = { description, precedence }

  for (const username of names) await users.create({ username, messageAction: 'SUPPRESS' })
  await assignRole(admin, 'n000', 'viewer', { among })
  const role = await assignRole(admin, 'n000', 'editor', { among })
  outcomes['a role takes the place of another'] = [role, await membersOf('viewer'), await membersOf('editor')]

  const fast = { rate: 500 }
  const added = await addMembers(admin, [...staff(names), ...staff(['n000', 'mallory'])], fast)
  const failed = added.failed.map(({ entry, error }) => [entry.username, (error as { code: string }).code])
  const counts = [added.ok.length, added.skipped.length, added.pending.length]
  outcomes['members are added, every one'] = [counts, failed, (await membersOf('staff')).length]
  const removed = await removeMembers(admin, staff(['n001', 'n001']), fast)
  outcomes['members are removed'] = [removed.ok, removed.skipped, (await membersOf('staff')).includes('n001')]
  const synced = await syncMembers(admin, staff(names.slice(0, 2)), { groups: ['staff'], maxRemovals: 130, ...fast })
  outcomes['members become those of a list'] = [synced.ok.length, synced.stopReason, await membersOf('staff')]

  await users.disable('n000')
  const audit = await auditPool(admin, { groups: [...among, 'Staff'], ...fast })
  const findings = audit.findings.map((finding) => [finding.kind, 'group' in finding ? finding.group : undefined])
  outcomes['an audit finds what deserves a look'] = [
    audit.users.length,
    audit.groups.find(({ group }) => group.name === 'staff')?.members.toSorted(),
    findings.sort(),
  ]
  await users.enable('n000')

  const { UserPoolClient } = await admin.call('CreateUserPoolClient', {
    ClientName: 'Web',
    GenerateSecret: true,
    ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'],
    ReadAttributes: ['email'],
  })
  const { ClientId: clientId = '', ClientSecret: clientSecret } = UserPoolClient ?? {}
  await clients.update(clientId, { callbackURLs: ['https://app.example/'] })
  const { callbackURLs, readAttributes } = await clients.describe(clientId)
  outcomes['an update keeps the rest of an app client'] = { callbackURLs, readAttributes }
  await users.setPassword('n000', password, { permanent: true })
  const step = await signInAsAdmin(admin, { clientId, clientSecret }, 'n000', password)
  outcomes['the administrator signs a user in'] = step.status
  return outcomes
}

/** What each step comes to. */
export function administered(): Record<string, unknown> {
  return {
    'an update keeps the rest of a group': { description: 'The editors', precedence: 5 },
    'a role takes the place of another': [{ added: true, removed: ['viewer'] }, [], ['n000']],
    'members are added, every one': [[130, 1, 0], [['mallory', 'UserNotFoundException']], 130],
    'members are removed': [staff(['n001']), staff(['n001']), false],
    'members become those of a list': [129, 'done', ['n000', 'n001']],
    'an audit finds what deserves a look': [
      130,
      ['n000', 'n001'],
      [
        ['disabled-member', 'editor'],
        ['disabled-member', 'staff'],
        ['empty-group', 'admin'],
        ['empty-group', 'viewer'],
        ['unknown-group', 'staff'],
      ],
    ],
    'an update keeps the rest of an app client': {
      callbackURLs: ['https://app.example/'],
      readAttributes: ['email'],
    },
    'the administrator signs a user in': 'signed-in',
  }
}
