import { assertConfig } from '../../errors.ts'
import { toPath } from '../parse.ts'
import type { AllowRule, Condition, Groups } from '../types.ts'
import { type CompiledGroup, type CompiledGroups, type CompiledTests, formatVersion } from './format.ts'

/**
 * Writes groups as plain JSON that `loadGroups` takes without checking it again.
 *
 * @example
 * ```ts
 * import { defineGroups } from 'cognigate'
 * import { compileGroups, loadGroups } from 'cognigate/compiled'
 *
 * const groups = defineGroups({ viewer: { allow: ['posts.read'] } })
 * const text = JSON.stringify(compileGroups(groups)) // '{"cognigate":1,"map":[["posts.read"],[["viewer",[0],[],[]]],[],[]]}'
 * loadGroups(JSON.parse(text)).can(['viewer'], 'posts.read') // true
 * ```
 *
 * @throws ConfigurationError that says where a predicate is: functions are no data
 */
export function compileGroups<P extends string, G extends string>(groups: Groups<P, G>): CompiledGroups<P, G> {
  const permissions = new Map<string, number>(groups.permissions.map((name, index) => [name, index]))
  const places = new Map<string, number>(groups.names.map((name, index) => [name, index]))
  const refer = (name: string) => permissions.get(name) ?? name
  const compileRule = (path: string, rule: AllowRule) => {
    if (typeof rule === 'string') return refer(rule)
    const { permission, when } = rule
    return when === undefined ? refer(permission) : ([refer(permission), compileTests(`${path}.when`, when)] as const)
  }
  const rows = groups.names.map((name): CompiledGroup<G> => {
    const { allow = [], deny = [], inherits = [], precedence, description } = groups.definitions[name]
    const path = `${toPath('groups', name)}.allow`
    return [
      name,
      allow.map((rule, index) => compileRule(`${path}[${index}]`, rule)),
      deny.map(refer),
      inherits.map((parent) => places.get(parent) ?? -1),
      ...(precedence === undefined && description === undefined ? [] : ([precedence ?? null] as const)),
      ...(description === undefined ? [] : ([description] as const)),
    ] as CompiledGroup<G>
  })
  const gates: Readonly<Record<string, Condition | undefined>> = groups.options.require
  const require = Object.entries(gates).flatMap(([name, condition]) =>
    condition === undefined ? [] : [[refer(name), compileTests(toPath('require', name), condition)] as const],
  )
  return { cognigate: formatVersion, map: [groups.permissions, rows, require, groups.options.trustedClaims] }
}

function compileTests(path: string, condition: Condition): CompiledTests {
  assertData(path, condition)
  return Object.entries(condition).map(([claim, test]) => {
    assertData(toPath(path, claim), test)
    if (typeof test !== 'object') return [claim, [test]] as const
    return 'maxAge' in test ? ([claim, test.maxAge] as const) : ([claim, test] as const)
  })
}

function assertData<T>(path: string, value: T): asserts value is Exclude<T, (...input: never[]) => unknown> {
  assertConfig(path, typeof value !== 'function', 'a claim and its values: a predicate is code and cannot be compiled')
}
