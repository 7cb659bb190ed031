import { readChoice, readMember, readOptionalText, readText, structure, text } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, type Handler, invalidParameter, type Operations } from '../operation.ts'
import { readPage } from '../paging.ts'
import type { DeviceState, PoolState, UserState } from '../state/index.ts'
import { deviceNotFound, withUser } from './access-token.ts'
import { putUser, readPool, readUser } from './directory.ts'
import { describeAttributes } from './users.ts'

/** The operations on devices that users have signed in from: each by the user, and by an administrator. */
export function deviceOperations(): Operations {
  return {
    'cognito-idp.AdminForgetDevice': asAdministrator(forgetDevice),
    'cognito-idp.AdminGetDevice': asAdministrator(getDevice),
    'cognito-idp.AdminListDevices': asAdministrator(listDevices),
    'cognito-idp.AdminUpdateDeviceStatus': asAdministrator(updateStatus),
    'cognito-idp.ConfirmDevice': withUser(confirmDevice),
    'cognito-idp.ForgetDevice': withUser(forgetDevice),
    'cognito-idp.GetDevice': withUser(getDevice),
    'cognito-idp.ListDevices': withUser(listDevices),
    'cognito-idp.UpdateDeviceStatus': withUser(updateStatus),
  }
}

interface Owner {
  readonly pool: PoolState
  readonly user: UserState
}

type DeviceHandler = (owner: Owner, input: JsonObject, context: Context) => JsonObject | undefined

function asAdministrator(handle: DeviceHandler): Handler {
  return (state, input, context) => {
    const pool = readPool(state, input, context)
    return handle({ pool, user: readUser(pool, input) }, input, context)
  }
}

/** Keeps the verifier of the device's own password. Where users are asked, the device is not remembered yet. */
function confirmDevice({ pool, user }: Owner, input: JsonObject, { now }: Context): JsonObject {
  const key = readKey(input)
  const name = readOptionalText(input, 'DeviceName', { min: 1, max: 1024 })
  const shape = structure({ PasswordVerifier: text({ max: 131_072 }), Salt: text({ max: 131_072 }) })
  const config = readMember(input, 'DeviceSecretVerifierConfig', shape)
  const groupKey = user.newDevices?.[key]
  if (groupKey === undefined) throw deviceNotFound()
  const { [key]: _, ...newDevices } = user.newDevices ?? {}
  const device: DeviceState = {
    key,
    groupKey,
    salt: decodeNumber('Salt', config['Salt']),
    verifier: decodeNumber('PasswordVerifier', config['PasswordVerifier']),
    isRemembered: pool.deviceTracking === 'always',
    attributes: { device_status: 'valid', ...(name !== undefined && { device_name: name }), last_ip_used: '127.0.0.1' },
    createdAt: now,
    updatedAt: now,
    usedAt: now,
  }
  putUser(pool, { ...user, newDevices, devices: [...user.devices, device] })
  return { UserConfirmationNecessary: pool.deviceTracking === 'opt-in' }
}

function listDevices({ pool, user }: Owner, input: JsonObject): JsonObject {
  const page = readPage(input, user.devices, ({ key }) => key, {
    token: 'PaginationToken',
    limit: 'Limit',
    max: 60,
    scope: ['AdminListDevices', pool.userPoolId, user.username],
  })
  return { Devices: page.items.map(describeDevice), ...page.next }
}

function getDevice({ user }: Owner, input: JsonObject): JsonObject {
  return { Device: describeDevice(readDevice(user, input)) }
}

function forgetDevice({ pool, user }: Owner, input: JsonObject): undefined {
  const { key } = readDevice(user, input)
  putUser(pool, { ...user, devices: user.devices.filter((device) => device.key !== key) })
}

function updateStatus({ pool, user }: Owner, input: JsonObject, { now }: Context): JsonObject {
  const { key } = readDevice(user, input)
  const status = readChoice(input, 'DeviceRememberedStatus', ['remembered', 'not_remembered'])
  const isRemembered = status === 'remembered'
  const devices = user.devices.map((device) =>
    device.key === key ? { ...device, isRemembered, updatedAt: now } : device,
  )
  putUser(pool, { ...user, devices })
  return {}
}

/** A `DeviceType`. Times are in seconds since the epoch. */
function describeDevice({ key, attributes, createdAt, updatedAt, usedAt }: DeviceState): JsonObject {
  return {
    DeviceKey: key,
    DeviceAttributes: describeAttributes(attributes),
    DeviceCreateDate: createdAt / 1000,
    DeviceLastModifiedDate: updatedAt / 1000,
    DeviceLastAuthenticatedDate: usedAt / 1000,
  }
}

function readDevice(user: UserState, input: JsonObject): DeviceState {
  const wanted = readKey(input)
  const device = user.devices.find(({ key }) => key === wanted)
  if (device === undefined) throw deviceNotFound()
  return device
}

function readKey(input: JsonObject): string {
  return readText(input, 'DeviceKey', { min: 1, max: 55, pattern: /^[\w-]+_[0-9a-f-]+$/ })
}

/** A number that came as base64 of its bytes. */
function decodeNumber(name: string, value: unknown): string {
  try {
    const bytes = Array.from(atob(String(value)), (character) => character.charCodeAt(0))
    if (value !== undefined && bytes.length > 0) {
      return BigInt(`0x${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`).toString(16)
    }
  } catch {}
  throw invalidParameter(`${name} is not base64 of a number.`)
}
