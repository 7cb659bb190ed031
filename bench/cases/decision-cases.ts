import { createMongoAbility } from '@casl/ability'
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import { defineGroups } from '../../src/index.ts'
import type { Case, Cases } from './case.ts'
import { loop } from './names.ts'
import { permissions, groupNames, membersOf, rulesOf } from './role-map.ts'

const users = Array.from({ length: 64 }, (_, user) => membersOf(user))
const one = users[3] ?? []

/**
 * Has this caller this permission? 50 groups × 200 permissions, the caller in 5 groups, 64 permissions asked for in turn.
 * Every subject answers the same questions, and is checked against the naive union before it is timed.
 */
export async function decisionCases(): Promise<Cases> {
  const groups = defineGroups(Object.fromEntries(groupNames.map((name) => [name, { allow: rulesOf(name) }])), {
    permissions,
  })
  const frozenUsers = users.map((user) => Object.freeze([...user]))
  const frozen = Object.freeze([...one])
  const sets = new Map(groupNames.map((name) => [name, new Set(rulesOf(name))]))
  const abilities = users.map((user) =>
    createMongoAbility(
      user.flatMap(rulesOf).map((action) => ({ action, subject: 'all' })),
      { anyAction: '*' },
    ),
  )
  // CASL knows no groups: an application that gets them with each request keeps an ability for each list of them.
  const byGroups = new Map(users.map((user, index) => [user.join(), abilities[index]]))
  const abilityFor = (memberOf: readonly string[]) => byGroups.get(memberOf.join())
  const casbin = await casbinCase()
  const cedar = cedarCase()
  const ability = abilities[3]
  const cases: Cases = {
    'cognigate, frozen': (index) => groups.can(frozen, asked(index)),
    'cognigate, fresh': (index) => groups.can([...one], asked(index)),
    'cognigate, 64 users': (index) => groups.can(frozenUsers[index & 63] ?? frozen, asked(index)),
    'Set per group': (index) => one.some((name) => sets.get(name)?.has(asked(index))),
    'Set per group, 64 users': (index) => users[index & 63]?.some((name) => sets.get(name)?.has(asked(index))),
    CASL: (index) => ability?.can(asked(index), 'all'),
    'CASL, fresh': (index) => abilityFor([...one])?.can(asked(index), 'all'),
    'CASL, 64 users': (index) => abilities[index & 63]?.can(asked(index), 'all'),
    casbin,
    Cedar: cedar,
  }
  for (const [name, run] of Object.entries(cases)) await check(name, run)
  return { [loop]: (index) => asked(index) !== '', ...cases }
}

/** Another question with every user after 64 calls, so that the users in turn do not each ask only one. */
function asked(index: number): string {
  return permissions[(index + (index >> 6)) & 63] ?? ''
}

async function check(name: string, run: Case): Promise<void> {
  for (let index = 0; index < 200; index++) {
    const user = name.endsWith('64 users') ? (users[index & 63] ?? []) : one
    const expected = user.some((group) => rulesOf(group).includes(asked(index)))
    if ((await run(index)) !== expected) throw new Error(`${name}: a wrong answer about ${asked(index)}.`)
  }
}

async function casbinCase(): Promise<Case> {
  const model = newModelFromString(`
    [request_definition]
    r = sub, act
    [policy_definition]
    p = sub, act
    [role_definition]
    g = _, _
    [policy_effect]
    e = some(where (p.eft == allow))
    [matchers]
    m = g(r.sub, p.sub) && r.act == p.act`)
  const policies = groupNames.flatMap((name) => rulesOf(name).map((rule) => `p, ${name}, ${rule}`))
  const enforcer = await newEnforcer(
    model,
    new StringAdapter([...policies, ...one.map((name) => `g, alice, ${name}`)].join('\n')),
  )
  return (index) => enforcer.enforce('alice', asked(index))
}

function cedarCase(): Case {
  const policies = groupNames.map((name) => {
    const actions = rulesOf(name).map((rule) => `Action::"${rule}"`)
    return `permit (principal in Group::"${name}", action in [${actions.join(', ')}], resource);`
  })
  if (preparsePolicySet('groups', { staticPolicies: policies.join('\n') }).type !== 'success')
    throw new Error('Cedar: no policies.')
  const parents = one.map((id) => ({ type: 'Group', id }))
  const principal = { type: 'User', id: 'alice' }
  const call = {
    principal,
    resource: { type: 'App', id: 'app' },
    context: {},
    preparsedPolicySetId: 'groups',
    entities: [{ uid: principal, attrs: {}, parents }, ...parents.map((uid) => ({ uid, attrs: {}, parents: [] }))],
  }
  return (index) => {
    const answer = statefulIsAuthorized({ ...call, action: { type: 'Action', id: asked(index) } })
    if (answer.type === 'failure') throw new Error('Cedar: no answer.')
    return answer.response.decision === 'allow'
  }
}
