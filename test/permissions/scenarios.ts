import fc from 'fast-check'
import { defineGroups, type GroupDefinition } from '../../src/permissions/index.ts'
import type { NaiveGroup, NaiveMap, NaiveRule } from './naive.ts'

const groupNames = [
  'a',
  'b',
  'a,b',
  'A',
  'c',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '*',
  'а',
  'é',
  '1',
  '0',
]
const segments = ['a', 'b', 'A', '__proto__', 'constructor', ' a', 'a,b', 'é', '0']
/** What a scenario's conditions ask for. */
export const acrs = ['low', 'high']

const fnName = fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'))
const ruleName = fc.oneof(
  fc.constant('*'),
  fnName.map((name) => `${name}.*`),
)

/** Random maps, with questions about them: names that languages and lists trip over, wildcards, conditions, gates. */
export const scenario = fc
  .record({
    permissions: fc.uniqueArray(fnName, { minLength: 1, maxLength: 12 }),
    names: fc.uniqueArray(fc.constantFrom(...groupNames), { minLength: 1, maxLength: 8 }),
  })
  .chain(({ permissions, names }) => {
    // A wildcard over nothing is refused where it would allow; in a deny it may protect what is yet to come.
    const stems = permissions.flatMap((fn) =>
      fn.split('.').map((_, depth, all) => [...all.slice(0, depth), '*'].join('.')),
    )
    const known = { weight: 3, arbitrary: fc.constantFrom(...permissions) }
    const rule = fc.oneof(known, { weight: 1, arbitrary: fc.constantFrom(...stems) })
    const denial = fc.oneof(known, { weight: 1, arbitrary: ruleName })
    const groups = fc.tuple(
      ...names.map((name, index) =>
        fc.record<NaiveGroup>({
          name: fc.constant(name),
          inherits: index
            ? fc.uniqueArray(fc.constantFrom(...names.slice(0, index)), { maxLength: 2 })
            : fc.constant<string[]>([]),
          allow: fc.array(
            fc.oneof(
              rule.map((of): NaiveRule => ({ name: of })),
              fc.record<NaiveRule>({ name: rule, acr: fc.constantFrom(...acrs) }),
            ),
            { maxLength: 4 },
          ),
          deny: fc.array(denial, { maxLength: 1 }),
        }),
      ),
    )
    const gates = fc.oneof(
      { weight: 2, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: fc.array(fc.tuple(rule, fc.constantFrom(...acrs)), { maxLength: 2 }) },
    )
    return fc.record({
      map: fc.record({ groups, permissions: fc.constant(permissions), gates }),
      isList: fc.boolean(),
      calls: fc.array(
        fc.record({
          memberOf: fc.array(fc.oneof(fc.constantFrom(...names), fc.constantFrom(...groupNames, 'unknown', '')), {
            maxLength: 5,
          }),
          fn: fc.oneof(
            { weight: 4, arbitrary: fc.constantFrom(...permissions) },
            { weight: 1, arbitrary: fc.oneof(fnName, ruleName) },
          ),
          acr: fc.option(fc.constantFrom(...acrs), { nil: undefined }),
          isFrozen: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    })
  })

/** The map, compiled; its permissions as a list, or only named in its rules. */
export function compile(map: NaiveMap, isList: boolean) {
  // A later gate of the same name replaces the earlier one, as keys of an object do.
  const gates = new Map(map.gates.map(([name, acr]) => [name, { acr }]))
  const definitions = Object.fromEntries(
    map.groups.map((group): [string, GroupDefinition] => [
      group.name,
      {
        inherits: group.inherits,
        allow: group.allow.map(({ name, acr }) =>
          acr === undefined ? name : { permission: name, when: { acr: [acr] } },
        ),
        deny: group.deny,
      },
    ]),
  )
  if (isList) return defineGroups(definitions, { permissions: map.permissions, require: Object.fromEntries(gates) })
  const all = { ...definitions, everyName: { deny: map.permissions } }
  return defineGroups(all, { require: Object.fromEntries(gates) })
}
