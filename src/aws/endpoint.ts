import { ConfigurationError } from '../errors.ts'

/** Where a service is. */
export interface EndpointOptions {
  /** The region, such as eu-west-1. */
  readonly region: string
  /** Replaces AWS's own host: the URL of an emulator, a proxy or a VPC endpoint. */
  readonly endpoint?: string | undefined
  /** The hosts whose cryptography is validated by FIPS 140. Default false; not with `endpoint`. */
  readonly fips?: boolean | undefined
}

/** The URL that calls of a service go to. Throws ConfigurationError for a region or an endpoint that is none. */
export function endpointOf(service: string, { region, endpoint, fips = false }: EndpointOptions): string {
  if (!/^[a-z]+(-[a-z0-9]+)+$/.test(region)) throw new ConfigurationError('region: expected a region.')
  if (endpoint === undefined) return `https://${service}${fips ? '-fips' : ''}.${region}.${suffixOf(region)}/`
  if (fips || !/^https?:\/\/[^@?#]+$/.test(endpoint) || !URL.canParse(endpoint)) {
    throw new ConfigurationError('endpoint: expected a URL, and no fips.')
  }
  return new URL(endpoint).href
}

/** The domain of the partition that a region belongs to, told by the region's first or second part. */
function suffixOf(region: string): string {
  const [start = '', next = ''] = region.split('-')
  const suffixes = new Map([
    ['cn', 'amazonaws.com.cn'],
    ['eusc', 'amazonaws.eu'],
    ['iso', 'c2s.ic.gov'],
    ['isob', 'sc2s.sgov.gov'],
    ['isoe', 'cloud.adc-e.uk'],
    ['isof', 'csp.hci.ic.gov'],
  ])
  return suffixes.get(start) ?? suffixes.get(next) ?? 'amazonaws.com'
}
