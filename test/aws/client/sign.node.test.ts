import { AwsV4Signer } from 'aws4fetch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSigner } from '../../../src/aws/client/sign.ts'

/** The scope of AWS's published Signature Version 4 test suite. */
const scope = { region: 'us-east-1', service: 'service' }
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const time = Date.UTC(2015, 7, 30, 12, 36)
const { signal } = new AbortController()

describe('the signatures of AWS’s published test suite', () => {
  const url = 'https://example.amazonaws.com/'
  it.each([
    ['post-vanilla', {}, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-header-key-sort',
      { 'my-header1': 'value1' },
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
  ])('%s', async (_name, headers, signature) => {
    const signer = createSigner(scope.service, url, scope.region, () => time)
    const request = await signer.request({ method: 'POST', headers, body: '' }, credentials, signal)
    expect(request.headers.get('authorization')).toContain(`Signature=${signature}`)
    expect(request.headers.get('x-amz-date')).toBe('20150830T123600Z')
  })
})

describe('signatures, beside those of another make', () => {
  const path = fc.array(
    fc.constantFrom('a', 'B7', '%20', '%2F', '!', "'", '(', ')', '*', '~', '/', '//', 'ä', '+', '.x'),
  )
  const message = fc.record({
    body: fc.string({ unit: 'grapheme' }),
    headers: fc.record({
      'content-type': fc.constantFrom('application/x-amz-json-1.1', 'application/x-www-form-urlencoded; charset=utf-8'),
      'x-amz-target': fc.constantFrom('Service.Operation', 'a  b   c'),
    }),
  })

  it('are the same for any path, body, token and day', async () => {
    await fc.assert(
      fc.asyncProperty(
        path,
        message,
        fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
        fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
        async (segments, { headers, body }, sessionToken, date) => {
          const url = new URL(`https://proxy.test:8443/x${segments.join('')}`).href
          const signer = createSigner('iam', url, 'eu-west-1', () => date.getTime())
          const ours = await signer.request({ method: 'POST', headers, body }, { ...credentials, sessionToken }, signal)
          const datetime = date.toISOString().replace(/[:-]|\.\d{3}/g, '')
          const theirs = await new AwsV4Signer({
            ...{ ...credentials, url, method: 'POST', headers, body, datetime, service: 'iam', region: 'eu-west-1' },
            ...(sessionToken && { sessionToken }),
          }).sign()
          expect(ours.headers.get('authorization')).toBe(theirs.headers.get('authorization'))
          expect(ours.headers.get('x-amz-security-token')).toBe(theirs.headers.get('x-amz-security-token'))
          expect(await ours.text()).toBe(body)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('are made of the key of the secret and the day, whichever was used before', async () => {
    let now = time
    const signer = createSigner('iam', 'https://iam.amazonaws.com/', 'us-east-1', () => now)
    for (let turn = 0; turn < 30; turn++) {
      now = time + (turn % 13) * 86_400_000
      const keys = { accessKeyId: 'AKID', secretAccessKey: `secret-${turn % 3}` }
      const { headers } = await signer.request({ method: 'POST', headers: {}, body: 'x' }, keys, signal)
      const fresh = createSigner('iam', 'https://iam.amazonaws.com/', 'us-east-1', () => now)
      const again = await fresh.request({ method: 'POST', headers: {}, body: 'x' }, keys, signal)
      expect(headers.get('authorization')).toBe(again.headers.get('authorization'))
    }
  })
})

it('nothing is signed without credentials', async () => {
  const signer = createSigner('cognito-idp', 'https://cognito-idp.eu-west-1.amazonaws.com/', 'eu-west-1', () => time)
  const { headers } = await signer.request({ method: 'POST', headers: { a: 'b' }, body: '{}' }, undefined, signal)
  expect(headers.has('authorization')).toBe(false)
  expect(headers.get('a')).toBe('b')
})
