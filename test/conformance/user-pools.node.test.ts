import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalServer, startLocalServer } from '../../src/local/server/index.ts'
import { newestSteps, type Step, steps } from './user-pools/steps.ts'

const environment = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_MAX_ATTEMPTS: '1',
  AWS_PAGER: '',
}

function isThere(command: string, args: readonly string[]): boolean {
  const found = spawnSync(command, args, { stdio: 'ignore', env: environment }).status === 0
  if (!found) process.stderr.write(`${command} ${args.join(' ')}: not found; its tests are skipped.\n`)
  return found
}

const hasBoto = isThere('python3', ['-c', 'import boto3'])
const hasCli = isThere('python3', ['-c', 'import awscli'])
const hasMoto = isThere('moto_server', ['--help'])

let server: LocalServer

beforeAll(async () => {
  server = await startLocalServer({ pool: false })
})

afterAll(() => server.close())

/** What came of each step, as `drive.py` prints it. */
async function drive(client: 'boto3' | 'cli', endpoint: string): Promise<unknown[]> {
  const input = JSON.stringify({ client, endpoint, steps })
  return JSON.parse(await run([join(import.meta.dirname, 'user-pools/drive.py')], input))
}

/** What a script prints that is given the endpoint. */
function python(script: string, endpoint: string): Promise<string> {
  return run(['-c', script, endpoint], '')
}

function run(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', args, { env: environment })
    const texts = { out: '', err: '' }
    child.stdout.on('data', (text) => {
      texts.out += text
    })
    child.stderr.on('data', (text) => {
      texts.err += text
    })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(texts.out) : reject(new Error(texts.err))))
    child.stdin.end(input)
  })
}

const rightOf = (list: readonly Step[]) => list.map(({ operation, right }) => [operation, right])
const named = (results: readonly unknown[]) => results.map((result, index) => [steps[index]?.operation, result])

describe('pools, by every client alike', () => {
  it.each([
    ['all that botocore knows', steps],
    ['the newest operations', newestSteps],
  ])('the AWS SDK: %s', async (_, list) => {
    expect(await driveSdk(list)).toEqual(rightOf(list))
  })

  it.skipIf(!hasBoto)(
    'boto3',
    async () => {
      expect(named(await drive('boto3', server.url))).toEqual(rightOf(steps))
    },
    120_000,
  )

  it.skipIf(!hasCli)(
    'the AWS CLI',
    async () => {
      expect(named(await drive('cli', server.url))).toEqual(rightOf(steps))
    },
    240_000,
  )
})

it.skipIf(!hasBoto)(
  'boto3 pages through pools, clients, resource servers and providers',
  async () => {
    const own = await startLocalServer({ pool: false })
    const script = `
import boto3, json, sys
client = boto3.client("cognito-idp", region_name="eu-west-1", endpoint_url=sys.argv[1])
pools = [client.create_user_pool(PoolName=f"p{n}")["UserPool"]["Id"] for n in range(3)]
pool = {"UserPoolId": pools[0]}
details = {"client_id": "a", "attributes_request_method": "GET", "oidc_issuer": "https://a.example", "authorize_scopes": "openid"}
for n in range(3):
    client.create_user_pool_client(**pool, ClientName=f"c{n}")
    client.create_resource_server(**pool, Identifier=f"r{n}", Name=f"r{n}")
    client.create_identity_provider(**pool, ProviderName=f"idp{n}", ProviderType="OIDC", ProviderDetails=details)
def count(operation, result, **given):
    pages = list(client.get_paginator(operation).paginate(**given, PaginationConfig={"PageSize": 2}))
    return [len(page[result]) for page in pages]
print(json.dumps([
    count("list_user_pools", "UserPools"),
    count("list_user_pool_clients", "UserPoolClients", **pool),
    count("list_resource_servers", "ResourceServers", **pool),
    count("list_identity_providers", "Providers", **pool),
]))
`
    try {
      expect(JSON.parse(await python(script, own.url))).toEqual([
        [2, 1],
        [2, 1],
        [2, 1],
        [2, 1],
      ])
    } finally {
      await own.close()
    }
  },
  60_000,
)

/** Each difference to moto is one that its line of the steps explains. */
it.skipIf(!hasMoto || !hasBoto)(
  'moto differs in known places only',
  async () => {
    const port = await freePort()
    const moto = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { env: environment, stdio: 'ignore' })
    try {
      const endpoint = `http://127.0.0.1:${port}`
      await waitFor(endpoint)
      const expected = steps.map(({ operation, right, moto: other }) => [
        operation,
        other === undefined ? right : other[0],
      ])
      expect(named(await drive('boto3', endpoint))).toEqual(expected)
    } finally {
      moto.kill()
    }
  },
  120_000,
)

async function driveSdk(list: readonly Step[]): Promise<unknown[]> {
  const client = new cognito.CognitoIdentityProviderClient({
    region: 'eu-west-1',
    endpoint: server.url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
  })
  const commands = cognito as unknown as Record<string, new (input: unknown) => never>
  const kept = new Map<string, unknown>()
  const results: unknown[] = []
  for (const { operation, input, keep = {}, path } of list) {
    const Command = commands[`${operation}Command`]
    if (Command === undefined) throw new Error(`no ${operation}Command`)
    const filled = Object.entries(input).map(([name, value]) => {
      return [name, typeof value === 'string' && value.startsWith('$') ? kept.get(value.slice(1)) : value]
    })
    try {
      const answer: unknown = await client.send(new Command(Object.fromEntries(filled)))
      for (const [name, where] of Object.entries(keep)) kept.set(name, at(answer, where))
      results.push([operation, path === undefined ? 'ok' : at(answer, path)])
    } catch (error) {
      results.push([operation, error instanceof Error ? error.name : error])
    }
  }
  client.destroy()
  return results
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((held, part) => (held as Record<string, unknown> | undefined)?.[part], value)
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

async function waitFor(endpoint: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const isUp = await fetch(`${endpoint}/moto-api/`).then(
      () => true,
      () => false,
    )
    if (isUp) return
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
  }
  throw new Error('moto_server did not start.')
}
