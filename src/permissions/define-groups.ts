import { assertConfig } from '../errors.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import { compile } from './compile.ts'
import { createEvaluator, usableClaims } from './conditions.ts'
import type { Rule } from './decide.ts'
import {
  isWildcard,
  parseCondition,
  parseGroups,
  parseList,
  parseObject,
  parseRuleName,
  toCondition,
  toPath,
} from './parse.ts'
import type { CognisesGroup, GroupDefinition, Groups, GroupsOptions, Wildcard } from './types.ts'

/** The names that rules may use: those of a list where there is one, any where the names are only strings. */
type RuleNames<M extends string, F extends string> = [F] extends [never]
  ? M
  : string extends M
    ? string
    : NoInfer<F> | Wildcard

/** The known permissions: those of a list where there is one, or else the literals of the rules. */
type PermissionNames<M extends string, F extends string> = [F] extends [never] ? Exclude<M, Wildcard> : F

type Options<M extends string, F extends string> = GroupsOptions<F, NoInfer<PermissionNames<M, F>>>

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

/** Groups that are already defined are returned unchanged. */
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
): Groups<NoInfer<PermissionNames<M, F>>, NoInfer<G>>
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
): Groups<NoInfer<PermissionNames<M, F>>, NoInfer<GroupNames<G, S>>>
/**
 * Group → definition. The known permissions are the names in it that are not wildcards, and `inherits` takes its groups.
 * Throws ConfigurationError, with the place of the fault.
 *
 * @example
 * ```ts
 * const groups = defineGroups({
 *   viewer: { allow: ['posts.read'] },
 *   editor: { inherits: ['viewer'], allow: ['posts.write'], deny: ['posts.purge'], precedence: 20 },
 *   admin: { allow: ['*'], precedence: 1 },
 * })
 * groups.can(['viewer'], 'posts.write') // false
 * groups.can(['editor'], 'posts.write') // true
 * ```
 */
export function defineGroups<
  G extends string,
  M extends string = never,
  S extends string | GroupDefinition = GroupDefinition,
>(
  definitions: Definitions<G, S, GroupDefinition<M, NoInfer<GroupNames<G, S>>>>,
  options?: Options<M, never> & { readonly permissions?: undefined },
): Groups<NoInfer<PermissionNames<M, never>>, NoInfer<GroupNames<G, S>>>
/**
 * Group → definition, with a list of the permissions: no rule may name another.
 * Throws ConfigurationError, with the place of the fault.
 *
 * @example
 * ```ts
 * const groups = defineGroups(
 *   { support: { allow: ['users.*'] } },
 *   { permissions: ['users.read', 'users.delete'], require: { 'users.delete': { auth_time: { maxAge: 900 } } } },
 * )
 * ```
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
  const given: GroupsOptions = parseObject('options', options === undefined ? {} : options)
  checkOptions<GroupsOptions>('defineGroups', given, ['permissions', 'require', 'trustedClaims'])
  const { permissions: list, require: required = {} } = given
  const trustedClaims = parseList('trustedClaims', given.trustedClaims, parseClaim)
  const usable = usableClaims(trustedClaims)
  const listed = list === undefined ? undefined : new Set(parseList('permissions', list, parsePermission))
  const { groups, tests, written, wildcards } = parseGroups(definitions, listed, usable)
  const known = new Map<string, number>()
  for (const name of listed ?? written) if (!isWildcard(name)) known.set(name, known.size)
  const gates = new Map<string, Rule>()
  for (const [key, condition] of Object.entries(parseObject('require', required))) {
    const path = toPath('require', key)
    const name = parseRuleName(path, key, known)
    gates.set(name, { effect: 'allow', name, tests: parseCondition(path, condition, usable) })
    if (isWildcard(name)) wildcards.set(name, path)
  }
  // The beginnings that wildcards can go on from: of `a.b.c` they are nothing, `a.` and `a.b.`.
  const spellings = new Set([''])
  for (const name of known.keys()) addBeginnings(name, spellings)
  for (const [name, path] of wildcards) {
    assertConfig(
      path,
      spellings.has(name.slice(0, -1)),
      'a wildcard over known permissions; add them to `permissions`, or correct the name',
    )
  }
  for (const name of written) addBeginnings(name, spellings)
  for (const name of known.keys()) spellings.add(name)
  refuseSecondSpellings('permissions', spellings)
  refuseSecondSpellings('groups', new Set(groups.keys()))
  const permissions = Object.freeze([...known.keys()])
  return Object.freeze({
    ...compile(groups, tests, known, gates, createEvaluator(usable)),
    permissions,
    names: Object.freeze([...groups.keys()]),
    definitions: freezeEntries(groups, ({ definition }) => definition),
    options: Object.freeze({
      permissions,
      require: freezeEntries(gates, (gate) => toCondition(gate.tests)),
      trustedClaims,
    }),
  })
}

/** The entries of a map as a frozen object. */
export function freezeEntries<T, U>(
  entries: ReadonlyMap<string, T>,
  select: (value: T) => U,
): Readonly<Record<string, U>> {
  return Object.freeze(Object.fromEntries(Array.from(entries, ([name, value]) => [name, select(value)])))
}

function parseClaim(path: string, item: unknown): string {
  assertConfig(path, typeof item === 'string', 'the name of a claim')
  return item
}

function parsePermission(path: string, item: unknown): string {
  const name = parseRuleName(path, item)
  assertConfig(path, !isWildcard(name), 'a name without "*"')
  return name
}

/** Adds the prefixes of a name that end in a dot. */
function addBeginnings(name: string, beginnings: Set<string>): void {
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const beginning = name.slice(0, dot + 1)
    // The shorter ones are there as well.
    if (beginnings.has(beginning)) return
    beginnings.add(beginning)
  }
}

/** Throws if two names look the same and are written differently: they are equal after NFC. */
function refuseSecondSpellings(path: string, names: Set<string>): void {
  for (const name of names) {
    const plain = name.normalize()
    if (plain === name) continue
    assertConfig(path, !names.has(plain), `one spelling of ${JSON.stringify(plain)}, such as NFC`)
    names.add(plain)
  }
}

/** Groups of this or another copy of the package: no definition of a group is a function. */
function isGroups(value: unknown): value is Groups {
  return isJsonObject(value) && typeof value.can === 'function'
}
