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
  if (!/^[a-z]+(-[a-z0-9]+)+$/.test(region)) throw new ConfigurationError('region: expected one such as eu-west-1.')
  if (endpoint === undefined) return `https://${service}${fips ? '-fips' : ''}.${region}.${suffixOf(region)}/`
  if (fips) throw new ConfigurationError('fips: not with an endpoint of your own.')
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new ConfigurationError('endpoint: expected a URL such as http://localhost:9229.')
  }
  return url.href
}

/** The domain of the partition that a region belongs to. */
function suffixOf(region: string): string {
  const [start = '', next = ''] = region.split('-')
  if (start === 'cn') return 'amazonaws.com.cn'
  if (start === 'eusc') return 'amazonaws.eu'
  if (next === 'iso') return 'c2s.ic.gov'
  if (next === 'isob') return 'sc2s.sgov.gov'
  if (next === 'isoe') return 'cloud.adc-e.uk'
  if (next === 'isof') return 'csp.hci.ic.gov'
  return 'amazonaws.com'
}
