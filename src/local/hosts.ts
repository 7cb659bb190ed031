import { partitionOf, regionalHost, regionOfIam, serviceHost } from './partitions.ts'

/** What a host name of AWS stands for. */
export type Host =
  | { readonly kind: 'service'; readonly service: 'cognito-idp' | 'cognito-identity'; readonly region: string }
  | { readonly kind: 'query'; readonly service: 'iam' | 'sts'; readonly region: string }
  | { readonly kind: 'issuer'; readonly region: string }
  | { readonly kind: 'managed-login'; readonly domain: string; readonly region: string }

/** The host that a URL names; undefined for any other. */
export function hostOf({ hostname }: URL): Host | undefined {
  const iam = regionOfIam(hostname)
  if (iam !== undefined) return { kind: 'query', service: 'iam', region: iam }
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
