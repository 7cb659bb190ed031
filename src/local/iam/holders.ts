import { isNull, readOptionalText, readText } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import { type Context, type Operations, ServiceError } from '../operation.ts'
import type { IamGroupState, IamUserState, PolicyHolderState, RoleState, State } from '../state/index.ts'
import { findAwsPolicy } from './aws-policies.ts'
import { checkIdentityPolicy } from './document-checks.ts'
import { describeAttached, encodeDocument, limitExceeded, noSuchEntity } from './entities.ts'
import { putGroup, readGroup } from './groups.ts'
import {
  iamNameRules,
  inQueryWords,
  pathPrefixRules,
  readDocument,
  readMarkedPage,
  readNumberedPage,
  sizeOf,
} from './input.ts'
import { notAttachable, readBoundary, readPolicyArn } from './policies.ts'
import { putRole, readChangeableRole, readRole } from './roles.ts'
import { putUser, readUser } from './users.ts'

/** Something that policies are attached to, and how it is read from an input and kept. */
interface HolderKind<T extends PolicyHolderState> {
  readonly kind: 'Role' | 'User' | 'Group'
  /** IAM's quota of characters in all inline policies together. */
  readonly maxInline: number
  read(state: State, input: JsonObject, context: Context): T
  /** The same, for a change. Throws UnmodifiableEntity for roles that only AWS changes. */
  readForChange(state: State, input: JsonObject, context: Context): T
  put(state: State, holder: T): void
}

const roles: HolderKind<RoleState> = {
  kind: 'Role',
  maxInline: 10_240,
  read: readRole,
  readForChange: readChangeableRole,
  put: putRole,
}

const users: HolderKind<IamUserState> = {
  kind: 'User',
  maxInline: 2048,
  read: readUser,
  readForChange: readUser,
  put: putUser,
}

const groups: HolderKind<IamGroupState> = {
  kind: 'Group',
  maxInline: 5120,
  read: readGroup,
  readForChange: readGroup,
  put: putGroup,
}

/** The operations on policies of roles, users and groups: their own and attached ones, and permissions boundaries. */
export function policyHolderOperations(): Operations {
  return inQueryWords({
    ...inlinePolicies(roles),
    ...inlinePolicies(users),
    ...inlinePolicies(groups),
    ...attachedPolicies(roles),
    ...attachedPolicies(users),
    ...attachedPolicies(groups),
    ...boundaries(roles),
    ...boundaries(users),
  })
}

/** IAM's quota of managed policies attached to one role, user or group. */
const maxAttached = 10

function attachedPolicies<T extends PolicyHolderState>({ kind, read, readForChange, put }: HolderKind<T>) {
  return {
    [`iam.Attach${kind}Policy`](state: State, input: JsonObject, context: Context): undefined {
      const holder = readForChange(state, input, context)
      const arn = readAttachable(state, input, holder)
      if (holder.managedPolicies.includes(arn)) return
      if (holder.managedPolicies.length >= maxAttached) {
        throw limitExceeded(`Cannot exceed quota for PoliciesPer${kind}: ${maxAttached}`)
      }
      put(state, { ...holder, managedPolicies: [...holder.managedPolicies, arn] })
    },
    [`iam.Detach${kind}Policy`](state: State, input: JsonObject, context: Context): undefined {
      const holder = readForChange(state, input, context)
      const arn = readPolicyArn(input, 'PolicyArn')
      if (!holder.managedPolicies.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`)
      put(state, { ...holder, managedPolicies: holder.managedPolicies.filter((other) => other !== arn) })
    },
    [`iam.ListAttached${kind}Policies`](state: State, input: JsonObject, context: Context): JsonObject {
      const { name, managedPolicies } = read(state, input, context)
      const prefix = readOptionalText(input, 'PathPrefix', pathPrefixRules()) ?? '/'
      const arns = managedPolicies.filter((arn) => arn.slice(arn.indexOf('/')).startsWith(prefix))
      const page = readNumberedPage(input, arns, [`ListAttached${kind}Policies`, name])
      return { AttachedPolicies: page.items.map(describeAttached), ...page.more }
    },
  }
}

/** Policies of AWS are those of the holder's own partition. */
function readAttachable(state: State, input: JsonObject, holder: PolicyHolderState): string {
  const arn = readPolicyArn(input, 'PolicyArn')
  const known = state.policies[arn] ?? findAwsPolicy(arn)
  if (known === undefined || arn.split(':')[1] !== holder.arn.split(':')[1]) throw notAttachable(arn)
  if (arn.includes(':aws:policy/') && known.path.startsWith('/aws-service-role/')) {
    throw new ServiceError('PolicyNotAttachable', 'Cannot attach a Service Role Policy to a Customer Role.')
  }
  return arn
}

function inlinePolicies<T extends PolicyHolderState>({ kind, maxInline, read, readForChange, put }: HolderKind<T>) {
  const readPolicy = (holder: T, input: JsonObject): readonly [name: string, text: string] => {
    const name = readPolicyName(input)
    const text = holder.policies[name]
    if (text === undefined) {
      throw noSuchEntity(`The ${kind.toLowerCase()} policy with name ${name} cannot be found.`)
    }
    return [name, text]
  }
  return {
    [`iam.Put${kind}Policy`](state: State, input: JsonObject, context: Context): undefined {
      const holder = readForChange(state, input, context)
      const name = readPolicyName(input)
      const text = readDocument(input, 'PolicyDocument')
      checkIdentityPolicy(text)
      const policies = createMap(Object.entries(holder.policies))
      policies[name] = text
      const size = Object.values(policies).reduce((sum, policy) => sum + sizeOf(policy), 0)
      if (size > maxInline) {
        throw limitExceeded(
          `Maximum policy size of ${maxInline} bytes exceeded for ${kind.toLowerCase()} ${holder.name}`,
        )
      }
      put(state, { ...holder, policies })
    },
    [`iam.Get${kind}Policy`](state: State, input: JsonObject, context: Context): JsonObject {
      const holder = read(state, input, context)
      const [PolicyName, text] = readPolicy(holder, input)
      return { [`${kind}Name`]: holder.name, PolicyName, PolicyDocument: encodeDocument(text) }
    },
    [`iam.Delete${kind}Policy`](state: State, input: JsonObject, context: Context): undefined {
      const holder = readForChange(state, input, context)
      const [name] = readPolicy(holder, input)
      put(state, {
        ...holder,
        policies: createMap(Object.entries(holder.policies).filter(([other]) => other !== name)),
      })
    },
    [`iam.List${kind}Policies`](state: State, input: JsonObject, context: Context): JsonObject {
      const { name, policies } = read(state, input, context)
      const page = readMarkedPage(input, Object.keys(policies), (key) => key, [`List${kind}Policies`, name])
      return { PolicyNames: page.items, ...page.more }
    },
  }
}

function readPolicyName(input: JsonObject): string {
  return readText(input, 'PolicyName', iamNameRules(128))
}

function boundaries<T extends PolicyHolderState & { readonly permissionsBoundary?: string | undefined }>({
  kind,
  readForChange,
  put,
}: HolderKind<T>) {
  return {
    [`iam.Put${kind}PermissionsBoundary`](state: State, input: JsonObject, context: Context): undefined {
      const holder = readForChange(state, input, context)
      const permissionsBoundary = readBoundary(state, input)
      if (permissionsBoundary === undefined) throw isNull('permissionsBoundary')
      put(state, { ...holder, permissionsBoundary })
    },
    [`iam.Delete${kind}PermissionsBoundary`](state: State, input: JsonObject, context: Context): undefined {
      const holder = readForChange(state, input, context)
      if (holder.permissionsBoundary === undefined) {
        throw noSuchEntity(`${kind} ${holder.name} does not have a permissions boundary.`)
      }
      put(state, { ...holder, permissionsBoundary: undefined })
    },
  }
}
