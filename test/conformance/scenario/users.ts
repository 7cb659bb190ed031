import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { attributesOf, done, list, pick, read } from './outcome.ts'
import { person } from './person.ts'
import type { Step } from './step.ts'

/** On users and memberships. */
export function userSteps(): Step[] {
  return [
    {
      name: 'a user is created',
      expected: { Username: 'alice', Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' },
      run: async ({ send, userPoolId: UserPoolId }) => {
        const alice = person('alice', ['email', 'alice@example.com'], ['email_verified', 'true'])
        const answer = await send(new cognito.AdminCreateUserCommand({ UserPoolId, ...alice }))
        return pick(read(answer, 'User') ?? answer, 'Username', 'Enabled', 'UserStatus')
      },
    },
    {
      name: 'a user is not created twice',
      expected: { refused: 'UsernameExistsException' },
      run: ({ send, userPoolId: UserPoolId }) =>
        send(new cognito.AdminCreateUserCommand({ UserPoolId, ...person('alice') })).then((answer) => pick(answer)),
    },
    {
      name: 'an unknown user is not found',
      expected: [{ refused: 'UserNotFoundException' }, { refused: 'UserNotFoundException' }],
      run: async ({ send, userPoolId: UserPoolId }) => [
        pick(await send(new cognito.AdminGetUserCommand({ UserPoolId, Username: 'mallory' }))),
        pick(
          await send(new cognito.AdminAddUserToGroupCommand({ UserPoolId, Username: 'mallory', GroupName: 'viewer' })),
        ),
      ],
    },
    {
      name: 'a user is added to groups, once or twice',
      expected: [['done', 'done', 'done'], ['editor', 'viewer'], ['alice']],
      run: async ({ send, userPoolId: UserPoolId }) => {
        const added: unknown[] = []
        for (const GroupName of ['viewer', 'editor', 'editor']) {
          added.push(
            done(await send(new cognito.AdminAddUserToGroupCommand({ UserPoolId, Username: 'alice', GroupName }))),
          )
        }
        const groups = await send(new cognito.AdminListGroupsForUserCommand({ UserPoolId, Username: 'alice' }))
        const members = await send(new cognito.ListUsersInGroupCommand({ UserPoolId, GroupName: 'editor' }))
        return [added, list(groups, 'Groups', 'GroupName'), list(members, 'Users', 'Username')]
      },
    },
    {
      name: 'a user is not added to a group that is not there',
      expected: { refused: 'ResourceNotFoundException' },
      run: ({ send, userPoolId: UserPoolId }) =>
        send(new cognito.AdminAddUserToGroupCommand({ UserPoolId, Username: 'alice', GroupName: 'nobody' })).then(
          (answer) => pick(answer),
        ),
    },
    {
      name: 'a user is removed from groups, also from one that does not have them',
      expected: [['done', 'done'], ['editor']],
      run: async ({ send, userPoolId: UserPoolId }) => {
        const removed: unknown[] = []
        for (const GroupName of ['viewer', 'admin']) {
          const command = new cognito.AdminRemoveUserFromGroupCommand({ UserPoolId, Username: 'alice', GroupName })
          removed.push(done(await send(command)))
        }
        const groups = await send(new cognito.AdminListGroupsForUserCommand({ UserPoolId, Username: 'alice' }))
        return [removed, list(groups, 'Groups', 'GroupName')]
      },
    },
    {
      name: 'a user is disabled and enabled',
      expected: [false, true],
      run: async ({ send, userPoolId: UserPoolId }) => {
        const Username = 'alice'
        const enabled = async () =>
          read(await send(new cognito.AdminGetUserCommand({ UserPoolId, Username })), 'Enabled')
        await send(new cognito.AdminDisableUserCommand({ UserPoolId, Username }))
        const disabled = await enabled()
        await send(new cognito.AdminEnableUserCommand({ UserPoolId, Username }))
        return [disabled, await enabled()]
      },
    },
    {
      name: 'attributes are changed and deleted',
      expected: [
        { email: 'alice@example.com', email_verified: 'true', given_name: 'Alice' },
        { email: 'alice@example.com', email_verified: 'true' },
      ],
      run: async ({ send, userPoolId: UserPoolId }) => {
        const Username = 'alice'
        const attributes = async () =>
          attributesOf(await send(new cognito.AdminGetUserCommand({ UserPoolId, Username })))
        const UserAttributes = [{ Name: 'given_name', Value: 'Alice' }]
        await send(new cognito.AdminUpdateUserAttributesCommand({ UserPoolId, Username, UserAttributes }))
        const changed = await attributes()
        const UserAttributeNames = ['given_name']
        await send(new cognito.AdminDeleteUserAttributesCommand({ UserPoolId, Username, UserAttributeNames }))
        return [changed, await attributes()]
      },
    },
    {
      name: 'a new e-mail address is unverified',
      expected: { email: 'a@example.com', email_verified: 'false' },
      run: async ({ send, userPoolId: UserPoolId }) => {
        const Username = 'alice'
        const UserAttributes = [{ Name: 'email', Value: 'a@example.com' }]
        await send(new cognito.AdminUpdateUserAttributesCommand({ UserPoolId, Username, UserAttributes }))
        return attributesOf(await send(new cognito.AdminGetUserCommand({ UserPoolId, Username })))
      },
    },
    {
      name: 'attributes outside the schema are refused',
      expected: { refused: 'InvalidParameterException' },
      run: async ({ send, userPoolId: UserPoolId }) => {
        const UserAttributes = [{ Name: 'shoe_size', Value: '43' }]
        const command = new cognito.AdminUpdateUserAttributesCommand({ UserPoolId, Username: 'alice', UserAttributes })
        return pick(await send(command))
      },
    },
  ]
}
