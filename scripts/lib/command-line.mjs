import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { root } from './runtimes.mjs'

/**
 * Bundles the command line into `<folder>/cli`: one small entry, and a chunk for whatever a command loads when it runs. Its
 * libraries are inside, so that starting reads a handful of files; their licences are in THIRD-PARTY-LICENSES beside it.
 *
 * @param {string} folder
 */
export async function bundleCommandLine(folder) {
  const { metafile } = await build({
    entryPoints: { main: `${root}/src/cli/main.ts` },
    absWorkingDir: root,
    // Its entry for Node is CommonJS, which asks for `require`.
    alias: { yaml: `${root}/node_modules/yaml/browser/index.js` },
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    conditions: ['node', 'import'],
    format: 'esm',
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
    minifySyntax: true,
    minifyWhitespace: true,
    outdir: `${folder}/cli`,
    platform: 'node',
    target: 'node20.3',
  })
  chmodSync(`${folder}/cli/main.js`, 0o755)
  copyFileSync(`${root}/src/cli/dev/preload.cjs`, `${folder}/cli/preload.cjs`)
  const packages = Object.keys(metafile.inputs).flatMap((file) => {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1]
    return name === undefined ? [] : [name]
  })
  writeFileSync(`${folder}/cli/THIRD-PARTY-LICENSES`, [...new Set(packages)].sort().map(licenceOf).join('\n'))
}

/**
 * The licence of a package, as it has to go wherever its code goes. Throws where the package has none.
 *
 * @param {string} name
 */
function licenceOf(name) {
  const folder = `${root}/node_modules/${name}`
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const file = readdirSync(folder).find((one) => /^licen[cs]e(\.\w+)?$/i.test(one))
  const standard = standardLicences[license]
  const path = file === undefined ? standard && `${root}/node_modules/${standard}` : `${folder}/${file}`
  if (path === undefined) throw new Error(`The licence text of ${name} is missing.`)
  return `${name} ${version} (${license})\n\n${readFileSync(path, 'utf8').trim()}\n`
}

/**
 * Licences whose text is the same for everyone, for packages that are published without it: where another package has it.
 *
 * @type {Readonly<Record<string, string>>}
 */
const standardLicences = { 'Apache-2.0': 'typescript59/LICENSE.txt' }
