import * as iam from '@aws-sdk/client-iam'
import { accountTrust, allowPolicy, trustPolicy } from './clients.ts'

/** One step of a role's life: what is done, and what IAM answers, as far as it is the same in every run. */
export interface RoleStep {
  readonly name: string
  readonly expected: unknown
  run(client: iam.IAMClient): Promise<unknown>
}

/** The managed policy that is attached. It has to be there. */
export const extraPolicy = { PolicyName: 'Extra', PolicyArn: 'arn:aws:iam::123456789012:policy/Extra' }

const role = { RoleName: 'Group.reader' }
const own = { ...role, PolicyName: 'own' }
const { PolicyArn } = extraPolicy
const Description = 'Reads <all> & "nothing" else'
const first = trustPolicy()
const second = accountTrust()
const document = allowPolicy('s3:GetObject', "arn:aws:s3:::b/a&b<c>'d'+%20!*()")

/** The steps, in the order in which they build on each other. */
export function roleSteps(): readonly RoleStep[] {
  return [
    ...creation(),
    ...inlinePolicies(),
    ...tags(),
    step(
      'who may assume it is updated',
      async (client) => {
        await client.send(new iam.UpdateAssumeRolePolicyCommand({ ...role, PolicyDocument: second }))
        const { Role } = await client.send(new iam.GetRoleCommand(role))
        return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')
      },
      second,
    ),
    step(
      'a description alone is updated',
      async (client) => {
        await client.send(new iam.UpdateRoleCommand({ ...role, Description: 'New' }))
        const { Role } = await client.send(new iam.GetRoleCommand(role))
        return [Role?.Description, Role?.MaxSessionDuration]
      },
      ['New', 3600],
    ),
    ...attachments(),
    ...deletion(),
  ]
}

/** Runs all steps in order and gives the outcome of each, by name; a refusal is its name and status. */
export async function runRoleSteps(client: iam.IAMClient): Promise<Map<string, unknown>> {
  const outcomes = new Map<string, unknown>()
  for (const { name, run } of roleSteps()) {
    const outcome = await run(client).catch((error) => ({
      refused: error.name,
      status: error.$metadata?.httpStatusCode,
    }))
    outcomes.set(name, outcome)
  }
  return outcomes
}

function creation(): readonly RoleStep[] {
  const create = {
    ...role,
    Path: '/cognigate/',
    Description,
    MaxSessionDuration: 7200,
    AssumeRolePolicyDocument: first,
  }
  const told = {
    path: '/cognigate/',
    arn: 'arn:aws:iam::123456789012:role/cognigate/Group.reader',
    description: Description,
    duration: 7200,
    trust: first,
    tags: [{ Key: 'cognigate:pool', Value: 'eu-west-1_a' }],
  }
  const roleOf = ({ Role }: iam.GetRoleCommandOutput) => ({
    path: Role?.Path,
    arn: Role?.Arn,
    description: Role?.Description,
    duration: Role?.MaxSessionDuration,
    trust: decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''),
    tags: Role?.Tags,
  })
  return [
    refusal('a role that is not there', (client) => client.send(new iam.GetRoleCommand(role)), 'NoSuchEntity', 404),
    step(
      'a role is created',
      async (client) => roleOf(await client.send(new iam.CreateRoleCommand({ ...create, Tags: told.tags }))),
      told,
    ),
    refusal('not twice', (client) => client.send(new iam.CreateRoleCommand(create)), 'EntityAlreadyExists', 409),
    refusal(
      'nor in another case',
      (client) => client.send(new iam.CreateRoleCommand({ ...create, RoleName: 'GROUP.READER' })),
      'EntityAlreadyExists',
      409,
    ),
    refusal(
      'nor with a trust policy that is none',
      (client) => client.send(new iam.CreateRoleCommand({ ...create, RoleName: 'a', AssumeRolePolicyDocument: '{' })),
      'MalformedPolicyDocument',
      400,
    ),
    step('it is told', async (client) => roleOf(await client.send(new iam.GetRoleCommand(role))), told),
    step(
      'it is listed by its path, without tags',
      async (client) => {
        const { Roles = [] } = await client.send(new iam.ListRolesCommand({ PathPrefix: '/cognigate/' }))
        return Roles.map(({ RoleName, Tags }) => [RoleName, Tags]).sort()
      },
      [[role.RoleName, undefined]],
    ),
  ]
}

function inlinePolicies(): readonly RoleStep[] {
  return [
    refusal(
      'a policy that is not there',
      (client) => client.send(new iam.GetRolePolicyCommand(own)),
      'NoSuchEntity',
      404,
    ),
    step(
      'a policy is put and told, with all its marks',
      async (client) => {
        await client.send(new iam.PutRolePolicyCommand({ ...own, PolicyDocument: document }))
        const told = await client.send(new iam.GetRolePolicyCommand(own))
        return [told.RoleName, told.PolicyName, decodeURIComponent(told.PolicyDocument ?? '')]
      },
      [role.RoleName, 'own', document],
    ),
    refusal(
      'one that is none is refused',
      (client) => client.send(new iam.PutRolePolicyCommand({ ...own, PolicyDocument: '{}' })),
      'MalformedPolicyDocument',
      400,
    ),
    step(
      'policies are listed',
      async (client) => (await client.send(new iam.ListRolePoliciesCommand(role))).PolicyNames,
      ['own'],
    ),
  ]
}

function tags(): readonly RoleStep[] {
  const tagsOf = async (client: iam.IAMClient) => {
    const { Tags = [] } = await client.send(new iam.ListRoleTagsCommand(role))
    return Tags.map(({ Key, Value }) => `${Key}=${Value}`).sort()
  }
  return [
    step(
      'tags are added and replaced',
      async (client) => {
        const more = [
          { Key: 'cognigate:pool', Value: 'eu-west-1_b' },
          { Key: 'a', Value: '' },
        ]
        await client.send(new iam.TagRoleCommand({ ...role, Tags: more }))
        return tagsOf(client)
      },
      ['a=', 'cognigate:pool=eu-west-1_b'],
    ),
    step(
      'and taken away',
      async (client) => {
        await client.send(new iam.UntagRoleCommand({ ...role, TagKeys: ['a', 'unknown'] }))
        return tagsOf(client)
      },
      ['cognigate:pool=eu-west-1_b'],
    ),
  ]
}

function attachments(): readonly RoleStep[] {
  const attached = async (client: iam.IAMClient) => {
    return (await client.send(new iam.ListAttachedRolePoliciesCommand(role))).AttachedPolicies
  }
  return [
    step(
      'a managed policy is attached, twice as once',
      async (client) => {
        await client.send(new iam.AttachRolePolicyCommand({ ...role, PolicyArn }))
        await client.send(new iam.AttachRolePolicyCommand({ ...role, PolicyArn }))
        return attached(client)
      },
      [extraPolicy],
    ),
    refusal(
      'a role with managed policies is not deleted',
      (client) => client.send(new iam.DeleteRoleCommand(role)),
      'DeleteConflict',
      409,
    ),
    step(
      'a managed policy is detached',
      async (client) => {
        await client.send(new iam.DetachRolePolicyCommand({ ...role, PolicyArn }))
        return attached(client)
      },
      [],
    ),
    refusal(
      'not twice as well',
      (client) => client.send(new iam.DetachRolePolicyCommand({ ...role, PolicyArn })),
      'NoSuchEntity',
      404,
    ),
  ]
}

function deletion(): readonly RoleStep[] {
  return [
    refusal(
      'a role with policies of its own is not deleted',
      (client) => client.send(new iam.DeleteRoleCommand(role)),
      'DeleteConflict',
      409,
    ),
    step(
      'without them it is',
      async (client) => {
        await client.send(new iam.DeleteRolePolicyCommand(own))
        await client.send(new iam.DeleteRoleCommand(role))
        return 'done'
      },
      'done',
    ),
    refusal('and not again', (client) => client.send(new iam.DeleteRoleCommand(role)), 'NoSuchEntity', 404),
  ]
}

function step(name: string, run: RoleStep['run'], expected: unknown): RoleStep {
  return { name, run, expected }
}

function refusal(name: string, run: RoleStep['run'], code: string, status: number): RoleStep {
  const done = (client: iam.IAMClient) => run(client).then(() => 'done')
  return { name, run: done, expected: { refused: `${code}Exception`, status } }
}
