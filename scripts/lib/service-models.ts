import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import * as userPools from '@aws-sdk/client-cognito-identity-provider'
import { root } from './runtimes.mjs'

/** A service model of AWS, as botocore has it. */
export interface Model {
  readonly operations: Record<string, ModelOperation>
  readonly shapes: Record<string, ModelShape>
}

export interface ModelOperation {
  readonly input?: { readonly shape: string }
  readonly output?: { readonly shape: string }
  readonly errors?: readonly { readonly shape: string }[]
}

export interface ModelShape {
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
  /** Any JSON value. */
  readonly document?: boolean
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number }
}

/** The services of the local AWS. */
export const services = ['cognito-idp', 'cognito-identity', 'iam', 'sts'] as const

/**
 * Reads the models below `folder`: botocore's own (`cognito-idp/2016-04-18/service-2.json.gz`), or files such as
 * `cognito-idp.json`. What the AWS SDK's client for user pools has beyond comes from its schemas and types, which know
 * neither lengths nor patterns.
 */
export function readModels(folder: string): Readonly<Record<string, Model>> {
  const models = Object.fromEntries(services.map((service) => [service, readModel(folder, service)]))
  const known = models['cognito-idp']
  return known === undefined ? models : { ...models, 'cognito-idp': withSdk(known) }
}

function readModel(folder: string, service: string): Model {
  if (existsSync(`${folder}/${service}.json`)) {
    return JSON.parse(readFileSync(`${folder}/${service}.json`, 'utf8')) as Model
  }
  const version = readdirSync(`${folder}/${service}`).sort().at(-1)
  return JSON.parse(gunzipSync(readFileSync(`${folder}/${service}/${version}/service-2.json.gz`)).toString()) as Model
}

/** A schema of the SDK: a number, a list that begins with its kind, a function that gives it, or nothing at all. */
type Schema = number | 'unit' | readonly unknown[] | (() => Schema)

function withSdk(model: Model): Model {
  const types = readFileSync(`${root}/src/aws/services/user-pool/cognito-idp.generated.ts`, 'utf8')
  const enums = new Map(
    [...types.matchAll(/^export type (\w+) = ('[^\n]*)$/gm)].map(([, name = '', values = '']) => {
      return [name, values.split(' | ').map((value) => value.slice(1, -1))] as const
    }),
  )
  const errorsOf = (name: string) => {
    const body = types.slice(types.indexOf('export interface ErrorCodes {'))
    const codes = new RegExp(`^  ${name}: (.*)$`, 'm').exec(body)?.[1] ?? ''
    return [...codes.matchAll(/'(\w+)'/g)].map(([, shape = '']) => ({ shape }))
  }
  const shapes = { ...model.shapes }
  const operations = { ...model.operations }
  const seen = new Set<string>()
  for (const [exported, schema] of Object.entries(userPools) as [string, Schema][]) {
    if (!exported.endsWith('$') || !Array.isArray(schema) || schema[0] !== 9) continue
    const [, , name, , input, output] = schema as [number, string, string, number, Schema, Schema]
    operations[name] = {
      ...shapeOf('input', add(input)),
      ...shapeOf('output', add(output)),
      errors: model.operations[name]?.errors ?? errorsOf(name),
    }
  }
  return { operations, shapes }

  function shapeOf(name: 'input' | 'output', shape: string) {
    return shape === 'Unit' ? {} : { [name]: { shape } }
  }

  function add(reference: Schema | readonly unknown[]): string {
    const schema = typeof reference === 'function' ? (reference as () => Schema)() : reference
    if (schema === 'unit') return 'Unit'
    if (typeof schema === 'number') return addSimple(schema)
    const parts = schema as readonly unknown[]
    const [kind, , name] = parts as readonly [unknown, string, string]
    if (typeof kind !== 'number') return add(kind as Schema)
    if (kind === 3) addStructure(parts, name)
    else if (shapes[name] === undefined && kind === 1) {
      shapes[name] = { type: 'list', member: { shape: add(parts[4] as Schema) } }
    } else if (shapes[name] === undefined && kind === 2) {
      const [key, value] = [add(parts[4] as Schema), add(parts[5] as Schema)]
      shapes[name] = { type: 'map', key: { shape: key }, value: { shape: value } }
    } else if (shapes[name] === undefined && kind === 0) {
      const { type } = shapes[addSimple(parts[4] as number)] ?? { type: 'string' }
      shapes[name] = { type, ...(Number(parts[3]) & 8 && { sensitive: true }) }
    } else if (shapes[name] === undefined) throw new Error(`${name}: a schema of kind ${kind} is not expected.`)
    return name
  }

  function addStructure(schema: readonly unknown[], name: string): void {
    const [, , , , names, members, required = 0] = schema as [number, string, string, 0, string[], Schema[], number?]
    const old = shapes[name]
    if (seen.has(name)) return
    seen.add(name)
    const own: Record<string, { readonly shape: string }> = { ...old?.members }
    shapes[name] = { type: 'structure', required: old?.required ?? names.slice(0, required), members: own }
    const body = new RegExp(`^export interface ${name} \\{\\n([^}]*)\\n\\}`, 'm').exec(types)?.[1] ?? ''
    for (const [index, member] of names.entries()) {
      const plain = add(members[index] ?? 0)
      if (own[member] !== undefined) continue
      const [, type = ''] = new RegExp(`readonly ${member}\\??: (?:readonly )?(\\w+)`).exec(body) ?? []
      const values = enums.get(type)
      if (values !== undefined) shapes[type] ??= { type: 'string', enum: values }
      own[member] = { shape: values === undefined ? plain : plain.startsWith('list of') ? listOf(type) : type }
    }
  }

  function listOf(item: string): string {
    shapes[`list of ${item}`] ??= { type: 'list', member: { shape: item } }
    return `list of ${item}`
  }

  function addSimple(schema: number): string {
    if (schema & 64) return listOf(addSimple(schema & ~64))
    if (schema & 128) {
      const value = addSimple(schema & ~128)
      shapes[`map of ${value}`] ??= { type: 'map', key: { shape: addSimple(0) }, value: { shape: value } }
      return `map of ${value}`
    }
    const names: Readonly<Record<number, string>> = {
      0: 'string',
      1: 'integer',
      2: 'boolean',
      15: 'document',
      21: 'blob',
    }
    const type = names[schema] ?? (schema >= 4 && schema <= 7 ? 'timestamp' : undefined)
    if (type === undefined) throw new Error(`A schema of kind ${schema} is not expected.`)
    shapes[type] ??= { type }
    return type
  }
}
