import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { done, list, pick, read } from './outcome.ts'
import type { Step } from './step.ts'

/** On identity providers. */
export function providerSteps(): Step[] {
  const ProviderName = 'Corp'
  const ProviderDetails = { MetadataURL: 'https://idp.example/metadata' }
  return [
    {
      name: 'an identity provider is created, once',
      expected: [{ ProviderName: 'Corp', ProviderType: 'SAML' }, { refused: 'DuplicateProviderException' }],
      run: async ({ send, userPoolId: UserPoolId }) => {
        const command = () =>
          new cognito.CreateIdentityProviderCommand({ UserPoolId, ProviderName, ProviderType: 'SAML', ProviderDetails })
        const answer = await send(command())
        const created = pick(read(answer, 'IdentityProvider') ?? answer, 'ProviderName', 'ProviderType')
        return [created, pick(await send(command()))]
      },
    },
    {
      name: 'an identity provider is updated by what is sent',
      expected: { AttributeMapping: { email: 'mail' }, MetadataURL: 'https://idp.example/metadata' },
      run: async ({ send, userPoolId: UserPoolId }) => {
        const AttributeMapping = { email: 'mail' }
        await send(new cognito.UpdateIdentityProviderCommand({ UserPoolId, ProviderName, AttributeMapping }))
        const answer = await send(new cognito.DescribeIdentityProviderCommand({ UserPoolId, ProviderName }))
        if (read(answer, 'IdentityProvider') === undefined) return pick(answer)
        return {
          AttributeMapping: read(answer, 'IdentityProvider', 'AttributeMapping'),
          MetadataURL: read(answer, 'IdentityProvider', 'ProviderDetails', 'MetadataURL'),
        }
      },
    },
    {
      name: 'identity providers are listed and deleted',
      expected: [['Corp'], 'done', { refused: 'ResourceNotFoundException' }],
      run: async ({ send, userPoolId: UserPoolId }) => {
        const answer = await send(new cognito.ListIdentityProvidersCommand({ UserPoolId }))
        const deleted = done(await send(new cognito.DeleteIdentityProviderCommand({ UserPoolId, ProviderName })))
        const gone = await send(new cognito.DescribeIdentityProviderCommand({ UserPoolId, ProviderName }))
        return [list(answer, 'Providers', 'ProviderName'), deleted, pick(gone)]
      },
    },
  ]
}
