import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { type Driver, unreadable } from './driver.ts'

/** Drives a scenario by the AWS SDK's own client. */
export function createSdkDriver(client: cognito.CognitoIdentityProviderClient, userPoolId: string): Driver {
  return {
    userPoolId,
    async send(command) {
      try {
        return await client.send(command as never)
      } catch (error) {
        if (error instanceof cognito.CognitoIdentityProviderServiceException) return { refused: error.name }
        if (error instanceof SyntaxError) return { refused: unreadable }
        throw error
      }
    },
    async *pages(list, limit) {
      const settings = { client, ...(limit && { pageSize: limit }) }
      const input = { UserPoolId: userPoolId }
      if (list === 'users') {
        for await (const { Users = [] } of cognito.paginateListUsers(settings, input)) {
          yield Users.map(({ Username = '' }) => Username)
        }
      } else {
        for await (const { Groups = [] } of cognito.paginateListGroups(settings, input)) {
          yield Groups.map(({ GroupName = '' }) => GroupName)
        }
      }
    },
  }
}
