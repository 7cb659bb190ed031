import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { done, list, pick } from './outcome.ts'
import type { Step } from './step.ts'

/** On deletions. */
export function endSteps(): Step[] {
  return [
    {
      name: 'a deleted user is in no group',
      expected: ['done', [], { refused: 'UserNotFoundException' }],
      run: async ({ send, userPoolId: UserPoolId }) => {
        const deleted = done(await send(new cognito.AdminDeleteUserCommand({ UserPoolId, Username: 'alice' })))
        const members = await send(new cognito.ListUsersInGroupCommand({ UserPoolId, GroupName: 'editor' }))
        const again = await send(new cognito.AdminDeleteUserCommand({ UserPoolId, Username: 'alice' }))
        return [deleted, list(members, 'Users', 'Username'), pick(again)]
      },
    },
    {
      name: 'a deleted group has no members when it comes back',
      expected: ['done', { refused: 'ResourceNotFoundException' }, []],
      run: async ({ send, userPoolId: UserPoolId }) => {
        const GroupName = 'viewer'
        await send(new cognito.AdminAddUserToGroupCommand({ UserPoolId, Username: 'n01', GroupName }))
        const deleted = done(await send(new cognito.DeleteGroupCommand({ UserPoolId, GroupName })))
        const gone = pick(await send(new cognito.DeleteGroupCommand({ UserPoolId, GroupName })))
        await send(new cognito.CreateGroupCommand({ UserPoolId, GroupName }))
        const members = await send(new cognito.ListUsersInGroupCommand({ UserPoolId, GroupName }))
        return [deleted, gone, list(members, 'Users', 'Username')]
      },
    },
  ]
}
