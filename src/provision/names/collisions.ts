import { ConfigurationError } from '../../errors.ts'
import { roleNameOf } from './group-names.ts'

/**
 * Throws ConfigurationError, naming the groups, where the roles of two would have one name: IAM compares names without
 * regard to case. `prefix` as for `roleNameOf`.
 */
export async function checkCollisions(groups: Iterable<string>, prefix?: string | undefined): Promise<void> {
  const owners = new Map<string, string>()
  for (const group of new Set(groups)) {
    const role = await roleNameOf(group, prefix)
    const owner = owners.get(role.toLowerCase())
    if (owner !== undefined) {
      throw new ConfigurationError(
        `groups ${JSON.stringify(owner)} and ${JSON.stringify(group)}: to IAM, which ignores case, their roles would ` +
          `both be ${role}; give one of the groups another name.`,
      )
    }
    owners.set(role.toLowerCase(), group)
  }
}
