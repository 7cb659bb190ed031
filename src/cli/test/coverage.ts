import { type Condition, defineGroups, type GroupDefinition, type Groups } from '../../index.ts'
import { compareGroups } from '../../provision/index.ts'
import { askedAt, isCovered, type Question } from './expectations.ts'

/** A change of one thing in a map that no expectation notices. */
export interface Unnoticed {
  /** Where it is, such as `groups.editor.deny[0]`. */
  readonly path: string
  /** What was changed, such as `deny posts.purge dropped`. */
  readonly change: string
  /** The expectation that would notice it; undefined where the change changes nothing, since other rules do the same. */
  readonly add?: Readonly<Record<string, unknown>>
}

/** How many changes of one thing there are, and which of them nobody would notice. */
export interface Coverage {
  readonly changes: number
  readonly noticed: number
  readonly unnoticed: readonly Unnoticed[]
}

/**
 * Changes one thing after the other: a rule, a deny, a parent or a gate is dropped, a condition or one of its values goes, an age is
 * doubled. A question can only notice a change of a rule that reaches it, so only those are tried.
 */
export function findUnnoticed(groups: Groups, questions: readonly Question[]): Coverage {
  const changes = listChanges(groups)
  const noticed = new Set<string>()
  const holds = createJudge(groups)
  for (const question of questions) {
    const gates = Object.entries(groups.options.require).flatMap(([rule, condition]) =>
      condition !== undefined && isCovered(rule, question.permission) ? [{ rule, condition }] : [],
    )
    const reach = (dropped?: string) => readRules(groups, question, dropped)
    const isRight = (rules: readonly ReachedRule[], open: readonly Condition[]) => {
      const isAllowed =
        rules.every(({ isDeny }) => !isDeny) &&
        rules.some(({ when }) => holds(when, question)) &&
        open.every((condition) => holds(condition, question))
      return isAllowed === question.isAllowed
    }
    const conditions = gates.map(({ condition }) => condition)
    const { rules, parents } = reach()
    const note = (key: string, isSeen: () => boolean) => {
      if (!noticed.has(key) && isSeen()) noticed.add(key)
    }
    for (const rule of rules) {
      const others = rules.filter((each) => each !== rule)
      note(`${rule.path} dropped`, () => !isRight(others, conditions))
      for (const { change, condition } of weaken(rule.when)) {
        const changed = { path: rule.path, isDeny: false, ...(condition !== undefined && { when: condition }) }
        note(`${rule.path} ${change}`, () => !isRight([...others, changed], conditions))
      }
    }
    for (const { rule, condition } of gates) {
      const path = gatePath(rule)
      const others = conditions.filter((each) => each !== condition)
      note(`${path} dropped`, () => !isRight(rules, others))
      for (const { change, condition: weaker } of weaken(condition)) {
        if (weaker !== undefined) note(`${path} ${change}`, () => !isRight(rules, [...others, weaker]))
      }
    }
    for (const path of parents) note(`${path} dropped`, () => !isRight(reach(path).rules, conditions))
  }
  const unnoticed = changes.filter(({ key }) => !noticed.has(key))
  return {
    changes: changes.length,
    noticed: changes.length - unnoticed.length,
    unnoticed: unnoticed.map(({ path, change, make }) => {
      const add = findExpectation(groups, make())
      return { path, change, ...(add !== undefined && { add }) }
    }),
  }
}

interface Change {
  readonly key: string
  readonly path: string
  readonly change: string
  make(): Groups
}

function listChanges(groups: Groups): Change[] {
  const { definitions, options, names } = groups
  const make = (name: string, part: Partial<GroupDefinition>) => () =>
    redefine({ ...definitions, [name]: { ...definitions[name], ...part } }, options)
  const without = <T>(list: readonly T[], index: number) => list.filter((_, each) => each !== index)
  const changes: Change[] = []
  const add = (path: string, key: string, change: string, maker: () => Groups) =>
    void changes.push({ key: `${path} ${key}`, path, change, make: maker })
  for (const name of names) {
    const { allow = [], deny = [], inherits = [] } = definitions[name] ?? {}
    for (const [index, rule] of allow.entries()) {
      const path = groupPath(name, `allow[${index}]`)
      const { permission, when } = typeof rule === 'string' ? { permission: rule, when: undefined } : rule
      add(path, 'dropped', `allow ${permission} dropped`, make(name, { allow: without(allow, index) }))
      for (const { change, condition } of weaken(when)) {
        const changed = condition === undefined ? permission : { permission, when: condition }
        add(path, change, `allow ${permission}: ${change}`, make(name, { allow: allow.with(index, changed) }))
      }
    }
    for (const [index, rule] of deny.entries()) {
      add(
        groupPath(name, `deny[${index}]`),
        'dropped',
        `deny ${rule} dropped`,
        make(name, { deny: without(deny, index) }),
      )
    }
    for (const [index, parent] of inherits.entries()) {
      const path = groupPath(name, `inherits[${index}]`)
      add(path, 'dropped', `inherits ${parent} dropped`, make(name, { inherits: without(inherits, index) }))
    }
  }
  for (const [rule, condition] of Object.entries(options.require)) {
    const path = gatePath(rule)
    const { [rule]: _, ...others } = options.require
    add(path, 'dropped', `gate of ${rule} dropped`, () => redefine(definitions, { ...options, require: others }))
    for (const { change, condition: weaker } of weaken(condition)) {
      if (weaker === undefined) continue
      const require = { ...others, [rule]: weaker }
      add(path, change, `gate of ${rule}: ${change}`, () => redefine(definitions, { ...options, require }))
    }
  }
  return changes
}

function redefine(definitions: Groups['definitions'], options: Groups['options']): Groups {
  // Rules may be wildcards over permissions that only this map lists.
  return defineGroups<string, string>(definitions, options)
}

/** A condition with one thing changed; without a condition where it is dropped. */
function weaken(when: Condition | undefined): { readonly change: string; readonly condition?: Condition }[] {
  if (when === undefined) return []
  const dropped = { change: 'condition dropped' }
  if (typeof when === 'function') return [dropped]
  const parts = Object.entries(when)
  const changed = parts.flatMap(([claim, test]) => {
    if (Array.isArray(test) && test.length > 1) {
      return test.map((value) => ({
        change: `${claim} ${JSON.stringify(value)} dropped`,
        condition: { ...when, [claim]: test.filter((other) => other !== value) },
      }))
    }
    if (typeof test === 'object' && 'maxAge' in test) {
      return [{ change: `${claim} twice as old`, condition: { ...when, [claim]: { maxAge: test.maxAge * 2 } } }]
    }
    return []
  })
  const single =
    parts.length < 2
      ? []
      : parts.map(([claim]) => {
          const { [claim]: _, ...rest } = when
          return { change: `${claim} dropped`, condition: rest }
        })
  return [dropped, ...single, ...changed]
}

interface ReachedRule {
  readonly path: string
  readonly isDeny: boolean
  readonly when?: Condition
}

/** The rules that reach a question, and the paths of the parents that were followed; `dropped` is not. */
function readRules({ definitions }: Groups, { who, permission }: Question, dropped?: string) {
  const reached = new Set(who.filter((name) => Object.hasOwn(definitions, name)))
  const parents: string[] = []
  const rules: ReachedRule[] = []
  for (const name of reached) {
    const { allow = [], deny = [], inherits = [] } = definitions[name] ?? {}
    for (const [index, parent] of inherits.entries()) {
      const path = groupPath(name, `inherits[${index}]`)
      parents.push(path)
      if (path !== dropped) reached.add(parent)
    }
    for (const [index, rule] of allow.entries()) {
      const { permission: covers, when } = typeof rule === 'string' ? { permission: rule, when: undefined } : rule
      if (!isCovered(covers, permission)) continue
      rules.push({ path: groupPath(name, `allow[${index}]`), isDeny: false, ...(when !== undefined && { when }) })
    }
    for (const [index, rule] of deny.entries()) {
      if (isCovered(rule, permission)) rules.push({ path: groupPath(name, `deny[${index}]`), isDeny: true })
    }
  }
  return { rules, parents }
}

/** Whether a condition holds for a question, by a map that consists of it. */
function createJudge({ options }: Groups) {
  const maps = new Map<Condition, Groups>()
  return (condition: Condition | undefined, { claims }: Question): boolean => {
    if (condition === undefined) return true
    const { trustedClaims } = options
    const map =
      maps.get(condition) ?? defineGroups({ g: { allow: [{ permission: 'p', when: condition }] } }, { trustedClaims })
    maps.set(condition, map)
    return map.can(['g'], 'p', { claims, now: askedAt })
  }
}

/** The expectation that tells two maps apart; undefined where they are the same. */
function findExpectation(groups: Groups, changed: Groups): Record<string, unknown> | undefined {
  const { gains, losses } = compareGroups(groups, changed)
  const [best] = [...losses, ...gains].toSorted((a, b) => a.example.groups.length - b.example.groups.length)
  if (best === undefined) return undefined
  const { groups: who, permission, claims = {}, now = askedAt } = best.example
  const { auth_time: signedIn, ...others } = claims
  const age = typeof signedIn === 'number' ? now / 1000 - signedIn : undefined
  return {
    who: who.length === 1 ? who[0] : who,
    ...(Object.keys(others).length > 0 && { claims: others }),
    ...(age !== undefined && { 'signed in': `${age} s ago` }),
    [losses.includes(best) ? 'may' : 'not']: permission,
  }
}

function groupPath(name: string, rest: string): string {
  return `groups${/^[\w$-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}.${rest}`
}

function gatePath(rule: string): string {
  return `require[${JSON.stringify(rule)}]`
}
