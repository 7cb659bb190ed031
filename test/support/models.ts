import { parseXml, type XmlElement } from '@rgrove/parse-xml'
import { modelsText } from './models.generated.ts'

/** A shape of a service model: its type, its enumeration, and what it is made of. */
interface Shape {
  readonly t: string
  readonly e?: readonly string[]
  readonly r?: readonly string[]
  readonly m?: Readonly<Record<string, string>>
  readonly i?: string
  readonly k?: string
  readonly v?: string
}

interface Model {
  /** The shape of each operation's answer; none where it is empty. */
  readonly outputs: Readonly<Record<string, string>>
  /** The errors that each operation documents, as they are on the wire. */
  readonly errors: Readonly<Record<string, readonly string[]>>
  readonly shapes: Readonly<Record<string, Shape>>
}

let models: Readonly<Record<string, Model>> | undefined

/** The service models of AWS, as far as they are about answers. */
export function readModels(): Readonly<Record<string, Model>> {
  models ??= JSON.parse(modelsText) as Readonly<Record<string, Model>>
  return models
}

/** An answer of one operation. */
export interface Answer {
  readonly service: string
  readonly operation: string
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** What is wrong with an answer by the service model: members, types, enumerations, error codes. */
export function answerFaults({ service, operation, status, contentType, body }: Answer): string[] {
  const model = readModels()[service]
  if (model === undefined) return []
  const documented = Object.hasOwn(model.errors, operation) ? model.errors[operation] : undefined
  if (documented === undefined)
    return status === 501 || operation === '' ? [] : ['the model has no such operation: run scripts/generate-models.ts']
  const isQuery = service === 'iam' || service === 'sts'
  const content = contentType.startsWith('text/xml') ? readXml(body) : body === '' ? undefined : JSON.parse(body)
  if (status !== 200) {
    const code: unknown = isQuery ? content?.Error?.Code : content?.__type
    const known = [...documented, ...(isQuery ? queryErrors : jsonErrors), ...(inProse[operation] ?? [])]
    if (typeof code !== 'string' || !known.includes(code)) return [`the error ${code} is not documented`]
    return []
  }
  const name = model.outputs[operation]
  const wrapped = isQuery ? content?.[`${operation}Response`]?.[`${operation}Result`] : content
  if (name === undefined) return wrapped === undefined ? [] : ['the answer should be empty']
  return valueFaults(wrapped ?? {}, name, '', {
    model,
    kind: isQuery ? (contentType.startsWith('text/xml') ? 'xml' : 'form') : 'json',
  })
}

/** Errors of every operation: of signatures and permissions, of requests that cannot be read, and of the service itself. */
const jsonErrors = [
  ...['AccessDeniedException', 'ExpiredTokenException', 'IncompleteSignatureException', 'InvalidSignatureException'],
  ...['MissingAuthenticationTokenException', 'UnrecognizedClientException', 'SerializationException'],
  ...['InternalErrorException', 'TooManyRequestsException', 'InvalidParameterException'],
]
const queryErrors = [
  ...['AccessDenied', 'ExpiredToken', 'IncompleteSignature', 'SignatureDoesNotMatch', 'InvalidClientTokenId'],
  ...['MissingAuthenticationToken', 'MissingAction', 'InvalidAction', 'MalformedInput', 'ValidationError'],
  ...['ServiceFailure', 'InternalFailure', 'Throttling'],
]

/** Errors that AWS's reference names in the text of a parameter, and not in the list of the operation. */
const inProse: Readonly<Record<string, readonly string[]>> = {
  // ForceAliasCreation: without it, an alias that exists is this error.
  AdminCreateUser: ['AliasExistsException'],
  // TARGET_ACR_VALUES needs a feature plan that has levels; the AWS SDK's newest model lists it for InitiateAuth.
  AdminInitiateAuth: ['FeatureUnavailableInTierException'],
  InitiateAuth: ['FeatureUnavailableInTierException'],
}

/** Values that AWS sends and its models do not list: the examples of IAM's reference and of the AWS CLI show them. */
const sentAnyway: Readonly<Record<string, readonly string[]>> = {
  PermissionsBoundaryAttachmentType: ['Policy'],
  PolicySourceType: ['IAM Policy'],
}

interface Reading {
  readonly model: Model
  /** JSON as Cognito has it; JSON as IAM gives it, with null for what is absent; or XML, in which all values are texts. */
  readonly kind: 'json' | 'form' | 'xml'
}

function valueFaults(value: unknown, name: string, path: string, reading: Reading): string[] {
  const shape = reading.model.shapes[name]
  if (shape === undefined) return [`${path}: no shape is called ${name}`]
  const at = path === '' ? 'the answer' : path
  switch (shape.t) {
    case 'structure':
      if (reading.kind === 'xml' && value === '') return memberFaults({}, shape, path, reading)
      return isObject(value) ? memberFaults(value, shape, path, reading) : [`${at} should be a structure`]
    case 'list': {
      const items = reading.kind === 'xml' && isObject(value) ? [value['member'] ?? []].flat() : value
      if (reading.kind === 'xml' && value === '') return []
      if (!Array.isArray(items)) return [`${at} should be a list`]
      return items.flatMap((item, index) => valueFaults(item, shape.i ?? '', `${path}[${index}]`, reading))
    }
    case 'map':
      if (!isObject(value)) return [`${at} should be a map`]
      if (reading.kind === 'xml') return []
      return Object.entries(value).flatMap(([key, item]) => [
        ...valueFaults(key, shape.k ?? '', `${path} key ${key}`, reading),
        ...valueFaults(item, shape.v ?? '', `${path}.${key}`, reading),
      ])
    default:
      return scalarFaults(
        value,
        { ...shape, ...(shape.e && { e: [...shape.e, ...(sentAnyway[name] ?? [])] }) },
        at,
        reading,
      )
  }
}

function memberFaults(value: Record<string, unknown>, shape: Shape, path: string, reading: Reading): string[] {
  const { m = {}, r = [] } = shape
  const of = (name: string) => (path === '' ? name : `${path}.${name}`)
  const missing = r.filter((name) => value[name] === undefined || value[name] === null)
  return [
    ...missing.map((name) => `${of(name)} is required`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const next = m[name]
      if (next === undefined) return [`${of(name)} is no member`]
      if (member === null && reading.kind === 'form') return []
      return valueFaults(member, next, of(name), reading)
    }),
  ]
}

function scalarFaults(value: unknown, { t, e }: Shape, at: string, { kind }: Reading): string[] {
  const isText = typeof value === 'string'
  const right: Readonly<Record<string, () => boolean>> = {
    string: () => isText,
    blob: () => isText && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
    boolean: () => (kind === 'xml' ? value === 'true' || value === 'false' : typeof value === 'boolean'),
    integer: () => Number.isInteger(kind === 'xml' ? Number(value) : value),
    long: () => Number.isInteger(kind === 'xml' ? Number(value) : value),
    double: () => Number.isFinite(kind === 'xml' ? Number(value) : value),
    float: () => Number.isFinite(kind === 'xml' ? Number(value) : value),
    timestamp: () =>
      kind === 'xml' ? isText && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) : typeof value === 'number',
    document: () => true,
  }
  if (right[t]?.() !== true) return [`${at} should be a ${t}, not ${value === null ? 'null' : typeof value}`]
  return e !== undefined && isText && !e.includes(value) ? [`${at} should be one of ${e.join(', ')}`] : []
}

type Tree = { [name: string]: unknown }

function readXml(text: string): Record<string, Record<string, Tree>> {
  const { root } = parseXml(text)
  return (
    root === null
      ? {}
      : { [root.name]: contentOf(root), ...(root.name === 'ErrorResponse' && (contentOf(root) as Tree)) }
  ) as Record<string, Record<string, Tree>>
}

function contentOf(element: XmlElement): unknown {
  const children = element.children.filter((child): child is XmlElement => child.type === 'element')
  if (children.length === 0) return element.text
  const tree: Tree = {}
  for (const child of children) {
    const known = tree[child.name]
    const content = contentOf(child)
    tree[child.name] = known === undefined ? content : [known, content].flat()
  }
  return tree
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
