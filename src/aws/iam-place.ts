import { type EndpointOptions, endpointOf } from './endpoint.ts'

/**
 * Where a region's IAM is, and for which region its calls are signed: one host for each partition of AWS. Throws
 * ConfigurationError for what is no region.
 */
export function iamPlaceOf(region: string): Required<Pick<EndpointOptions, 'region' | 'endpoint'>> {
  const regional = endpointOf('iam', { region })
  const [start = '', next = ''] = region.split('-')
  const home = homes().get(start) ?? homes().get(next)
  if (home === 'us-gov-west-1') return { region: home, endpoint: 'https://iam.us-gov.amazonaws.com/' }
  if (home === undefined) return { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com/' }
  return { region: home, endpoint: regional.replace(region, home) }
}

/** The region in which a partition has its IAM, by the first or second part of the partition's regions. */
function homes(): ReadonlyMap<string, string> {
  return new Map([
    ['cn', 'cn-north-1'],
    ['gov', 'us-gov-west-1'],
    ['eusc', 'eusc-de-east-1'],
    ['iso', 'us-iso-east-1'],
    ['isob', 'us-isob-east-1'],
    ['isoe', 'eu-isoe-west-1'],
    ['isof', 'us-isof-south-1'],
  ])
}
