import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { State } from '../state.ts'
import { isNull } from '../cognito-idp/shape.ts'
import { inQueryWords, readTagKeys, readTags } from './input.ts'
import { readNumberedPage } from './paging.ts'
import { describeTags, limitExceeded, readRole } from './roles.ts'

/** IAM's quota of tags of a role. */
const maxTags = 50

/** The operations on tags of roles. */
export function tagOperations(): Operations {
  return inQueryWords({
    'iam.TagRole': tagRole,
    'iam.UntagRole': untagRole,
    'iam.ListRoleTags': listRoleTags,
  })
}

/** The case of keys is kept but does not tell tags apart. */
function tagRole(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const added = readTags(input)
  if (added === undefined) throw isNull('tags')
  const tags = createMap([...without(role.tags, [...added.keys()]), ...added])
  if (Object.keys(tags).length > maxTags) throw limitExceeded(`Cannot exceed quota for TagsPerRole: ${maxTags}`)
  state.roles[role.name.toLowerCase()] = { ...role, tags }
}

function untagRole(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  state.roles[role.name.toLowerCase()] = { ...role, tags: createMap(without(role.tags, readTagKeys(input))) }
}

function listRoleTags(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  const page = readNumberedPage(input, describeTags(role), ['ListRoleTags', role.name])
  return { Tags: page.items, ...page.more }
}

function without(tags: Readonly<Record<string, string>>, keys: readonly string[]): [string, string][] {
  const gone = keys.map((key) => key.toLowerCase())
  return Object.entries(tags).filter(([key]) => !gone.includes(key.toLowerCase()))
}
