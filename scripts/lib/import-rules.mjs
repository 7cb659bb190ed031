import { posix } from 'node:path'

/** Files of `src` that everything may import, beside `src/internal/`; they import each other only. */
const leaves = ['src/errors.ts']

/**
 * What each area of `src` may import besides itself and the leaves: other areas, by their index.ts only, and packages.
 * `main` is `src/index.ts`.
 *
 * @type {Record<string, { areas?: readonly string[], packages?: readonly string[] }>}
 */
const areas = {
  main: { areas: ['guard', 'tokens', 'keys', 'token-sources', 'permissions'] },
  guard: { areas: ['tokens', 'keys', 'token-sources', 'permissions'] },
  tokens: { areas: ['keys'] },
  keys: {},
  'token-sources': { areas: ['tokens'] },
  permissions: {},
  aws: { packages: ['@rgrove/parse-xml'] },
  admin: { areas: ['aws', 'sign-in'] },
  credentials: { areas: ['aws', 'tokens'] },
  provision: { areas: ['aws', 'admin', 'permissions'] },
  'sign-in': { areas: ['aws'] },
  login: { areas: ['tokens', 'keys', 'token-sources', 'sign-in'] },
  local: { packages: ['jose'] },
}

/** Packages with one home each; other folders than `src` and `adapters` may import anything but these, save where named. */
const homes = [
  { name: 'jose', folders: ['src/local/', 'test/', 'bench/', 'scripts/lib/first-answer.mjs'] },
  { name: 'aws4fetch', folders: ['examples/s3/', 'test/', 'bench/'] },
  {
    name: 'hono',
    folders: [
      'adapters/hono/index.ts',
      'adapters/hono/',
      'examples/',
      'test/',
      'bench/',
      'scripts/lib/first-answer.mjs',
      'src/cli/',
    ],
  },
  { name: 'node:', folders: ['src/cli/', 'scripts/', 'bench/', 'test/', 'examples/node.ts'] },
]

/**
 * The modules that a source names in imports, re-exports and dynamic imports, types included.
 *
 * @param {string} source
 * @returns {string[]}
 */
export function importsOf(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const patterns = [
    /(?<=^|[;}]\s*)(?:import|export)\b[^'"`;=()]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /(?<=^|[;}]\s*)import\s*['"]([^'"]+)['"]/gm,
    /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g,
  ]
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map(([, name = '']) => name))
}

/**
 * Why a file may not import a module, or undefined where it may.
 *
 * @param {string} file path of the importing file, from the checkout's root
 * @param {string} imported the module as the import names it
 * @returns {string | undefined}
 */
export function violation(file, imported) {
  if (!imported.startsWith('.')) return packageViolation(file, imported)
  const target = posix.join(posix.dirname(file), imported)
  const from = placeOf(file)
  const to = placeOf(target)
  if (from === 'elsewhere' || from === to) return undefined
  if (to === 'elsewhere') return 'the package imports nothing outside of src and adapters'
  if (to === 'leaf') return undefined
  if (from === 'leaf') return 'a leaf imports leaves only'
  if (to === 'adapters' || to === 'cli') return `nothing imports ${to}`
  if (to === 'main') {
    if (from !== 'adapters' && from !== 'cli') return 'only adapters and cli import the guard'
    return target === 'src/index.ts' ? undefined : 'the guard is imported by src/index.ts only'
  }
  if (target !== `src/${to}/index.ts`) return `an area is imported by its index.ts only, here src/${to}/index.ts`
  if (from === 'adapters' || from === 'cli' || areas[from]?.areas?.includes(to)) return undefined
  return `${from} does not import ${to}`
}

/**
 * @param {string} file
 * @param {string} imported
 * @returns {string | undefined}
 */
function packageViolation(file, imported) {
  const home = homes.find(({ name }) => (name === 'node:' ? imported.startsWith(name) : isOf(imported, name)))
  if (home !== undefined && !home.folders.some((folder) => file.startsWith(folder))) {
    return `${home.name} is imported in ${home.folders.join(', ')} only`
  }
  const place = placeOf(file)
  if (place === 'elsewhere' || place === 'cli') return undefined
  if (place === 'adapters') return home?.name === 'hono' ? undefined : 'adapters import no package but hono'
  if (areas[place]?.packages?.some((name) => isOf(imported, name))) return undefined
  return `${place} does not import the package ${imported}`
}

/**
 * @param {string} imported
 * @param {string} name
 */
function isOf(imported, name) {
  return imported === name || imported.startsWith(`${name}/`)
}

/**
 * The part of the project a file belongs to: 'leaf', an area's name, 'adapters', 'cli', or 'elsewhere'.
 *
 * @param {string} file
 * @returns {string}
 */
function placeOf(file) {
  if (leaves.includes(file) || file.startsWith('src/internal/')) return 'leaf'
  if (file.startsWith('adapters/')) return 'adapters'
  if (!file.startsWith('src/')) return 'elsewhere'
  const [, folder = '', ...rest] = file.split('/')
  return rest.length === 0 ? 'main' : folder
}
