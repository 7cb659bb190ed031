import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Scene, Verdict } from '../../../examples/playground/page/scene.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
}, 60_000)

afterAll(async () => {
  await app?.stop()
})

it('offers calls of the admin API, behind admin_panel', async () => {
  const { administration } = await getJson<Scene>('/__start/scene')
  expect(administration.map(({ name, method, path }) => [name, method, path])).toEqual([
    ['list-groups', 'GET', '/admin/groups'],
    ['list-members', 'GET', '/admin/groups/Group1/members'],
    ['add-bob', 'PUT', '/admin/groups/Group1/members/bob'],
    ['remove-bob', 'DELETE', '/admin/groups/Group1/members/bob'],
  ])
  for (const { guardedBy, access } of administration) {
    expect([guardedBy, access]).toEqual(['admin_panel', { Group1: 'allow', String: 'deny' }])
  }
})

it.each(['bob', 'dave', 'erin', 'expired', 'tampered', 'nobody'])(
  'lets %s do none of it, and tells why',
  async (caller) => {
    const headers = await headersOf(caller)
    const { administration, callers } = await getJson<Scene>('/__start/scene')
    for (const { name, method, path } of administration) {
      const response = await fetch(new URL(path, app.url), { method, headers })
      const verdict = await getJson<Verdict>(`/__start/verdicts/${name}`, headers)
      expect([401, 403]).toContain(response.status)
      expect(verdict.allowed).toBe(false)
      expect(verdict.sentence).toMatch(/^Refused: /)
    }
    expect((await getJson<Scene>('/__start/scene')).callers).toEqual(callers)
  },
)

it('changes what the next token of a user may do', async () => {
  const panel = async () =>
    (await fetch(new URL('/api/admin_panel', app.url), { headers: await headersOf('bob') })).status
  const bob = async () => (await getJson<Scene>('/__start/scene')).callers.find(({ id }) => id === 'bob')
  const change = async (method: string) => {
    const headers = await headersOf('alice')
    return (await fetch(new URL('/admin/groups/Group1/members/bob', app.url), { method, headers })).status
  }
  const before = await headersOf('bob')
  expect([await panel(), (await bob())?.story]).toEqual([403, 'bob is in String.'])
  expect(await change('PUT')).toBe(204)
  expect([await panel(), (await bob())?.story]).toEqual([200, 'bob is in Group1 and String.'])
  expect((await bob())?.groups).toEqual(['Group1', 'String'])
  expect((await fetch(new URL('/api/admin_panel', app.url), { headers: before })).status).toBe(403)
  expect(await change('DELETE')).toBe(204)
  expect([await panel(), (await bob())?.about]).toEqual([403, 'in String'])
})

async function headersOf(caller: string): Promise<Record<string, string>> {
  if (caller === 'nobody') return {}
  const token = await fetch(new URL(`/__start/tokens/${caller}`, app.url))
  return { authorization: `Bearer ${await token.text()}` }
}

async function getJson<T>(path: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(new URL(path, app.url), { headers })
  expect(response.status).toBe(200)
  return response.json()
}
