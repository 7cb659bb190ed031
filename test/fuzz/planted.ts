import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { run } from '../../scripts/lib/run.mjs'
import { root, runtimes } from '../../scripts/lib/runtimes.mjs'

/** A mistake that somebody could make in the sources, as a replacement of text that must be there. */
export interface Fault {
  readonly what: string
  readonly file: string
  readonly text: string
  readonly instead: string
}

export const faults: readonly Fault[] = [
  {
    what: 'the time is not checked for a token that is remembered',
    file: 'src/tokens/verify.ts',
    text: '    checkNow(seen.issuer, seen.claims, expected)\n',
    instead: '',
  },
  {
    what: 'a remembered token outlives its withdrawn key',
    file: 'src/tokens/verify.ts',
    text: 'return seen.issuer.keys.current(seen.key.jwk.kid) === seen.key ? seen : undefined',
    instead: 'return seen',
  },
  {
    what: 'a deny counts in the first group only',
    file: 'src/permissions/compile.ts',
    text: 'level = Math.max(level, findLevels(group).get(name) ?? 0)',
    instead:
      'level = Math.max(level, group !== [...reached.keys()][0] && findLevels(group).get(name) === denied ? 0 : (findLevels(group).get(name) ?? 0))',
  },
  {
    what: 'a condition holds whatever the claims are',
    file: 'src/permissions/conditions.ts',
    text: 'if (holds(test, usable, context)) return undefined',
    instead: 'holds(test, usable, context)\n      return undefined',
  },
  {
    what: 'names of cookies are decoded',
    file: 'src/token-sources/cookies.ts',
    text: 'const value = key === name &&',
    instead: 'const value = decode(key) === name &&',
  },
  {
    what: 'the two tokens of a sign-in may be of two people',
    file: 'src/tokens/pair.ts',
    text: "    ['sub', id.claims.sub, access.claims.sub],\n",
    instead: '',
  },
  {
    what: 'withGroups keeps the map before',
    file: 'src/guard/guard.ts',
    text: '(meant.includes(pool) ? { ...pool, groups } : pool)',
    instead: '(meant.includes(pool) ? { groups, ...pool } : pool)',
  },
  {
    what: 'the tolerance counts twice',
    file: 'src/tokens/verify.ts',
    text: 'checkTime(claims, now(), clockTolerance)',
    instead: 'checkTime(claims, now(), clockTolerance * 2)',
  },
  {
    what: 'no audience is asked for',
    file: 'src/tokens/claims.ts',
    text: 'if (access && aud !== audience && (aud !== clientId || audience !== undefined)) {',
    instead: 'if (access && aud !== undefined && aud !== audience && aud !== clientId) {',
  },
]

/** The sources with a fault in them. Throws where the text to replace does not stand there exactly once. */
export function withFault(source: string, { what, file, text, instead }: Fault): string {
  const parts = source.split(text)
  if (parts.length !== 2) throw new Error(`${what}: ${file} has its text ${parts.length - 1} times, not once.`)
  return parts.join(instead)
}

/**
 * Plants a fault in a copy of the sources, and plays scenarios there. What was found, with 'shrink' the least of it; undefined
 * where nothing was.
 */
export async function search(
  fault: Fault | undefined,
  seed: number,
  runs: number,
  shrink: 'shrink' | 'first' = 'first',
): Promise<string | undefined> {
  const folder = mkdtempSync(`${root}/.planted-`)
  try {
    for (const part of ['src', 'adapters', 'test/fuzz', 'test/support']) {
      cpSync(`${root}/${part}`, `${folder}/${part}`, { recursive: true })
    }
    if (fault) {
      const path = `${folder}/${fault.file}`
      writeFileSync(path, withFault(readFileSync(path, 'utf8'), fault))
    }
    const program = [runtimes.node, `${folder}/test/fuzz/search.ts`, `${seed}`, `${runs}`, shrink]
    const { ok, output, ending } = await run(program, { cwd: folder, limit: 60 })
    if (ok) return undefined
    if (!output.includes('Counterexample')) throw new Error(`${fault?.what ?? 'no fault'}: ${ending}\n${output}`)
    return output
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
