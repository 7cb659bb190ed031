import { ConfigurationError } from '../errors.ts'

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
  const form = /^(us-gov|us-iso[bf]?|eu-isoe|cn|eusc-[a-z]{2}|us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/
  switch (form.exec(region)?.[1]?.replace(/^eusc-.*/, 'eusc')) {
    case undefined:
      throw new ConfigurationError('region: expected a region of AWS, such as eu-west-1.')
    case 'us-gov':
      return { name: 'aws-us-gov', suffix: 'amazonaws.com' }
    case 'cn':
      return { name: 'aws-cn', suffix: 'amazonaws.com.cn' }
    case 'eusc':
      return { name: 'aws-eusc', suffix: 'amazonaws.eu' }
    case 'us-iso':
      return { name: 'aws-iso', suffix: 'c2s.ic.gov' }
    case 'us-isob':
      return { name: 'aws-iso-b', suffix: 'sc2s.sgov.gov' }
    case 'eu-isoe':
      return { name: 'aws-iso-e', suffix: 'cloud.adc-e.uk' }
    case 'us-isof':
      return { name: 'aws-iso-f', suffix: 'csp.hci.ic.gov' }
    default:
      return { name: 'aws', suffix: 'amazonaws.com' }
  }
}

/** The host of a service in a region, such as `cognito-idp.eu-west-1.amazonaws.com`. Throws as `partitionOf`. */
export function serviceHost(service: string, region: string): string {
  return `${service}.${region}.${partitionOf(region).suffix}`
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
  const region = /^([a-z\d-]+)_[0-9A-Za-z]{1,45}$/.exec(userPoolId)?.[1]
  if (!region) throw new ConfigurationError('userPoolId: expected an id such as eu-west-1_AbCdEfGhI.')
  return checkRegion('userPoolId', region)
}

/** The region of an identity pool id, `<region>:<uuid>` as CreateIdentityPool returns it. Throws ConfigurationError. */
export function regionOfIdentityPool(identityPoolId: string): string {
  const region = /^([a-z\d-]+):[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(identityPoolId)?.[1]
  if (!region) {
    throw new ConfigurationError(
      'identityPoolId: expected an id such as eu-west-1:01234567-89ab-cdef-0123-456789abcdef.',
    )
  }
  return checkRegion('identityPoolId', region)
}

function checkRegion(option: string, region: string): string {
  try {
    partitionOf(region)
    return region
  } catch {
    throw new ConfigurationError(`${option}: "${region}" is not a region of AWS; expected one such as eu-west-1.`)
  }
}
