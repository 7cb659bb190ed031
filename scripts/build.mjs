import { build } from './lib/build.mjs'

const { ok, output } = await build()
process.stdout.write(output)
process.exitCode = ok ? 0 : 1
