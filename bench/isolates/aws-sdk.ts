import { AdminAddUserToGroupCommand, CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { credentials, region, userPoolId } from '../settings.ts'
import { serve } from './serve.ts'

export default serve(async (_request, { answer }) => {
  const response = { statusCode: 200, headers: {}, body: new TextEncoder().encode('{}') }
  const client = new CognitoIdentityProviderClient({
    region,
    credentials,
    requestHandler: { handle: async () => ({ response }) },
  })
  if (answer) {
    const input = { UserPoolId: userPoolId, Username: 'alice', GroupName: 'editor' }
    await client.send(new AdminAddUserToGroupCommand(input))
  }
  return client.config.credentials !== undefined
})
