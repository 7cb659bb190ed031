import { type Call, type ClientOptions, createCall } from './client.ts'
import { type QueryShape, queryProtocol, type ReadXml } from './query-protocol.ts'

/** A service of AWS's Query protocol. */
export interface QueryService extends QueryShape {
  /** Its host's first label and its name in signatures, such as `sts`. */
  readonly service: string
}

/**
 * Calls a service of AWS's Query protocol, such as IAM and STS. Every call is signed. Throws ConfigurationError, naming the
 * option; calls throw AwsError, where the answer to a write was lost with outcome `unknown` and without having repeated it.
 */
export function createQueryCall(shape: QueryService, options: ClientOptions, readXml: ReadXml): Call {
  return createCall(
    {
      service: shape.service,
      ...queryProtocol(shape, readXml),
      isSigned: () => true,
      isRead: (operation) => /^(Get|List|Describe)/.test(operation),
    },
    options,
  )
}
