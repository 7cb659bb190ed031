import type { Iam, PolicyDocument, Roles } from './iam.ts'
import { createMarkerList } from './client.ts'
import { documentIn, isSameJson } from './role.ts'
import { malformed, orNothing, type Write } from './writer.ts'

type RolePolicies = Pick<
  Roles,
  'policies' | 'policy' | 'putPolicy' | 'deletePolicy' | 'managedPolicies' | 'attach' | 'detach'
>

/** The part of IAM that is about the policies of roles. */
export function createRolePolicies(call: Iam['call'], write: Write): RolePolicies {
  const policy: Roles['policy'] = async (name, policyName, options) => {
    const answer = await orNothing(call('GetRolePolicy', { RoleName: name, PolicyName: policyName }, options))
    if (answer === undefined) return undefined
    const document: PolicyDocument | undefined = documentIn(answer.PolicyDocument)
    if (document === undefined) throw malformed('GetRolePolicy')
    return document
  }
  const managedPolicies: Roles['managedPolicies'] = (name, options) =>
    createMarkerList(
      'ListAttachedRolePolicies',
      (position) => call('ListAttachedRolePolicies', { RoleName: name, ...position }, options),
      ({ AttachedPolicies }) => AttachedPolicies?.map(({ PolicyArn }) => PolicyArn),
    )
  const isAttached = async (...[name, arn, limits]: Parameters<Roles['attach']>) =>
    (await managedPolicies(name, limits).toArray()).includes(arn)
  return {
    policies: (name, options) =>
      createMarkerList(
        'ListRolePolicies',
        (position) => call('ListRolePolicies', { RoleName: name, ...position }, options),
        ({ PolicyNames }) => PolicyNames,
      ),
    policy,
    async putPolicy(name, policyName, document, options) {
      const wire = { RoleName: name, PolicyName: policyName, PolicyDocument: JSON.stringify(document) }
      await write(
        options,
        (limits) => call('PutRolePolicy', wire, limits),
        async (limits) => (isSameJson(await policy(name, policyName, limits), document) ? {} : undefined),
      )
    },
    async deletePolicy(name, policyName, options) {
      const wire = { RoleName: name, PolicyName: policyName }
      await write(
        options,
        async (limits) => (await orNothing(call('DeleteRolePolicy', wire, limits))) ?? {},
        async (limits) => ((await policy(name, policyName, limits)) ? undefined : {}),
      )
    },
    managedPolicies,
    async attach(name, arn, options) {
      await write(
        options,
        (limits) => call('AttachRolePolicy', { RoleName: name, PolicyArn: arn }, limits),
        async (limits) => ((await isAttached(name, arn, limits)) ? {} : undefined),
      )
    },
    async detach(name, arn, options) {
      await write(
        options,
        async (limits) => (await orNothing(call('DetachRolePolicy', { RoleName: name, PolicyArn: arn }, limits))) ?? {},
        async (limits) => ((await isAttached(name, arn, limits)) ? undefined : {}),
      )
    },
  }
}
