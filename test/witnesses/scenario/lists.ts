import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { list, pick } from './outcome.ts'
import { person } from './person.ts'
import type { Step } from './step.ts'

/** On pages and filters. */
export function pagingSteps(): Step[] {
  return [
    {
      name: 'pages hold 60, and every user once',
      expected: [[60, 8], 68],
      run: async ({ client, send, userPoolId: UserPoolId }) => {
        for (let index = 0; index < 66; index++) {
          await send(
            new cognito.AdminCreateUserCommand({ UserPoolId, ...person(`n${String(index).padStart(2, '0')}`) }),
          )
        }
        await send(new cognito.AdminCreateUserCommand({ UserPoolId, ...person('say"hi"\\o/') }))
        const lengths: number[] = []
        const names = new Set<string | undefined>()
        for await (const page of cognito.paginateListUsers({ client }, { UserPoolId })) {
          lengths.push(page.Users?.length ?? 0)
          for (const user of page.Users ?? []) names.add(user.Username)
        }
        return [lengths, names.size]
      },
    },
    {
      name: 'groups page too',
      expected: [2, 2, 1],
      run: async ({ client, userPoolId: UserPoolId }) => {
        const lengths: number[] = []
        for await (const page of cognito.paginateListGroups({ client, pageSize: 2 }, { UserPoolId })) {
          lengths.push(page.Groups?.length ?? 0)
        }
        return lengths
      },
    },
    {
      name: 'more than 60 a page are refused',
      expected: { refused: 'InvalidParameterException' },
      run: ({ send, userPoolId: UserPoolId }) =>
        send(new cognito.ListUsersCommand({ UserPoolId, Limit: 61 })).then((answer) => pick(answer)),
    },
    {
      name: 'users are filtered',
      expected: [['alice'], ['n60', 'n61', 'n62', 'n63', 'n64', 'n65'], ['alice'], ['say"hi"\\o/'], []],
      run: async ({ send, userPoolId: UserPoolId }) => {
        const outcomes: unknown[] = []
        for (const Filter of [
          'username = "alice"',
          'username ^= "n6"',
          'email = "a@example.com"',
          'username = "say\\"hi\\"\\\\o/"',
          'status = "Disabled"',
        ]) {
          outcomes.push(list(await send(new cognito.ListUsersCommand({ UserPoolId, Filter })), 'Users', 'Username'))
        }
        return outcomes
      },
    },
    {
      name: 'filters of another form, or by custom attributes, are refused',
      expected: [{ refused: 'InvalidParameterException' }, { refused: 'InvalidParameterException' }],
      run: async ({ send, userPoolId: UserPoolId }) => [
        pick(await send(new cognito.ListUsersCommand({ UserPoolId, Filter: 'username = "a" or username = "b"' }))),
        pick(await send(new cognito.ListUsersCommand({ UserPoolId, Filter: 'custom:tier = "gold"' }))),
      ],
    },
  ]
}
