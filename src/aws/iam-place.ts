import { iamEndpoint, partitionOf } from '../internal/regions.ts'
import type { EndpointOptions } from './endpoint.ts'

/** Where IAM and STS are. */
export interface IamPlaceOptions extends EndpointOptions {
  /** Where STS is. Default: `endpoint`, where that is given. */
  readonly stsEndpoint?: string | undefined
}

/**
 * Where a region's IAM and STS are, and for which region the calls are signed. The hosts of IAM follow no rule. Throws
 * ConfigurationError for what is no region.
 */
export function iamPlaceOf(options: IamPlaceOptions): { readonly iam: EndpointOptions; readonly sts: EndpointOptions } {
  const { region, endpoint, stsEndpoint = endpoint, fips = false, allowHttp } = options
  const { region: home, host } = iamEndpoint(region, fips)
  // The STS of GovCloud has no other host for FIPS.
  const hasFipsHost = stsEndpoint !== undefined || partitionOf(region).name !== 'aws-us-gov'
  return {
    iam: { region: home, endpoint: endpoint ?? `https://${host}/`, fips: fips && endpoint !== undefined, allowHttp },
    sts: { region, endpoint: stsEndpoint, fips: fips && hasFipsHost, allowHttp },
  }
}
