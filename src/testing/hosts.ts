/** What a host name of AWS stands for. */
export type Host =
  | { readonly kind: 'service'; readonly service: 'cognito-idp' | 'cognito-identity'; readonly region: string }
  | { readonly kind: 'query'; readonly service: 'iam' | 'sts'; readonly region: string }
  | { readonly kind: 'issuer'; readonly region: string }
  | { readonly kind: 'managed-login'; readonly domain: string; readonly region: string }

/** The host that a URL names; undefined for any other. */
export function hostOf(url: URL): Host | undefined {
  const service = /^(issuer-)?(cognito-idp|cognito-identity)(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com$/.exec(
    url.hostname,
  )
  if (service !== null) {
    const [, issuer, name, region = ''] = service
    if (issuer !== undefined) return name === 'cognito-idp' ? { kind: 'issuer', region } : undefined
    return { kind: 'service', service: name === 'cognito-idp' ? name : 'cognito-identity', region }
  }
  const query = queryHost(url.hostname)
  if (query !== undefined) return { kind: 'query', ...query }
  const login = /^([a-z0-9-]+)\.auth(?:-fips)?\.([a-z0-9-]+)\.amazoncognito\.com$/.exec(url.hostname)
  if (login === null) return undefined
  const [, domain = '', region = ''] = login
  return { kind: 'managed-login', domain, region }
}

/** IAM is in one place for each partition of AWS; STS is in every region, and its global host in one. */
function queryHost(hostname: string): { readonly service: 'iam' | 'sts'; readonly region: string } | undefined {
  if (/^iam(?:-fips)?\.amazonaws\.com$/.test(hostname)) return { service: 'iam', region: 'us-east-1' }
  if (hostname === 'iam.us-gov.amazonaws.com') return { service: 'iam', region: 'us-gov-west-1' }
  if (hostname === 'iam.cn-north-1.amazonaws.com.cn') return { service: 'iam', region: 'cn-north-1' }
  if (hostname === 'sts.amazonaws.com') return { service: 'sts', region: 'us-east-1' }
  const [, region, china] = /^sts(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(hostname) ?? []
  if (region === undefined || region.startsWith('cn-') !== (china !== undefined)) return undefined
  return { service: 'sts', region }
}

/** The partition of AWS that a region belongs to, as ARNs name it. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** Where the API of user pools is (`endpoint` option of clients). */
export function userPoolEndpoint(region: string): string {
  return `https://cognito-idp.${region}.amazonaws.com`
}

/** The host of a pool's managed login, without scheme. */
export function managedLoginHost(domain: string, region: string): string {
  return `${domain}.auth.${region}.amazoncognito.com`
}
