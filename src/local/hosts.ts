import { ConfigurationError } from '../errors.ts'

/** What a host name of AWS stands for. */
export type Host =
  | { readonly kind: 'service'; readonly service: 'cognito-idp' | 'cognito-identity'; readonly region: string }
  | { readonly kind: 'query'; readonly service: 'iam' | 'sts'; readonly region: string }
  | { readonly kind: 'issuer'; readonly region: string }
  | { readonly kind: 'identity-issuer'; readonly region: string }
  | { readonly kind: 'managed-login'; readonly domain: string; readonly region: string }

/** The host that a URL names; undefined for any other. */
export function parseHost({ hostname }: URL): Host | undefined {
  const iam = regionOfIam(hostname)
  if (iam !== undefined) return { kind: 'query', service: 'iam', region: iam }
  if (hostname === 'cognito-identity.amazonaws.com') return { kind: 'identity-issuer', region: 'us-east-1' }
  if (hostname === 'cognito-identity-us-gov.amazonaws.com') return { kind: 'identity-issuer', region: 'us-gov-west-1' }
  if (hostname === 'sts.amazonaws.com') return { kind: 'query', service: 'sts', region: 'us-east-1' }
  const [, domain, loginRegion = ''] =
    /^([a-z0-9-]+)\.auth(?:-fips)?\.([a-z0-9-]+)\.amazoncognito\.com$/.exec(hostname) ?? []
  if (domain !== undefined) return { kind: 'managed-login', domain, region: loginRegion }
  const { service, region = '' } = regionalHost(hostname) ?? {}
  switch (service) {
    case 'cognito-idp':
    case 'cognito-identity':
      return { kind: 'service', service, region }
    case 'issuer-cognito-idp':
      return { kind: 'issuer', region }
    case 'sts':
      return { kind: 'query', service, region }
    default:
      return undefined
  }
}

/** Where the API of user pools is (`endpoint` option of clients). */
export function userPoolEndpoint(region: string): string {
  return `https://${serviceHost('cognito-idp', region)}`
}

/** The host of a pool's managed login, without scheme. GovCloud has FIPS hosts only. */
export function managedLoginHost(domain: string, region: string): string {
  const kind = partitionOf(region) === 'aws-us-gov' ? 'auth-fips' : 'auth'
  return `${domain}.${kind}.${region}.amazoncognito.com`
}

/**
 * A part of AWS with accounts, domains and names of its own. The local AWS has a table of its own, apart from the one
 * that the guard and the clients use: a wrong name in one of them shows where the two meet.
 */
interface Partition {
  /** The second part of its ARNs. */
  readonly name: string
  /** The regions, by the form of their names. */
  readonly regions: RegExp
  /** The domain of its services. */
  readonly suffix: string
  /** The region that IAM's calls are signed for. */
  readonly home: string
}

/** From the partitions and endpoint rules of the AWS SDKs; the first that fits counts. */
function partitions(): readonly Partition[] {
  return [
    { name: 'aws-us-gov', regions: /^us-gov-\w+-\d+$/, suffix: 'amazonaws.com', home: 'us-gov-west-1' },
    { name: 'aws-iso', regions: /^us-iso-\w+-\d+$/, suffix: 'c2s.ic.gov', home: 'us-iso-east-1' },
    { name: 'aws-iso-b', regions: /^us-isob-\w+-\d+$/, suffix: 'sc2s.sgov.gov', home: 'us-isob-east-1' },
    { name: 'aws-iso-e', regions: /^eu-isoe-\w+-\d+$/, suffix: 'cloud.adc-e.uk', home: 'eu-isoe-west-1' },
    { name: 'aws-iso-f', regions: /^us-isof-\w+-\d+$/, suffix: 'csp.hci.ic.gov', home: 'us-isof-south-1' },
    { name: 'aws-cn', regions: /^cn-\w+-\d+$/, suffix: 'amazonaws.com.cn', home: 'cn-north-1' },
    { name: 'aws-eusc', regions: /^eusc-[a-z]{2}-\w+-\d+$/, suffix: 'amazonaws.eu', home: 'eusc-de-east-1' },
    { name: 'aws', regions: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/, suffix: 'amazonaws.com', home: 'us-east-1' },
  ]
}

/** Whether AWS has regions of such a name. */
export function isRegion(name: string): boolean {
  return partitions().some(({ regions }) => regions.test(name))
}

/** The partition of a region, as ARNs name it. */
export function partitionOf(region: string): string {
  return findPartition(region).name
}

/** The host of a service in a region, such as `cognito-idp.eu-west-1.amazonaws.com`. */
export function serviceHost(service: string, region: string): string {
  return `${service}.${region}.${findPartition(region).suffix}`
}

/**
 * How a region's identity pools are named in trust policies: as federated principal, and before the colon of condition
 * keys. GovCloud's two regions and those of China have names of their own.
 */
export function federatedPrincipal(region: string): string {
  switch (partitionOf(region)) {
    case 'aws-us-gov':
      return region === 'us-gov-west-1'
        ? 'cognito-identity-us-gov.amazonaws.com'
        : serviceHost('cognito-identity', region)
    case 'aws-cn':
      return serviceHost('cognito-identity', region)
    default:
      return 'cognito-identity.amazonaws.com'
  }
}

/** The service and the region of a host such as `sts-fips.us-west-2.amazonaws.com`; undefined for any other. */
export function regionalHost(hostname: string): { readonly service: string; readonly region: string } | undefined {
  const [, service = '', region = '', suffix] =
    /^([a-z-]+?)(?:-fips)?\.([a-z0-9-]+)\.([a-z0-9.-]+)$/.exec(hostname) ?? []
  const partition = partitions().find(({ regions }) => regions.test(region))
  return partition !== undefined && partition.suffix === suffix ? { service, region } : undefined
}

/** The region that calls of this host of IAM are signed for: each partition has one IAM. Undefined for any other host. */
export function regionOfIam(hostname: string): string | undefined {
  return partitions().find(({ name, suffix, home }) => {
    if (name === 'aws-us-gov') return hostname === 'iam.us-gov.amazonaws.com'
    const hosts = name === 'aws' ? [`iam.${suffix}`] : [`iam.${home}.${suffix}`, `iam-fips.${home}.${suffix}`]
    return [...hosts, `iam-fips.${suffix}`].includes(hostname)
  })?.home
}

/** The names and addresses that a machine has for itself. Names below localhost never leave it (RFC 6761, 6.3). */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/.test(hostname)
}

function findPartition(region: string): Partition {
  const partition = partitions().find(({ regions }) => regions.test(region))
  if (partition === undefined) throw new ConfigurationError(`region: "${region}" is not a region of AWS.`)
  return partition
}
