export { AwsError, isAwsError, type List } from '../aws/index.ts'
export { ConfigurationError } from '../errors.ts'
export {
  type Account,
  type AttributeDelivery,
  type ConfirmSignUpOptions,
  createAccount,
  type Profile,
  type ProfileData,
  type RevokeSessionOptions,
  type SignUpOptions,
  type SignUpResult,
  type UserSession,
  type UserSessions,
} from './account.ts'
export { type AuthorizedFetch, type AuthorizedFetchOptions, authorizedFetch } from './authorized-fetch.ts'
export type { SignInCallOptions, SignInOptions, UserClient, UserContext } from './client.ts'
export { decodeStep } from './decode-step.ts'
export { createDevices, type Device, type DeviceStore, type Devices, type StoredDevice } from './devices.ts'
export { encodeAnswer } from './encode-answer.ts'
export { type SignInCode, SignInError } from './error.ts'
export {
  type AuthFactors,
  createMfa,
  createPasskeys,
  type FactorPreference,
  type Mfa,
  type MfaPreference,
  type Passkey,
  type Passkeys,
  type TotpOptions,
  type TotpSetUp,
  type VerifyTotpOptions,
} from './factors.ts'
export type { SignInFlowOptions } from './flow.ts'
export {
  type ClientCredentialsOptions,
  type ClientTokenOptions,
  clientCredentials,
  clientToken,
  type MachineToken,
} from './machine.ts'
export { openStep, parseStep, type SealOptions, sealStep } from './seal-step.ts'
export type { RefreshOptions, Session, SessionOptions, StartingTokens, TokenStore } from './session.ts'
export {
  type ChoiceSignInOptions,
  type CustomSignInOptions,
  createSignIn,
  type PasswordSignInOptions,
  type SignIn,
} from './sign-in.ts'
export { secretHash } from './srp.ts'
export type {
  AnswerTo,
  ChallengeName,
  ChallengeStep,
  CodeDelivery,
  NewDevice,
  OpenStep,
  OtherChallenge,
  SignedIn,
  SignInStep,
  Tokens,
} from './step.ts'
