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
      run: async ({ pages, send, userPoolId: UserPoolId }) => {
        for (let index = 0; index < 66; index++) {
          await send(
            new cognito.AdminCreateUserCommand({ UserPoolId, ...person(`n${String(index).padStart(2, '0')}`) }),
          )
        }
        await send(new cognito.AdminCreateUserCommand({ UserPoolId, ...person('say"hi"\\o/') }))
        const lengths: number[] = []
        const names = new Set<string>()
        for await (const page of pages('users')) {
          lengths.push(page.length)
          for (const name of page) names.add(name)
        }
        return [lengths, names.size]
      },
    },
    {
      name: 'groups page too',
      expected: [2, 2, 1],
      run: async ({ pages }) => {
        const lengths: number[] = []
        for await (const page of pages('groups', 2)) lengths.push(page.length)
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
