import { serviceHost } from '../partitions.ts'
import type { IssuerKind, PoolState } from '../state.ts'

/** The `iss` of a pool's tokens: that of its configuration, or the other one. */
export function issuerOf(pool: PoolState, kind: IssuerKind = pool.issuer): string {
  const service = kind === 'updated' ? 'issuer-cognito-idp' : 'cognito-idp'
  return `https://${serviceHost(service, pool.region)}/${pool.userPoolId}`
}
