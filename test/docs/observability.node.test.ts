import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { protect } from '../../adapters/fetch/index.ts'
import { modulesOf } from '../../scripts/lib/code-blocks.mjs'
import { createGuard, defineGroups, type GuardEvent, type GuardEventContext } from '../../src/index.ts'
import { accessClaims, bearerRequest, createKey, sign, TestIssuer, type TestKey } from '../support/issuer.ts'

type Listener = (event: GuardEvent, context: GuardEventContext) => unknown

/** The named code blocks of the document, each as a file that runs. */
const root = new URL('../../', import.meta.url).pathname
const folder = mkdtempSync(`${root}.docs-`)
const blocks = modulesOf(readFileSync(`${root}docs/observability.md`, 'utf8'))
const names = ['workers-log.ts', 'audit.ts', 'open-telemetry.ts', 'server-timing.ts']
for (const { name, text } of blocks) if (names.includes(name)) writeFileSync(`${folder}/${name}`, text)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const groups = defineGroups({ editor: { allow: ['posts.read'], deny: ['posts.purge'] } })

let key: TestKey

beforeAll(async () => {
  key = await createKey('key-1')
})

/** Serves an allowed, a denied and a refused request, and one while the issuer does not answer. */
async function serve(onEvent: Listener, wrap = (handler: (request: Request) => Promise<Response>) => handler) {
  const token = await sign(key, accessClaims({ 'custom:secret': 's3cret' }))
  const issuer = new TestIssuer(key)
  const guard = createGuard({ ...issuer.settings, groups, onEvent })
  const answer = (fn: 'posts.read' | 'posts.purge', bearer = token) =>
    wrap(protect(guard, fn, () => new Response('done')))(bearerRequest(bearer, 'https://app.example/posts?q=s3cret'))
  const answers = [await answer('posts.read'), await answer('posts.purge'), await answer('posts.read', 'junk')]
  const dark = new TestIssuer(key)
  dark.respond = () => new Response(null, { status: 500 })
  const other = createGuard({ ...dark.settings, groups, onEvent })
  answers.push(await wrap(protect(other, 'posts.read', () => new Response()))(bearerRequest(token)))
  expect(answers.map(({ status }) => status)).toEqual([200, 403, 401, 503])
  return answers
}

describe('the recipes of docs/observability.md', () => {
  it('are all there', () => {
    expect(blocks.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
  })

  it('Workers Logs: a line for each refusal and decision, without anything of a token', async () => {
    const { logEvent }: { logEvent: Listener } = await import(`${folder}/workers-log.ts`)
    const lines: unknown[] = []
    const spies = (['log', 'warn', 'error'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((line) => void lines.push({ level, ...line })),
    )
    try {
      await serve(logEvent)
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
    const where = { method: 'GET', path: '/posts' }
    const sub = accessClaims()['sub']
    expect(lines).toEqual([
      {
        level: 'log',
        event: 'authorized',
        code: 'ALLOW',
        permission: 'posts.read',
        rules: ['allow posts.read (editor)'],
        sub,
        ...where,
      },
      {
        level: 'log',
        event: 'denied',
        code: 'DENY_EXPLICIT',
        permission: 'posts.purge',
        rules: ['deny posts.purge (editor)'],
        sub,
        ...where,
      },
      { level: 'warn', event: 'refused', code: 'TOKEN_MALFORMED', ...where },
      expect.objectContaining({ level: 'error', event: 'keys-failed', error: 'Error: The issuer answered 500.' }),
      { level: 'warn', event: 'refused', code: 'KEYS_UNAVAILABLE', ...where },
    ])
    expect(JSON.stringify(lines)).not.toContain('s3cret')
  })

  it('a queue gets every decision, and the platform waits for it', async () => {
    type AuditTo = (queue: { send(message: unknown): Promise<unknown> }) => Listener
    const { auditTo }: { auditTo: AuditTo } = await import(`${folder}/audit.ts`)
    const sent: unknown[] = []
    const waiting: Promise<unknown>[] = []
    const onEvent = auditTo({ send: async (message) => void sent.push(message) })
    const guard = createGuard({ ...new TestIssuer(key).settings, groups, onEvent })
    const request = bearerRequest(await sign(key, accessClaims()))
    const principal = await guard.authenticate(request, { waitUntil: (work) => void waiting.push(work) })
    guard.authorize(principal, 'posts.read', { request })
    await Promise.all(waiting)
    expect(waiting).toHaveLength(1)
    expect(sent).toEqual([expect.objectContaining({ permission: 'posts.read', allowed: true, sub: principal.sub })])
  })

  it('OpenTelemetry: a counter, and the active span', async () => {
    type Attributes = Record<string, string>
    type Telemetry = (
      counter: { add(value: number, attributes: Attributes): void },
      activeSpan: () => {
        setAttribute(name: string, value: string): void
        addEvent(name: string, is: Attributes): void
      },
    ) => Listener
    const { telemetry }: { telemetry: Telemetry } = await import(`${folder}/open-telemetry.ts`)
    const counted: Attributes[] = []
    const events: string[] = []
    const attributes: Attributes = {}
    await serve(
      telemetry({ add: (_value, of) => void counted.push(of) }, () => ({
        setAttribute: (name, value) => void (attributes[name] = value),
        addEvent: (name) => void events.push(name),
      })),
    )
    expect(counted).toEqual([
      { type: 'authenticated' },
      { type: 'authorized', permission: 'posts.read', code: 'ALLOW' },
      { type: 'authenticated' },
      { type: 'denied', permission: 'posts.purge', code: 'DENY_EXPLICIT' },
      { type: 'refused', code: 'TOKEN_MALFORMED' },
      { type: 'keys-failed', issuer: accessClaims()['iss'] },
      { type: 'refused', code: 'KEYS_UNAVAILABLE' },
    ])
    expect(attributes).toEqual({ 'user.id': accessClaims()['sub'] })
    expect(events).toEqual([
      'cognigate.authorized',
      'cognigate.denied',
      'cognigate.refused',
      'cognigate.keys-failed',
      'cognigate.refused',
    ])
  })

  it('Server-Timing: the steps of each answer, refusals included', async () => {
    type Timed = (handler: (request: Request) => Promise<Response>) => (request: Request) => Promise<Response>
    const { timed, timeEvent }: { timed: Timed; timeEvent: Listener } = await import(`${folder}/server-timing.ts`)
    const answers = await serve(timeEvent, timed)
    const steps = answers.map(({ headers }) => headers.get('server-timing')?.replace(/;dur=\d+\.\d/g, ''))
    expect(steps).toEqual(['authenticated, authorized', 'authenticated, denied', 'refused', 'refused'])
  })
})
