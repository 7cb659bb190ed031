export type {
  ChallengeName,
  ChallengeStep,
  CodeDelivery,
  NewDevice,
  OtherChallenge,
  SignInStep,
  SignedIn,
  SrpParameters,
  Tokens,
} from './step.ts'
export { signInStepOf } from './decode-step.ts'
