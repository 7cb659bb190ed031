import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { groupDetail } from '../../examples/group-detail.ts'
import { filesBelow, root, runtimes } from '../../scripts/lib/runtimes.mjs'

// The pages of the command line are stories: their files are written, their commands run in order against a local AWS in another
// process, and what is printed is compared with what they show. UPDATE_DOCS=1 writes down what is printed.

const folders: string[] = []
const servers: ChildProcess[] = []
afterAll(() => {
  for (const server of servers) server.kill()
  for (const folder of folders) rmSync(folder, { recursive: true, maxRetries: 5 })
})

const cli = `${root}/dist/cli/main.js`
const seedOfPages = { userPoolId: 'us-east-1_AbCdEfGhI', clientId: 'web', identityPool: {}, users: { alice: {} } }

/** A folder with `cognigate` on its PATH, and where the local AWS is. */
interface Stage {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** A call by the AWS SDK. */
  call(operation: string, input: object): Promise<{ readonly AuthenticationResult?: { readonly AccessToken?: string } }>
}

async function openStage(seed: string): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'cognigate-story-'))
  folders.push(folder)
  const bin = join(folder, '.bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'cognigate'), `#!/bin/sh\nexec ${runtimes.node} ${cli} "$@"\n`)
  chmodSync(join(bin, 'cognigate'), 0o755)
  writeFileSync(join(folder, '.seed.yaml'), seed)
  const args = [cli, 'local', '--port', '0', '--json', '--seed', join(folder, '.seed.yaml')]
  const server = spawn(runtimes.node, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  servers.push(server)
  const [line] = await once(server.stdout, 'data')
  const { url, userPoolId, identityPoolId } = JSON.parse(String(line))
  const { PATH, HOME } = process.env
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new sdk.CognitoIdentityProviderClient({ region: 'us-east-1', endpoint: url, credentials })
  return {
    folder,
    env: {
      ...{ PATH: `${bin}:${PATH}`, HOME, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      AWS_ENDPOINT_URL: url,
      COGNITO_USER_POOL_ID: userPoolId,
      COGNITO_IDENTITY_POOL_ID: identityPoolId,
    },
    async call(operation, input) {
      const command = Reflect.get(sdk, `${operation}Command`) as new (input: object) => never
      const output: { AuthenticationResult?: { AccessToken?: string } } = await client.send<never, never>(
        new command(input),
      )
      return output
    },
  }
}

/** What differs from run to run. */
function normalize(text: string): string {
  return text
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://127.0.0.1:9400')
    .replaceAll(/issued \S+, good for \d+ min/g, 'issued 2026-11-27T10:00:00Z, good for 60 min')
    .replaceAll(/"(\w+Date|madeAt)":[\d.]+/g, '"$1":1795773600')
    .replaceAll(new Date().toISOString().slice(0, 10), '2026-11-27')
    .replaceAll(/"exportedAt":"[^"]+"/g, '"exportedAt":"2026-11-27T10:00:00.000Z"')
}

/** Marks and fences in the order of the page. */
const part = /<!-- (write|call|token): (.+?) -->|```(\w+)\n([\s\S]*?)```/g

async function tell(page: string, stage: Stage): Promise<string> {
  const text = readFileSync(`${root}/${page}`, 'utf8')
  const pieces: string[] = []
  let at = 0
  let file: string | undefined
  for (const match of text.matchAll(part)) {
    const [whole, mark, detail = '', language, body = ''] = match
    pieces.push(text.slice(at, match.index))
    at = match.index + whole.length
    if (mark === 'write') file = detail
    if (mark === 'call') {
      const [operation = '', input = '{}'] = detail.split(/ (.*)/)
      await stage.call(operation, { UserPoolId: stage.env['COGNITO_USER_POOL_ID'], ...JSON.parse(input) })
    }
    if (mark === 'token') await saveToken(stage, detail)
    if (language !== undefined && file !== undefined) {
      writeFileSync(join(stage.folder, file), body)
      file = undefined
    }
    pieces.push(language === 'console' ? `\`\`\`console\n${runAll(body, stage)}\`\`\`` : whole)
  }
  return [...pieces, text.slice(at)].join('')
}

async function saveToken({ call, env, folder }: Stage, detail: string): Promise<void> {
  const [user = '', file = ''] = detail.split(' ')
  const { AuthenticationResult } = await call('AdminInitiateAuth', {
    UserPoolId: env['COGNITO_USER_POOL_ID'],
    ClientId: 'web',
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: user, PASSWORD: 'Correct-horse-1' },
  })
  writeFileSync(join(folder, file), `${AuthenticationResult?.AccessToken}\n`)
}

/** The commands of a block, each with what it prints now. */
function runAll(block: string, { folder, env }: Stage): string {
  const commands = block.split('\n').filter((line) => line.startsWith('$ '))
  expect(commands.length).toBeGreaterThan(0)
  return commands
    .map((line) => {
      const { stdout } = spawnSync('bash', ['-c', `exec 2>&1; ${line.slice(2)}`], {
        ...{ cwd: folder, env, encoding: 'utf8', timeout: 60_000 },
      })
      return `${line}\n${normalize(stdout)}`
    })
    .join('')
}

const pages = filesBelow('docs/command-line', ['.md']).filter((page) =>
  readFileSync(`${root}/${page}`, 'utf8').includes('```console'),
)

describe.each(pages)('%s', (page) => {
  it('shows what is printed', { timeout: 120_000 }, async () => {
    const text = readFileSync(`${root}/${page}`, 'utf8')
    const seed = /<!-- write: seed\.yaml -->\s*```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? JSON.stringify(seedOfPages)
    const told = await tell(page, await openStage(seed))
    if (process.env['UPDATE_DOCS']) writeFileSync(`${root}/${page}`, told)
    expect(told).toBe(process.env['UPDATE_DOCS'] ? told : text)
  })
})

it('The story begins with the file of cognises as examples/group-detail.ts has it.', () => {
  const text = readFileSync(`${root}/docs/command-line/index.md`, 'utf8')
  const json = /<!-- write: group_detail\.json -->\s*```json\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
  expect(JSON.parse(json)).toEqual(groupDetail)
})
