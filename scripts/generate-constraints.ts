import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { createOperations } from '../src/local/operations.ts'

/**
 * Writes what AWS's service models demand of the input of the operations that the local AWS offers:
 * `node scripts/generate-constraints.ts <folder>`, where the folder holds the models of botocore's form, one file a service.
 */
interface Model {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>
  readonly shapes: Readonly<Record<string, ModelShape>>
}

interface ModelShape {
  readonly type: string
  readonly required?: readonly string[]
  readonly members?: Readonly<Record<string, { readonly shape: string }>>
  readonly member?: { readonly shape: string }
  readonly key?: { readonly shape: string }
  readonly value?: { readonly shape: string }
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly sensitive?: boolean
}

const folder = process.argv[2]
if (folder === undefined) throw new TypeError('Give the folder of the models.')
const target = 'src/local/constraints.generated.ts'
const services = ['cognito-idp', 'cognito-identity', 'iam', 'sts']
const offered = Object.keys(createOperations())
const tables = services.map((service) => [service, tableOf(service)] as const)
const json = JSON.stringify(Object.fromEntries(tables)).replaceAll('\\', '\\\\').replaceAll("'", "\\'")
writeFileSync(
  target,
  `// Made by scripts/generate-constraints.ts from AWS's service models.
/** What the service models demand of inputs, as JSON; \`constraints.ts\` says how to read it. */
export const constraintsText =
  '${json}'
`,
)
process.stdout.write(`${target}: ${json.length} characters\n`)

function tableOf(service: string) {
  const model: Model = JSON.parse(readFileSync(`${folder}/${service}.json`, 'utf8'))
  const shapes: Record<string, unknown> = {}
  const inputs: Record<string, string> = {}
  for (const name of offered) {
    const [owner, operation = ''] = name.split('.')
    const input = owner === service ? model.operations[operation]?.input?.shape : undefined
    if (input === undefined) continue
    inputs[operation] = input
    add(input)
  }
  return { inputs, shapes }

  function add(name: string): void {
    const shape = model.shapes[name]
    if (shape === undefined || name in shapes) return
    const { type: t, required, members, member, key, value, min, max, pattern, enum: e, sensitive } = shape
    shapes[name] = {
      t: t.slice(0, 2),
      ...(sensitive && { x: 1 }),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(pattern !== undefined && isUsable(pattern) && { p: pattern }),
      ...(e && { e }),
      ...(required && { r: required }),
      ...(members && { m: Object.fromEntries(Object.entries(members).map(([field, { shape }]) => [field, shape])) }),
      ...(member && { i: member.shape }),
      ...(key && value && { k: key.shape, v: value.shape }),
    }
    for (const { shape } of [...Object.values(members ?? {}), ...[member, key, value].flatMap((one) => one ?? [])]) {
      add(shape)
    }
  }
}

/** The models' patterns are Java's; almost all mean the same here. */
function isUsable(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u') !== undefined
  } catch {
    process.stderr.write(`left out: ${pattern}\n`)
    return false
  }
}
