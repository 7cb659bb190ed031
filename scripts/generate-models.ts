import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { createOperations } from '../src/local/operations.ts'
import { usedOfIam } from './lib/operation-list.ts'
import { root } from './lib/runtimes.mjs'
import { type Model, type ModelShape, readModels, services } from './lib/service-models.ts'

/**
 * Writes what AWS's service models demand of the inputs of operations, for the local AWS, and of their answers, for the
 * tests: `node scripts/generate-models.ts <folder>`, where the folder is the `data` of an installed botocore:
 * `python3 -c "import botocore; print(botocore.__path__[0] + '/data')"`. Of IAM
 * only the operations that matter here are written.
 */
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new TypeError('Give the folder of the models.')
const models = readModels(folder)
/** Of domains, which would leave out those of customers' own: they have dots, and AWS takes them. */
const prefixPattern = '^[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?$'
const offered = Object.keys(createOperations())

for (const name of offered) {
  const [service = '', operation = ''] = name.split('.')
  const model = models[service]
  if (model === undefined || model.operations[operation] !== undefined) continue
  throw new TypeError(`The models in ${folder} do not have ${name}: give botocore's own, which know all operations.`)
}
const inputs = tablesOf(({ input }) => [input], wordInput)
const json = JSON.stringify(mapTables(inputs, ({ operations, shapes }) => ({ inputs: operations, shapes })))
write(
  'src/local/constraints.generated.ts',
  `// Made by scripts/generate-models.ts from AWS's service models.
/** What the service models demand of inputs, as JSON; \`constraints.ts\` says how to read it. */
export const constraintsText =
  '${textOf(json)}'
`,
)

const answers = tablesOf(({ output }) => [output], wordAnswer)
const withErrors = Object.fromEntries(
  services.map((service) => {
    const { operations = {}, shapes = {} } = modelOf(service)
    const errors = namesOf(service).map((name) => {
      return [name, (operations[name]?.errors ?? []).map(({ shape }) => shapes[shape]?.error?.code ?? shape)] as const
    })
    const { operations: outputs, shapes: words } = answers[service] ?? { operations: {}, shapes: {} }
    return [service, { outputs, errors: Object.fromEntries(errors), shapes: words }]
  }),
)
write(
  'test/support/models.generated.ts',
  `// Made by scripts/generate-models.ts from AWS's service models.
/** What the service models say of answers, as JSON; \`models.ts\` says how to read it. */
export const modelsText =
  '${textOf(JSON.stringify(withErrors))}'
`,
)

interface Table {
  readonly operations: Record<string, string>
  readonly shapes: Record<string, unknown>
}

function modelOf(service: string): Model {
  return models[service] ?? { operations: {}, shapes: {} }
}

/** The operations of a service that are written. */
function namesOf(service: string): string[] {
  return Object.keys(modelOf(service).operations)
    .filter((name) => service !== 'iam' || usedOfIam.test(name) || offered.includes(`iam.${name}`))
    .sort()
}

function tablesOf(
  sidesOf: (operation: Model['operations'][string]) => readonly ({ readonly shape: string } | undefined)[],
  word: (shape: ModelShape) => object,
): Record<string, Table> {
  return Object.fromEntries(
    services.map((service) => {
      const model = modelOf(service)
      const table: Table = { operations: {}, shapes: {} }
      for (const name of namesOf(service)) {
        const operation = model.operations[name]
        for (const side of operation === undefined ? [] : sidesOf(operation)) {
          if (side === undefined) continue
          table.operations[name] = side.shape
          add(model, table, side.shape, word)
        }
      }
      return [service, table]
    }),
  )
}

function add(model: Model, table: Table, name: string, word: (shape: ModelShape) => object): void {
  const shape = model.shapes[name]
  if (shape === undefined || name in table.shapes) return
  table.shapes[name] = word(shape)
  const { members = {}, member, key, value } = shape
  for (const next of [...Object.values(members), ...[member, key, value].flatMap((one) => one ?? [])]) {
    add(model, table, next.shape, word)
  }
}

function mapTables<T>(tables: Record<string, Table>, map: (table: Table) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(tables).map(([service, table]) => [service, map(table)]))
}

function wordInput(shape: ModelShape): object {
  const { type, required, members, member, key, value, min, max, pattern, enum: e, sensitive } = shape
  return {
    t: type.slice(0, 2),
    ...(sensitive && { x: 1 }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(pattern !== undefined && isUsable(pattern) && { p: pattern }),
    ...(e && { e: completeEnum(e) }),
    ...(required && required.length > 0 && { r: required }),
    ...(members && { m: shapeNames(members) }),
    ...(member && { i: member.shape }),
    ...(key && value && { k: key.shape, v: value.shape }),
  }
}

/** Answers hold what an earlier version of the service took, so that their lengths and patterns say little. */
function wordAnswer({ type, required, members, member, key, value, enum: e, document }: ModelShape): object {
  if (document === true) return { t: 'document' }
  return {
    t: type,
    ...(e && { e: completeEnum(e) }),
    ...(required && required.length > 0 && { r: required }),
    ...(members && { m: shapeNames(members) }),
    ...(member && { i: member.shape }),
    ...(key && value && { k: key.shape, v: value.shape }),
  }
}

/** The documentation has a flow that no model knows yet (GetClientToken). */
function completeEnum(values: readonly string[]): readonly string[] {
  const isOfFlows = values.includes('ALLOW_USER_AUTH') && !values.includes('ALLOW_CLIENT_TOKEN_AUTH')
  return isOfFlows ? [...values, 'ALLOW_CLIENT_TOKEN_AUTH'] : values
}

function shapeNames(members: Readonly<Record<string, { readonly shape: string }>>): Record<string, string> {
  return Object.fromEntries(Object.entries(members).map(([name, { shape }]) => [name, shape]))
}

/** The models' patterns are Java's; almost all mean the same here. */
function isUsable(pattern: string): boolean {
  if (pattern === prefixPattern) return false
  try {
    return new RegExp(`^(?:${pattern})$`, 'u') !== undefined
  } catch {
    process.stderr.write(`left out: ${pattern}\n`)
    return false
  }
}

/** A text as it stands between single quotes in a program. */
function textOf(json: string): string {
  return json.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}

function write(path: string, text: string): void {
  writeFileSync(`${root}/${path}`, text)
  process.stdout.write(`${path}: ${text.length} characters\n`)
}
