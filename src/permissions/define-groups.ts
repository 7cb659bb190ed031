import { deepFreeze, isJsonObject } from '../internal/encoding.ts'
import { assertConfig } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { compile, type Known, type Rule } from './compile.ts'
import { conditionOf, evaluator, readTests, usableClaims } from './conditions.ts'
import type { CognisesGroup, GroupDefinition, Groups, GroupsOptions, Wildcard } from './types.ts'
import { coversOf, entriesOf, isWildcard, listOf, member, mustDiffer, readGroups, ruleName } from './parse.ts'

/** The names that rules may use: those of a list where there is one, any where the names are only strings. */
type RuleNames<M extends string, F extends string> = [F] extends [never]
  ? M
  : string extends M
    ? string
    : NoInfer<F> | Wildcard

/** The known permissions: those of a list where there is one, or else the literals of the rules. */
type FunctionNames<M extends string, F extends string> = [F] extends [never] ? Exclude<M, Wildcard> : F

type Options<M extends string, F extends string> = GroupsOptions<F, NoInfer<FunctionNames<M, F>>>

/** Group → definition. With a string for `$schema`, which editors read; an object there is a group, as Cognito allows. */
type Definitions<G extends string, S, D> = { readonly [K in G]: D | (K extends '$schema' ? string : never) } & {
  readonly $schema?: S
}

/** The groups among the keys of a map. */
type GroupNames<G extends string, S> = S extends string ? Exclude<G, '$schema'> : G

type IsAny<T> = 0 extends 1 & T ? true : false

/** Definitions of which the compiler knows nothing, such as parsed JSON: `any`, `any[]` or `Record<string, any>`. */
type Untyped<T> =
  IsAny<T extends readonly (infer E)[] ? E : string extends keyof T ? T[keyof T] : never> extends true ? T : never

/** Already defined: returned as it is. */
export function defineGroups<F extends string, G extends string>(groups: Groups<F, G>): Groups<NoInfer<F>, NoInfer<G>>
/**
 * Definitions of which the compiler knows nothing, such as parsed JSON: only the names of a list are known.
 * Throws ConfigurationError, with the place of the fault.
 */
export function defineGroups<T, F extends string = string>(
  definitions: Untyped<T>,
  options?: GroupsOptions<F, NoInfer<F>>,
): Groups<NoInfer<F>>
/**
 * A cognises `group_detail` array, unchanged; `group_policy` and `created` have no effect.
 * Throws ConfigurationError, with the place of the fault.
 */
export function defineGroups<G extends string, M extends string = never, F extends string = never>(
  definitions: readonly CognisesGroup<RuleNames<M, F>, G>[],
  options?: Options<M, F>,
): Groups<NoInfer<FunctionNames<M, F>>, NoInfer<G>>
/** Group → definition, from JSON, where the compiler knows only strings. */
export function defineGroups<
  G extends string,
  M extends string = never,
  I extends string = never,
  F extends string = never,
  S extends string | GroupDefinition = GroupDefinition,
>(
  definitions: Definitions<G, S, GroupDefinition<M, I>>,
  ...options: string extends M ? [options?: Options<M, F>] : [never]
): Groups<NoInfer<FunctionNames<M, F>>, NoInfer<GroupNames<G, S>>>
/**
 * Group → definition. The known permissions are the names in it that are not wildcards, and `inherits` takes its groups.
 * Throws ConfigurationError, with the place of the fault.
 */
export function defineGroups<
  G extends string,
  M extends string = never,
  S extends string | GroupDefinition = GroupDefinition,
>(
  definitions: Definitions<G, S, GroupDefinition<M, NoInfer<GroupNames<G, S>>>>,
  options?: Options<M, never> & { readonly permissions?: undefined },
): Groups<NoInfer<FunctionNames<M, never>>, NoInfer<GroupNames<G, S>>>
/**
 * Group → definition, with a list of the permissions: no rule may name another.
 * Throws ConfigurationError, with the place of the fault.
 */
export function defineGroups<G extends string, F extends string, S extends string | GroupDefinition = GroupDefinition>(
  definitions: Definitions<G, S, GroupDefinition<NoInfer<F> | Wildcard, NoInfer<GroupNames<G, S>>>>,
  options: GroupsOptions<F, NoInfer<F>> & { readonly permissions: readonly F[] },
): Groups<NoInfer<F>, NoInfer<GroupNames<G, S>>>
export function defineGroups(definitions: unknown, options?: GroupsOptions): Groups {
  if (isGroups(definitions)) {
    assertConfig('options', options === undefined, 'none for groups that are defined already')
    return definitions
  }
  const given = entriesOf('options', options === undefined ? {} : options)
  // Own ones only, so that a polluted prototype changes nothing.
  const own: GroupsOptions = Object.assign(Object.create(null), options)
  checkOptions<GroupsOptions>('defineGroups', own, ['permissions', 'require', 'trustedClaims'])
  const trustedClaims = listOf('trustedClaims', given.get('trustedClaims'), claimName)
  const usable = usableClaims(trustedClaims)
  const list = given.get('permissions')
  const listed = list === undefined ? undefined : new Set(listOf('permissions', list, functionName))
  const { groups, written, wildcards } = readGroups(definitions, listed, usable)
  const distinct = listed ?? new Set([...written].filter((name) => !isWildcard(name)))
  const gates = new Map<string, Rule>()
  const required = given.get('require')
  for (const [name, condition] of entriesOf('require', required === undefined ? {} : required)) {
    const path = member('require', name)
    gates.set(name, {
      effect: 'allow',
      name: ruleName(path, name, distinct),
      tests: readTests(path, condition, usable),
    })
    if (isWildcard(name)) wildcards.set(name, path)
  }
  const permissions = [...distinct]
  const covered = new Set(['*'])
  const known = new Map<string, Known>()
  for (const [index, fn] of permissions.entries()) {
    const all = coversOf(fn)
    for (const name of all) covered.add(name)
    known.set(fn, {
      index,
      covers: all.filter((name) => written.has(name)),
      gates: all.flatMap((name) => gates.get(name) ?? []),
    })
  }
  for (const [name, path] of wildcards) {
    assertConfig(
      path,
      covered.has(name),
      'a wildcard over known permissions; name them in `permissions`, unless this is misspelt',
    )
  }
  mustDiffer('groups', groups.keys())
  mustDiffer('permissions', new Set([...covered, ...[...written].flatMap(coversOf)]))
  return deepFreeze({
    ...compile(groups, known, evaluator(usable)),
    permissions,
    names: [...groups.keys()],
    definitions: Object.fromEntries([...groups].map(([name, { definition }]) => [name, definition])),
    options: {
      permissions,
      require: Object.fromEntries(Array.from(gates.values(), ({ name, tests }) => [name, conditionOf(tests)])),
      trustedClaims,
    },
  })
}

function claimName(path: string, item: unknown): string {
  assertConfig(path, typeof item === 'string', 'the name of a claim')
  return item
}

function functionName(path: string, item: unknown): string {
  const name = ruleName(path, item)
  assertConfig(path, !isWildcard(name), 'a name without "*"')
  return name
}

/** Groups of this or another copy of the package: no definition of a group is a function. */
function isGroups(value: unknown): value is Groups {
  return isJsonObject(value) && typeof value.can === 'function'
}
