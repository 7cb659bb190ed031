import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, runtimes } from '../../../scripts/lib/runtimes.mjs'

let folder: string
const running: ChildProcess[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-dev-'))
  const users = { alice: { password: 'Correct-horse-1', groups: ['editor'] } }
  const seed = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'main', groups: ['editor'], users }
  writeFileSync(join(folder, 'seed.json'), JSON.stringify(seed))
})
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

/** How `cognigate dev` ends, and all that it prints. A Worker in wrangler dev is in test/cli/init. */
async function dev(...command: string[]): Promise<{ code: unknown; text: string }> {
  const env = { ...process.env, PATH: `${dirname(runtimes.node)}:${process.env['PATH']}` }
  const args = [`${root}/src/cli/main.ts`, 'dev', '--port', '0', '--seed', join(folder, 'seed.json'), '--', ...command]
  const child = spawn(runtimes.node, args, { cwd: folder, env })
  running.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += String(chunk)
    })
  }
  const [code] = await once(child, 'close')
  return { code, text }
}

describe('cognigate dev', () => {
  it("answers what a program on Node asks by fetch, under AWS's own names", async () => {
    const program = `const at = 'https://cognito-idp.eu-west-1.amazonaws.com/' + process.env.COGNITO_USER_POOL_ID
fetch(at + '/.well-known/openid-configuration').then((r) => r.json()).then((d) => console.log(d.issuer === at))`
    const { code, text } = await dev(runtimes.node, '-e', program)
    expect([code, text]).toEqual([0, expect.stringContaining('true')])
  })

  it('ends with the exit code of the command, and says when there is none', async () => {
    expect((await dev(runtimes.node, '-e', 'process.exit(7)')).code).toBe(7)
    const { code, text } = await dev('no-such-command')
    expect([code, text]).toEqual([1, expect.stringContaining('no-such-command: there is no such command')])
  })
})
