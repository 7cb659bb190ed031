import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { list, pick, read } from './outcome.ts'
import type { Run, Step } from './step.ts'

/** On groups. */
export function groupSteps(): Step[] {
  const create =
    (GroupName: string, more: object = {}) =>
    ({ userPoolId: UserPoolId }: Run) =>
      new cognito.CreateGroupCommand({ UserPoolId, GroupName, ...more })
  return [
    {
      name: 'an empty pool has no groups and no users',
      expected: [[], []],
      run: async ({ send, userPoolId: UserPoolId }) => [
        list(await send(new cognito.ListGroupsCommand({ UserPoolId })), 'Groups', 'GroupName'),
        list(await send(new cognito.ListUsersCommand({ UserPoolId })), 'Users', 'Username'),
      ],
    },
    {
      name: 'a group is created',
      expected: { GroupName: 'editor', Description: 'Writes', Precedence: 10 },
      run: async (run) => {
        const answer = await run.send(create('editor', { Description: 'Writes', Precedence: 10 })(run))
        return pick(read(answer, 'Group') ?? answer, 'GroupName', 'Description', 'Precedence')
      },
    },
    {
      name: 'further groups are created, whatever their names',
      expected: ['__proto__', 'a/b%"\u{1f600}', 'admin', 'editor', 'viewer'],
      run: async (run) => {
        for (const name of ['viewer', 'admin', '__proto__', 'a/b%"\u{1f600}']) await run.send(create(name)(run))
        const { userPoolId: UserPoolId } = run
        return list(await run.send(new cognito.ListGroupsCommand({ UserPoolId })), 'Groups', 'GroupName')
      },
    },
    {
      name: 'a group is not created twice',
      expected: { refused: 'GroupExistsException' },
      run: (run) => run.send(create('editor')(run)).then((answer) => pick(answer)),
    },
    {
      name: 'a group is updated by what is sent',
      expected: { Description: 'Writes', Precedence: 5 },
      run: async ({ send, userPoolId: UserPoolId }) => {
        await send(new cognito.UpdateGroupCommand({ UserPoolId, GroupName: 'editor', Precedence: 5 }))
        const answer = await send(new cognito.GetGroupCommand({ UserPoolId, GroupName: 'editor' }))
        return pick(read(answer, 'Group') ?? answer, 'Description', 'Precedence')
      },
    },
    {
      name: 'an unknown group is not found',
      expected: { refused: 'ResourceNotFoundException' },
      run: ({ send, userPoolId: UserPoolId }) =>
        send(new cognito.GetGroupCommand({ UserPoolId, GroupName: 'nobody' })).then((answer) => pick(answer)),
    },
    {
      name: 'an unknown pool is not found',
      expected: { refused: 'ResourceNotFoundException' },
      run: ({ send, userPoolId }) =>
        send(new cognito.ListGroupsCommand({ UserPoolId: `${userPoolId.split('_')[0]}_Nowhere00` })).then((answer) =>
          pick(answer),
        ),
    },
  ]
}
