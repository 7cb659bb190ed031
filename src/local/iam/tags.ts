import { isNull } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { State } from '../state/index.ts'
import { describeTags, limitExceeded } from './entities.ts'
import { inQueryWords, readNumberedPage, readTagKeys, readTags } from './input.ts'
import { putProvider, readProvider } from './oidc-providers.ts'
import { putPolicy, readPolicy } from './policies.ts'
import { putRole, readChangeableRole, readRole } from './roles.ts'
import { putUser, readUser } from './users.ts'

/** IAM's quota of tags of one entity. */
const maxTags = 50

interface Tagged {
  readonly arn: string
  readonly tags: Readonly<Record<string, string>>
}

/** Something with tags, and how it is read from an input and kept. */
interface TaggedKind<T extends Tagged> {
  readonly kind: 'Role' | 'User' | 'Policy' | 'OpenIDConnectProvider'
  read(state: State, input: JsonObject, context: Context): T
  readForChange(state: State, input: JsonObject, context: Context): T
  put(state: State, entity: T): void
}

/** The operations on tags of roles, users, managed policies and OIDC providers. */
export function tagOperations(): Operations {
  return inQueryWords({
    ...tagsOf({ kind: 'Role', read: readRole, readForChange: readChangeableRole, put: putRole }),
    ...tagsOf({ kind: 'User', read: readUser, readForChange: readUser, put: putUser }),
    ...tagsOf({ kind: 'Policy', read: readPolicy, readForChange: readPolicy, put: putPolicy }),
    ...tagsOf({ kind: 'OpenIDConnectProvider', read: readProvider, readForChange: readProvider, put: putProvider }),
  })
}

/** The case of keys is kept, but keys that differ only in case are the same. */
function tagsOf<T extends Tagged>({ kind, read, readForChange, put }: TaggedKind<T>) {
  return {
    [`iam.Tag${kind}`](state: State, input: JsonObject, context: Context): undefined {
      const entity = readForChange(state, input, context)
      const added = readTags(input)
      if (added === undefined) throw isNull('tags')
      const tags = createMap([...without(entity.tags, [...added.keys()]), ...added])
      if (Object.keys(tags).length > maxTags) throw limitExceeded(`Cannot exceed quota for TagsPer${kind}: ${maxTags}`)
      put(state, { ...entity, tags })
    },
    [`iam.Untag${kind}`](state: State, input: JsonObject, context: Context): undefined {
      const entity = readForChange(state, input, context)
      put(state, { ...entity, tags: createMap(without(entity.tags, readTagKeys(input))) })
    },
    [`iam.List${kind}Tags`](state: State, input: JsonObject, context: Context): JsonObject {
      const entity = read(state, input, context)
      const page = readNumberedPage(input, describeTags(entity), [`List${kind}Tags`, entity.arn])
      return { Tags: page.items, ...page.more }
    },
  }
}

function without(tags: Readonly<Record<string, string>>, keys: readonly string[]): [string, string][] {
  const gone = keys.map((key) => key.toLowerCase())
  return Object.entries(tags).filter(([key]) => !gone.includes(key.toLowerCase()))
}
