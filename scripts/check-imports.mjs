import { run } from './lib/run.mjs'
import { tool } from './lib/runtimes.mjs'

const { ok, output } = await run([tool('biome'), 'lint', '--only=style/noRestrictedImports', '--colors=off'])
if (!ok) console.log(output)
process.exitCode = ok ? 0 : 1
