import { CognitoIdentityProviderClient, ListUsersCommand } from '@aws-sdk/client-cognito-identity-provider'
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeServer, type Pointer, pointers, toSettings } from '../../../src/cli/local/describe.ts'
import { createGuard, defineGroups } from '../../../src/index.ts'
import { createLogin, type Login, meRoute } from '../../../src/login/index.ts'
import { PageVisitor } from '../../support/page-visitor.ts'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'

function isThere(command: string, ...args: string[]): boolean {
  const found = spawnSync(command, args, { stdio: 'ignore' }).status === 0
  if (!found) process.stderr.write(`${command} ${args.join(' ')}: not found; its tests are skipped.\n`)
  return found
}

const hasAws = isThere('aws', '--version')
const hasBoto = isThere('python3', '-c', 'import boto3')
const hasTerraform = isThere('terraform', '-version')
let server: LocalServer
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-describe-'))
  server = await startLocalServer({
    pool: { groups: ['editor'], users: { alice: { password: 'Correct-horse-1', groups: ['editor'] } } },
  })
})
afterAll(async () => {
  await server?.close()
  rmSync(folder, { recursive: true })
})

/** What is printed for a client, as it would be pasted. */
function pasted(name: Pointer['name']): string {
  const code = pointers(server, false).find((pointer) => pointer.name === name)?.code
  if (code === undefined) throw new Error(`nothing is printed for ${name}`)
  expect(describeServer(server, false)).toContain(code)
  return code
}

/** Of a stranger: nothing but where programs are, and where Terraform finds its providers. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, TERRAFORM_MIRROR: mirror, TF_CLI_CONFIG_FILE: given } = process.env
  const own = join(folder, 'mirror.tfrc')
  if (mirror !== undefined)
    writeFileSync(own, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`)
  return {
    PATH,
    HOME: folder,
    AWS_PAGER: '',
    CHECKPOINT_DISABLE: '1',
    TF_CLI_CONFIG_FILE: mirror === undefined ? given : own,
  }
}

async function run(command: string, ...args: string[]): Promise<string> {
  const child = spawn(command, args, { cwd: folder, env: environment() })
  let [out, all] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
    all += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    all += String(chunk)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(all)
  return out
}

/** Runs a line of JavaScript with what it uses in scope, and gives what it declares. */
function evaluate(code: string, scope: Record<string, unknown>): never {
  return new Function(...Object.keys(scope), code.replace(/^const \w+ = /, 'return '))(...Object.values(scope)) as never
}

/** Signs alice in on the page, and asks who that is. */
async function signInBy(login: Login, guard: ReturnType<typeof createGuard>, base = 'http://localhost:8787/auth') {
  const started = await login.handle(new Request(`${base}/login`))
  const visitor = await new PageVisitor(fetch).open(started?.headers.get('location') ?? '')
  await visitor.send({ username: 'alice', password: 'Correct-horse-1' })
  const cookieOf = (response: Response | undefined) =>
    (response?.headers.getSetCookie() ?? []).map((line) => line.split(';')[0]).join('; ')
  const back = await login.handle(new Request(visitor.outside ?? '', { headers: { cookie: cookieOf(started) } }))
  const me = await login.handle(new Request(`${base}/me`, { headers: { cookie: cookieOf(back) } }), {
    me: meRoute(guard),
  })
  return me?.json()
}

describe('the lines that cognigate local prints work as they are:', () => {
  it.skipIf(!hasAws)('in a shell, for the AWS CLI', async () => {
    expect(JSON.parse(await run('sh', '-c', pasted('shell')))).toMatchObject({ Users: [{ Username: 'alice' }] })
  })

  it.skipIf(!hasBoto)('for boto3', async () => {
    const use = `print(cognito.list_users(UserPoolId='${server.settings.userPoolId}')['Users'][0]['Username'])`
    expect(await run('python3', '-c', `import boto3\n${pasted('boto3')}\n${use}`)).toBe('alice\n')
  })

  it('for the AWS SDK for JavaScript', async () => {
    const client: CognitoIdentityProviderClient = evaluate(pasted('AWS SDK for JavaScript'), {
      CognitoIdentityProviderClient,
    })
    const { Users } = await client.send(new ListUsersCommand({ UserPoolId: server.settings.userPoolId }))
    expect(Users).toMatchObject([{ Username: 'alice' }])
  })

  it.skipIf(!hasTerraform)('for Terraform', async ({ skip }) => {
    const { userPoolId } = server.settings
    writeFileSync(
      join(folder, 'main.tf'),
      `terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
${pasted('Terraform')}
resource "aws_cognito_user_group" "readers" {
  name         = "readers"
  user_pool_id = "${userPoolId}"
}
`,
    )
    const isReady = await run('terraform', 'init', '-no-color', '-input=false').catch(() => undefined)
    if (isReady === undefined) {
      process.stderr.write('terraform with a mirror of hashicorp/aws: not found; its test is skipped.\n')
      skip()
    }
    expect(await run('terraform', 'apply', '-no-color', '-input=false', '-auto-approve')).toContain('1 added')
  })

  it('for amazon-cognito-identity-js, by SRP', async () => {
    const Pool: CognitoUserPool = evaluate(pasted('amazon-cognito-identity-js'), { CognitoUserPool })
    const user = new CognitoUser({ Username: 'alice', Pool })
    const details = new AuthenticationDetails({ Username: 'alice', Password: 'Correct-horse-1' })
    const name = await new Promise((resolve, reject) => {
      user.authenticateUser(details, {
        onSuccess: (session) => resolve(session.getAccessToken().payload['username']),
        onFailure: reject,
      })
    })
    expect(name).toBe('alice')
  })

  it('for Amplify, in the form that it configures', () => {
    const configured: unknown[] = []
    evaluate(pasted('Amplify'), { Amplify: { configure: (config: unknown) => configured.push(config) } })
    const { userPoolId, clientId } = server.settings
    const Cognito = { userPoolId, userPoolClientId: clientId, userPoolEndpoint: server.url }
    expect(configured).toEqual([{ Auth: { Cognito } }])
  })

  it.each(['aws', 'local'] as const)('for a guard, with issuers of the kind %s', async (issuer) => {
    const own = await startLocalServer({
      issuer,
      pool: { groups: ['editor'], users: { alice: { groups: ['editor'] } } },
    })
    try {
      const groups = defineGroups({ editor: { allow: ['posts.write'] } })
      const line = pointers(own, false).find(({ name }) => name === 'guard')?.code ?? ''
      const guard: ReturnType<typeof createGuard> = evaluate(line, { createGuard, groups })
      const { accessToken } = await own.pool.tokens('alice')
      expect(await guard.verify(accessToken)).toMatchObject({ username: 'alice', issuer: own.pool.issuer })
    } finally {
      await own.close()
    }
  })

  it.each(['aws', 'local'] as const)('for a browser login, with issuers of the kind %s', async (issuer) => {
    const users = { alice: { password: 'Correct-horse-1' } }
    const own = await startLocalServer({ issuer, pool: { users } })
    try {
      const printed = pointers(own, false)
      const lineOf = (name: Pointer['name']) => printed.find((pointer) => pointer.name === name)?.code ?? ''
      const login: Login = evaluate(lineOf('login'), { createLogin })
      const guard: ReturnType<typeof createGuard> = evaluate(
        lineOf('guard').replace('groups }', 'tokenSource: login.session }'),
        { createGuard, login },
      )
      expect(await signInBy(login, guard)).toMatchObject({ user: { username: 'alice' } })
    } finally {
      await own.close()
    }
  })

  it('for a browser login of a client of the seed, with its address and its secret', async () => {
    const pool = (more: object) => ({
      clientId: 'web',
      users: { alice: { password: 'Correct-horse-1' } },
      clients: [{ clientId: 'web', ...more }],
    })
    const callbackUrls = ['https://app.example.com/callback', 'http://localhost:4321/in/callback']
    const own = await startLocalServer({ pool: pool({ secret: 'the-secret', callbackUrls }) })
    const without = await startLocalServer({ pool: pool({}) })
    try {
      const line = pointers(own, false).find(({ name }) => name === 'login')?.code ?? ''
      expect(line).toContain("redirectUri: 'http://localhost:4321/in/callback'")
      const login: Login = evaluate(line, { createLogin })
      const { settings } = own
      const guard = createGuard({ ...settings, tokenSource: login.session })
      expect(await signInBy(login, guard, 'http://localhost:4321/in')).toMatchObject({ user: { username: 'alice' } })
      expect(pointers(without, false).map(({ name }) => name)).not.toContain('login')
      expect(describeServer(without, false)).toMatch(/for app clients with callbackUrls\.$/m)
    } finally {
      await own.close()
      await without.close()
    }
  })

  it('says how to begin where there is no pool', async () => {
    const empty = await startLocalServer({ pool: false })
    try {
      expect(describeServer(empty, true)).toContain('aws cognito-idp create-user-pool')
      expect(toSettings(empty, true)).toEqual({ url: empty.url, region: 'eu-west-1' })
    } finally {
      await empty.close()
    }
  })
})

it('A strict server prints the one key that it takes, and no other.', async () => {
  const strict = await startLocalServer({ strict: true })
  try {
    const { accessKeyId = '', secretAccessKey = '' } = strict.administrator ?? {}
    const text = describeServer(strict, false)
    expect(accessKeyId).toMatch(/^AKIALOCAL[0-9A-F]{11}$/)
    expect(text).toContain(`AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`)
    expect(text).toContain('only keys that the server knows')
    expect(text).not.toMatch(/=local\b|'local'|"local"/)
  } finally {
    await strict.close()
  }
})
