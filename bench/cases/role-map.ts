/** What an application of some size has: 200 permissions, and 50 groups with a dozen or so of them each. */
export const permissions = Array.from({ length: 200 }, (_, index) => `area${index % 20}.permission${index}`)

export const groupNames = Array.from({ length: 50 }, (_, index) => `group-${index}`)

/** The permissions that a group allows, all by name, since not every peer knows wildcards. */
export function rulesOf(group: string): string[] {
  const index = groupNames.indexOf(group)
  return permissions.filter((_, at) => at % 50 === index || at % 20 === index % 20)
}

/** The five groups of a user. */
export function membersOf(user: number): string[] {
  return [0, 9, 18, 27, 36].map((offset) => groupNames[(user + offset) % groupNames.length] ?? '')
}
