import { existsSync, readdirSync, statSync } from 'node:fs'
import { build } from '../lib/build.mjs'
import { root } from '../lib/runtimes.mjs'
import { StartError } from './start-error.ts'

/** Builds the package where `dist` is missing or older than a source. Throws StartError where the build fails. */
export async function ensureBuilt(): Promise<void> {
  if (isFresh()) return
  const { ok, output } = await build()
  if (!ok) throw new StartError(`The build failed.\n${output.trimEnd()}`)
}

function isFresh(): boolean {
  const built = `${root}/dist/src/index.js`
  return existsSync(built) && statSync(built).mtimeMs > Math.max(...sources().map((path) => statSync(path).mtimeMs))
}

/** Every file and folder that the build reads: a folder changes when a file in it comes or goes. */
function sources(): string[] {
  const below = ['src', 'adapters'].flatMap((folder) => [
    folder,
    ...readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  ])
  return [...below, 'tsconfig.json', 'tsconfig.build.json'].map((path) => `${root}/${path}`)
}
