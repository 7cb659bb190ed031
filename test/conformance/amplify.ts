import { existsSync } from 'node:fs'

/** What the tests use of Amplify, which stands in the folder of the benchmark with a lock file of its own. */
export interface Amplify {
  signIn(input: { username: string; password?: string; options?: object }): Promise<Outcome>
  confirmSignIn(input: { challengeResponse: string; options?: object }): Promise<Outcome>
  autoSignIn(): Promise<Outcome>
  signUp(input: { username: string; password: string; options?: object }): Promise<{ nextStep: { signUpStep: string } }>
  confirmSignUp(input: { username: string; confirmationCode: string }): Promise<{ nextStep: { signUpStep: string } }>
  resendSignUpCode(input: { username: string }): Promise<{ destination?: string; deliveryMedium?: string }>
  resetPassword(input: { username: string }): Promise<{ nextStep: { resetPasswordStep: string } }>
  confirmResetPassword(input: { username: string; confirmationCode: string; newPassword: string }): Promise<void>
  updatePassword(input: { oldPassword: string; newPassword: string }): Promise<void>
  updateUserAttributes(input: { userAttributes: object }): Promise<object>
  confirmUserAttribute(input: { userAttributeKey: string; confirmationCode: string }): Promise<void>
  fetchUserAttributes(): Promise<Record<string, string>>
  setUpTOTP(): Promise<TotpDetails>
  verifyTOTPSetup(input: { code: string }): Promise<void>
  updateMFAPreference(input: object): Promise<void>
  fetchMFAPreference(): Promise<{ enabled?: string[]; preferred?: string }>
  fetchDevices(): Promise<{ id: string }[]>
  rememberDevice(): Promise<void>
  forgetDevice(input?: object): Promise<void>
  fetchAuthSession(input?: { forceRefresh: boolean }): Promise<{ tokens?: { accessToken: object; idToken?: object } }>
  getCurrentUser(): Promise<{ username: string; userId: string }>
  signOut(input?: { global: boolean }): Promise<void>
  deleteUser(): Promise<void>
}

export interface Outcome {
  readonly isSignedIn: boolean
  readonly nextStep: {
    readonly signInStep: string
    readonly codeDeliveryDetails?: { readonly deliveryMedium?: string; readonly destination?: string }
    readonly allowedMFATypes?: readonly string[]
    readonly availableChallenges?: readonly string[]
    readonly missingAttributes?: readonly string[]
    readonly additionalInfo?: Readonly<Record<string, string>>
    readonly totpSetupDetails?: TotpDetails
  }
}

interface TotpDetails {
  readonly sharedSecret: string
  getSetupUri(issuer: string, account?: string): URL
}

const folder = new URL('../../bench/node_modules/@aws-amplify/', import.meta.url)

export const hasAmplify = existsSync(new URL('auth/package.json', folder))

/** Amplify, which signs in at one pool at a time. */
export async function loadAmplify(): Promise<{
  readonly auth: Amplify
  readonly configure: (userPoolId: string, userPoolClientId: string) => void
  /** What it keeps in a browser's local storage. */
  readonly kept: Map<string, string>
}> {
  const load = (path: string) => import(new URL(path, folder).href)
  const [auth, { cognitoUserPoolsTokenProvider: tokenProvider }, { Amplify: amplify }] = await Promise.all([
    load('auth/dist/esm/index.mjs'),
    load('auth/dist/esm/providers/cognito/index.mjs'),
    load('core/dist/esm/index.mjs'),
  ])
  const kept = new Map<string, string>()
  tokenProvider.setKeyValueStorage({
    setItem: async (key: string, value: string) => void kept.set(key, value),
    getItem: async (key: string) => kept.get(key) ?? null,
    removeItem: async (key: string) => void kept.delete(key),
    clear: async () => kept.clear(),
  })
  return {
    auth,
    kept,
    configure(userPoolId, userPoolClientId) {
      const settings = { Auth: { Cognito: { userPoolId, userPoolClientId } } }
      tokenProvider.setAuthConfig(settings.Auth)
      amplify.configure(settings, { Auth: { tokenProvider } })
    },
  }
}
