import { isAwsError, type List, type Operation, type PoolAdmin } from '../../../src/admin/index.ts'
import { type Driver, unreadable } from './driver.ts'
import { helpers } from './helpers.ts'

/**
 * Drives a scenario by our administration: by its helpers, where one does nothing but what the command does, and else
 * by `call`.
 */
export function createAdminDriver(admin: PoolAdmin): Driver {
  const { userPoolId } = admin
  return {
    userPoolId,
    async send(command) {
      const { input } = command
      const operation = command.constructor.name.replace(/Command$/, '') as Operation
      const isOfPool = !('UserPoolId' in input) || input.UserPoolId === userPoolId
      const helper = isOfPool ? helpers[operation] : undefined
      try {
        return (await helper?.(admin, { ...input })) ?? (await admin.call(operation, input as never))
      } catch (error) {
        if (isAwsError(error, operation)) {
          return { refused: /^(MalformedAnswer|UnknownError)$/.test(error.code) ? unreadable : error.code }
        }
        throw error
      }
    },
    async *pages(list, limit) {
      if (list === 'users') yield* pagesOf(admin.users.list(), limit, ({ username }) => username)
      else yield* pagesOf(admin.groups.list(), limit, ({ name }) => name)
    },
  }
}

async function* pagesOf<T>(list: List<T>, limit: number | undefined, nameOf: (item: T) => string) {
  let token: string | undefined
  do {
    const page = await list.page({ limit, token })
    yield page.items.map(nameOf)
    token = page.token
  } while (token !== undefined)
}
