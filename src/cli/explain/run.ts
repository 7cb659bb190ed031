import { readFile } from 'node:fs/promises'
import type { PoolAdmin, User } from '../../admin/index.ts'
import { assertKnown } from '../../internal/options.ts'
import { AuthenticationError, createGuard, ForbiddenError, type Groups } from '../../index.ts'
import { isAwsError } from '../../provision/index.ts'
import type { ExplainFlags } from '../commands/explain.ts'
import { connect } from '../connection.ts'
import { type CliContext, CommandError, createStyle } from '../context.ts'
import { readDefinitionsFile, readText } from '../definitions-file.ts'
import { type Answer, type Answers, describeAnswers, differ } from './describe.ts'

/** Runs `cognigate explain`. */
export async function runExplain(
  this: CliContext,
  flags: ExplainFlags,
  name?: string,
  permission?: string,
): Promise<void> {
  const { stdout } = this.process
  if (flags.code !== undefined) {
    if (name !== undefined) throw new CommandError('--code: expected without a user and a permission')
    stdout.write(await readSection(this.root, flags.code))
    return
  }
  if (name === undefined || permission === undefined) {
    throw new CommandError('expected a user and a permission, or --code CODE')
  }
  if (flags.map === undefined) throw new CommandError('--map: expected the definitions file')
  const { groups } = await readDefinitionsFile(flags.map, flags)
  assertKnown(flags.map, 'permission', permission, new Set(groups.permissions))
  const { admin, userPoolId, endpoint } = connect(flags)
  const options = { timeout: flags.timeout ?? 60 }
  const user = await readUser(admin, name, options)
  const memberOf = await admin.users.groups(user.username, options).toArray()
  const directory = explainDirectory(groups, permission, user, memberOf.map((group) => group.name).sort())
  const jwksUrl =
    endpoint === undefined ? undefined : `${endpoint.replace(/\/$/, '')}/${userPoolId}/.well-known/jwks.json`
  const token =
    flags.tokenFile === undefined
      ? undefined
      : await explainToken(await readToken(this, flags.tokenFile), user, permission, {
          userPoolId,
          clientId: flags.client ?? null,
          groups,
          ...(jwksUrl !== undefined && { jwksUrl }),
        })
  const answers: Answers = { user, permission, directory, token }
  if (flags.json) stdout.write(`${JSON.stringify(toJson(answers), null, 2)}\n`)
  else stdout.write(`${describeAnswers(answers, groups, createStyle(this))}\n`)
  if (differ(answers)) this.process.exitCode = 2
}

async function readUser(admin: PoolAdmin, name: string, options: { timeout: number }): Promise<User> {
  try {
    return await admin.users.get(name, options)
  } catch (error) {
    const isMissing = isAwsError(error) && error.code === 'UserNotFoundException'
    throw isMissing ? new CommandError(`the pool has no user ${JSON.stringify(name)}`) : error
  }
}

function explainDirectory(groups: Groups, permission: string, user: User, memberOf: readonly string[]): Answer {
  const { email_verified, phone_number_verified, ...attributes } = user.attributes
  const claims = {
    ...attributes,
    email_verified: email_verified === 'true',
    phone_number_verified: phone_number_verified === 'true',
  }
  const decision = groups.explain(memberOf, permission, { claims })
  const needs = decision.failed.flatMap(({ claim }) => (claim !== undefined && !(claim in attributes) ? [claim] : []))
  return { from: 'directory', groups: memberOf, decision, needs: [...new Set(needs)] }
}

async function readToken({ process }: CliContext, file: string): Promise<string> {
  if (file !== '-') return readText(file)
  const parts: Buffer[] = []
  for await (const part of process.stdin) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString('utf8')
}

interface Pool {
  readonly userPoolId: string
  readonly clientId: readonly string[] | null
  readonly groups: Groups
  readonly jwksUrl?: string
}

async function explainToken(token: string, user: User, permission: string, pool: Pool): Promise<Answer> {
  const guard = createGuard({ ...pool, tokenUse: 'any' })
  const refuse = (refused: string): Answer => ({ from: 'token', groups: [], decision: undefined, needs: [], refused })
  try {
    const { groups, claims, sub } = await guard.verify(token.trim())
    if (sub !== user.attributes['sub']) throw new CommandError('--token-file: the token is not of this user')
    const decision = pool.groups.explain(groups, permission, { claims })
    const { iat, exp } = claims
    return {
      from: 'token',
      groups,
      decision,
      needs: [],
      issuedAt: typeof iat === 'number' ? iat : undefined,
      expiresAt: typeof exp === 'number' ? exp : undefined,
    }
  } catch (error) {
    if (error instanceof AuthenticationError || error instanceof ForbiddenError) return refuse(error.code)
    throw error
  }
}

function toJson(answers: Answers) {
  const { username, enabled, status } = answers.user
  return { version: 1, ...answers, user: { username, enabled, status }, differ: differ(answers) }
}

/** The section of docs/errors.md on a code. */
async function readSection(root: URL, code: string): Promise<string> {
  const text = await readFile(new URL('docs/errors.md', root), 'utf8')
  const sections = text.split(/^(?=##)/m)
  const codes = sections.flatMap((section) => /^### ([A-Z_]+)$/m.exec(section)?.[1] ?? [])
  const found = sections.find((section) => section.startsWith(`### ${code}\n`)) ?? ''
  assertKnown('--code', 'code', code, new Set(codes))
  return `${found.replace(/^### /, '').trimEnd()}\n`
}
