import { rmSync } from 'node:fs'
import { run } from './run.mjs'
import { root, runtimes } from './runtimes.mjs'

/** Builds the package into `dist`, by tsc alone, from nothing. */
export function build() {
  rmSync(`${root}/dist`, { recursive: true, force: true })
  return run([runtimes.node, `${root}/node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'])
}
