import { readFileSync } from 'node:fs'
import { root } from '../../scripts/lib/runtimes.mjs'
import type { Guard } from '../../src/index.ts'
import { bundle } from './bundle.ts'
import { type Caller, sessionCaller, signedInCaller } from './callers.ts'
import type { Handler } from './edge.ts'
import type { Scene, SceneMessage } from './page/scene.ts'
import { verdictOn } from './verdict.ts'

export interface PageServiceOptions {
  readonly files: ReadonlyMap<string, PageFile>
  readonly scene: Scene
  readonly callers: readonly Caller[]
  /** A guard with the settings of the app's own. */
  readonly guard: Guard
  /** What the local pool would have mailed, oldest first. */
  readonly outbox: () => readonly SceneMessage[]
  /** The URL of managed login, to which signing out leads; undefined where there is none. */
  readonly domain: string | undefined
}

/**
 * Serves the page and what it asks for: `scene`, `tokens/<caller>` (a fresh access token as plain text, for curl),
 * `outbox` (the latest codes), and `verdicts/<permission>`, which explains what the app makes of the `Authorization` of the request.
 */
export function createPageService(options: PageServiceOptions): Handler {
  const { files, scene, callers: samples, guard, outbox, domain } = options
  const answer = createAnswer(domain)
  const json = (value: object) => answer(JSON.stringify(value), 'application/json')
  return async (request) => {
    if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET' } })
    const { pathname } = new URL(request.url)
    const file = files.get(pathname)
    if (file !== undefined) return answer(file.body, file.type)
    const [, what, which = ''] = /^\/__start\/([a-z]+)(?:\/([^/]+))?$/.exec(pathname) ?? []
    const signedIn = signedInCaller(request.headers.get('cookie'))
    const callers = signedIn === undefined ? samples : [signedIn, ...samples]
    if (what === 'outbox' && which === '') {
      return json(
        outbox()
          .slice(-20)
          .reverse()
          .map(({ to, purpose, code }) => ({ to, purpose, code })),
      )
    }
    if (what === 'scene') {
      const session = sessionCaller(request.headers.get('authorization'))
      const others = await Promise.all(callers.map((caller) => caller.now()))
      return json({ ...scene, callers: session === undefined ? others : [session, ...others] })
    }
    const caller = callers.find(({ id }) => id === which)
    if (what === 'tokens' && caller !== undefined) return answer(await caller.token(), 'text/plain; charset=utf-8')
    const called = [...scene.permissions, ...scene.administration].find(({ name }) => name === which)
    if (what === 'verdicts' && called !== undefined) {
      const { access, name, guardedBy = name } = called
      return json(await verdictOn(guard, request, access === undefined ? undefined : guardedBy))
    }
    return new Response('Not found', { status: 404 })
  }
}

/** Everything comes from here, nothing inline, nobody frames it; one form signs out, here and at managed login. */
function createAnswer(domain: string | undefined) {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    domain === undefined ? "form-action 'none'" : `form-action 'self' ${new URL(domain).origin}`,
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
  return (body: string, type: string): Response =>
    new Response(body, {
      headers: {
        'cache-control': 'no-store',
        'content-security-policy': policy,
        'content-type': type,
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      },
    })
}

/** A file of the page. */
export interface PageFile {
  readonly type: string
  readonly body: string
}

/** The files of the page, by path. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  return new Map([
    [
      '/',
      { type: 'text/html; charset=utf-8', body: readFileSync(`${root}/examples/playground/page/page.html`, 'utf8') },
    ],
    [
      '/__start/page.css',
      { type: 'text/css; charset=utf-8', body: await bundle(`${root}/examples/playground/page/page.css`) },
    ],
    [
      '/__start/page.js',
      { type: 'text/javascript; charset=utf-8', body: await bundle(`${root}/examples/playground/page/page.ts`) },
    ],
  ])
}
