import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as aws4fetch from 'aws4fetch'
import * as core from 'cognigate'
import * as administration from 'cognigate/admin'
import * as credentialsArea from 'cognigate/credentials'
import * as provision from 'cognigate/provision'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { groupDetail } from '../../examples/group-detail.ts'
import { run } from '../../scripts/lib/run.mjs'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { hasMoto, type Moto, startMoto } from '../conformance/emulators/moto.ts'

const motoIsHere = hasMoto()
if (!motoIsHere) console.log('skipped: provisioning as it is printed, against moto, since moto_server is not on PATH')

/** Where the printed code runs: pools, and what answers for AWS by its host names. */
interface Place {
  readonly pool: LocalPool
  readonly userPoolId: string
  answer(request: Request): Promise<Response>
  stop(): Promise<void>
}

async function localPlace(): Promise<Place> {
  const pool = await createLocalPool({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'web', users: { alice: {} } })
  return { pool, userPoolId: pool.settings.userPoolId, answer: pool.fetch, stop: async () => {} }
}

/** Moto, without signature checks; identity pools, which it does not know enough of, are those of a local pool of the same id. */
async function motoPlace(): Promise<Place> {
  const moto: Moto = await startMoto()
  const { credentials, url: endpoint } = moto
  const first = administration.createPoolAdmin({ userPoolId: 'eu-west-1_AbC', endpoint, credentials })
  const { UserPool } = await first.call('CreateUserPool', { PoolName: 'printed' })
  await fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: '1000000' })
  const userPoolId = UserPool?.Id ?? ''
  const pool = await createLocalPool({ userPoolId, clientId: 'web' })
  const real = globalThis.fetch
  const answer = async (request: Request) => {
    if (new URL(request.url).hostname.startsWith('cognito-identity.')) return pool.fetch(request)
    const headers = new Headers(request.headers)
    headers.delete('host')
    return real(`${endpoint}/`, { method: request.method, headers, body: await request.text() })
  }
  return { pool, userPoolId, answer, stop: () => moto.stop() }
}

const places = [
  ['the local pool', localPlace, false],
  ['moto (where moto_server is on PATH)', motoPlace, !motoIsHere],
] as const

/** The blocks of TypeScript of the pages, without imports and types. */
const printedPages = ['docs/groups-and-roles.md', 'docs/credentials.md']
  .map((page) => readFileSync(page, 'utf8'))
  .join('\n')
const [definitionsBlock = '', planBlock = '', createUpdateBlock = '', credentialsBlock = '', ...more] = [
  ...printedPages.matchAll(/```ts\n(.*?)```/gs),
].map(([, block = '']) => stripTypeScriptTypes(block.replace(/^import .*$/gm, '')).replace(/^export /gm, ''))

/** Runs code with what it imports and what it has around it. */
function runCode(code: string, around: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const AsyncFunction = (async () => {}).constructor as new (
    ...parameters: string[]
  ) => (...values: unknown[]) => Promise<Record<string, unknown>>
  const scope = { ...aws4fetch, ...core, ...administration, ...credentialsArea, ...provision, ...around }
  return new AsyncFunction(...Object.keys(scope), code)(...Object.values(scope))
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('what the pages print', () => {
  it.each(places)(
    'runs on %s',
    async (_, open, isSkipped) => {
      if (isSkipped) return
      expect(more).toEqual([])
      const printed: string[] = []
      vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
      vi.spyOn(console, 'warn').mockImplementation((line: string) => void printed.push(line))
      const place = await open()
      try {
        vi.stubGlobal('fetch', (input: Request | string, init?: RequestInit) => place.answer(new Request(input, init)))
        const { userPoolId, pool } = place
        const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret' }
        const around = { userPoolId, identityPoolId: pool.identityPoolId, credentials, groupDetail }
        const definitions = await runCode(`${definitionsBlock}\nreturn { groups, policies }`, around)
        const { clients, updated } = await runCode(`${planBlock}\n${createUpdateBlock}\nreturn { clients, updated }`, {
          ...around,
          definitions,
        })
        expect(printed[0]).toContain('+ role role_viewer of group viewer')
        expect(printed.join('\n')).toContain('Members of Group1 can change the pool')
        expect(updated).toMatchObject([{ created: 'true' }, { created: 'true' }])
        const { admin } = clients as provision.ProvisionClients
        expect((await admin.groups.list().toArray()).map(({ name }) => name).sort()).toEqual([
          'Group1',
          'String',
          'admin',
          'viewer',
        ])
        if (open === motoPlace) return
        await admin.users.addToGroup('alice', 'viewer')
        const { idToken } = await pool.tokens('alice')
        const asked: unknown[] = []
        vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
          const request = new Request(input, init)
          if (!new URL(request.url).hostname.includes('.s3.')) return place.answer(request)
          const caller = await pool.caller(request)
          asked.push(caller?.roleName, caller?.allows('s3:GetObject', 'arn:aws:s3:::example-reports/2026.csv'))
          return new Response('a report')
        })
        const { report } = await runCode(`${credentialsBlock}\nreturn { report }`, {
          ...around,
          ...definitions,
          clientId: 'web',
        })
        const request = new Request('https://app.test/', { headers: { authorization: `Bearer ${idToken}` } })
        const response: Response = await (report as (request: Request) => Promise<Response>)(request)
        expect(await response.text()).toBe('a report')
        expect(asked).toEqual(['role_viewer', true])
      } finally {
        await place.stop()
      }
    },
    60_000,
  )
})

describe('the examples as programs, as their headers print them', () => {
  let server: Server
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'provision-'))
  })
  afterEach(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  /** One address for all services, as `AWS_ENDPOINT_URL` has it: the signature says which is meant. */
  async function listen({ answer }: Place): Promise<string> {
    server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray())
      const [, region, service] =
        /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? []
      const host = service === 'iam' ? 'iam.amazonaws.com' : `${service}.${region}.amazonaws.com`
      const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' && name !== 'host' && name !== 'connection' ? [[name, value]] : [],
      )
      const answered = await answer(new Request(`https://${host}/`, { method: 'POST', headers, body }))
      const { 'content-encoding': _, 'content-length': __, ...rest } = Object.fromEntries(answered.headers)
      response.writeHead(answered.status, rest).end(await answered.text())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  it.each(places)(
    'plan, apply and create groups on %s',
    async (_, open, isSkipped) => {
      if (isSkipped) return
      const place = await open()
      try {
        const env = {
          COGNITO_USER_POOL_ID: place.userPoolId,
          COGNITO_IDENTITY_POOL_ID: place.pool.identityPoolId,
          AWS_ENDPOINT_URL: await listen(place),
          AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'example-secret',
          AWS_SESSION_TOKEN: '',
          NO_COLOR: '1',
          // As a reader's, without the tools of this checkout.
          PATH: (process.env['PATH'] ?? '')
            .split(':')
            .filter((part) => !part.includes('node_modules'))
            .join(':'),
        }
        const printedCommand = async (file: string) => {
          const [, command = ''] =
            /`(npx node examples\/[^`]+)`/.exec(readFileSync(`examples/provision/${file}`, 'utf8')) ?? []
          const { ok, output } = await run(['sh', '-c', command.replaceAll('plan.json', `'${folder}/plan.json'`)], {
            env,
          })
          expect([file, ok, output]).toEqual([file, true, expect.anything()])
          return output
        }
        expect(await printedCommand('plan.ts')).toContain('+ role role_viewer of group viewer')
        const applied = await printedCommand('apply.ts')
        expect(applied).toMatch(/7 of 7: create group|6 of 6: create group/)
        expect(await printedCommand('plan.ts')).toMatch(/3 of 3 roles read\n(.*\n)*Nothing to change\./)
        expect(await printedCommand('create-update.ts')).toContain('"created": "true"')
      } finally {
        await place.stop()
      }
    },
    120_000,
  )
})
