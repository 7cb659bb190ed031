import { iamEndpoint } from '../internal/regions.ts'
import type { EndpointOptions } from './endpoint.ts'

/** Where a region's IAM is, and for which region its calls are signed. Throws ConfigurationError for what is no region. */
export function iamPlaceOf(region: string): Required<Pick<EndpointOptions, 'region' | 'endpoint'>> {
  const { region: home, host } = iamEndpoint(region)
  return { region: home, endpoint: `https://${host}/` }
}
