/** A refusal that a service words in its own protocol. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  /** The error's name on the wire, such as `ResourceNotFoundException` or `invalid_client`. */
  readonly code: string
  /** The HTTP status. */
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** InvalidParameterException, Cognito's answer to input that breaks a constraint. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message)
}

/** NotAuthorizedException, which Cognito also uses where the state of a user forbids what was asked for. */
export function notAuthorized(message: string): ServiceError {
  return new ServiceError('NotAuthorizedException', message)
}
