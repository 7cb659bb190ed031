import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { compareGroups, type Difference, type DifferenceCause, type GroupsComparison } from '../../provision/index.ts'
import type { DiffFlags } from '../commands/diff.ts'
import { type CliContext, CommandError, createStyle, type Style, escapeTerminal, counted } from '../context.ts'
import { type DefinitionsFile, parseDefinitions, readDefinitionsFile } from '../definitions-file.ts'

/** Runs `cognigate diff`. */
export async function runDiff(this: CliContext, flags: DiffFlags, oldFile: string, newFile: string): Promise<void> {
  const { process } = this
  const unknownGroups = readUnknownGroups(flags.unknownGroups)
  if (flags.accept !== undefined && !flags.onlyNarrower) {
    throw new CommandError('--accept: expected together with --only-narrower')
  }
  const [old, now] = [await readSide(oldFile, flags.noCode), await readSide(newFile, flags.noCode)]
  const comparison = compareGroups(old.groups, now.groups, { unknownGroups })
  const accepted = new Set(flags.accept ?? [])
  const left = comparison.gains.filter(({ cause }) => !accepted.has(cause))
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ version: 1, ...comparison }, null, 2)}\n`)
  } else {
    const text = describeComparison(comparison, [oldFile, newFile], now.groups.permissions, createStyle(this), accepted)
    process.stdout.write(`${text}\n`)
  }
  const isDifferent = flags.onlyNarrower ? left.length > 0 : comparison.verdict !== 'same'
  if (isDifferent) process.exitCode = 2
}

function readUnknownGroups(given: string | undefined) {
  const [before, after, ...more] = (given ?? 'ignore,ignore').split(',')
  const isMode = (mode: string | undefined): mode is 'ignore' | 'refuse' => mode === 'ignore' || mode === 'refuse'
  if (!isMode(before) || !isMode(after) || more.length > 0) {
    throw new CommandError('--unknown-groups: expected two of ignore and refuse, such as ignore,refuse')
  }
  return { before, after }
}

/** A file, or one of Git: `main:groups.yaml`. */
async function readSide(file: string, noCode: boolean): Promise<DefinitionsFile> {
  const [, revision, path = ''] = /^([^:\\/]+(?:\/[^:]+)*):(.+)$/.exec(file) ?? []
  if (revision === undefined || existsSync(file) || revision.length < 2) return readDefinitionsFile(file, { noCode })
  let text: string
  try {
    const shown = await promisify(execFile)(
      'git',
      ['show', '--end-of-options', `${revision}:${path.startsWith('/') ? path : `./${path}`}`],
      {
        maxBuffer: 64 * 1024 * 1024,
      },
    )
    text = shown.stdout
  } catch {
    throw new CommandError(`${file}: there is no such file, and Git has no ${path} at ${revision}`)
  }
  return parseDefinitions(file, text)
}

const verdicts: Record<GroupsComparison['verdict'], string> = {
  same: 'the same: nobody may do more or less',
  narrower: 'narrower: some may do less, nobody may do more',
  wider: 'wider: some may do more, nobody may do less',
  different: 'different: some may do more, some less',
}

function describeComparison(
  { verdict, compared, assumed, gains, losses }: GroupsComparison,
  [oldFile, newFile]: readonly [string, string],
  permissions: readonly string[],
  style: Style,
  accepted: ReadonlySet<DifferenceCause>,
): string {
  const count = `every set of ${counted(compared.groups, 'group')}, ${counted(compared.permissions, 'permission')} and all claims`
  const isProved = [...gains, ...losses].every(({ proved }) => proved)
  const lines = [
    style.strong(`${escapeTerminal(oldFile)} → ${escapeTerminal(newFile)}: ${verdicts[verdict]}.`),
    isProved ? `Proved for ${count}.` : `Compared for ${count}; what a predicate decides is not proved.`,
  ]
  if (assumed.predicates > 0) {
    const are = `${counted(assumed.predicates, 'predicate')} ${assumed.predicates === 1 ? 'is' : 'are'}`
    lines.push(
      `${are} taken to decide as before, since the text is the same; what it uses from elsewhere is not compared.`,
    )
  }
  for (const difference of gains) lines.push('', ...describeDifference(difference, true, permissions, style))
  for (const difference of losses) lines.push('', ...describeDifference(difference, false, permissions, style))
  const meant = gains.filter(({ cause }) => accepted.has(cause)).length
  if (meant > 0) lines.push('', `${meant} of ${gains.length} gains are accepted by their cause.`)
  return lines.join('\n')
}

/** By cause, what it means for those who gain, and for those who lose. */
const reasons: Record<DifferenceCause, readonly [gain: string, loss: string]> = {
  'new-group': ['the group is new', 'the group is new, and denies it'],
  'removed-group': ['the group is gone, and its deny with it', 'the group is gone'],
  'unknown-group': ['groups that are not defined are no longer refused', 'groups that are not defined are refused now'],
  'new-permission': ['the permission is new', 'the permission is new'],
  'removed-permission': ['the permission is gone', 'the permission is gone'],
  allow: ['it is allowed now', 'it is no longer allowed'],
  deny: ['it is no longer denied', 'it is denied now'],
  condition: ['the condition is weaker', 'the condition is stronger'],
  gate: ['the gate is weaker or gone', 'the gate is new or stronger'],
}

function describeDifference(difference: Difference, isGain: boolean, all: readonly string[], style: Style): string[] {
  const { permissions, groups, together, cause, proved, example } = difference
  const listed = shorten(permissions, all)
  const what = listed.length > 6 ? `${listed.slice(0, 6).join(', ')} and ${listed.length - 6} more` : listed.join(', ')
  const who = `members of ${groups.join(', ')}${together ? ' who are in a group that allows it' : ''}`
  const head = `${isGain ? '+' : '-'} ${who} ${isGain ? 'may now' : 'may no longer'}: ${what}`
  const claims = Object.entries(example.claims ?? {}).map(([claim, value]) =>
    claim === 'auth_time' && typeof value === 'number' && example.now !== undefined
      ? `signed in ${example.now / 1000 - value} s ago`
      : `${claim} ${JSON.stringify(value)}`,
  )
  const context = [`in ${example.groups.join(' and ')}`, ...claims].join(', ')
  return [
    (isGain ? style.added : style.removed)(escapeTerminal(head)),
    `    because  ${reasons[cause][isGain ? 0 : 1]}${proved ? '' : ' (not proved: a predicate decides)'}`,
    escapeTerminal(`    example  ${context}: ${example.permission}  ${example.before} → ${example.after}`),
  ]
}

/** `posts.*` in place of all permissions below `posts.`, and `*` in place of all. */
function shorten(permissions: readonly string[], all: readonly string[]): string[] {
  if (permissions.length > 1 && permissions.length === all.length) return [`* (all ${all.length})`]
  const has = new Set(permissions)
  const areas = new Map<string, string[]>()
  for (const name of all) {
    const names = areas.get(areaOf(name)) ?? []
    names.push(name)
    areas.set(areaOf(name), names)
  }
  const isWhole = (area: string) => {
    const names = areas.get(area) ?? []
    return area !== '' && names.length > 2 && names.every((name) => has.has(name))
  }
  const whole = new Set([...areas.keys()].filter(isWhole))
  return [...new Set(permissions.map((name) => (whole.has(areaOf(name)) ? `${areaOf(name)}*` : name)))]
}

function areaOf(permission: string): string {
  return permission.slice(0, permission.indexOf('.') + 1)
}
