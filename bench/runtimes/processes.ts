import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { spawn } from 'node:child_process'
import { runtimes } from '../../scripts/lib/runtimes.mjs'
import type { AuditMeasure, AuditPlan } from '../audit-plan.ts'
import { bundle } from '../bundle.ts'
import type { DefinitionMeasure, GrowthMeasure, GrowthPlan } from '../growth-plan.ts'
import type { Material } from '../material.ts'
import type { SampleOptions, Samples } from '../samples.ts'
import type { SrpMeasure } from '../rows.ts'

/** The runtimes beside workerd, and how each of them runs a module. */
const commands = {
  Node: [runtimes.node],
  Bun: [runtimes.bun],
  Deno: [runtimes.deno, 'run', '-A', '--no-check', '--no-lock'],
}

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
