import { createList, type List } from '../aws/index.ts'
import { isJsonObject } from '../internal/encoding.ts'
import {
  checkCall,
  type Client,
  limitsOf,
  mustClient,
  mustText,
  type SignInCallOptions,
  type UserClient,
} from './client.ts'
import { createVerifier, encodeBase64 } from './srp.ts'
import type { NewDevice, Tokens } from './step.ts'

/** A device as it is stored. The password proves it: a secret. */
export interface StoredDevice {
  readonly key: string
  readonly groupKey: string
  readonly password: string
}

/**
 * Where devices are remembered. The key names the pool and the user, by the name that the pool itself uses, never by an alias.
 * A store belongs to one browser or machine: make it of the request's cookie, or of local storage.
 */
export interface DeviceStore {
  get(key: string): StoredDevice | undefined | Promise<StoredDevice | undefined>
  set(key: string, device: StoredDevice): void | Promise<void>
  delete(key: string): void | Promise<void>
}

/** A device of the user, as Cognito describes it. */
export interface Device {
  readonly key: string
  /** Such as `device_name`, `last_ip_used` and `device_status`. */
  readonly attributes: { readonly [name: string]: string }
  readonly createdAt: Date | undefined
  readonly updatedAt: Date | undefined
  readonly lastSignInAt: Date | undefined
}

/** The user's devices, by access token. */
export interface Devices {
  /** Whether the device is remembered: then it may spare the second factor (UpdateDeviceStatus). */
  remember(accessToken: string, deviceKey: string, remembered?: boolean, options?: SignInCallOptions): Promise<void>
  get(accessToken: string, deviceKey: string, options?: SignInCallOptions): Promise<Device>
  list(accessToken: string, options?: SignInCallOptions): List<Device>
  /** At Cognito; a stored entry is dropped when it is next refused, or by `deviceStore.delete`. */
  forget(accessToken: string, deviceKey: string, options?: SignInCallOptions): Promise<void>
}

/** The devices that this machine remembers. */
export interface KnownDevices {
  /** That of a user. An incomplete entry is none. */
  find(username: string): Promise<StoredDevice | undefined>
  add(username: string, device: StoredDevice): Promise<void>
  drop(username: string): Promise<void>
}

export function createKnownDevices({ userPoolId }: Client, store: DeviceStore | undefined): KnownDevices {
  const keyOf = (username: string) => `${userPoolId}/${username}`
  return {
    async find(username) {
      const device = await store?.get(keyOf(username))
      return device?.key && device.groupKey && device.password ? device : undefined
    },
    add: async (username, device) => store?.set(keyOf(username), device),
    drop: async (username) => store?.delete(keyOf(username)),
  }
}

/**
 * The devices of a user who is signed in.
 *
 * @example
 * ```ts
 * const devices = createDevices(signIn)
 * for await (const device of devices.list(accessToken)) console.log(device.attributes['device_name'])
 * ```
 */
export function createDevices(client: Pick<UserClient, 'call'>): Devices {
  mustClient('createDevices', client)
  const { call } = client
  return {
    async remember(accessToken, deviceKey, remembered = true, options = {}) {
      checkCall('devices.remember', options)
      const status = remembered ? 'remembered' : 'not_remembered'
      const input = { AccessToken: accessToken, DeviceKey: deviceKey, DeviceRememberedStatus: status } as const
      await call('UpdateDeviceStatus', input, limitsOf(options))
    },
    async get(accessToken, deviceKey, options = {}) {
      checkCall('devices.get', options)
      mustText('devices.get: deviceKey', deviceKey)
      const { Device } = await call('GetDevice', { AccessToken: accessToken, DeviceKey: deviceKey }, limitsOf(options))
      return deviceOf(Device)
    },
    list(accessToken, options = {}) {
      checkCall('devices.list', options)
      return createList('ListDevices', async ({ token, limit } = {}) => {
        const input = { AccessToken: accessToken, PaginationToken: token, Limit: limit }
        const { Devices: found, PaginationToken } = await call('ListDevices', input, limitsOf(options))
        return { items: objectsOf<WireDevice>(found).map(deviceOf), token: PaginationToken || undefined }
      })
    },
    async forget(accessToken, deviceKey, options = {}) {
      checkCall('devices.forget', options)
      await call('ForgetDevice', { AccessToken: accessToken, DeviceKey: deviceKey }, limitsOf(options))
    },
  }
}

/**
 * Makes the device of fresh tokens known to Cognito, with a password that proves it later, and stores it (ConfirmDevice).
 * Resolves to the device, with whether the pool leaves it to the user if it is remembered.
 */
export async function confirmNewDevice(
  { call, randomBytes }: Client,
  known: KnownDevices,
  username: string,
  { accessToken: AccessToken }: Tokens,
  { key, groupKey }: NewDevice,
  options: SignInCallOptions & { readonly deviceName?: string | undefined },
): Promise<NewDevice> {
  const password = encodeBase64(randomBytes(40))
  const DeviceSecretVerifierConfig = await createVerifier({ group: groupKey, name: key, password }, randomBytes(16))
  const { UserConfirmationNecessary } = await call(
    'ConfirmDevice',
    { AccessToken, DeviceKey: key, DeviceSecretVerifierConfig, DeviceName: options.deviceName },
    limitsOf(options),
  )
  await known.add(username, { key, groupKey, password })
  return { key, groupKey, asksUser: UserConfirmationNecessary === true }
}

interface WireDevice {
  readonly DeviceKey?: unknown
  readonly DeviceAttributes?: unknown
  readonly DeviceCreateDate?: unknown
  readonly DeviceLastModifiedDate?: unknown
  readonly DeviceLastAuthenticatedDate?: unknown
}

function deviceOf(wire: WireDevice | undefined): Device {
  const { DeviceKey, DeviceAttributes, DeviceCreateDate, DeviceLastModifiedDate, DeviceLastAuthenticatedDate } =
    wire ?? {}
  return {
    key: textOf(DeviceKey),
    attributes: attributesOf(DeviceAttributes),
    createdAt: dateOf(DeviceCreateDate),
    updatedAt: dateOf(DeviceLastModifiedDate),
    lastSignInAt: dateOf(DeviceLastAuthenticatedDate),
  }
}

/** Attributes by their names; those without a value are empty. */
export function attributesOf(list: unknown): { readonly [name: string]: string } {
  const pairs = arrayOf(list).map((item): [string, string] => {
    const { Name, Value } = (item ?? {}) as { readonly Name?: unknown; readonly Value?: unknown }
    return [textOf(Name), textOf(Value)]
  })
  return Object.fromEntries(pairs)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The objects of a list. */
export function objectsOf<T>(list: readonly T[] | unknown): readonly T[] {
  return arrayOf<T>(list).filter((item) => isJsonObject(item))
}

export function arrayOf<T>(list: readonly T[] | unknown): readonly T[] {
  return Array.isArray(list) ? list : []
}

/** A date of the wire, which has seconds since the epoch. */
export function dateOf(seconds: unknown): Date | undefined {
  return Number.isFinite(seconds) ? new Date(Number(seconds) * 1000) : undefined
}
