import { build, type Plugin } from 'esbuild'
import { root } from '../scripts/lib/runtimes.mjs'
import { buildFolder } from './setup.ts'

export interface Bundle {
  /** Where it was written. */
  readonly path: string
  readonly text: string
}

/** Instead of a source, what the build made of it: what users get is what is measured. */
const built: Plugin = {
  name: 'built',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\.?\/.*\b(src|adapters)\/.*\.ts$/ }, ({ path }) => ({
      path: `${buildFolder}/${path.replace(/^(\.\.?\/)+/, '').replace(/\.ts$/, '.js')}`,
    })),
}

/** Bundles a file of this folder into one module, for workers or for the runtimes that have Node's modules. */
export async function bundle(entry: string, target: 'worker' | 'node', minify = false): Promise<Bundle> {
  const path = `${buildFolder}/${entry.replaceAll('/', '-').replace(/\.ts$/, '')}-${target}.mjs`
  const { outputFiles } = await build({
    entryPoints: [`${root}/bench/${entry}`],
    // For peers that are CommonJS and use Node's modules.
    ...(target === 'node' && {
      banner: { js: `import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);` },
    }),
    bundle: true,
    conditions: target === 'worker' ? ['workerd', 'worker', 'browser'] : [],
    external: target === 'node' ? ['fast-jwt', '@casl/ability', 'casbin', '@cedar-policy/*', '@aws-crypto/*'] : [],
    format: 'esm',
    logLevel: 'error',
    minify,
    outfile: path,
    platform: target === 'worker' ? 'browser' : 'node',
    plugins: [built],
    target: 'es2023',
    write: false,
  })
  return { path, text: outputFiles[0]?.text ?? '' }
}
