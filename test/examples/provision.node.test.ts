import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import * as definitions from '../../examples/provision/definitions.ts'
import { walkThrough } from '../../examples/provision/walk-through.ts'
import { applyPlan, planGroups } from '../../src/provision/index.ts'
import { provisioned } from '../support/provision.ts'

it("takes cognises' own file through its life, as docs/groups-and-roles.md shows", async () => {
  const printed: string[] = []
  await walkThrough((text) => printed.push(text))
  const page = await readFile(new URL('../../docs/groups-and-roles.md', import.meta.url), 'utf8')
  const shown = page.split('<!-- output: node examples/provision/walk-through.ts -->\n\n```\n')[1]?.split('\n```')[0]
  expect(printed.join('\n')).toBe(shown)
})

it('plans a module that exports groups and policies', async () => {
  const { pool: _, ...clients } = await provisioned({ identityPool: { roleMapping: 'token' } })
  const changes = await applyPlan(await planGroups(definitions, clients), clients)
  expect(changes.map(({ kind }) => kind)).toEqual(['role', 'group', 'role', 'group', 'role', 'group'])
  expect((await planGroups(definitions, clients)).changes).toEqual([])
  expect(await clients.admin.groups.get('viewer')).toMatchObject({ description: 'May look', precedence: 30 })
})
