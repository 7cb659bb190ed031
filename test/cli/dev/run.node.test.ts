import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, runtimes, tool } from '../../../scripts/lib/runtimes.mjs'

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

/** `cognigate dev`, with what it has printed so far. */
function dev(...command: string[]) {
  const env = {
    ...process.env,
    PATH: `${dirname(runtimes.node)}:${process.env['PATH']}`,
    CI: 'true',
    WRANGLER_SEND_METRICS: 'false',
  }
  const args = [`${root}/src/cli/main.ts`, 'dev', '--port', '0', '--seed', join(folder, 'seed.json'), '--', ...command]
  const child = spawn(runtimes.node, args, { cwd: folder, env })
  running.push(child)
  const printed = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed.text += String(chunk)
    })
  }
  return { child, printed }
}

async function ended(...command: string[]): Promise<{ code: unknown; text: string }> {
  const { child, printed } = dev(...command)
  const [code] = await once(child, 'close')
  return { code, text: printed.text }
}

async function find({ child, printed }: ReturnType<typeof dev>, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(printed.text)?.[1]
    if (found !== undefined) return found
    if (child.exitCode !== null) throw new Error(printed.text)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('cognigate dev', () => {
  it('answers what a Worker in wrangler dev asks of Cognito, with nothing changed in it', async () => {
    writeFileSync(
      join(folder, 'worker.ts'),
      `import { createGuard, defineGroups } from '${root}/src/index.ts'
import { protect } from '${root}/adapters/fetch/index.ts'
const groups = defineGroups({ editor: { allow: ['posts.write'] } })
const guard = createGuard({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'main', groups })
export default { fetch: protect(guard, 'posts.write', (_, { principal }) => new Response(principal.username)) }
`,
    )
    writeFileSync(join(folder, 'wrangler.toml'), 'name = "w"\nmain = "worker.ts"\ncompatibility_date = "2026-08-03"\n')
    const started = dev(tool('wrangler'), 'dev', '--port', '0', '--ip', '127.0.0.1', '--inspector-port', '0')
    const url = await find(started, /listens at (\S+?):? the|listens at (\S+):/).catch(() => '')
    const local = /listens at (http:\/\/[\d.:]+\d)/.exec(started.printed.text)?.[1] ?? url
    const worker = await find(started, /Ready on (http:\/\/\S+)/)
    const signedIn = await fetch(local, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
      body: JSON.stringify({
        ClientId: 'main',
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'alice', PASSWORD: 'Correct-horse-1' },
      }),
    })
    const { AuthenticationResult } = (await signedIn.json()) as { AuthenticationResult: { AccessToken: string } }
    const answer = await fetch(worker, { headers: { authorization: `Bearer ${AuthenticationResult.AccessToken}` } })
    expect([answer.status, await answer.text()]).toEqual([200, 'alice'])
    started.child.kill('SIGTERM')
    await once(started.child, 'close')
  })

  it("answers what a program on Node asks by fetch, under AWS's own names", async () => {
    const program = `const at = 'https://cognito-idp.eu-west-1.amazonaws.com/' + process.env.COGNITO_USER_POOL_ID
fetch(at + '/.well-known/openid-configuration').then((r) => r.json()).then((d) => console.log(d.issuer === at))`
    const { code, text } = await ended(runtimes.node, '-e', program)
    expect([code, text]).toEqual([0, expect.stringContaining('true')])
  })

  it('ends with the exit code of the command, and says when there is none', async () => {
    expect((await ended(runtimes.node, '-e', 'process.exit(7)')).code).toBe(7)
    const { code, text } = await ended('no-such-command')
    expect([code, text]).toEqual([1, expect.stringContaining('no-such-command: there is no such command')])
  })
})
