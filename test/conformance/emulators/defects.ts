import { unreadable } from '../drivers/driver.ts'

/** How an emulator is known to differ from Cognito at one step. */
export interface Defect {
  readonly why: string
  readonly outcome: unknown
}

/** cognito-local 5.3.0. By the name of the step. */
export const cognitoLocalDefects: Readonly<Record<string, Defect>> = {
  'further groups are created, whatever their names': {
    why: 'Loses groups named __proto__.',
    outcome: ['a/b%"😀', 'admin', 'editor', 'viewer'],
  },
  'a group is not created twice': { why: 'Creates a group again, and wipes it.', outcome: {} },
  'a group is updated by what is sent': { why: 'Loses what an update does not send.', outcome: { Precedence: 5 } },
  'pages hold 60, and every user once': { why: 'Does not page.', outcome: [[68], 68] },
  'groups page too': { why: 'Does not page.', outcome: [4] },
  'more than 60 a page are refused': { why: 'Does not check limits.', outcome: {} },
  'users are filtered': {
    why: 'Does not know escaped values.',
    outcome: [['alice'], ['n60', 'n61', 'n62', 'n63', 'n64', 'n65'], ['alice'], [], []],
  },
  'an app client is created, with a secret': { why: 'Has no defaults.', outcome: { ClientName: 'Web', secret: true } },
  'an update of an app client resets what is not sent, and keeps the secret': {
    why: 'Keeps what an update does not send.',
    outcome: {
      ClientName: 'App',
      CallbackURLs: ['https://app.example/'],
      ReadAttributes: ['email'],
      PreventUserExistenceErrors: 'ENABLED',
      secret: true,
    },
  },
  'machines need a secret': { why: 'Does not check app clients.', outcome: {} },
  'a password against the policy is refused': { why: 'Has no password policy.', outcome: {} },
  'a wrong password, a wrong hash and an unknown user are refused': {
    why: 'Other error names; does not check secret hashes.',
    outcome: [
      { refused: 'InvalidPasswordException' },
      { username: 'alice', groups: ['editor'], use: 'access' },
      { refused: 'NotAuthorizedException' },
    ],
  },
  'a disabled user is not signed in': {
    why: 'Signs disabled users in.',
    outcome: { username: 'alice', groups: ['editor'], use: 'access' },
  },
  'a temporary password has to be changed': {
    why: 'Signs in with a temporary password; has no AdminRespondToAuthChallenge.',
    outcome: [{ username: 'n00', use: 'access' }, { refused: 'Unsupported' }, 'FORCE_CHANGE_PASSWORD'],
  },
  'a reset password has to be set again': {
    why: 'Has no AdminResetUserPassword.',
    outcome: [{ refused: 'Unsupported' }, 'CONFIRMED', { username: 'alice', groups: ['editor'], use: 'access' }],
  },
  'everywhere signed out': { why: 'Has no AdminUserGlobalSignOut.', outcome: { refused: 'Unsupported' } },
  'no devices': { why: 'Has no devices.', outcome: { refused: 'Unsupported' } },
  'an identity provider is created, once': {
    why: 'Has no identity providers.',
    outcome: [{ refused: 'Unsupported' }, { refused: 'Unsupported' }],
  },
  'an identity provider is updated by what is sent': {
    why: 'Has no identity providers.',
    outcome: { refused: 'Unsupported' },
  },
  'identity providers are listed and deleted': {
    why: 'Has no identity providers.',
    outcome: [{ refused: 'Unsupported' }, { refused: 'Unsupported' }, { refused: 'Unsupported' }],
  },
}

/** moto 5, where it is found. By the name of the step. */
export const motoDefects: Readonly<Record<string, Defect>> = {
  'a new e-mail address is unverified': {
    why: 'Leaves a new address verified.',
    outcome: { email: 'a@example.com', email_verified: 'true' },
  },
  'attributes outside the schema are refused': { why: 'Does not check the schema.', outcome: {} },
  'more than 60 a page are refused': { why: 'Does not check limits.', outcome: {} },
  'users are filtered': {
    why: 'Does not know escaped values.',
    outcome: [['alice'], ['n60', 'n61', 'n62', 'n63', 'n64', 'n65'], ['alice'], [], []],
  },
  'filters of another form, or by custom attributes, are refused': {
    why: 'Takes a filter with `or` for one without matches.',
    outcome: [{}, { refused: 'InvalidParameterException' }],
  },
  'an update of an app client resets what is not sent, and keeps the secret': {
    why: 'Keeps what an update does not send.',
    outcome: {
      ClientName: 'App',
      CallbackURLs: ['https://app.example/'],
      ReadAttributes: ['email'],
      PreventUserExistenceErrors: 'ENABLED',
      secret: true,
    },
  },
  'machines need a secret': { why: 'Does not check app clients.', outcome: {} },
  'a wrong password, a wrong hash and an unknown user are refused': {
    why: 'Does not check secret hashes here.',
    outcome: [
      { refused: 'NotAuthorizedException' },
      { username: 'alice', groups: ['editor'], use: 'access' },
      { refused: 'UserNotFoundException' },
    ],
  },
  'a reset password has to be set again': {
    why: 'Asks for a new password in place of the exception.',
    outcome: ['done', 'RESET_REQUIRED', { ChallengeName: 'NEW_PASSWORD_REQUIRED' }],
  },
  'who is confirmed cannot be confirmed': { why: 'Confirms again.', outcome: {} },
  'no devices': { why: 'Has no devices; answers what is not JSON.', outcome: { refused: unreadable } },
  'an identity provider is created, once': {
    why: 'Creates an identity provider again.',
    outcome: [{ ProviderName: 'Corp', ProviderType: 'SAML' }, {}],
  },
}
