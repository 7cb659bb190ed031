import { createMongoAbility, type MongoAbility, subject } from '@casl/ability'
import {
  type EntityJson,
  type EntityUid,
  preparsePolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { NaiveMap } from './naive.ts'

/** Somebody who asks, with the sign-in context of their token. */
export interface Asker {
  readonly memberOf: readonly string[]
  readonly acr: string | undefined
}

/** What a judge says: whether it allows it, and where it knows, whether a rule forbids it. */
export interface Verdict {
  readonly allowed: boolean
  readonly denied?: boolean
}

/** Another engine of authorization, given the same map in its own words. */
export type Judge = (asker: Asker, fn: string) => Verdict

const inRule = (rule: string) => `Action::${JSON.stringify(`rule:${rule}`)}`
const ifAcr = (acr: string) => `context has acr && context.acr == ${JSON.stringify(acr)}`
const uid = (type: string, id: string) => ({ type, id })

/**
 * The map as policies of Cedar. Cedar itself follows inheritance, as the parents of groups, and wildcards, as the parents
 * of actions: each name is in its own rule, that in the wildcard over it, and so on up to `*`.
 */
export function cedarJudge({ groups, permissions, gates }: NaiveMap): Judge {
  const policies: Record<string, string> = {}
  for (const { name: group, allow, deny } of groups) {
    const who = `principal in Group::${JSON.stringify(group)}`
    for (const [index, { name, acr }] of allow.entries()) {
      const when = acr === undefined ? '' : ` when { ${ifAcr(acr)} }`
      policies[`allow ${group} ${index}`] = `permit (${who}, action in ${inRule(name)}, resource)${when};`
    }
    for (const [index, name] of deny.entries()) {
      policies[`deny ${group} ${index}`] = `forbid (${who}, action in ${inRule(name)}, resource);`
    }
  }
  for (const [name, acr] of gates) {
    policies[`gate ${name}`] = `forbid (principal, action in ${inRule(name)}, resource) unless { ${ifAcr(acr)} };`
  }
  const parsed = preparsePolicySet('map', { staticPolicies: policies })
  if (parsed.type === 'failure') throw new Error(`Cedar: ${JSON.stringify(parsed.errors)}`)

  const entities = new Map<string, EntityJson>()
  const add = (type: string, id: string, parents: readonly EntityUid[]) =>
    void entities.set(`${type} ${id}`, { uid: uid(type, id), attrs: {}, parents: [...parents] })
  for (const { name, inherits } of groups)
    add(
      'Group',
      name,
      inherits.map((parent) => uid('Group', parent)),
    )
  for (const fn of permissions) {
    add('Action', fn, [uid('Action', `rule:${fn}`)])
    let rule = fn
    for (const stem of fn.split('.').map((_, depth, parts) => parts.slice(0, -depth - 1))) {
      const above = [...stem, '*'].join('.')
      add('Action', `rule:${rule}`, [uid('Action', `rule:${above}`)])
      rule = above
    }
  }

  return ({ memberOf, acr }, fn) => {
    const principal = uid('User', 'caller')
    const answer = statefulIsAuthorized({
      principal,
      action: uid('Action', fn),
      resource: uid('App', 'app'),
      context: acr === undefined ? {} : { acr },
      preparsedPolicySetId: 'map',
      entities: [
        ...entities.values(),
        { uid: principal, attrs: {}, parents: memberOf.map((name) => uid('Group', name)) },
      ],
    })
    if (answer.type === 'failure') throw new Error(`Cedar: ${JSON.stringify(answer.errors)}`)
    const { decision, diagnostics } = answer.response
    return { allowed: decision === 'allow', denied: diagnostics.reason.some((id) => id.startsWith('deny ')) }
  }
}

/**
 * The map as rules of CASL, which knows neither inheritance nor wildcards: both are written out here. Later rules win
 * there, so that grants come first, then gates and denials.
 */
export function caslJudge({ groups, permissions, gates }: NaiveMap): Judge {
  const named = (rule: string) =>
    permissions.filter((fn) => fn === rule || (rule.endsWith('*') && fn.startsWith(rule.slice(0, -1))))
  const parents = new Map(groups.map(({ name, inherits }) => [name, inherits]))
  const abilities = new Map<string, MongoAbility>()

  const abilityOf = (memberOf: readonly string[]) => {
    const all = new Set(memberOf)
    for (const name of all) for (const parent of parents.get(name) ?? []) all.add(parent)
    const theirs = groups.filter(({ name }) => all.has(name))
    const rule = (name: string, inverted: boolean, conditions?: Record<string, unknown>) =>
      named(name).map((action) => ({ action, subject: 'Caller', inverted, ...(conditions && { conditions }) }))
    return createMongoAbility([
      ...theirs.flatMap(({ allow }) =>
        allow.flatMap(({ name, acr }) => rule(name, false, acr === undefined ? undefined : { acr })),
      ),
      ...gates.flatMap(([name, acr]) => rule(name, true, { acr: { $ne: acr } })),
      ...theirs.flatMap(({ deny }) => deny.flatMap((name) => rule(name, true))),
    ])
  }

  return ({ memberOf, acr }, fn) => {
    const key = JSON.stringify(memberOf)
    const ability = abilities.get(key) ?? abilityOf(memberOf)
    abilities.set(key, ability)
    return { allowed: ability.can(fn, subject('Caller', acr === undefined ? {} : { acr })) }
  }
}
