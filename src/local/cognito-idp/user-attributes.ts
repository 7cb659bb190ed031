import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { invalidParameter } from '../service-error.ts'
import type { State } from '../state.ts'
import { checkAliases } from './aliases.ts'
import { applyChanges, checkChanges, isInSchema } from './attributes.ts'
import { readAttributes, readMember, readTexts } from './input.ts'
import { readPool, readUser } from './lookup.ts'
import { attributeNameRules } from './rules.ts'
import { isNull, listOf, text } from './shape.ts'
import { putUser } from './directory.ts'

/** The operations on attributes of users. */
export function attributeOperations(): Operations {
  return {
    'cognito-idp.AdminDeleteUserAttributes': deleteAttributes,
    'cognito-idp.AdminUpdateUserAttributes': updateAttributes,
  }
}

function updateAttributes(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  if ((input['UserAttributes'] ?? undefined) === undefined) throw isNull('userAttributes')
  const changes = readAttributes(input, 'UserAttributes')
  readTexts(input, 'ClientMetadata')
  const user = readUser(pool, input)
  checkChanges(pool, user.attributes, changes)
  for (const [name, value] of changes) {
    if (value === '') checkRemoval(pool.requiredAttributes, name)
  }
  const attributes = Object.fromEntries(applyChanges(user.attributes, changes))
  checkAliases(pool, user.username, attributes)
  putUser(pool, { ...user, attributes, updatedAt: context.now })
  return {}
}

function deleteAttributes(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const names = readMember(input, 'UserAttributeNames', listOf(text(attributeNameRules())))
  const user = readUser(pool, input)
  for (const name of names) {
    if (!isInSchema(pool, name)) throw invalidParameter(`user.${name}: Attribute does not exist in the schema.\n`)
    checkRemoval([...pool.requiredAttributes, ...pool.usernameAttributes, 'sub', 'identities'], name)
  }
  const gone = new Set(names.flatMap((name) => [name, `${name}_verified`]))
  const attributes = Object.fromEntries(Object.entries(user.attributes).filter(([name]) => !gone.has(name)))
  putUser(pool, { ...user, attributes, updatedAt: context.now })
  return {}
}

function checkRemoval(fixed: readonly string[], name: string): void {
  if (fixed.includes(name)) throw invalidParameter(`user.${name}: Attribute cannot be deleted.\n`)
}
