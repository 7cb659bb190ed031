import type { Operations } from '../operation.ts'
import { credentialOperations } from './credentials.ts'
import { identityOperations } from './identities.ts'
import { poolSettingOperations } from './pools.ts'
import { poolRoleOperations } from './roles.ts'

/** The operations of identity pools. */
export function identityPoolOperations(): Operations {
  return {
    ...poolSettingOperations(),
    ...poolRoleOperations(),
    ...identityOperations(),
    ...credentialOperations(),
  }
}
