import type { SceneFunction } from '../../examples/page/scene.ts'

/** Somebody who may not call `admin_panel`, and the group whose members may. */
const subject = { username: 'bob', group: 'Group1' }

/** The function of the map that guards the whole admin API. */
export const guardedBy = 'admin_panel'

/** Calls of the admin API, ready to be made, and who may make them. */
export function adminCalls(access: SceneFunction['access']): readonly SceneFunction[] {
  const { username, group } = subject
  const calls = [
    ['list-groups', 'GET', '/admin/groups'],
    ['list-members', 'GET', `/admin/groups/${group}/members`],
    [`add-${username}`, 'PUT', `/admin/groups/${group}/members/${username}`],
    [`remove-${username}`, 'DELETE', `/admin/groups/${group}/members/${username}`],
  ] as const
  return calls.map(([name, method, path]) => ({ name, method, path, access, guardedBy }))
}
