/** cognises' own file from nothing to applied, changed, drifted and pruned, on a local pool: no AWS account is needed. */
import { createPoolAdmin } from 'cognigate/admin'
import {
  applyPlan,
  createIamClient,
  createIdentityPoolClient,
  createUpdate,
  describePlan,
  planGroups,
} from 'cognigate/provision'
import { createLocalPool } from 'cognigate/testing'
import { groupDetail } from '../group-detail.ts'

/** Does the walk; `print` gets what a reader is to see. */
export async function walkThrough(print: (text: string) => void): Promise<void> {
  const pool = await createLocalPool({
    userPoolId: 'eu-west-1_AbCdEfGhI',
    clientId: 'exampleclient',
    users: { alice: {}, bob: {} },
  })
  const { settings, identityPoolId, fetch } = pool
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret' }
  const admin = createPoolAdmin({ userPoolId: settings.userPoolId, credentials, fetch })
  const iam = createIamClient({ credentials, fetch })
  const identityPool = createIdentityPoolClient({ identityPoolId, credentials, fetch })
  const clients = { admin, iam, identityPool }

  print('# create_update, from nothing')
  const updated = await createUpdate(groupDetail, {
    ...clients,
    onFinding: ({ code, group }) => print(`finding ${[code, group].filter(Boolean).join(' of ')}`),
  })
  for (const { group_name, created } of updated) print(`${group_name}: created ${created}`)
  await admin.users.addToGroup('alice', 'Group1')
  await admin.users.addToGroup('bob', 'String')

  print('\n# a plan, which also secures the identity pool')
  const draft = await planGroups(updated, { ...clients, secureIdentityPool: true })
  print(describePlan(draft))

  print('\n# somebody has looked at the findings, and accepts what is there now')
  const options = { ...clients, secureIdentityPool: true, acceptFindings: draft.findings.map(({ id }) => id) }
  await applyPlan(await planGroups(updated, options), clients)
  print(describePlan(await planGroups(updated, options)))

  print('\n# the file changes: another policy, a precedence')
  const [first, second] = groupDetail
  const reader = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::example-reports/*' }],
  }
  const changed = [{ ...first, group_policy: reader, precedence: 10 }, second]
  const change = await planGroups(changed, options)
  print(describePlan(change))
  await applyPlan(change, clients)

  print('\n# the world drifts: a policy edited by hand, a role deleted')
  await iam.roles.putPolicy('role_Group1', 'Group1_policy', {
    ...reader,
    Statement: [{ ...reader.Statement[0], Resource: '*' }],
  })
  await iam.roles.deletePolicy('role_String', 'String_policy')
  await iam.roles.delete('role_String')
  const drift = await planGroups(changed, options)
  print(describePlan(drift))
  await applyPlan(drift, clients)

  print('\n# a group leaves the file')
  const rest = changed.slice(0, 1)
  const pruned = await planGroups(rest, { ...options, acceptFindings: [], prune: true })
  print(describePlan(pruned))
  await applyPlan(pruned, clients)
  print(describePlan(await planGroups(rest, { ...options, acceptFindings: [], prune: true })))
}

if (import.meta.main) await walkThrough(console.log)
