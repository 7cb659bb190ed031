export const origin = 'https://app.example.com'
export const domain = 'https://auth.example.com'
export const secrets = '8Pz4mK1xQ0vYc6tL9sWb2nRfUj7dEhGa3iOpXyZqTkM='

/** What browsers send along with a navigation. */
export const navigation = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** The event of a viewer request of CloudFront, for the home page or another address. */
export function viewerRequest(uri = '/', querystring = '') {
  const fields = Object.entries({ ...navigation, host: 'app.example.com' })
  const headers = Object.fromEntries(fields.map(([key, value]) => [key, [{ key, value }]]))
  const config = { distributionDomainName: 'd1.cloudfront.net', distributionId: 'D1', eventType: 'viewer-request' }
  const request = { clientIp: '192.0.2.1', headers, method: 'GET', querystring, uri }
  return { Records: [{ cf: { config: { ...config, requestId: 'r' }, request } }] }
}

/** Where the answer of such a function sends the browser. */
export function locationOf(answer: object): string {
  const { headers }: { headers?: { location?: { value: string }[] } } = answer
  return headers?.location?.[0]?.value ?? ''
}
