import { createHmac } from 'node:crypto'
import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { done, list, pick, read, signInOutcome } from './outcome.ts'
import type { Run, Step } from './step.ts'

const password = 'Correct-h0rse'
const hash = (secret = '', text = '') => createHmac('sha256', secret).update(text).digest('base64')

/** On passwords and sign-in. */
export function signInSteps(): Step[] {
  const signIn = async (run: Run, parameters: Record<string, string>) => {
    const { id, secret } = run.clients.get('web') ?? { id: 'none', secret: undefined }
    const name = parameters['USERNAME']
    const AuthParameters = { SECRET_HASH: hash(secret, `${name}${id}`), PASSWORD: password, ...parameters }
    const base = { UserPoolId: run.userPoolId, ClientId: id, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' as const }
    return run.send(new cognito.AdminInitiateAuthCommand({ ...base, AuthParameters }))
  }
  const setPassword = (run: Run, Username: string, Password: string, Permanent: boolean) =>
    run.send(new cognito.AdminSetUserPasswordCommand({ UserPoolId: run.userPoolId, Username, Password, Permanent }))
  const statusOf = async ({ send, userPoolId: UserPoolId }: Run, Username: string) =>
    read(await send(new cognito.AdminGetUserCommand({ UserPoolId, Username })), 'UserStatus')
  return [
    {
      name: 'a password against the policy is refused',
      expected: { refused: 'InvalidPasswordException' },
      run: async (run) => pick(await setPassword(run, 'alice', 'short', true)),
    },
    {
      name: 'a permanent password confirms',
      expected: ['done', 'CONFIRMED'],
      run: async (run) => [done(await setPassword(run, 'alice', password, true)), await statusOf(run, 'alice')],
    },
    {
      name: 'the administrator signs a user in',
      expected: { username: 'alice', groups: ['editor'], use: 'access' },
      run: async (run) => signInOutcome(await signIn(run, { USERNAME: 'alice' })),
    },
    {
      name: 'a wrong password, a wrong hash and an unknown user are refused',
      expected: [
        { refused: 'NotAuthorizedException' },
        { refused: 'NotAuthorizedException' },
        { refused: 'UserNotFoundException' },
      ],
      run: async (run) => [
        signInOutcome(await signIn(run, { USERNAME: 'alice', PASSWORD: 'Wrong-h0rse' })),
        signInOutcome(await signIn(run, { USERNAME: 'alice', SECRET_HASH: hash('other', 'alice') })),
        signInOutcome(await signIn(run, { USERNAME: 'mallory' })),
      ],
    },
    {
      name: 'a disabled user is not signed in',
      expected: { refused: 'NotAuthorizedException' },
      run: async (run) => {
        const user = { UserPoolId: run.userPoolId, Username: 'alice' }
        await run.send(new cognito.AdminDisableUserCommand(user))
        const outcome = signInOutcome(await signIn(run, { USERNAME: 'alice' }))
        await run.send(new cognito.AdminEnableUserCommand(user))
        return outcome
      },
    },
    {
      name: 'a temporary password has to be changed',
      expected: [{ ChallengeName: 'NEW_PASSWORD_REQUIRED' }, { username: 'n00', use: 'access' }, 'CONFIRMED'],
      run: async (run) => {
        await setPassword(run, 'n00', password, false)
        const challenge = await signIn(run, { USERNAME: 'n00' })
        const { id, secret } = run.clients.get('web') ?? { id: 'none', secret: undefined }
        const answer = await run.send(
          new cognito.AdminRespondToAuthChallengeCommand({
            UserPoolId: run.userPoolId,
            ClientId: id,
            ChallengeName: 'NEW_PASSWORD_REQUIRED',
            Session: String(read(challenge, 'Session')),
            ChallengeResponses: {
              USERNAME: 'n00',
              NEW_PASSWORD: 'N3w-password',
              SECRET_HASH: hash(secret, `n00${id}`),
            },
          }),
        )
        return [signInOutcome(challenge), signInOutcome(answer), await statusOf(run, 'n00')]
      },
    },
    {
      name: 'a reset password has to be set again',
      expected: ['done', 'RESET_REQUIRED', { refused: 'PasswordResetRequiredException' }],
      run: async (run) => {
        const UserAttributes = [{ Name: 'email_verified', Value: 'true' }]
        const user = { UserPoolId: run.userPoolId, Username: 'alice' }
        await run.send(new cognito.AdminUpdateUserAttributesCommand({ ...user, UserAttributes }))
        const reset = done(await run.send(new cognito.AdminResetUserPasswordCommand(user)))
        return [reset, await statusOf(run, 'alice'), signInOutcome(await signIn(run, { USERNAME: 'alice' }))]
      },
    },
    {
      name: 'who is confirmed cannot be confirmed',
      expected: { refused: 'NotAuthorizedException' },
      run: async ({ send, userPoolId: UserPoolId }) =>
        pick(await send(new cognito.AdminConfirmSignUpCommand({ UserPoolId, Username: 'n00' }))),
    },
    {
      name: 'everywhere signed out',
      expected: 'done',
      run: async ({ send, userPoolId: UserPoolId }) =>
        done(await send(new cognito.AdminUserGlobalSignOutCommand({ UserPoolId, Username: 'n00' }))),
    },
    {
      name: 'no devices',
      expected: [],
      run: async ({ send, userPoolId: UserPoolId }) =>
        list(await send(new cognito.AdminListDevicesCommand({ UserPoolId, Username: 'n00' })), 'Devices', 'DeviceKey'),
    },
  ]
}
