import { createPoolAdmin, type PoolAdmin } from 'cognigate/admin'

/**
 * The administration of the pool that the environment names: COGNITO_USER_POOL_ID, the access key in AWS_ACCESS_KEY_ID,
 * AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and AWS_ENDPOINT_URL, where the pool is not at AWS.
 */
export function poolFromEnvironment(): PoolAdmin {
  const { env } = process
  return createPoolAdmin({
    userPoolId: env['COGNITO_USER_POOL_ID'] ?? '',
    endpoint: env['AWS_ENDPOINT_URL'],
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      sessionToken: env['AWS_SESSION_TOKEN'],
    },
  })
}

/** The words behind the file's name on the command line. Throws where one of these is missing. */
export function words<const N extends readonly string[]>(...names: N): { [K in keyof N]: string } {
  const given = process.argv.slice(2)
  const [missing] = names.slice(given.length)
  if (missing !== undefined)
    throw new Error(`Missing: <${missing}>. Expected: ${names.map((name) => `<${name}>`).join(' ')}`)
  return given as { [K in keyof N]: string }
}
