import { createPoolAdmin } from 'cognigate/admin'
import {
  createIamClient,
  createIdentityPoolClient,
  type PlanProgress,
  type ProvisionClients,
} from 'cognigate/provision'

/**
 * The clients of the pools in the environment: `COGNITO_USER_POOL_ID`, `COGNITO_IDENTITY_POOL_ID` and an AWS access key.
 * `AWS_ENDPOINT_URL` is for an emulator that has all services at one address. Throws where one of the others is missing.
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
  const userPoolId = required('COGNITO_USER_POOL_ID')
  const region = userPoolId.split('_')[0]
  const endpoint = env['AWS_ENDPOINT_URL'] || undefined
  return {
    admin: createPoolAdmin({ userPoolId, credentials, endpoint }),
    iam: createIamClient({ region, credentials, endpoint }),
    identityPool: createIdentityPoolClient({
      identityPoolId: required('COGNITO_IDENTITY_POOL_ID'),
      credentials,
      endpoint,
    }),
  }
}

/** Tells on standard error how far a plan is, and of waits. */
export function showProgress({ read, total, waiting }: PlanProgress): void {
  if (waiting !== undefined) console.error(`AWS asks to slow down: waiting ${waiting.toFixed(1)} s`)
  else console.error(`${read} of ${total} roles read`)
}
