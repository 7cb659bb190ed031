import { listOf, mapOf, readMember, readText, text } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import type { PoolState, State } from '../state/index.ts'

/** AWS's limit of tags on a resource. */
const maxTags = 50

/** The operations on the tags of user pools. */
export function tagOperations(): Operations {
  return {
    'cognito-idp.ListTagsForResource': (state, input, context) => ({ Tags: readTagged(state, input, context).tags }),
    'cognito-idp.TagResource': (state, input, context) => {
      const pool = readTagged(state, input, context)
      const added = readMember(input, 'Tags', mapOf(text(), text()))
      state.pools[pool.userPoolId] = { ...pool, tags: checkTags(pool.tags, added) }
      return {}
    },
    'cognito-idp.UntagResource': (state, input, context) => {
      const pool = readTagged(state, input, context)
      const keys = readMember(input, 'TagKeys', listOf(text()))
      const tags = Object.entries(pool.tags).filter(([key]) => !keys.includes(key))
      state.pools[pool.userPoolId] = { ...pool, tags: Object.fromEntries(tags) }
      return {}
    },
  }
}

/** Tags and further ones. Throws where a key is AWS's own, or where there are too many. */
export function checkTags(
  held: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const tags = { ...held, ...added }
  if (Object.keys(added).some((key) => /^aws:/i.test(key))) {
    throw invalidParameter('Tag keys that begin with aws: are reserved for AWS.')
  }
  if (Object.keys(tags).length > maxTags) throw invalidParameter(`A user pool has at most ${maxTags} tags.`)
  return tags
}

/** The pool that `ResourceArn` names. */
function readTagged(state: State, input: JsonObject, context: Context): PoolState {
  const arn = readText(input, 'ResourceArn', { min: 20, max: 2048 })
  const [, region = '', userPoolId = ''] = /^arn:[\w-]+:cognito-idp:([\w-]+):\d{12}:userpool\/([\w-]+)$/.exec(arn) ?? []
  if (userPoolId === '') throw invalidParameter(`Invalid ARN: ${arn}`)
  const pool = state.pools[userPoolId]
  if (pool === undefined || region !== context.region) {
    throw new ServiceError('ResourceNotFoundException', `User pool ${userPoolId} does not exist.`)
  }
  return pool
}
