import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigurationError, defineGroups, type Groups } from '../index.ts'
import { checkDefinitions, type Definitions } from '../provision/index.ts'
import { FileError, parseSource, type Place, type Problem, splitPath } from './source-text.ts'

/** A definitions file, read and checked. */
export interface DefinitionsFile {
  /** As it was given. */
  readonly file: string
  /** The text; undefined for modules. */
  readonly text: string | undefined
  /** The map, compiled. */
  readonly groups: Groups
  /** What `planGroups` takes: the map and, where the file has them, policies. */
  readonly definitions: Definitions
  /** Group → user names, for groups whose members the file lists. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** What is legal and probably wrong. */
  readonly warnings: readonly Problem[]
  /** Where a part stands, by a path such as `groups.editor`. Undefined for modules. */
  locate(path: string): Place | undefined
}

/** What a file may hold beside `groups`. */
const parts = [
  '$schema',
  'groups',
  'permissions',
  'require',
  'trustedClaims',
  'policies',
  'managedPolicies',
  'permissionsBoundary',
  'members',
] as const

/**
 * Reads definitions: `.yaml`, `.yml` and `.json` as data; `.js`, `.mjs` and `.ts` as modules whose default export, `groups` or
 * `definitions` they are, unless `noCode` is set. Throws FileError with every mistake.
 */
export async function readDefinitionsFile(file: string, { noCode = false } = {}): Promise<DefinitionsFile> {
  const kind = extname(file).toLowerCase()
  if (['.js', '.mjs', '.ts', '.mts'].includes(kind)) {
    if (noCode) throw new FileError(file, [{ message: 'it is a module, and --no-code reads data only' }])
    return checkFile(file, undefined, await importDefinitions(file), () => undefined)
  }
  if (!['.json', '.yaml', '.yml'].includes(kind)) {
    throw new FileError(file, [{ message: 'expected a file that ends in .yaml, .yml, .json, .js, .mjs or .ts' }])
  }
  return parseDefinitions(file, await readText(file))
}

/** Reads definitions that are YAML or JSON. Throws FileError with every mistake. */
export function parseDefinitions(file: string, text: string): DefinitionsFile {
  const source = parseSource(file, text)
  return checkFile(file, text, source.value, source.locate)
}

/** The text of a file. Throws FileError where it cannot be read. */
export async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    throw new FileError(file, [{ message: describeReadError(error) }])
  }
}

function describeReadError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'EACCES') return 'it may not be read'
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8' : 'it cannot be read'
}

async function importDefinitions(file: string): Promise<unknown> {
  let module: Record<string, unknown>
  try {
    module = await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const message =
      code === 'ERR_UNKNOWN_FILE_EXTENSION'
        ? 'this runtime does not load TypeScript: use Node 22.18 or later, Bun or Deno, or write the definitions as YAML'
        : code === 'ERR_MODULE_NOT_FOUND'
          ? 'there is no such file, or it imports what is not installed'
          : `it cannot be loaded: ${error instanceof Error ? error.message : String(error)}`
    throw new FileError(file, [{ message }])
  }
  const found = module['default'] ?? module['definitions'] ?? module['groups']
  if (found === undefined) {
    throw new FileError(file, [
      { message: 'expected the definitions as default export, or as `definitions` or `groups`' },
    ])
  }
  return found
}

function checkFile(
  file: string,
  text: string | undefined,
  given: unknown,
  find: (path: readonly (string | number)[], at?: 'value' | 'key') => Place | undefined,
): DefinitionsFile {
  const isWhole = isWholeFile(given)
  // Messages begin with `groups` in either form.
  const toParts = (path: string) => {
    const all = splitPath(path)
    if (isWhole) return all[0] === 'definitions' ? all.slice(1) : all
    return all[0] === 'groups' ? all.slice(1) : []
  }
  const isData = text !== undefined
  const problems: Problem[] = []
  // Each mistake is taken out of a copy, so that the next one is found.
  const rest = createRest(isData ? structuredClone(given) : given)
  const found: string[] = []
  let checked = check(rest.data, isWhole)
  while (checked instanceof ConfigurationError) {
    const { path, message } = splitMessage(checked.message)
    const now = toParts(path)
    const where = rest.toOriginal(now)
    // What lacks something only because a mistake was taken out of it is none.
    if (!found.some((other) => other.startsWith(`${JSON.stringify(where).slice(0, -1)},`))) {
      const isKey =
        /^(?:unknown key|expected a group that is defined)/.test(message) ||
        (where[0] === 'require' && message.startsWith('unknown permission'))
      const place = find(where, isKey ? 'key' : 'value')
      problems.push({ message, path, place })
      found.push(JSON.stringify(where))
    }
    if (!isData || problems.length >= 100 || !rest.remove(now)) break
    checked = check(rest.data, isWhole)
  }
  if (problems.length > 0 || checked instanceof ConfigurationError) {
    throw new FileError(
      file,
      problems.toSorted((a, b) => comparePlaces(a.place, b.place)),
    )
  }
  const locate = (path: string) => find(toParts(path), 'key')
  const warnings = findWarnings(checked.groups)
    .map(({ path, message }) => ({ path, message, place: locate(path) }))
    .toSorted((a, b) => comparePlaces(a.place, b.place))
  return { file, text, ...checked, warnings, locate }
}

/** Whether this is `{ groups, … }`, and not a map with a group named `groups`. */
function isWholeFile(given: unknown): given is Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || !Object.hasOwn(given, 'groups'))
    return false
  if ('can' in given) return false
  const { groups } = given as Record<string, unknown>
  if (typeof groups !== 'object' || groups === null || Array.isArray(groups) || 'can' in groups) return true
  return Object.entries(groups).every(
    ([name, group]) => name === '$schema' || (typeof group === 'object' && !Array.isArray(group)),
  )
}

type Checked = Pick<DefinitionsFile, 'groups' | 'definitions' | 'members'>

function check(given: unknown, isWhole: boolean): Checked | ConfigurationError {
  try {
    if (!isWhole) {
      const groups = checkDefinitions(given as Definitions)
      // A map of groups alone has no policies.
      const definitions = Array.isArray(given) ? given : { groups: given, policies: {} }
      return { groups, definitions: definitions as Definitions, members: new Map() }
    }
    const whole = given as Readonly<Record<string, unknown>>
    for (const name of Object.keys(whole)) {
      if (!(parts as readonly string[]).includes(name)) {
        throw new ConfigurationError(
          `definitions.${name}: unknown key ${JSON.stringify(name)}; expected ${parts.join(', ')}`,
        )
      }
    }
    const { groups: written, permissions, require, trustedClaims, members, $schema: _, ...policies } = whole
    const options = {
      ...(permissions !== undefined && { permissions }),
      ...(require !== undefined && { require }),
      ...(trustedClaims !== undefined && { trustedClaims }),
    }
    const hasOptions = Object.keys(options).length > 0
    const groups = hasOptions ? defineGroups(written as never, options as never) : written
    const definitions = { policies: {}, ...policies, groups } as Definitions
    const compiled = checkDefinitions(definitions)
    return { groups: compiled, definitions, members: readMembers(members, compiled) }
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
}

function readMembers(given: unknown, { names }: Groups): Map<string, readonly string[]> {
  const members = new Map<string, readonly string[]>()
  if (given === undefined) return members
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigurationError('members: expected an object, group → user names')
  }
  for (const [group, users] of Object.entries(given)) {
    const path = `members[${JSON.stringify(group)}]`
    if (!names.includes(group))
      throw new ConfigurationError(`${path}: expected a group that is defined: ${names.join(', ')}`)
    if (!Array.isArray(users)) throw new ConfigurationError(`${path}: expected a list of user names`)
    for (const [index, user] of users.entries()) {
      if (typeof user !== 'string' || !/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u.test(user)) {
        throw new ConfigurationError(`${path}[${index}]: expected a user name`)
      }
      if (users.indexOf(user) !== index) throw new ConfigurationError(`${path}[${index}]: expected each user once`)
    }
    members.set(group, users)
  }
  return members
}

/** `groups.a.allow[0]: expected …` in its two parts. */
function splitMessage(text: string): { path: string; message: string } {
  const match = /^((?:\.?[\w$-]+|\[(?:\d+|"(?:[^"\\]|\\.)*")\])+): (.*)$/s.exec(text)
  return match ? { path: match[1] ?? '', message: match[2] ?? '' } : { path: '', message: text }
}

/** A copy of data that loses one part after the other, and remembers where the others stood. */
function createRest(data: unknown) {
  const places = new Map<unknown, number[]>()
  const placesOf = (list: readonly unknown[]) => {
    const known = places.get(list) ?? [...list.keys()]
    places.set(list, known)
    return known
  }
  const walk = (path: readonly (string | number)[], visit: (holder: object, part: string | number) => void) => {
    let holder: unknown = data
    for (const part of path) {
      if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, part)) return false
      visit(holder, part)
      holder = Reflect.get(holder, part)
    }
    return true
  }
  return {
    data,
    toOriginal(path: readonly (string | number)[]) {
      const original = [...path]
      let depth = 0
      walk(path, (holder, part) => {
        if (Array.isArray(holder)) original[depth] = placesOf(holder)[Number(part)] ?? part
        depth++
      })
      return original
    },
    /** False where there is no such part. */
    remove(path: readonly (string | number)[]) {
      let last: [object, string | number] | undefined
      if (!walk(path, (holder, part) => (last = [holder, part])) || last === undefined) return false
      const [holder, part] = last
      if (!Array.isArray(holder)) return Reflect.deleteProperty(holder, part)
      placesOf(holder).splice(Number(part), 1)
      holder.splice(Number(part), 1)
      return true
    },
  }
}

function comparePlaces(one: Place | undefined, other: Place | undefined): number {
  if (one === undefined || other === undefined) return 0
  return one.line - other.line || one.column - other.column
}

/** What is legal and probably wrong. */
function findWarnings({ names, definitions, permissions, options }: Groups): { path: string; message: string }[] {
  const warnings: { path: string; message: string }[] = []
  const at = (group: string, rest = '') =>
    `groups${/^[\w$-]+$/.test(group) ? `.${group}` : `[${JSON.stringify(group)}]`}${rest}`
  const inherited = new Set(names.flatMap((name) => definitions[name]?.inherits ?? []))
  const precedences = new Map<number, string>()
  const allowed = new Set<string>()
  const denied = new Map<string, string>()
  const covers = (rule: string, name: string) =>
    rule === name || rule === '*' || (rule.endsWith('.*') && name.startsWith(rule.slice(0, -1)))
  for (const name of names) {
    const { allow = [], deny = [], inherits = [], precedence } = definitions[name] ?? {}
    if (allow.length + deny.length + inherits.length === 0 && !inherited.has(name)) {
      warnings.push({ path: at(name), message: 'the group grants nothing and denies nothing' })
    }
    const tied = precedence === undefined ? undefined : precedences.get(precedence)
    if (tied !== undefined) {
      warnings.push({
        path: at(name, '.precedence'),
        message: `${tied} has the same precedence: who is in both gets no role`,
      })
    }
    if (precedence !== undefined) precedences.set(precedence, name)
    for (const [index, rule] of allow.entries()) {
      const { permission, when } = typeof rule === 'string' ? { permission: rule, when: undefined } : rule
      for (const each of permissions) if (covers(permission, each)) allowed.add(each)
      if (when !== undefined) warnings.push(...checkCondition(at(name, `.allow[${index}].when`), when))
    }
    for (const [index, rule] of deny.entries()) {
      denied.set(rule, at(name, `.deny[${index}]`))
      if (!permissions.some((permission) => covers(rule, permission))) {
        warnings.push({
          path: at(name, `.deny[${index}]`),
          message: 'no known permission is denied by it: is the name right?',
        })
      }
    }
  }
  for (const [rule, condition] of Object.entries(options.require)) {
    if (condition !== undefined) warnings.push(...checkCondition(`require[${JSON.stringify(rule)}]`, condition))
  }
  for (const [index, permission] of permissions.entries()) {
    if (allowed.has(permission)) continue
    const message = `nothing allows ${permission}: is the name right?`
    warnings.push({ path: denied.get(permission) ?? `permissions[${index}]`, message })
  }
  return warnings
}

function checkCondition(path: string, condition: unknown): { path: string; message: string }[] {
  if (typeof condition !== 'object' || condition === null) return []
  return Object.entries(condition).flatMap(([claim, test]) => {
    const values: readonly unknown[] = Array.isArray(test) ? test : [test]
    const isText =
      claim.startsWith('custom:') && values.some((value) => typeof value === 'number' || typeof value === 'boolean')
    if (!isText) return []
    const message = 'Cognito writes custom attributes as text: compare with a text'
    return [{ path: `${path}[${JSON.stringify(claim)}]`, message }]
  })
}
