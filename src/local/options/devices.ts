import type { DeviceState } from '../state.ts'
import { attributeNameRules } from '../cognito-idp/rules.ts'
import { checkList, checkMembers, checkObject, checkText } from './check.ts'

/** A device that a user of a local pool has signed in from. */
export interface LocalDevice {
  /** Such as `eu-west-1_11111111-2222-4333-8444-555555555555`. */
  readonly key: string
  /** Such as `device_name`. Default: none. */
  readonly attributes?: { readonly [name: string]: string } | undefined
}

/** The devices of a user, last used now. */
export function createDevices(path: string, devices: unknown, now: number): DeviceState[] {
  return checkList(path, devices).map((device, index) => {
    const at = `${path}[${index}]`
    const details = checkObject(at, device)
    checkMembers(at, details, ['key', 'attributes'])
    const attributes = Object.entries(checkObject(`${at}.attributes`, details['attributes'] ?? {}))
    return {
      key: checkText(`${at}.key`, details['key'], { min: 1, max: 55, pattern: /^[\w-]+_[0-9a-f-]+$/ }),
      attributes: Object.fromEntries(
        attributes.map(([name, value]) => [
          checkText(`${at}.attributes`, name, attributeNameRules()),
          checkText(`${at}.attributes.${name}`, value, { max: 2048 }),
        ]),
      ),
      createdAt: now,
      updatedAt: now,
      usedAt: now,
    }
  })
}
