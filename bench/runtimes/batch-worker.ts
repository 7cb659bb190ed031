import type { Case, Cases } from '../cases/case.ts'
import { honoCases } from '../cases/hono-cases.ts'
import { tokenCases } from '../cases/token-cases.ts'
import type { Material } from '../material.ts'

let cases: Cases = {}
const indexes = new Map<string, number>()

/** Runs as many operations of a case as it is asked for; the clock of workerd stands still meanwhile. */
export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/prepare') {
      const material: Material = await request.json()
      cases = searchParams.get('set') === 'hono' ? await honoCases(material) : await tokenCases(material)
      return Response.json(Object.keys(cases))
    }
    const name = searchParams.get('case') ?? ''
    const run = cases[name]
    if (run) await repeat(run, name, Number(searchParams.get('operations')))
    return new Response(null)
  },
}

async function repeat(run: Case, name: string, operations: number): Promise<void> {
  let index = indexes.get(name) ?? 0
  for (const end = index + operations; index < end; index++) await run(index)
  indexes.set(name, index)
}
