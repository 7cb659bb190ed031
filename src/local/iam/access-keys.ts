import { choice, readMember, readText, type TextRules } from '../input.ts'
import type { JsonObject } from '../json.ts'
import type { Caller, Context, Operations } from '../operation.ts'
import type { AccessKeyState, IamUserState, State } from '../state/index.ts'
import { limitExceeded, noSuchEntity, toDate } from './entities.ts'
import { inQueryWords, readMarkedPage } from './input.ts'
import { findPrincipal } from './principal.ts'
import { putRole } from './roles.ts'
import { putUser, readUserOrCaller } from './users.ts'

/** IAM's quota of access keys of a user. */
const maxKeys = 2

/** The operations on access keys of IAM users. */
export function accessKeyOperations(): Operations {
  return inQueryWords({
    'iam.CreateAccessKey': createAccessKey,
    'iam.ListAccessKeys': listAccessKeys,
    'iam.UpdateAccessKey': updateAccessKey,
    'iam.DeleteAccessKey': deleteAccessKey,
    'iam.GetAccessKeyLastUsed': getLastUsed,
  })
}

/** This is the one answer that holds the secret. */
function createAccessKey(state: State, input: JsonObject, context: Context): JsonObject {
  const user = readUserOrCaller(state, input, context)
  if (user.accessKeyIds.length >= maxKeys) {
    throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${maxKeys}`)
  }
  const key: AccessKeyState = {
    accessKeyId: `AKIALOCAL${context.random.lowerAlphanumeric(11).toUpperCase()}`,
    secretAccessKey: context.random.alphanumeric(40),
    user: user.name.toLowerCase(),
    isActive: true,
    createdAt: context.now,
  }
  state.accessKeys[key.accessKeyId] = key
  putUser(state, { ...user, accessKeyIds: [...user.accessKeyIds, key.accessKeyId] })
  return { AccessKey: { ...describeKey(user, key), SecretAccessKey: key.secretAccessKey } }
}

function listAccessKeys(state: State, input: JsonObject, context: Context): JsonObject {
  const user = readUserOrCaller(state, input, context)
  const keys = user.accessKeyIds.flatMap((id) => state.accessKeys[id] ?? [])
  const page = readMarkedPage(input, keys, ({ accessKeyId }) => accessKeyId, ['ListAccessKeys', user.id])
  return { AccessKeyMetadata: page.items.map((key) => describeKey(user, key)), ...page.more }
}

function updateAccessKey(state: State, input: JsonObject, context: Context): undefined {
  const [, key] = readKey(state, input, context)
  const status = readMember(input, 'Status', choice(['Active', 'Inactive', 'Expired']))
  state.accessKeys[key.accessKeyId] = { ...key, isActive: status === 'Active' }
}

function deleteAccessKey(state: State, input: JsonObject, context: Context): undefined {
  const [user, { accessKeyId }] = readKey(state, input, context)
  delete state.accessKeys[accessKeyId]
  putUser(state, { ...user, accessKeyIds: user.accessKeyIds.filter((id) => id !== accessKeyId) })
}

function getLastUsed(state: State, input: JsonObject): JsonObject {
  const id = readText(input, 'AccessKeyId', accessKeyIdRules())
  const key = state.accessKeys[id]
  if (key === undefined) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`)
  const { lastUsed } = key
  return {
    UserName: state.iamUsers[key.user]?.name,
    AccessKeyLastUsed: {
      LastUsedDate: lastUsed && toDate(lastUsed.at),
      ServiceName: lastUsed?.service ?? 'N/A',
      Region: lastUsed?.region ?? 'N/A',
    },
  }
}

/** The key that `AccessKeyId` names, of the user that is named or calls. */
function readKey(state: State, input: JsonObject, context: Context): readonly [IamUserState, AccessKeyState] {
  const id = readText(input, 'AccessKeyId', accessKeyIdRules())
  const owner = state.iamUsers[state.accessKeys[id]?.user ?? '']
  // The administrator may leave the name out: the key says whose it is.
  const isNamed = input['UserName'] !== undefined || owner === undefined
  const user = isNamed ? readUserOrCaller(state, input, context) : owner
  const key = state.accessKeys[id]
  if (key === undefined || key.user !== user.name.toLowerCase()) {
    throw noSuchEntity(`The Access Key with id ${id} cannot be found.`)
  }
  return [user, key]
}

function describeKey({ name }: IamUserState, { accessKeyId, isActive, createdAt }: AccessKeyState): JsonObject {
  const Status = isActive ? 'Active' : 'Inactive'
  return { UserName: name, AccessKeyId: accessKeyId, Status, CreateDate: toDate(createdAt) }
}

/** Ids of access keys. */
export function accessKeyIdRules(): TextRules {
  return { min: 16, max: 128, pattern: /^\w+$/ }
}

/** How exactly IAM knows when keys and roles were used, in milliseconds. */
const precision = 60_000

/** Remembers that a key, or a role by its session, was used for a call. */
export function recordUse(
  state: State,
  caller: Caller | undefined,
  { service, region, now }: { readonly service: string; readonly region: string; readonly now: number },
): void {
  const key = state.accessKeys[caller?.accessKeyId ?? '']
  if (key !== undefined) {
    const { lastUsed } = key
    if (lastUsed?.service === service && lastUsed.region === region && now < lastUsed.at + precision) return
    state.accessKeys[key.accessKeyId] = { ...key, lastUsed: { at: now, region, service } }
    return
  }
  const isSession = state.sessionCredentials[caller?.accessKeyId ?? ''] !== undefined
  const role = isSession ? findPrincipal(state, caller, region)?.role : undefined
  if (role === undefined || (role.lastUsed?.region === region && now < role.lastUsed.at + precision)) return
  putRole(state, { ...role, lastUsed: { at: now, region } })
}
