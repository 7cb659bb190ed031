import { assertConfig } from '../errors.ts'

/** A part of AWS with accounts, domains and names of its own. */
export interface Partition {
  /** The second part of its ARNs: `arn:<name>:…`. */
  readonly name: string
  /** The domain of its services: `<service>.<region>.<suffix>`. */
  readonly suffix: string
}

/**
 * The partition of a region, by the form of its name. Throws ConfigurationError for a name that no partition has.
 * Source: the partitions of the AWS SDKs' endpoint rules. Every host, ARN and principal is made from this one table.
 */
export function partitionOf(region: string): Partition {
  const area = areaOf(region)
  const isolated = area.replace(/^..-iso/, 'iso-').replace(/-$/, '')
  return { name: area ? `aws-${isolated}` : 'aws', suffix: suffixOf(area) }
}

/** The host of a service in a region, such as `cognito-idp.eu-west-1.amazonaws.com`. Throws as `partitionOf`. */
export function serviceHost(service: string, region: string): string {
  return `${service}.${region}.${suffixOf(areaOf(region))}`
}

/** The start of a region's name that says its partition; empty for the commercial one. */
function areaOf(region: string, option = 'region'): string {
  const form = /^(?:(us-gov|us-iso[bf]?|eu-isoe|cn)|(eusc)-[a-z]{2}|us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/
  const found = form.exec(region)
  assertConfig(option, found, `a region of AWS such as eu-west-1, and not ${JSON.stringify(region)}`)
  return found[1] ?? found[2] ?? ''
}

function suffixOf(area: string): string {
  switch (area) {
    case 'cn':
      return 'amazonaws.com.cn'
    case 'eusc':
      return 'amazonaws.eu'
    case 'us-iso':
      return 'c2s.ic.gov'
    case 'us-isob':
      return 'sc2s.sgov.gov'
    case 'eu-isoe':
      return 'cloud.adc-e.uk'
    case 'us-isof':
      return 'csp.hci.ic.gov'
    default:
      return 'amazonaws.com'
  }
}

/** Where a partition's IAM is, and the region that its calls are signed for. Throws as `partitionOf`. */
export function iamEndpoint(region: string, fips = false): { readonly region: string; readonly host: string } {
  const { name, suffix } = partitionOf(region)
  switch (name) {
    case 'aws':
      return { region: 'us-east-1', host: fips ? `iam-fips.${suffix}` : `iam.${suffix}` }
    case 'aws-us-gov':
      return { region: 'us-gov-west-1', host: `iam.us-gov.${suffix}` }
    default: {
      const home = homeRegion(name)
      const first = name === 'aws-iso' || name === 'aws-iso-b'
      return {
        region: home,
        host: fips && !first ? `iam-fips.${suffix}` : `iam${fips ? '-fips' : ''}.${home}.${suffix}`,
      }
    }
  }
}

function homeRegion(partition: string): string {
  switch (partition) {
    case 'aws-cn':
      return 'cn-north-1'
    case 'aws-eusc':
      return 'eusc-de-east-1'
    case 'aws-iso':
      return 'us-iso-east-1'
    case 'aws-iso-b':
      return 'us-isob-east-1'
    case 'aws-iso-e':
      return 'eu-isoe-west-1'
    default:
      return 'us-isof-south-1'
  }
}

/**
 * Who issues the tokens of a region's identity pools: the `Federated` principal of trust policies, and the prefix of their
 * condition keys. The two regions of GovCloud differ. Throws as `partitionOf`.
 */
export function identityPoolIssuer(region: string): string {
  const { name, suffix } = partitionOf(region)
  if (region === 'us-gov-west-1') return `cognito-identity-us-gov.${suffix}`
  if (name === 'aws-us-gov' || name === 'aws-cn') return `cognito-identity.${region}.${suffix}`
  return 'cognito-identity.amazonaws.com'
}

/** The region of a user pool id, `<region>_<id>` as CreateUserPool returns it. Throws ConfigurationError. */
export function regionOf(userPoolId: string): string {
  return readRegion('userPoolId', /^([a-z\d-]+)_[0-9A-Za-z]{1,45}$/.exec(userPoolId), 'eu-west-1_AbCdEfGhI')
}

/** The region of an identity pool id, `<region>:<uuid>` as CreateIdentityPool returns it. Throws ConfigurationError. */
export function regionOfIdentityPool(identityPoolId: string): string {
  const form = /^([a-z\d-]+):[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
  const example = 'eu-west-1:01234567-89ab-cdef-0123-456789abcdef'
  return readRegion('identityPoolId', form.exec(identityPoolId), example)
}

function readRegion(option: string, found: RegExpExecArray | null, example: string): string {
  const region = found?.[1]
  assertConfig(option, region, `an id such as ${example}.`)
  areaOf(region, option)
  return region
}
