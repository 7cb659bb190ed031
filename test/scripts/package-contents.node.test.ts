import { readFileSync } from 'node:fs'
import { dirname, normalize } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { run } from '../../scripts/lib/run.mjs'
import { root } from '../../scripts/lib/runtimes.mjs'

let files: ReadonlySet<string>

/** What `npm pack` would put into the package, of the build that is there. */
beforeAll(async () => {
  const { ok, output } = await run(['npm', 'pack', '--dry-run', '--ignore-scripts', '--json'])
  expect(ok, output).toBe(true)
  const [packed] = JSON.parse(output.slice(output.indexOf('['))) as [{ files: { path: string }[] }]
  files = new Set(packed.files.map(({ path }) => path))
})

it('every declaration leads to a source in the package', () => {
  const maps = [...files].filter((path) => path.endsWith('.d.ts.map'))
  const declarations = [...files].filter((path) => path.startsWith('dist/') && path.endsWith('.d.ts'))
  expect(declarations.length).toBeGreaterThan(50)
  expect(maps).toEqual(declarations.map((path) => `${path}.map`))
  for (const map of maps) {
    const { sources } = JSON.parse(readFileSync(`${root}/${map}`, 'utf8')) as { sources: string[] }
    const source = map.replace(/^dist\//, '').replace(/\.d\.ts\.map$/, '.ts')
    expect(sources.map((path) => normalize(`${dirname(map)}/${path}`))).toEqual([source])
    expect(files).toContain(source)
  }
})

it('JSR gets the same version and the same subpaths, of the sources', () => {
  const npm = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  const jsr = JSON.parse(readFileSync(`${root}/jsr.json`, 'utf8'))
  const entries = Object.entries<{ default: string } | string>(npm.exports).flatMap(([subpath, target]) =>
    typeof target === 'string'
      ? []
      : [[subpath, target.default.replace('./dist/', './').replace(/\.js$/, '.ts')] as const],
  )
  expect(jsr.version).toBe(npm.version)
  expect(jsr.exports).toEqual(Object.fromEntries(entries))
})

it('documents and examples are in the package, and what only a checkout needs is not', () => {
  const folders = new Set([...files].map((path) => path.split('/')[0]))
  expect([...folders].sort()).toEqual(
    [
      ...['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'],
      ...['adapters', 'dist', 'docs', 'examples', 'src'],
    ].sort(),
  )
  expect(files).toContain('docs/permissions.md')
  expect([...files].filter((path) => path.startsWith('docs/') && !path.endsWith('.md'))).toEqual([])
  expect([...files].filter((path) => /node_modules|\.test\.m?[jt]s|\.wrangler/.test(path))).toEqual([])
})

it('every link of the documents leads to a file in the package, or to the web', () => {
  const documents = [...files].filter((path) => path.endsWith('.md') && !path.startsWith('docs/decisions/'))
  const dead = documents.flatMap((path) => {
    const text = readFileSync(`${root}/${path}`, 'utf8').replace(/^( *)```[\s\S]*?^\1```/gm, '')
    return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !isThere(path, target))
      .map((target) => `${path}: ${target}`)
  })
  expect(dead).toEqual([])
})

/** A page may be named as the site names it, without its ending. */
function isThere(from: string, target: string): boolean {
  const path = normalize(target.startsWith('/') ? `docs${target}` : `${dirname(from)}/${target}`).replace(/\/$/, '')
  return (
    [path, `${path}.md`, `${path}/index.md`].some((name) => files.has(name)) ||
    [...files].some((name) => name.startsWith(`${path}/`))
  )
}
