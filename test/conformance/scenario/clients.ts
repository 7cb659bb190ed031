import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { done, list, pick, read } from './outcome.ts'
import type { Step } from './step.ts'

type Shape = Record<string, unknown>

/** On app clients. */
export function clientSteps(): Step[] {
  return [
    {
      name: 'an app client is created, with a secret',
      expected: { ClientName: 'Web', RefreshTokenValidity: 30, secret: true },
      run: async ({ send, clients, userPoolId: UserPoolId }) => {
        const answer = await send(
          new cognito.CreateUserPoolClientCommand({
            UserPoolId,
            ClientName: 'Web',
            GenerateSecret: true,
            ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
          }),
        )
        const id = String(read(answer, 'UserPoolClient', 'ClientId'))
        const secret = read(answer, 'UserPoolClient', 'ClientSecret')
        clients.set('web', { id, secret: typeof secret === 'string' ? secret : undefined })
        const shown = pick(read(answer, 'UserPoolClient') ?? answer, 'ClientName', 'RefreshTokenValidity') as Shape
        return { ...shown, secret: typeof secret === 'string' }
      },
    },
    {
      name: 'an update of an app client resets what is not sent, and keeps the secret',
      expected: { ClientName: 'App', CallbackURLs: ['https://app.example/'], secret: true },
      run: async ({ send, clients, userPoolId: UserPoolId }) => {
        const created = await send(
          new cognito.CreateUserPoolClientCommand({
            UserPoolId,
            ClientName: 'App',
            GenerateSecret: true,
            ReadAttributes: ['email'],
            PreventUserExistenceErrors: 'ENABLED',
          }),
        )
        const ClientId = String(read(created, 'UserPoolClient', 'ClientId'))
        clients.set('app', { id: ClientId, secret: undefined })
        const CallbackURLs = ['https://app.example/']
        await send(new cognito.UpdateUserPoolClientCommand({ UserPoolId, ClientId, CallbackURLs }))
        const answer = await send(new cognito.DescribeUserPoolClientCommand({ UserPoolId, ClientId }))
        const names = ['ClientName', 'CallbackURLs', 'ReadAttributes', 'PreventUserExistenceErrors']
        const shown = pick(read(answer, 'UserPoolClient') ?? answer, ...names) as Shape
        return { ...shown, secret: typeof read(answer, 'UserPoolClient', 'ClientSecret') === 'string' }
      },
    },
    {
      name: 'app clients are listed and deleted',
      expected: [['App', 'Web'], 'done', { refused: 'ResourceNotFoundException' }],
      run: async ({ send, clients, userPoolId: UserPoolId }) => {
        const names = list(
          await send(new cognito.ListUserPoolClientsCommand({ UserPoolId, MaxResults: 60 })),
          'UserPoolClients',
          'ClientName',
        )
        const ClientId = clients.get('app')?.id
        const deleted = done(await send(new cognito.DeleteUserPoolClientCommand({ UserPoolId, ClientId })))
        return [names, deleted, pick(await send(new cognito.DescribeUserPoolClientCommand({ UserPoolId, ClientId })))]
      },
    },
    {
      name: 'machines need a secret',
      expected: { refused: 'InvalidOAuthFlowException' },
      run: async ({ send, userPoolId: UserPoolId }) =>
        pick(
          await send(
            new cognito.CreateUserPoolClientCommand({
              UserPoolId,
              ClientName: 'Robot',
              AllowedOAuthFlowsUserPoolClient: true,
              AllowedOAuthFlows: ['client_credentials'],
              AllowedOAuthScopes: ['orders/read'],
            }),
          ),
        ),
    },
  ]
}
