import { AwsV4Signer } from 'aws4fetch'
import { describe, expect, it } from 'vitest'

/** The cases of AWS's published Signature Version 4 test suite that have the form of our requests, or the plainest one. */
const scope = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
  datetime: '20150830T123600Z',
  url: 'https://example.amazonaws.com/',
}
describe('the signer beneath ours', () => {
  it.each([
    ['get-vanilla', { method: 'GET' }, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', { method: 'POST' }, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-header-key-sort',
      { method: 'POST', headers: { 'My-Header1': 'value1' } },
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
  ])('answers %s as AWS does', async (_name, request, signature) => {
    const { headers } = await new AwsV4Signer({ ...scope, ...request }).sign()
    expect(headers.get('authorization')).toContain(`Signature=${signature}`)
  })
})
