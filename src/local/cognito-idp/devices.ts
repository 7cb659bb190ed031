import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { State } from '../state.ts'
import { readPool, readUser } from './directory.ts'
import { readPage } from '../paging.ts'
import { describeAttributes } from './users.ts'

/** The operations on devices that users have signed in from. */
export function deviceOperations(): Operations {
  return { 'cognito-idp.AdminListDevices': listDevices }
}

function listDevices(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const user = readUser(pool, input)
  const page = readPage(input, user.devices, ({ key }) => key, {
    token: 'PaginationToken',
    limit: 'Limit',
    max: 60,
    scope: ['AdminListDevices', pool.userPoolId, user.username],
  })
  const Devices = page.items.map((device) => {
    return {
      DeviceKey: device.key,
      DeviceAttributes: describeAttributes(device.attributes),
      DeviceCreateDate: device.createdAt / 1000,
      DeviceLastModifiedDate: device.updatedAt / 1000,
      DeviceLastAuthenticatedDate: device.usedAt / 1000,
    }
  })
  return { Devices, ...page.next }
}
