import { assertConfig } from '../../errors.ts'
import { iamEndpoint, partitionOf, serviceHost } from '../../internal/regions.ts'
import { isSafeEndpoint } from '../../internal/urls.ts'

/** Where a service is. */
export interface EndpointOptions {
  /** The region, such as eu-west-1. */
  readonly region: string
  /** Replaces AWS's own host: the URL of an emulator, a proxy or a VPC endpoint. `https:`, or `http:` on this machine. */
  readonly endpoint?: string | undefined
  /**
   * Admits an `endpoint` of `http:` that is not on this machine, such as an emulator in a network of containers. What is
   * sent, passwords too, can then be read on the way. Default false.
   */
  readonly allowHttp?: boolean | undefined
  /** The hosts whose cryptography is validated by FIPS 140. Default false; not with `endpoint`. */
  readonly fips?: boolean | undefined
}

/** The URL that calls of a service go to. Throws ConfigurationError for a region or an endpoint that is none. */
export function resolveEndpoint(service: string, options: EndpointOptions): string {
  const { region, endpoint, fips = false, allowHttp } = options
  const host = serviceHost(`${service}${fips ? '-fips' : ''}`, region)
  if (endpoint === undefined) return `https://${host}/`
  assertConfig('fips', !fips, 'no "endpoint" beside it.')
  assertConfig(
    'endpoint',
    isSafeEndpoint(endpoint, allowHttp),
    'an https URL without credentials; http needs "allowHttp".',
  )
  return new URL(endpoint).href
}

/** A request whose redirects are not followed: they would carry what is sent to another host. */
export function createRequest(url: string, message: RequestInit, signal: AbortSignal): Request {
  return new Request(url, { ...message, redirect: 'manual', signal })
}

/** Where IAM and STS are. */
export interface IamEndpointOptions extends EndpointOptions {
  /** Where STS is. Default: `endpoint`, where that is given. */
  readonly stsEndpoint?: string | undefined
}

/**
 * Where a region's IAM and STS are, and for which region the calls are signed. The hosts of IAM follow no rule. Throws
 * ConfigurationError for what is no region.
 */
export function resolveIamEndpoints(options: IamEndpointOptions): {
  readonly iam: EndpointOptions
  readonly sts: EndpointOptions
} {
  const { region, endpoint, stsEndpoint = endpoint, fips = false, allowHttp } = options
  const { region: home, host } = iamEndpoint(region, fips)
  // The STS of GovCloud has no other host for FIPS.
  const hasFipsHost = stsEndpoint !== undefined || partitionOf(region).name !== 'aws-us-gov'
  return {
    iam: { region: home, endpoint: endpoint ?? `https://${host}/`, fips: fips && endpoint !== undefined, allowHttp },
    sts: { region, endpoint: stsEndpoint, fips: fips && hasFipsHost, allowHttp },
  }
}
