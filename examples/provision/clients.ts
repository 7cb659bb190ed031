import { createPoolAdmin } from 'cognigate/admin'
import { createIam, createIdentityPool, type ProvisionClients } from 'cognigate/provision'

/**
 * The clients of the pools in the environment: `COGNITO_USER_POOL_ID`, `COGNITO_IDENTITY_POOL_ID` and an AWS access key. Throws
 * where one is missing.
 */
export function clientsFromEnvironment(): ProvisionClients {
  const { env } = process
  const required = (name: string): string => {
    const value = env[name]
    if (value) return value
    throw new Error(`${name} is not set.`)
  }
  const credentials = {
    accessKeyId: required('AWS_ACCESS_KEY_ID'),
    secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
    sessionToken: env['AWS_SESSION_TOKEN'],
  }
  return {
    admin: createPoolAdmin({ userPoolId: required('COGNITO_USER_POOL_ID'), credentials }),
    iam: createIam({ credentials }),
    identityPool: createIdentityPool({ identityPoolId: required('COGNITO_IDENTITY_POOL_ID'), credentials }),
  }
}
