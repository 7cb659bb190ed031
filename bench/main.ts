import process from 'node:process'
import { createMaterial } from './material.ts'
import { parts, readOptions, usage } from './options.ts'
import type { Row } from './row.ts'
import { decisionRows, honoRows, isolateRows, sizeRows, tokenRows } from './rows.ts'
import { sampleIsolates } from './runtimes/isolates.ts'
import { processRuntimes, sampleDecisions, sampleTokens } from './runtimes/processes.ts'
import { sampleWorkerd } from './runtimes/workerd.ts'
import { setUp } from './setup.ts'
import { sizes } from './sizes.ts'
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
  const work: Record<(typeof parts)[number], () => Promise<Row[]>> = {
    sizes: async () => sizeRows(await sizes()),
    decisions: async () => decisionRows(await sampleDecisions(effort)),
    isolates: async () => isolateRows(await sampleIsolates(material, { ...effort, rounds: effort.rounds * 3 })),
    workerd: async () => {
      const samples = await sampleWorkerd(material, effort)
      return [...tokenRows('workerd', samples), ...honoRows(samples)]
    },
    ...Object.fromEntries(
      processRuntimes.map((name) => [name, async () => tokenRows(name, await sampleTokens(name, material, effort))]),
    ),
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
