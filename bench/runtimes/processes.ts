import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { spawn } from 'node:child_process'
import { runtimes } from '../../scripts/lib/runtimes.mjs'
import type { AuditMeasure, AuditPlan } from '../audit-plan.ts'
import { bundle } from '../bundle.ts'
import type { DefinitionMeasure, GrowthMeasure, GrowthPlan } from '../growth-plan.ts'
import type { Material } from '../material.ts'
import type { SampleOptions, Samples } from '../samples.ts'
import type { SrpMeasure, StartMeasure } from '../rows.ts'

/** The runtimes beside workerd, and how each of them runs a module. */
const commands = {
  Node: [runtimes.node],
  Bun: [runtimes.bun],
  Deno: [runtimes.deno, 'run', '-A', '--no-check', '--no-lock'],
}

/** Functions of `logins/` that answer viewer requests of CloudFront. */
const edgeFunctions = ['cognigate-edge', 'cognito-at-edge'] as const

export type ProcessRuntime = keyof typeof commands

/** Samples tokens in a process of its own. */
export async function sampleTokens(
  runtime: ProcessRuntime,
  material: Material,
  { rounds, batch }: SampleOptions,
): Promise<Samples> {
  const folder = mkdtempSync(`${tmpdir()}/cognigate-bench-`)
  try {
    writeFileSync(`${folder}/material.json`, JSON.stringify(material))
    return await sampleBy(commands[runtime], 'runtimes/process-main.ts', [
      `${folder}/material.json`,
      `${rounds}`,
      `${batch}`,
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Samples decisions on Node. */
export function sampleDecisions({ rounds, batch }: SampleOptions): Promise<Samples> {
  return sampleBy(commands.Node, 'runtimes/decisions-main.ts', [`${rounds}`, `${batch}`])
}

/** Times definitions that grow, on Node. */
export function measureDefinitions(rounds: number): Promise<DefinitionMeasure> {
  return sampleBy(commands.Node, 'runtimes/definitions-main.ts', [`${rounds}`])
}

/** Measures SRP on Node. */
export function measureSrp(rounds: number): Promise<SrpMeasure> {
  return sampleBy(commands.Node, 'runtimes/srp-main.ts', [`${rounds}`])
}

/** Measures audits on Node. */
export function measureAudit(plan: AuditPlan): Promise<AuditMeasure> {
  return sampleBy(commands.Node, 'runtimes/audit-main.ts', [JSON.stringify(plan)])
}

/** Measures how fast functions for Lambda@Edge start, each time in a process of its own and in turn. */
export async function measureStarts(rounds: number): Promise<StartMeasure> {
  const write = async (entry: string, minify: boolean) => {
    const { path, text } = await bundle(entry, 'node', minify)
    writeFileSync(path, text)
    return path
  }
  const main = await write('runtimes/start-main.ts', false)
  const files = await Promise.all(edgeFunctions.map((name) => write(`logins/${name}.ts`, true)))
  const measure: Record<(typeof edgeFunctions)[number], { loaded: number; answered: number }[]> = {
    'cognigate-edge': [],
    'cognito-at-edge': [],
  }
  for (let round = 0; round <= rounds; round++) {
    for (const [at, name] of edgeFunctions.entries()) {
      const times = JSON.parse(await outputOf([...commands.Node, main, files[at] ?? '']))
      // The first of each reads its file from the disk.
      if (round > 0) measure[name].push(times)
    }
  }
  return measure
}

/** Measures local pools of growing size on Node. */
export function measureGrowth(plan: GrowthPlan): Promise<GrowthMeasure> {
  return sampleBy(commands.Node, 'runtimes/growth-main.ts', [JSON.stringify(plan)])
}

async function sampleBy<T>(command: readonly string[], entry: string, args: readonly string[]): Promise<T> {
  const { path, text } = await bundle(entry, 'node')
  writeFileSync(path, text)
  return JSON.parse(await outputOf([...command, path, ...args]))
}

function outputOf([program = '', ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${program} ended with exit code ${code}.`)),
    )
  })
}
