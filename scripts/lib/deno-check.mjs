import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.mjs'
import { root, runtimes } from './runtimes.mjs'

/**
 * Type-checks an example by Deno, against the built package as an application has it: in `node_modules`. By its own name
 * from within the checkout, Deno would read the JavaScript of `dist` and no types.
 *
 * @param {string} example path from the checkout's root
 */
export async function denoCheck(example) {
  const folder = mkdtempSync(join(tmpdir(), 'cognigate-deno-'))
  try {
    const installed = join(folder, 'node_modules', 'cognigate')
    cpSync(`${root}/dist`, join(installed, 'dist'), { recursive: true })
    cpSync(`${root}/package.json`, join(installed, 'package.json'))
    cpSync(`${root}/${example}`, join(folder, 'example.ts'))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies: { cognigate: '*' } }))
    return await run([runtimes.deno, 'check', 'example.ts'], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
