import { ConfigurationError } from '../errors.ts'
import { serviceHost } from '../internal/regions.ts'

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
  const host = serviceHost(`${service}${fips ? '-fips' : ''}`, region)
  if (endpoint === undefined) return `https://${host}/`
  if (fips || !/^https?:\/\/[^@?#]+$/.test(endpoint) || !URL.canParse(endpoint)) {
    throw new ConfigurationError('endpoint: expected a URL, and no fips.')
  }
  return new URL(endpoint).href
}
