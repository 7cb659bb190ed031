import process from 'node:process'
import { auditPlan, quickAuditPlan } from './audit-plan.ts'
import { createMaterial } from './material.ts'
import { parts, readOptions, usage } from './options.ts'
import type { Row } from './row.ts'
import {
  adminIsolateRows,
  auditRows,
  decisionRows,
  definitionRows,
  growthRows,
  honoRows,
  isolateRows,
  loginIsolateRows,
  loginSizeRows,
  sizeRows,
  srpRows,
  startRows,
  tokenRows,
} from './rows.ts'
import { adminSubjects, guardSubjects, loginSubjects, sampleIsolates } from './runtimes/isolates.ts'
import {
  measureAudit,
  measureDefinitions,
  measureGrowth,
  measureSrp,
  measureStarts,
  type ProcessRuntime,
  sampleDecisions,
  sampleTokens,
} from './runtimes/processes.ts'
import { sampleWorkerd } from './runtimes/workerd.ts'
import { setUp } from './setup.ts'
import { loginSizes, sizes } from './sizes.ts'
import { tableOf } from './table.ts'
import { versions } from './versions.ts'

const report = (line: string) => void process.stderr.write(`${line}\n`)
const options = readOptions(process.argv.slice(2))
if (options.help) process.stdout.write(usage)
else process.stdout.write(await bench())

async function bench(): Promise<string> {
  await setUp(report)
  report('Signing tokens …')
  const material = await createMaterial()
  const effort = options.quick ? { rounds: 5, batch: 15 } : { rounds: 31, batch: 30 }
  const inProcess = async (name: ProcessRuntime) => tokenRows(name, await sampleTokens(name, material, effort))
  const work: Record<(typeof parts)[number], () => Promise<Row[]>> = {
    sizes: async () => [...sizeRows(await sizes()), ...loginSizeRows(await loginSizes())],
    decisions: async () => decisionRows(await sampleDecisions(effort)),
    definitions: async () => definitionRows(await measureDefinitions(options.quick ? 3 : 9)),
    srp: async () => srpRows(await measureSrp(options.quick ? 5 : 21)),
    audit: async () => {
      const plan = options.quick ? quickAuditPlan : auditPlan
      return auditRows(plan, await measureAudit(plan))
    },
    growth: async () =>
      growthRows(await measureGrowth(options.quick ? { rounds: 15, calls: 20 } : { rounds: 51, calls: 40 })),
    // Small batches: workerd keeps every isolate that it was ever given, and has a limit.
    isolates: async () => {
      const small = { rounds: effort.rounds, batch: 10 }
      const guards = isolateRows(await sampleIsolates(guardSubjects, material, small))
      const admin = adminIsolateRows(await sampleIsolates(adminSubjects, material, small))
      return [...guards, ...admin, ...loginIsolateRows(await sampleIsolates(loginSubjects, material, small))]
    },
    starts: async () => startRows(await measureStarts(options.quick ? 5 : 21)),
    workerd: async () => {
      const tokens = tokenRows('workerd', await sampleWorkerd('tokens', material, effort))
      // The differences are small beside a whole request: more rounds.
      const hono = honoRows(await sampleWorkerd('hono', material, { ...effort, rounds: effort.rounds * 2 }))
      return [...tokens, ...hono]
    },
    Node: () => inProcess('Node'),
    Bun: () => inProcess('Bun'),
    Deno: () => inProcess('Deno'),
  }
  const rows: Row[] = []
  for (const part of parts.filter((name) => options.only.includes(name))) {
    report(`Measuring: ${part} …`)
    rows.push(...(await work[part]()))
  }
  if (options.format === 'json') return `${JSON.stringify({ versions: versions(), rows }, null, 2)}\n`
  const note = options.quick ? 'A quick look: fewer and shorter rounds.\n' : ''
  return `${tableOf(rows, options.format === 'markdown')}\n\n${note}${versions()}\n`
}
