/** The rules of authorization written down as plainly as possible, to judge the compiled ones by. */

export interface NaiveRule {
  name: string
  /** The `acr` that the rule asks for. */
  acr?: string
}

export interface NaiveGroup {
  name: string
  inherits: string[]
  allow: NaiveRule[]
  deny: string[]
}

export interface NaiveMap {
  groups: NaiveGroup[]
  permissions: string[]
  /** Permission or wildcard → the `acr` that its gate asks for. */
  gates: [string, string][]
}

export function naiveCode(map: NaiveMap, memberOf: readonly string[], fn: string, acr: string | undefined): string {
  if (!map.permissions.some((known) => known === fn)) return 'DENY_DEFAULT'
  if (memberOf.length === 0) return 'NO_GROUPS'
  const theirs = map.groups.filter((group) => memberOf.some((name) => isOrInherits(map, name, group.name)))
  for (const group of theirs) for (const rule of group.deny) if (reaches(rule, fn)) return 'DENY_EXPLICIT'
  const allows: NaiveRule[] = []
  for (const group of theirs) for (const rule of group.allow) if (reaches(rule.name, fn)) allows.push(rule)
  if (allows.length === 0) return 'DENY_DEFAULT'
  for (const [gate, asked] of map.gates) if (reaches(gate, fn) && acr !== asked) return 'DENY_CONDITION'
  for (const rule of allows) if (rule.acr === undefined || rule.acr === acr) return 'ALLOW'
  return 'DENY_CONDITION'
}

function isOrInherits(map: NaiveMap, name: string, ancestor: string): boolean {
  const group = map.groups.find((one) => one.name === name)
  if (!group) return false
  return name === ancestor || group.inherits.some((parent) => isOrInherits(map, parent, ancestor))
}

function reaches(rule: string, fn: string): boolean {
  const wanted = rule.split('.')
  const given = fn.split('.')
  if (wanted[wanted.length - 1] !== '*')
    return wanted.length === given.length && wanted.every((part, i) => part === given[i])
  const stem = wanted.slice(0, -1)
  return given.length > stem.length && stem.every((part, i) => part === given[i])
}
