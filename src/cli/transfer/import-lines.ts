import { randomBytes } from 'node:crypto'
import { isAwsError, type PoolAdmin } from '../../admin/index.ts'
import type { CallOptions } from '../../aws/index.ts'
import type { ImportFlags } from '../commands/transfer.ts'
import { CommandError } from '../context.ts'
import type { Begun, Outcome } from './import-journal.ts'
import { type GroupLine, type Line, readGroup, readUser, type UserLine } from './lines.ts'
import { createMemberIndex } from './member-index.ts'

/** How a line is written, and what is known of earlier tries. */
export interface Attempt {
  /** What an earlier run, or the run that wrote this failed line, left of it. */
  readonly begun: Begun | undefined
  /** Call it right before the first write. */
  begin(): void
  /** A user was made: at this time by AWS's clock, in seconds. */
  made(at: number | undefined): void
}

/** Writes lines. */
export interface Importer {
  /** Told of each user of the file, also of those that an earlier run wrote. */
  note(line: Line): void
  /** Throws AwsError and CommandError. What is there already is left alone, or with `update` made as the line says. */
  write(line: Line, attempt: Attempt): Promise<Exclude<Outcome, 'failed'>>
}

/** Attributes that Cognito gives, and takes from nobody. */
const given = /^(sub|identities|cognito:.*)$/

/** How far the clock of this machine may be ahead of AWS's, in seconds. */
const CLOCK_SKEW = 60

/** `startedAt`: when the import began, earlier runs included, in milliseconds. */
export async function createImporter(
  admin: PoolAdmin,
  flags: Pick<ImportFlags, 'update' | 'confirm'>,
  call: () => CallOptions,
  startedAt: number,
): Promise<Importer> {
  const { UserPool } = await admin.call('DescribeUserPool', {}, call())
  const aliases = UserPool?.UsernameAttributes ?? []
  const names = new Map<string, string>()
  const nameOf = (username: string) => names.get(username) ?? username
  const isSince = (time: number | undefined) => (time ?? 0) >= startedAt / 1000 - CLOCK_SKEW
  const members = createMemberIndex(admin, call, {
    namesDiffer: aliases.length > 0,
    ignoresCase: UserPool?.UsernameConfiguration?.CaseSensitive === false,
  })
  return {
    note({ user }) {
      // Such a pool gives the user names itself, and memberships are of the names of the file.
      if (user === undefined || aliases.length === 0) return
      const name = aliases.map((alias) => attributeOf(user, alias)).find(Boolean)
      if (name !== undefined && user.Username !== undefined) names.set(user.Username, name)
    },
    async write({ group, user, member }, attempt) {
      if (group !== undefined) return writeGroup(group, attempt)
      if (user !== undefined) return writeUser(user, nameOf(user.Username ?? ''), attempt)
      if (member !== undefined) return writeMember(nameOf(member.Username), member.GroupName, attempt)
      throw new CommandError('nothing to write')
    },
  }

  async function writeGroup(line: GroupLine, { begun, begin }: Attempt): Promise<'created' | 'updated' | 'unchanged'> {
    const { GroupName = '', Description, RoleArn, Precedence } = line
    begin()
    try {
      await admin.call('CreateGroup', { GroupName, Description, RoleArn, Precedence }, call())
      return 'created'
    } catch (error) {
      if (!isAwsError(error)) throw error
      const isLost = error.outcome === 'unknown'
      if (error.code !== 'GroupExistsException' && !isLost) throw error
      const found = await readGroup(admin, GroupName, call())
      const isSame =
        (found?.Description ?? '') === (Description ?? '') &&
        found?.RoleArn === RoleArn &&
        found?.Precedence === Precedence
      if (isSame) {
        if (isLost || (begun && isSince(found?.CreationDate))) return 'created'
        return flags.update && begun && isSince(found?.LastModifiedDate) ? 'updated' : 'unchanged'
      }
      if (!flags.update) throw new CommandError('the group is there and differs: --update changes it')
      const changes = { description: Description ?? null, roleArn: RoleArn ?? null, precedence: Precedence ?? null }
      await admin.groups.update(GroupName, changes, call())
      return 'updated'
    }
  }

  async function writeUser(user: UserLine, username: string, attempt: Attempt) {
    if (user.UserStatus === 'EXTERNAL_PROVIDER') {
      throw new CommandError('users of an identity provider come into being when they first sign in')
    }
    const attributes = Object.fromEntries(
      (user.Attributes ?? []).flatMap(({ Name, Value = '' }) => (given.test(Name) ? [] : [[Name, Value]])),
    )
    attempt.begin()
    try {
      const { createdAt } = await admin.users.create({ username, attributes, messageAction: 'SUPPRESS' }, call())
      attempt.made(createdAt && createdAt.getTime() / 1000)
    } catch (error) {
      if (!isAwsError(error) || error.code !== 'UsernameExistsException') throw error
      const found = await readUser(admin, username, call()).catch((missing: unknown) => {
        // The name is free: an alias, such as the address, is somebody else's.
        throw isAwsError(missing) && missing.code === 'UserNotFoundException' ? error : missing
      })
      const isSame = Object.entries(attributes).every(([name, value]) => attributeOf(found, name) === value)
      if (!isSame || !isOurs(found, user, attempt))
        return changeUser(user, username, { found, isSame, attributes, attempt })
      attempt.made(found.UserCreateDate)
    }
    if (needsPassword(user)) await setPassword(username)
    if (user.Enabled === false) await admin.users.disable(username, call())
    return 'created'
  }

  /** Whether a user was made for this line, by a run that did not bring it to its end. */
  function isOurs({ UserCreateDate, UserStatus }: UserLine, user: UserLine, { begun }: Attempt): boolean {
    if (begun?.madeAt !== undefined) return Math.abs((UserCreateDate ?? 0) - begun.madeAt) < 0.001
    const isNew = UserStatus === 'FORCE_CHANGE_PASSWORD' || (UserStatus === 'CONFIRMED' && needsPassword(user))
    return begun !== undefined && isNew && isSince(UserCreateDate)
  }

  /** Brings a user who was there into the state of the line, where that is allowed. */
  async function changeUser(
    user: UserLine,
    username: string,
    about: {
      readonly found: UserLine
      readonly isSame: boolean
      readonly attributes: Readonly<Record<string, string>>
      readonly attempt: Attempt
    },
  ): Promise<'updated' | 'unchanged'> {
    const { found, isSame, attributes, attempt } = about
    const { Enabled = found.Enabled } = user
    const isTemporary = found.UserStatus === 'FORCE_CHANGE_PASSWORD' && flags.update && needsPassword(user)
    if (isSame && found.Enabled === Enabled && !isTemporary) {
      return flags.update && attempt.begun && isSince(found.UserLastModifiedDate) ? 'updated' : 'unchanged'
    }
    if (!flags.update) throw new CommandError('the user is there and differs: --update changes them')
    if (!isSame) await admin.users.updateAttributes(username, attributes, call())
    if (isTemporary) await setPassword(username)
    if (found.Enabled !== Enabled) await admin.users[Enabled ? 'enable' : 'disable'](username, call())
    return 'updated'
  }

  function needsPassword({ UserStatus }: UserLine): boolean {
    return flags.confirm && UserStatus !== 'FORCE_CHANGE_PASSWORD' && UserStatus !== 'UNCONFIRMED'
  }

  async function setPassword(username: string): Promise<void> {
    try {
      await admin.users.setPassword(username, createPassword(), { ...call(), permanent: true })
    } catch (error) {
      // Whichever of two passwords counts, nobody knows it.
      if (!isAwsError(error) || error.outcome !== 'unknown') throw error
      await admin.users.setPassword(username, createPassword(), { ...call(), permanent: true })
    }
  }

  async function writeMember(username: string, group: string, { begun, begin }: Attempt): Promise<'added' | 'present'> {
    // It is begun only where the user was not a member.
    if (begun === undefined && (await members.has(username, group))) return 'present'
    begin()
    await admin.users.addToGroup(username, group, call())
    return 'added'
  }
}

function attributeOf({ Attributes = [] }: UserLine, name: string): string | undefined {
  return Attributes.find(({ Name }) => Name === name)?.Value
}

/** A password that nobody knows, with one of each kind of character that a policy may ask for. */
function createPassword(): string {
  return `Aa1!${randomBytes(24).toString('base64url')}`
}
