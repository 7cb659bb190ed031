import { randomBytes } from 'node:crypto'
import { isAwsError, type PoolAdmin } from '../../admin/index.ts'
import type { CallOptions } from '../../aws/index.ts'
import type { ImportFlags } from '../commands/transfer.ts'
import { CommandError } from '../context.ts'
import { type GroupLine, type Line, readGroup, readUser, type UserLine } from './lines.ts'

/** What became of a line. */
export type Outcome = 'created' | 'updated' | 'unchanged'

/** Writes groups and users. */
export interface Importer {
  /** Told of each line before it is written, and of those that an earlier run wrote. */
  note(line: Line): void
  /** The name by which the pool takes a user of the file. */
  nameOf(username: string): string
  /** Throws AwsError and CommandError. What is there already is left alone, or with `update` made as the line says. */
  write(line: Line): Promise<Outcome>
}

/** Attributes that Cognito gives, and takes from nobody. */
const given = /^(sub|identities|cognito:.*)$/

export async function createLines(admin: PoolAdmin, flags: ImportFlags, limits: () => CallOptions): Promise<Importer> {
  const { UserPool } = await admin.call('DescribeUserPool', {}, limits())
  const aliases = UserPool?.UsernameAttributes ?? []
  const names = new Map<string, string>()
  const nameOf = (username: string) => names.get(username) ?? username
  return {
    note({ user }) {
      // Such a pool gives the user names itself.
      if (user === undefined || aliases.length === 0) return
      const name = aliases.map((alias) => attributeOf(user, alias)).find(Boolean)
      if (name !== undefined && user.Username !== undefined) names.set(user.Username, name)
    },
    nameOf,
    async write({ group, user }) {
      if (group !== undefined) return writeGroup(group)
      if (user !== undefined) return writeUser(user, nameOf(user.Username ?? ''))
      throw new CommandError('nothing to write')
    },
  }

  async function writeGroup({ GroupName = '', Description, RoleArn, Precedence }: GroupLine): Promise<Outcome> {
    const wanted = { GroupName, Description, RoleArn, Precedence }
    try {
      await admin.call('CreateGroup', wanted, limits())
      return 'created'
    } catch (error) {
      if (!isAwsError(error)) throw error
      const isThere = error.code === 'GroupExistsException' || error.outcome === 'unknown'
      if (!isThere) throw error
      const found = await readGroup(admin, GroupName, limits())
      const isSame =
        found?.Description === Description && found?.RoleArn === RoleArn && found?.Precedence === Precedence
      if (isSame) return error.outcome === 'unknown' ? 'created' : 'unchanged'
      if (!flags.update) throw new CommandError('the group is there and differs: --update changes it')
      await admin.call('UpdateGroup', wanted, limits())
      return 'updated'
    }
  }

  async function writeUser(user: UserLine, username: string): Promise<Outcome> {
    if (user.UserStatus === 'EXTERNAL_PROVIDER') {
      throw new CommandError('users of an identity provider come into being when they first sign in')
    }
    const attributes = Object.fromEntries(
      (user.Attributes ?? []).flatMap(({ Name, Value = '' }) => (given.test(Name) ? [] : [[Name, Value]])),
    )
    let outcome: Outcome = 'created'
    try {
      await admin.users.create({ username, attributes, messageAction: 'SUPPRESS' }, limits())
    } catch (error) {
      if (!isAwsError(error) || error.code !== 'UsernameExistsException') throw error
      const found = await readUser(admin, username, limits()).catch((missing: unknown) => {
        // The name is free: an alias, such as the address, is somebody else's.
        throw isAwsError(missing) && missing.code === 'UserNotFoundException' ? error : missing
      })
      const isSame = Object.entries(attributes).every(([name, value]) => attributeOf(found, name) === value)
      // Made by this import before it was interrupted, or by nobody since.
      const isFresh = isSame && found.UserStatus === 'FORCE_CHANGE_PASSWORD'
      if (isSame && found.Enabled === (user.Enabled ?? true) && !(isFresh && needsPassword(user))) return 'unchanged'
      if (!isFresh && !flags.update) throw new CommandError('the user is there and differs: --update changes them')
      if (!isSame) await admin.users.updateAttributes(username, attributes, limits())
      outcome = 'updated'
      if (found.Enabled === false && user.Enabled !== false) await admin.users.enable(username, limits())
      if (!isFresh) {
        if (user.Enabled === false) await admin.users.disable(username, limits())
        return outcome
      }
    }
    if (needsPassword(user)) await admin.users.setPassword(username, createPassword(), { ...limits(), permanent: true })
    if (user.Enabled === false) await admin.users.disable(username, limits())
    return outcome
  }

  function needsPassword({ UserStatus }: UserLine): boolean {
    return flags.confirm && UserStatus !== 'FORCE_CHANGE_PASSWORD' && UserStatus !== 'UNCONFIRMED'
  }
}

function attributeOf({ Attributes = [] }: UserLine, name: string): string | undefined {
  return Attributes.find(({ Name }) => Name === name)?.Value
}

/** A password that nobody knows, with one of each kind of character that a policy may ask for. */
function createPassword(): string {
  return `Aa1!${randomBytes(24).toString('base64url')}`
}
