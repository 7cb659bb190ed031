import process from 'node:process'
import { parseArgs } from 'node:util'
import { ours } from '../test/security/ours.ts'
import { awsJwtVerify } from '../test/security/peers/aws-jwt-verify.ts'
import { honoJwk } from '../test/security/peers/hono.ts'
import { jose } from '../test/security/peers/jose.ts'
import { format, runAll } from '../test/security/table.ts'

const usage = `npm run hostile [-- --against jose|aws-jwt-verify|hono] [--json]

Puts this package, and the peers beside it, through the hostile corpus. Without --against all peers are asked; it may be
given several times. Exit code 1 where this package gets a row wrong.`

const peers = [jose, awsJwtVerify, honoJwk]
const problem = await main()
if (problem !== undefined) {
  console.error(`${problem}\n\n${usage}`)
  process.exitCode = 2
}

async function main(): Promise<string | undefined> {
  let values: { against?: string[]; json?: boolean; help?: boolean }
  try {
    const options = {
      against: { type: 'string', multiple: true },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    } as const
    values = parseArgs({ options }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  if (values.help) {
    console.log(usage)
    return undefined
  }
  const wanted = values.against?.flatMap((names) => names.split(',')) ?? peers.map(({ name }) => name)
  const unknown = wanted.find((name) => !peers.some((peer) => peer.name === name))
  if (unknown !== undefined) return `--against: no peer ${JSON.stringify(unknown)}`
  const chosen = [ours, ...peers.filter(({ name }) => wanted.includes(name))]
  const lines = await runAll(chosen, ours.name)
  const names = chosen.map(({ name }) => name)
  console.log(values.json ? JSON.stringify(lines, null, 2) : format(lines, names))
  if (lines.some(({ cells }) => (cells[ours.name]?.wrong.length ?? 0) > 0)) process.exitCode = 1
  return undefined
}
