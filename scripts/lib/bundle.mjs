import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './runtimes.mjs'

/**
 * @typedef {object} Bundle
 * @property {number} bytes size, minified and gzipped at level 9
 * @property {string[]} files what went into it, from the checkout's root
 */

/**
 * Bundles built files as an application at the edge would: one ES module, nothing of Node, `hono` left to the
 * application, whose dependency it is.
 *
 * @param {string} path from the checkout's root
 * @param {string} names what is imported of it: `*`, or a list in braces
 * @param {boolean} [onServers] whether it needs Node's modules, which Bun and Deno have too
 * @param {string} [beside] further lines of the application
 * @returns {Promise<Bundle>}
 */
export async function bundle(path, names, onServers = false, beside = '') {
  const result = await build({
    stdin: { contents: `export ${names} from './${path}'\n${beside}`, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    conditions: ['workerd', 'worker'],
    external: ['hono', 'hono/*', ...(onServers ? ['node:*'] : [])],
    format: 'esm',
    logLevel: 'silent',
    metafile: true,
    minify: true,
    platform: 'browser',
    target: 'es2023',
    write: false,
  })
  const [output] = Object.values(result.metafile.outputs)
  const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const bytes = result.outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
  return { bytes, files: used.map(([file]) => file).filter((file) => file !== '<stdin>') }
}

/**
 * The files of a bundle that do not belong in it.
 *
 * @param {readonly string[]} files from the checkout's root
 * @param {{ folders: readonly string[], packages: readonly string[] }} allowed folders of `dist/src` by name, `adapters`
 *   among them, and packages; files that stand in `dist/src` itself or in `internal` are always allowed
 * @returns {string[]}
 */
export function unexpectedFiles(files, { folders, packages }) {
  return files.filter((file) => {
    const ofPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1]
    if (ofPackage !== undefined) return !packages.includes(ofPackage)
    if (file.startsWith('dist/adapters/')) return !folders.includes('adapters')
    const folder = /^dist\/src\/(?:([^/]+)\/)?/.exec(file)
    return folder === null || !['internal', ...folders, undefined].includes(folder[1])
  })
}
