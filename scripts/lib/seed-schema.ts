import ts from 'typescript59'
import { root } from './runtimes.mjs'

/** Where the schema stands: beside the options that it describes. */
export const seedSchemaPath = `${root}/src/local/options/seed.schema.json`

/** Of which only some members count: they hold others too. */
const openTypes = ['CognisesGroup', 'DefinedGroups']

type Schema = Readonly<Record<string, unknown>>

/**
 * The JSON Schema of seed files, from the types that `createLocalPool` takes: their members, their literals, and their
 * comments as descriptions. Triggers are functions, which no file holds. Older TypeScript reads the types, since the newest
 * has no interface for programs.
 */
export function seedSchema(): string {
  const file = `${root}/src/local/options/pool.ts`
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, skipLibCheck: true, types: [] },
    ...{
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      lib: ['lib.es2023.d.ts', 'lib.webworker.d.ts'],
    },
  }
  const program = ts.createProgram([file], options)
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const declaration = source?.statements.find(
    (one) => ts.isInterfaceDeclaration(one) && one.name.text === 'LocalPoolSettings',
  )
  if (declaration === undefined) throw new Error(`${file} has no LocalPoolSettings`)
  const definitions: Record<string, Schema> = {}
  const { properties = {} } = objectSchema(checker, checker.getTypeAtLocation(declaration), definitions)
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A seed of cognigate local',
    description: 'The user pool that `cognigate local --seed` begins with: its groups, users, clients and settings.',
    type: 'object',
    properties: { $schema: { type: 'string', description: 'Where this schema is, for editors.' }, ...properties },
    additionalProperties: false,
    definitions: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function objectSchema(
  checker: ts.TypeChecker,
  type: ts.Type,
  definitions: Record<string, Schema>,
): { properties?: Record<string, Schema>; required?: string[]; additionalProperties: unknown; type: 'object' } {
  const properties: Record<string, Schema> = {}
  const required: string[] = []
  for (const symbol of type.getProperties()) {
    if (symbol.name === 'triggers') continue
    const declared = checker.getNonNullableType(checker.getTypeOfSymbol(symbol))
    const description = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replaceAll(/\s+/g, ' ').trim()
    const schema = schemaOf(checker, declared, definitions)
    properties[symbol.name] =
      description === '' ? schema : { description, ...('$ref' in schema ? { allOf: [schema] } : schema) }
    if ((symbol.flags & ts.SymbolFlags.Optional) === 0) required.push(symbol.name)
  }
  const index = type.getStringIndexType()
  return {
    type: 'object',
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
    additionalProperties: index === undefined ? false : schemaOf(checker, index, definitions),
  }
}

function schemaOf(checker: ts.TypeChecker, type: ts.Type, definitions: Record<string, Schema>): Schema {
  if (type.isUnion()) return unionSchema(checker, type.types, definitions)
  if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value }
  if ((type.flags & ts.TypeFlags.BooleanLiteral) !== 0) return { const: checker.typeToString(type) === 'true' }
  if ((type.flags & ts.TypeFlags.String) !== 0) return { type: 'string' }
  if ((type.flags & ts.TypeFlags.Number) !== 0) return { type: 'number' }
  // `object`: what counts of it is checked when it is read.
  if ((type.flags & ts.TypeFlags.NonPrimitive) !== 0) return { type: 'object' }
  if (checker.isArrayType(type)) {
    const [item] = checker.getTypeArguments(type as ts.TypeReference)
    return { type: 'array', items: item === undefined ? {} : schemaOf(checker, item, definitions) }
  }
  const name = type.isClassOrInterface() ? type.symbol.name : undefined
  if (name === undefined) {
    const parts = type.isIntersection() ? type : undefined
    return parts === undefined || parts.types.length > 0 ? objectSchema(checker, type, definitions) : {}
  }
  if (definitions[name] === undefined) {
    definitions[name] = {}
    const description = ts
      .displayPartsToString(type.symbol.getDocumentationComment(checker))
      .replaceAll(/\s+/g, ' ')
      .trim()
    const object = objectSchema(checker, type, definitions)
    definitions[name] = { description, ...object, ...(openTypes.includes(name) && { additionalProperties: true }) }
  }
  return { $ref: `#/definitions/${name}` }
}

function unionSchema(checker: ts.TypeChecker, types: readonly ts.Type[], definitions: Record<string, Schema>): Schema {
  const known = types.filter((type) => (type.flags & ts.TypeFlags.Undefined) === 0)
  if (known.length === 2 && known.every((type) => (type.flags & ts.TypeFlags.BooleanLiteral) !== 0))
    return { type: 'boolean' }
  if (known.every((type) => type.isStringLiteral()))
    return { enum: known.map((type) => (type as ts.StringLiteralType).value) }
  const booleans = known.filter((type) => (type.flags & ts.TypeFlags.BooleanLiteral) !== 0)
  const others = known.filter((type) => !booleans.includes(type) || booleans.length < 2)
  const schemas = others.map((type) => schemaOf(checker, type, definitions))
  const all: Schema[] = booleans.length === 2 ? [...schemas, { type: 'boolean' }] : schemas
  return all.length === 1 ? (all[0] ?? {}) : { anyOf: all }
}
