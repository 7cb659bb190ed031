import { awsPoliciesText } from './aws-policies.generated.ts'

/** A managed policy of AWS, which every account has. */
export interface AwsPolicy {
  readonly name: string
  readonly path: string
  /** The number of its default version; 1 where it is not known. */
  readonly version: number
  /** Undefined where only the name is known here. */
  readonly document: string | undefined
}

interface Table {
  readonly names: Readonly<Record<string, string>>
  readonly documents: Readonly<Record<string, readonly [version: number, document: unknown]>>
}

let known: ReadonlyMap<string, AwsPolicy> | undefined

/** AWS's managed policies by path and name, such as `/service-role/AWSLambdaBasicExecutionRole`. Read at the first need. */
export function listAwsPolicies(): ReadonlyMap<string, AwsPolicy> {
  known ??= readTable()
  return known
}

/** The policy of an ARN such as `arn:aws:iam::aws:policy/ReadOnlyAccess`, in any partition. */
export function findAwsPolicy(arn: string): AwsPolicy | undefined {
  const [, place] = /^arn:aws[a-z-]*:iam::aws:policy(\/.+)$/.exec(arn) ?? []
  return place === undefined ? undefined : listAwsPolicies().get(place)
}

/** The document of the policy of this ARN; undefined where it is not known here. */
export function awsPolicyDocument(arn: string): string | undefined {
  return findAwsPolicy(arn)?.document
}

function readTable(): ReadonlyMap<string, AwsPolicy> {
  const { names, documents }: Table = JSON.parse(awsPoliciesText)
  const policies = Object.entries(names).flatMap(([path, list]) => {
    return list.split(' ').map((name): AwsPolicy => {
      const [version = 1, document] = Object.hasOwn(documents, name) ? (documents[name] ?? []) : []
      return { name, path, version, document: document === undefined ? undefined : JSON.stringify(document) }
    })
  })
  return new Map(policies.map((policy) => [`${policy.path}${policy.name}`, policy]))
}
