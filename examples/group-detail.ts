/**
 * Which group may call which functions, in the format of cognises' `group_detail.json`. The guard reads `group_name` and
 * `allowed_functions`; the IAM policies are for provisioning and are ignored here.
 */
export const groupDetail = [
  {
    group_name: 'Group1',
    group_policy: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Stmt1524591948858',
          Action: 'cognito-idp:*',
          Effect: 'Allow',
          Resource: 'arn:aws:cognito-idp:us-east-1:userid:userpool/pool_id',
        },
      ],
    },
    created: 'false',
    allowed_functions: ['protected', 'admin_panel', 'update_data'],
  },
  {
    group_name: 'String',
    group_policy: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Stmt1524591948858',
          Action: 'cognito-idp:*',
          Effect: 'Allow',
          Resource: 'arn:aws:cognito-idp:us-east-1:userid:userpool/pool_id',
        },
      ],
    },
    created: 'false',
    allowed_functions: ['public', 'view_data'],
  },
] as const
