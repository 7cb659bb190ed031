import { findSelfAccess, type PolicyDocument } from '../../provision/index.ts'
import type { Check } from './check.ts'
import type { LinkedRole } from './read-roles.ts'

/** The checks of groups and of the roles that users get. */
export const groupChecks: readonly Check[] = [
  {
    id: 'trust-without-audience',
    severity: 'error',
    reads: 'Role.AssumeRolePolicyDocument',
    needs: `cognito-idp:ListGroups iam:GetRole cognito-identity:GetIdentityPoolRoles`,
    asks: 'identityPool',
    message:
      'The trust policy of a role that users get does not bind this identity pool (aud) and who has signed in (amr): others ' +
      'can take the role.',
    fix: 'Require both in the trust policy, or apply definitions in which the group has a policy.',
    find: ({ roles, identityPool, identityPoolId }) =>
      roles.flatMap((role) => {
        const { trustPolicy, users } = role
        const amr = users === 'guests' ? 'unauthenticated' : 'authenticated'
        const isOpen =
          trustPolicy !== undefined && isLoose(trustPolicy, identityPool?.identityPoolId ?? identityPoolId, amr)
        return isOpen ? [{ ...placeOf(role), detail: holdersOf(role) }] : []
      }),
  },
  {
    id: 'self-access',
    severity: 'error',
    reads: 'PolicyDocument, AttachedPolicies, PolicyVersion.Document',
    needs:
      'cognito-idp:ListGroups cognito-identity:GetIdentityPoolRoles iam:ListRolePolicies iam:GetRolePolicy ' +
      'iam:ListAttachedRolePolicies iam:GetPolicy iam:GetPolicyVersion',
    message: 'A role lets the users who get it change groups, roles or the pool itself.',
    fix: 'Take the actions on cognito-idp, cognito-identity and iam out of its policies, or detach the policies.',
    find: ({ roles, userPoolId, identityPoolId }) =>
      roles.flatMap((role) => {
        const [, partition = 'aws', , , account = ''] = role.arn.split(':')
        const place = { userPoolId, identityPoolId, account, partition }
        const reach = (policy: PolicyDocument) => findSelfAccess(policy, place).flatMap(({ actions }) => actions)
        const inline = role.policies.flatMap(reach)
        const attached = role.managedPolicies.flatMap(({ arn, document }) => {
          const name = arn.slice(arn.lastIndexOf('/') + 1)
          // Those of AWS are known by their names, where they may not be read.
          const isAdministrative =
            /^arn:[\w-]+:iam::aws:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|AmazonCognitoPowerUser)$/
          const reached = document === undefined ? isAdministrative.test(arn) : reach(document).length > 0
          return reached ? [name] : []
        })
        const what = [...new Set([...inline, ...attached])]
        return what.length > 0 ? [{ ...placeOf(role), detail: `${holdersOf(role)}: ${what.join(', ')}` }] : []
      }),
  },
  {
    id: 'provider-group-role',
    severity: 'error',
    reads: 'Groups[].RoleArn, Providers[].ProviderName',
    needs: 'cognito-idp:ListGroups cognito-idp:ListIdentityProviders',
    message: 'Cognito puts every user of an identity provider into this group, and it has a role.',
    fix: 'Give the role to a group that an administrator fills, and create this one again without it.',
    find: ({ groups, providers, userPoolId }) => {
      const filled = new Set(providers.map((provider) => `${userPoolId}_${provider}`))
      return groups.flatMap(({ name, roleArn }) =>
        roleArn !== undefined && filled.has(name) ? [{ at: `group/${name}`, group: name }] : [],
      )
    },
  },
  {
    id: 'precedence-tie',
    severity: 'warning',
    reads: 'Groups[].Precedence, RoleArn',
    needs: 'cognito-idp:ListGroups',
    message: 'Groups of one precedence have different roles: who is in both gets no role.',
    fix: 'Give each a precedence of its own.',
    find: ({ groups }) => {
      // Groups without a precedence come after all others, and are tied as well.
      const byPrecedence = new Map<number | undefined, { name: string; roleArn: string }[]>()
      for (const { name, roleArn, precedence } of groups) {
        if (roleArn === undefined) continue
        const tied = byPrecedence.get(precedence)
        if (tied) tied.push({ name, roleArn })
        else byPrecedence.set(precedence, [{ name, roleArn }])
      }
      return [...byPrecedence.values()].flatMap((tied) => {
        if (new Set(tied.map(({ roleArn }) => roleArn)).size < 2) return []
        const names = tied.map(({ name }) => name).sort()
        return [{ at: `group/${names[0]}`, detail: list(names), group: names[0] }]
      })
    },
  },
  {
    id: 'token-overflow',
    severity: 'warning',
    reads: 'Groups[].GroupName, RoleArn',
    needs: 'cognito-idp:ListGroups',
    message:
      'The ID token of a user in all groups, or in 100 of them, is longer than the 8 kB that many servers take for a header; a ' +
      'cookie takes 4.',
    fix: 'Have fewer groups or shorter names, or send access tokens, which have no roles.',
    find: ({ groups, userPoolId }) => {
      const bytes = groups.map(
        ({ name, roleArn }) => byteLength(name) + (roleArn === undefined ? 0 : byteLength(roleArn)),
      )
      // A user is in 100 groups at most, by Cognito's quotas; the rest of an ID token takes about 1.3 kB.
      const largest = bytes.sort((a, b) => b - a).slice(0, 100)
      const token = 1300 + Math.ceil((largest.reduce((sum, each) => sum + each, 0) * 4) / 3)
      return token > 8192 ? [{ at: `pool/${userPoolId}`, detail: `about ${(token / 1000).toFixed(1)} kB` }] : []
    },
  },
]

const placeOf = ({ name, groups }: LinkedRole) => ({ at: `role/${name}`, group: groups[0] })

/** Who has a role. */
function holdersOf({ groups, users }: LinkedRole): string {
  const named = groups.length === 0 ? [] : [`${groups.length === 1 ? 'group' : 'groups'} ${list(groups)}`]
  return [...named, ...(users === undefined ? [] : [users])].join(' and ')
}

function list(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ')
}

/** As a JSON text in a token has it, with quotes and a comma. */
function byteLength(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length + 1
}

/** Whether some statement that admits users of identity pools leaves out the identity pool, or who has signed in. */
function isLoose({ Statement }: PolicyDocument, identityPoolId: string | undefined, amr: string): boolean {
  const statements: unknown[] = Array.isArray(Statement) ? Statement : [Statement]
  return statements.some((given) => {
    const { Effect, Condition, Principal } = Object(given) as Record<string, unknown>
    if (Effect !== 'Allow' || !admitsIdentityPools(Principal)) return false
    const only = (operators: string, key: string, value: string | undefined) =>
      Object.entries(Object(Condition)).some(([operator, tests]) => {
        if (!operators.split(' ').includes(operator)) return false
        return Object.entries(Object(tests)).some(
          ([name, values]) =>
            /^cognito-identity[\w.-]*:/i.test(name) &&
            name.toLowerCase().endsWith(`:${key}`) &&
            [values].flat().every((each) => each === value),
        )
      })
    return (
      !only('StringEquals StringLike', 'aud', identityPoolId) ||
      !only('ForAnyValue:StringLike ForAnyValue:StringEquals StringEquals StringLike', 'amr', amr)
    )
  })
}

/** Also where it admits everybody. A statement for another service or account is nothing that identity pools use. */
function admitsIdentityPools(principal: unknown): boolean {
  if (principal === undefined || principal === '*') return true
  return Object.entries(Object(principal)).some(([kind, values]) =>
    [values].flat().some((value) => value === '*' || (kind === 'Federated' && /^cognito-identity/.test(String(value)))),
  )
}
