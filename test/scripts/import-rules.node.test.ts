import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../scripts/lib/run.mjs'
import { filesBelow, root, tool } from '../../scripts/lib/runtimes.mjs'

const allowed = [
  ['src/index.ts', './guard/index.ts'],
  ['src/guard/options.ts', '../tokens/index.ts'],
  ['src/guard/options.ts', '../permissions/index.ts'],
  ['src/guard/options.ts', '../errors.ts'],
  ['src/guard/options.ts', './events.ts'],
  ['src/internal/regions.ts', '../errors.ts'],
  ['src/tokens/verify.ts', '../internal/regions.ts'],
  ['src/tokens/verify.ts', '../keys/index.ts'],
  ['src/token-sources/cookies.ts', '../tokens/index.ts'],
  ['src/admin/users.ts', '../aws/index.ts'],
  ['src/admin/bulk/journal.ts', '../../sign-in/index.ts'],
  ['src/aws/client/query.ts', '@rgrove/parse-xml'],
  ['src/aws/services/iam/client.ts', '../../index.ts'],
  ['src/provision/plan/plan.ts', '../../admin/index.ts'],
  ['src/provision/plan/plan.ts', '../state/read.ts'],
  ['src/provision/plan/plan.ts', '../../permissions/index.ts'],
  ['src/credentials/role.ts', '../tokens/index.ts'],
  ['src/login/session.ts', '../sign-in/index.ts'],
  ['src/login/session.ts', 'oauth4webapi'],
  ['src/local/tokens.ts', 'jose'],
  ['src/local/iam/world.ts', '../../errors.ts'],
  ['src/local/server/http.ts', 'node:http'],
  ['src/local/server/http.ts', '../world.ts'],
  ['src/cli/plan.ts', 'node:fs'],
  ['src/cli/plan.ts', '../provision/index.ts'],
  ['adapters/hono/index.ts', 'hono/factory'],
  ['adapters/hono/index.ts', '../../src/index.ts'],
  ['adapters/hono/index.ts', '../../src/login/index.ts'],
  ['adapters/workers/index.ts', '../adapter.ts'],
  ['examples/worker.ts', 'hono'],
  ['examples/s3/worker.ts', 'aws4fetch'],
  ['examples/node.ts', 'node:process'],
  ['scripts/build.mjs', 'node:fs'],
  ['bench/main.ts', 'jose'],
  ['test/tokens/verify.test.ts', '../../src/tokens/verify.ts'],
] as const

const forbidden = [
  ['src/local/server/http.ts', '../../tokens/index.ts'],
  ['src/local/server/http.ts', 'hono'],
  ['src/local/dispatcher.ts', 'node:http'],
  ['src/errors.ts', './tokens/index.ts'],
  ['src/index.ts', './admin/index.ts'],
  ['src/index.ts', './tokens/verify.ts'],
  ['src/internal/regions.ts', '../tokens/index.ts'],
  ['src/internal/regions.ts', '../index.ts'],
  ['src/tokens/verify.ts', '../permissions/index.ts'],
  ['src/tokens/verify.ts', '../aws/index.ts'],
  ['src/tokens/verify.ts', '../guard/index.ts'],
  ['src/tokens/verify.ts', '../keys/remote.ts'],
  ['src/tokens/verify.ts', '../index.ts'],
  ['src/tokens/verify.ts', '../../adapters/hono/index.ts'],
  ['src/tokens/verify.ts', '../cli/output.ts'],
  ['src/tokens/verify.ts', '../../test/support/issuer.ts'],
  ['src/tokens/verify.ts', 'jose'],
  ['src/tokens/verify.ts', 'node:crypto'],
  ['src/tokens/verify.ts', 'crypto'],
  ['src/keys/remote.ts', '../aws/index.ts'],
  ['src/keys/remote.ts', '../tokens/index.ts'],
  ['src/permissions/compile.ts', '../tokens/index.ts'],
  ['src/permissions/compile.ts', 'lodash'],
  ['src/token-sources/cookies.ts', '../keys/index.ts'],
  ['src/guard/guard.ts', '../admin/index.ts'],
  ['src/guard/guard.ts', '../local/index.ts'],
  ['src/guard/guard.ts', '../../adapters/fetch/index.ts'],
  ['src/aws/client/call.ts', '../../admin/index.ts'],
  ['src/aws/client/call.ts', 'aws4fetch'],
  ['src/aws/services/iam/client.ts', '../../../index.ts'],
  ['src/admin/users.ts', '../aws/client/sign.ts'],
  ['src/admin/users.ts', '../provision/index.ts'],
  ['src/admin/bulk/journal.ts', '../../guard/index.ts'],
  ['src/credentials/role.ts', '../guard/index.ts'],
  ['src/provision/plan/plan.ts', '../../admin/users.ts'],
  ['src/provision/plan/plan.ts', '../../local/index.ts'],
  ['src/sign-in/srp.ts', '../admin/index.ts'],
  ['src/login/session.ts', '../aws/index.ts'],
  ['src/login/session.ts', 'jose'],
  ['src/local/tokens.ts', '../tokens/index.ts'],
  ['src/local/tokens.ts', '../sign-in/index.ts'],
  ['src/local/iam/policies.ts', '../../provision/policy/index.ts'],
  ['src/local/iam/policies.ts', '../../aws/index.ts'],
  ['src/local/tokens.ts', 'node:crypto'],
  ['adapters/adapter.ts', '../src/guard/guard.ts'],
  ['adapters/fetch/index.ts', 'hono'],
  ['adapters/fetch/index.ts', '../hono/index.ts'],
  ['adapters/fetch/index.ts', '../../src/tokens/verify.ts'],
  ['adapters/fetch/index.ts', '../../src/cli/index.ts'],
  ['adapters/hono/index.ts', '@hono/node-server'],
  ['adapters/hono/index.ts', 'node:http'],
  ['examples/worker.ts', 'jose'],
  ['examples/worker.ts', 'node:process'],
  ['scripts/build.mjs', 'jose'],
] as const

/** Every way to import a module that a source could use; all of them have to be seen. */
const forms = [
  (name: string) => `import '${name}'`,
  (name: string) => `import a from '${name}'`,
  (name: string) => `export { a } from '${name}'`,
  (name: string) => `export const a = await import('${name}')`,
  (name: string) => `import type { A } from '${name}'`,
  (name: string) => `export type * from '${name}'`,
]

/** By file, what it imports: one import a line. */
const lines = new Map<string, string[]>()

let folder: string
let directions: ReadonlySet<string>
let circles: ReadonlySet<string>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-imports-'))
  copyFileSync(`${root}/biome.imports.json`, `${folder}/biome.imports.json`)
  const { vcs: _, $schema: __, ...config } = JSON.parse(readFileSync(`${root}/biome.json`, 'utf8'))
  writeFileSync(`${folder}/biome.json`, JSON.stringify(config))
  for (const [file, imported] of [...allowed, ...forbidden]) {
    lines.set(file, [...(lines.get(file) ?? []), ...formsOf(file).map((form) => form(imported))])
  }
  lines.set('src/guard/there.ts', ["import './back.ts'"]).set('src/guard/back.ts', ["import './there.ts'"])
  for (const [file, imports] of lines) {
    mkdirSync(dirname(`${folder}/${file}`), { recursive: true })
    writeFileSync(`${folder}/${file}`, `${imports.join('\n')}\n`)
  }
  directions = await lint('style/noRestrictedImports', 'correctness/noNodejsModules')
  circles = await lint('suspicious/noImportCycles')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Types can be imported in TypeScript only. */
function formsOf(file: string): typeof forms {
  return file.endsWith('.ts') ? forms : forms.slice(0, 4)
}

/** Where Biome finds something against the rules: `file:line`. */
async function lint(...rules: readonly string[]): Promise<Set<string>> {
  const options = [
    '--reporter=github',
    '--max-diagnostics=none',
    '--colors=off',
    ...rules.map((rule) => `--only=${rule}`),
  ]
  const { output } = await run([tool('biome'), 'lint', ...options], { cwd: folder })
  const found = output.matchAll(/^::error .*?file=([^,]+),line=(\d+)/gm)
  return new Set(
    [...found].map(([, file = '', line]) => `${file.slice(file.indexOf(folder) + folder.length + 1)}:${line}`),
  )
}

/** The places of an import, in each of its forms. */
function places(file: string, imported: string): string[] {
  return formsOf(file).map((form) => `${file}:${(lines.get(file) ?? []).indexOf(form(imported)) + 1}`)
}

describe('the import direction', () => {
  it.each(allowed)('lets %s import %s', (file, imported) => {
    expect(places(file, imported).filter((place) => directions.has(place))).toEqual([])
  })

  it.each(forbidden)('refuses %s importing %s', (file, imported) => {
    expect(places(file, imported).filter((place) => !directions.has(place))).toEqual([])
  })

  it('refuses a circle', () => {
    expect(circles).toContain('src/guard/there.ts:1')
    expect(circles).toContain('src/guard/back.ts:1')
  })

  it('knows every folder of the sources', () => {
    const rules = readFileSync(`${root}/biome.imports.json`, 'utf8')
    for (const { name } of readdirSync(`${root}/src`, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
      if (name !== 'cli') expect(rules).toContain(`"src/${name}/**"`)
      if (name !== 'internal') expect(rules).toMatch(new RegExp(`\\*\\*/\\{[^}]*\\b${name}\\b[^}]*\\}/\\*\\*`))
    }
  })

  it('has no types imported in place, which Biome does not see', () => {
    const files = [...filesBelow('src', ['.ts']), ...filesBelow('adapters', ['.ts'])]
    expect(files.length).toBeGreaterThan(50)
    const inPlace = files.filter((file) => /(?<!await )\bimport\(/.test(readFileSync(`${root}/${file}`, 'utf8')))
    expect(inPlace).toEqual([])
  })
})
