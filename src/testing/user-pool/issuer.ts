import type { IssuerKind, PoolState } from '../state.ts'

/** The `iss` of a pool's tokens: that of its configuration, or the other one. */
export function issuerOf(pool: PoolState, kind: IssuerKind = pool.issuer): string {
  const prefix = kind === 'updated' ? 'issuer-' : ''
  return `https://${prefix}cognito-idp.${pool.region}.amazonaws.com/${pool.userPoolId}`
}
