import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  type GetCredentialsForIdentityCommandOutput,
  GetIdCommand,
} from '@aws-sdk/client-cognito-identity'
import { CreateRoleCommand } from '@aws-sdk/client-iam'
import { expect, it } from 'vitest'
import { type AwsCredentials, roleCredentials } from '../../../src/credentials/index.ts'
import { createGuard } from '../../../src/index.ts'
import { createLocalPool } from '../../../src/local/index.ts'
import { sdkTransport } from '../../support/sdk-client.ts'
import { createIamClient, trustPolicy } from '../../conformance/iam/clients.ts'

const roleArn = 'arn:aws:iam::123456789012:role/reports'

interface Sent {
  readonly url: string
  readonly method: string
  readonly type: string | null
  readonly target: string | null
  readonly isSigned: boolean
  readonly body: unknown
}

it.each([undefined, roleArn])('the AWS SDK asks for the same, and is given the same, with role %s', async (role) => {
  const pool = await createLocalPool({
    now: () => Date.UTC(2026, 0, 1),
    groups: { reports: { allow: [], roleArn } },
    users: { alice: { groups: ['reports'] } },
    identityPool: { roleMapping: 'token' },
  })
  const { identityPoolId, settings } = pool
  const trust = trustPolicy(identityPoolId)
  await createIamClient(pool).send(new CreateRoleCommand({ RoleName: 'reports', AssumeRolePolicyDocument: trust }))
  let sent: Sent[] = []
  const fetch: typeof pool.fetch = async (request) => {
    if (!(request instanceof Request)) throw new TypeError('expected a Request')
    const { url, method, headers } = request
    const [type, target] = [headers.get('content-type'), headers.get('x-amz-target')]
    const body: unknown = JSON.parse(await request.clone().text())
    sent.push({ url, method, type, target, isSigned: headers.has('authorization'), body })
    return pool.fetch(request)
  }
  const { idToken } = await pool.tokens('alice')
  const guard = createGuard({ ...settings, tokenUse: 'id' })
  const principal = await guard.verify(idToken)
  const ours = await roleCredentials(principal, { guard, identityPoolId, role, fetch, now: settings.now })
  const ourRequests = sent

  sent = []
  const sdk = new CognitoIdentityClient({ region: pool.region, requestHandler: sdkTransport({ fetch }) })
  const Logins = { [`cognito-idp.${pool.region}.amazonaws.com/${settings.userPoolId}`]: idToken }
  const { IdentityId } = await sdk.send(new GetIdCommand({ IdentityPoolId: identityPoolId, Logins }))
  const input = { IdentityId, Logins, ...(role !== undefined && { CustomRoleArn: role }) }
  const theirs = await sdk.send(new GetCredentialsForIdentityCommand(input))
  expect(ourRequests).toEqual(sent)
  expect(Object.keys(ours).sort()).toEqual(Object.keys(inOurWords(theirs)).sort())
  expect([ours.identityId, ours.expiration]).toEqual([IdentityId, inOurWords(theirs).expiration])
})

function inOurWords({ IdentityId = '', Credentials = {} }: GetCredentialsForIdentityCommandOutput): AwsCredentials {
  const { AccessKeyId = '', SecretKey = '', SessionToken = '', Expiration = new Date(0) } = Credentials
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretKey,
    sessionToken: SessionToken,
    expiration: Expiration,
    identityId: IdentityId,
  }
}
