/** What a host name of AWS stands for. */
export type Host =
  | { readonly kind: 'service'; readonly service: 'cognito-idp' | 'cognito-identity'; readonly region: string }
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
  const login = /^([a-z0-9-]+)\.auth(?:-fips)?\.([a-z0-9-]+)\.amazoncognito\.com$/.exec(url.hostname)
  if (login === null) return undefined
  const [, domain = '', region = ''] = login
  return { kind: 'managed-login', domain, region }
}

/** Where the API of user pools is (`endpoint` option of clients). */
export function userPoolEndpoint(region: string): string {
  return `https://cognito-idp.${region}.amazonaws.com`
}

/** The host of a pool's managed login, without scheme. */
export function managedLoginHost(domain: string, region: string): string {
  return `${domain}.auth.${region}.amazoncognito.com`
}
