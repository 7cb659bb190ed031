import type { PolicyDocument } from '../iam/iam.ts'

/** What all inline policies of a role may have together, in characters without whitespace ("IAM and AWS STS quotas"). */
export const longestPolicies = 10_240

/** How many characters of a policy IAM counts: all but whitespace. */
export function sizeOf(policy: PolicyDocument): number {
  return JSON.stringify(policy).replace(/\s/g, '').length
}
