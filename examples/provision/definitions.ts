import { defineGroups } from 'cognigate'

/** What each group may call in the app. The guard imports this, and only this. */
export const groups = defineGroups({
  viewer: { allow: ['reports.read'], precedence: 30, description: 'May look' },
  editor: { inherits: ['viewer'], allow: ['reports.write'], precedence: 20 },
  admin: { allow: ['*'], precedence: 10 },
})

/** What the role of each group may touch in AWS. Imported where groups are planned, never by a Worker. */
export const policies = {
  viewer: reports('s3:GetObject'),
  editor: reports('s3:GetObject', 's3:PutObject'),
  admin: reports('s3:GetObject', 's3:PutObject', 's3:DeleteObject'),
}

function reports(...actions: string[]) {
  const statement = { Effect: 'Allow', Action: actions, Resource: 'arn:aws:s3:::example-reports/*' }
  return { Version: '2012-10-17', Statement: [statement] }
}
