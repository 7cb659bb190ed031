import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { navigation, script } from '../../support/managed-login.ts'
import { PageVisitor } from '../../support/page-visitor.ts'
import { rawFetch } from '../../support/raw-fetch.ts'
import { type RunningLogin, startLogin } from './running-login.ts'

describe.each(['worker.ts', 'plain-worker.ts'] as const)('examples/login/%s, in workerd', (file) => {
  let running: RunningLogin
  const jar = new Map<string, string>()
  beforeAll(async () => {
    running = await startLogin(file, {
      pool: { groups: ['editor'], users: { alice: { password: 'Correct-h0rse', groups: ['editor'] } } },
    })
  }, 60_000)
  afterAll(() => running?.stop())

  async function send(path: string, headers: Readonly<Record<string, string>> = navigation, method = 'GET') {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await rawFetch(new URL(path, running.url), method, { ...headers, cookie })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = '', rest = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? []
      if (/Max-Age=0\b/.test(rest)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  const locationOf = (response: { headers: { get(name: string): string | null } }) =>
    response.headers.get('location') ?? ''

  it('brings who signs in back to the page, tells /me, and signs out', async () => {
    expect((await send('/api/posts', script)).status).toBe(401)
    const started = await send(locationOf(await send('/posts?page=2')))
    const visitor = await new PageVisitor(fetch).open(locationOf(started))
    await visitor.send({ username: 'alice', password: 'Correct-h0rse' })
    const answer = await send(visitor.outside ?? '')
    expect([answer.status, locationOf(answer)]).toEqual([302, '/posts?page=2'])
    expect((await send('/posts?page=2')).status).toBe(200)
    expect(await (await send('/api/posts', script)).json()).toEqual({ posts: ['First post', 'Second post'] })
    expect(await (await send('/auth/me', script)).json()).toMatchObject({
      user: { username: 'alice', groups: ['editor'] },
      permissions: { 'posts.read': true, 'posts.delete': false },
    })
    const signedOut = await send('/auth/logout', { ...script, origin: running.url }, 'POST')
    expect(await signedOut.json()).toMatchObject({ location: expect.stringContaining('/logout?') })
    expect((await send('/api/posts', script)).status).toBe(401)
  })
})
