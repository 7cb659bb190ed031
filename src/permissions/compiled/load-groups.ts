import { assertConfig } from '../../errors.ts'
import { deepFreeze, isJsonObject } from '../../internal/encoding.ts'
import { compile, type Group } from '../compile.ts'
import { createEvaluator, type Test, usableClaims } from '../conditions.ts'
import type { Rule } from '../decide.ts'
import { freezeEntries } from '../define-groups.ts'
import { toCondition } from '../parse.ts'
import type { AllowRule, Groups } from '../types.ts'
import { type CompiledGroups, type CompiledRule, type CompiledTests, formatVersion } from './format.ts'

/**
 * Loads groups that were checked and written by `cognigate compile` or `compileGroups`. They are as those of `defineGroups`, and take
 * less time and less code, since nothing but the version is checked here.
 *
 * @example
 * ```ts
 * import { type CompiledGroups, loadGroups } from 'cognigate/compiled'
 *
 * const compiled: CompiledGroups<'posts.read', 'viewer'> = {
 *   cognigate: 1,
 *   map: [['posts.read'], [['viewer', [0], [], []]], [], []],
 * }
 * export const groups = loadGroups(compiled)
 * groups.can(['viewer'], 'posts.read') // true
 * ```
 *
 * @throws ConfigurationError for what another version wrote, or another program: run `cognigate compile` again
 */
export function loadGroups<P extends string, G extends string>(compiled: CompiledGroups<P, G>): Groups<P, G>
export function loadGroups(compiled: CompiledGroups): Groups {
  const isOurs = isJsonObject(compiled) && compiled.cognigate === formatVersion && Array.isArray(compiled.map)
  assertConfig('loadGroups', isOurs, `a map of version ${formatVersion}; write it again by: npx cognigate compile`)
  const [permissions, rows, require, trustedClaims] = compiled.map
  const tests = new Map<AllowRule, readonly Test[]>()
  const groups = new Map<string, Group>()
  const nameOf = (name: number | string) => (typeof name === 'string' ? name : (permissions[name] ?? ''))
  const loadAllow = (rule: CompiledRule): AllowRule => {
    if (typeof rule !== 'object') return nameOf(rule)
    const parsed = rule[1].map(toTest)
    const full = Object.freeze({ permission: nameOf(rule[0]), when: toCondition(parsed) })
    tests.set(full, parsed)
    return full
  }
  for (const [name, allow, deny, inherits, precedence, description] of rows) {
    const definition = deepFreeze({
      inherits: inherits.map((place) => rows[place]?.[0] ?? ''),
      allow: allow.map(loadAllow),
      deny: deny.map(nameOf),
      ...(typeof precedence === 'number' && { precedence }),
      ...(typeof description === 'string' && { description }),
    })
    groups.set(name, { name, parents: [], definition })
  }
  for (const { parents, definition } of groups.values()) {
    for (const parent of definition.inherits) {
      const found = groups.get(parent)
      if (found) parents.push(found)
    }
  }
  const gates = new Map<string, Rule>()
  for (const [place, condition] of require) {
    const name = nameOf(place)
    gates.set(name, { effect: 'allow', name, tests: condition.map(toTest) })
  }
  const known = new Map(permissions.map((name, index) => [name, index]))
  return Object.freeze({
    ...compile(groups, tests, known, gates, createEvaluator(usableClaims(trustedClaims))),
    permissions: Object.freeze([...permissions]),
    names: Object.freeze([...groups.keys()]),
    definitions: freezeEntries(groups, ({ definition }) => definition),
    options: deepFreeze({
      permissions: [...permissions],
      require: freezeEntries(gates, (gate) => toCondition(gate.tests)),
      trustedClaims: [...trustedClaims],
    }),
  })
}

function toTest([claim, expected]: CompiledTests[number]): Test {
  return typeof expected === 'number'
    ? { claim, kind: 'maxAge', expected: { maxAge: expected } }
    : { claim, kind: 'equals', expected: [...expected] }
}
