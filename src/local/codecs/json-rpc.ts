import { isObject } from '../json.ts'
import { type Call, type Codec, type Incoming, ServiceError } from '../operation.ts'

/** Reads a call in AWS's JSON 1.1 protocol: POST / with the operation in `X-Amz-Target`. */
export function readJsonRpc(incoming: Incoming): Call | undefined {
  const host = incoming.target?.host
  if (host?.kind !== 'service' || incoming.url.pathname !== '/' || incoming.method !== 'POST') return undefined
  const input = readInput(incoming.body)
  const operation = readOperation(host.service, incoming.headers.get('x-amz-target'))
  const poolId = isObject(input) ? input['UserPoolId'] : undefined
  return {
    service: host.service,
    operation,
    region: host.region,
    userPoolId: typeof poolId === 'string' ? poolId : undefined,
    signed: !isUnsigned(host.service, operation),
    input,
    codec: jsonRpc,
  }
}

/** Answers in AWS's JSON 1.1 protocol. An operation without an output answers with an empty body. */
export const jsonRpc: Codec = {
  answer(output, requestId) {
    return new Response(output === undefined ? '' : JSON.stringify(output), { headers: createHeaders(requestId) })
  },
  refuse({ code, message, status }, requestId) {
    return new Response(JSON.stringify({ __type: code, message }), {
      status,
      headers: {
        ...createHeaders(requestId),
        'x-amzn-errortype': `${code}:`,
        'x-amzn-errormessage': toHeaderText(message),
      },
    })
  },
}

function readOperation(service: string, target: string | null): string {
  const prefix = service === 'cognito-idp' ? 'AWSCognitoIdentityProviderService.' : 'AWSCognitoIdentityService.'
  return target?.startsWith(prefix) ? target.slice(prefix.length) : ''
}

/** The calls of users and identities, who have no keys yet. They are so whether or not they are offered here. */
function isUnsigned(service: string, operation: string): boolean {
  const words =
    service === 'cognito-idp' ? userOperations : 'GetCredentialsForIdentity GetId GetOpenIdToken UnlinkIdentity'
  return words.split(' ').includes(operation)
}

/** What the models mark as unsigned, and what AWS documents so since. */
const userOperations =
  'AssociateSoftwareToken ChangePassword CompleteWebAuthnRegistration ConfirmDevice ConfirmForgotPassword ConfirmSignUp ' +
  'DeleteUser DeleteUserAttributes DeleteWebAuthnCredential ForgetDevice ForgotPassword GetClientToken GetDevice ' +
  'GetTokensFromRefreshToken GetUser GetUserAttributeVerificationCode GetUserAuthFactors GlobalSignOut InitiateAuth ' +
  'ListDevices ListUserSessions ListWebAuthnCredentials ResendConfirmationCode RespondToAuthChallenge RevokeToken ' +
  'RevokeUserSession SetUserMFAPreference SetUserSettings SignUp StartWebAuthnRegistration UpdateAuthEventFeedback ' +
  'UpdateDeviceStatus UpdateUserAttributes VerifySoftwareToken VerifyUserAttribute'

function readInput(body: string): Call['input'] {
  try {
    const input: unknown = JSON.parse(body)
    if (isObject(input)) return input
  } catch {}
  return new ServiceError('SerializationException', 'The body is not a JSON object.')
}

function createHeaders(requestId: string): Record<string, string> {
  return { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId }
}

/** A message as a header can carry it: one line of Latin-1, the rest as question marks. */
function toHeaderText(message: string): string {
  return message.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '?')
}
