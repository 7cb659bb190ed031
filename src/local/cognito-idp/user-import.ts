import { serviceHost } from '../hosts.ts'
import { readMember, readOptional, readText, choice, integer } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Call, type Codec, type Context, type Incoming, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import type { ImportJobState, MfaMethod, PoolState, State, UserState } from '../state/index.ts'
import { applyChanges, checkAliases, checkChanges, checkNewUsername } from './attributes.ts'
import { findUser, putUser, readPool } from './directory.ts'
import { listAttributes } from './schema.ts'

/** How many users a file may have, and how many characters. */
const maxUsers = 500_000
const maxCharacters = 100_000_000
/** How long a job waits for its file and its start, in milliseconds. */
const jobLife = 86_400_000

/** The operations that bring users from a CSV file into a pool, and the upload of that file. */
export function userImportOperations(): Operations {
  return {
    'cognito-idp.CreateUserImportJob': createJob,
    'cognito-idp.DescribeUserImportJob': (state, input, context) => {
      const pool = readPool(state, input, context)
      return { UserImportJob: describe(pool, readJob(pool, input), context) }
    },
    'cognito-idp.GetCSVHeader': (state, input, context) => {
      const pool = readPool(state, input, context)
      return { UserPoolId: pool.userPoolId, CSVHeader: headerOf(pool) }
    },
    'cognito-idp.ListUserImportJobs': listJobs,
    'cognito-idp.StartUserImportJob': startJob,
    'cognito-idp.StopUserImportJob': stopJob,
    'user-import.upload': upload,
  }
}

/** Reads the upload of a file: `PUT` to the `PreSignedUrl` of a job. */
export function readUpload({ method, url, body, target }: Incoming): Call | undefined {
  const [, userPoolId = '', JobId] = /^\/([\w-]+)\/import\/(import-[\w-]+)$/.exec(url.pathname) ?? []
  if (method !== 'PUT' || JobId === undefined || target === undefined) return undefined
  return {
    service: 'user-import',
    operation: 'upload',
    region: userPoolId.slice(0, userPoolId.indexOf('_')),
    userPoolId,
    signed: false,
    input: { UserPoolId: userPoolId, JobId, Key: url.searchParams.get('X-Amz-Signature') ?? '', File: body },
    codec: storage,
  }
}

/** Answers as S3 does. */
const storage: Codec = {
  answer: () => new Response(null),
  refuse: ({ code, message, status }) => {
    return new Response(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`, {
      status,
      headers: { 'content-type': 'application/xml' },
    })
  },
}

function createJob(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const { now, random } = context
  const job: ImportJobState = {
    id: `import-${random.alphanumeric(10)}`,
    name: readText(input, 'JobName', { min: 1, max: 128, pattern: /^[\w\s+=,.@-]+$/ }),
    roleArn: readText(input, 'CloudWatchLogsRoleArn', { min: 20, max: 2048 }),
    hashing: readOptional(input, 'PasswordHashingAlgorithm', choice(['BCRYPT', 'SCRYPT', 'ARGON2ID', 'PBKDF2_SHA256'])),
    status: 'Created',
    imported: 0,
    skipped: 0,
    failed: 0,
    uploadKey: random.hex(32),
    createdAt: now,
  }
  pool.importJobs[job.id] = job
  return { UserImportJob: describe(pool, job, context) }
}

function upload(state: State, input: JsonObject, context: Context): undefined {
  const pool = state.pools[String(input['UserPoolId'])]
  const job = pool?.importJobs[String(input['JobId'])]
  if (pool === undefined || job === undefined || input['Key'] !== job.uploadKey) {
    throw new ServiceError('AccessDenied', 'Access Denied', 403)
  }
  if (statusOf(job, context) !== 'Created') throw new ServiceError('AccessDenied', 'Request has expired', 403)
  const file = String(input['File'])
  if (file.length > maxCharacters) throw new ServiceError('EntityTooLarge', 'The file is too large.')
  pool.importJobs[job.id] = { ...job, file }
}

/** The file is read at once: who asks for the job's state afterwards sees its end. */
function startJob(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const job = readJob(pool, input)
  const status = statusOf(job, context)
  if (status !== 'Created') throw unmet(`The job cannot be started, since it is ${status}.`)
  const started: ImportJobState = { ...job, status: 'Pending', startedAt: context.now }
  pool.importJobs[job.id] = runJob(pool, started, context)
  return { UserImportJob: describe(pool, started, context) }
}

/** A job that has not begun is stopped at once. */
function stopJob(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const job = readJob(pool, input)
  const status = statusOf(job, context)
  if (status !== 'Created') throw unmet(`The job cannot be stopped, since it is ${status}.`)
  const { file: _, ...rest } = job
  const stopped: ImportJobState = {
    ...rest,
    status: 'Stopped',
    completedAt: context.now,
    message: 'The Import Job was stopped by the developer.',
  }
  pool.importJobs[job.id] = stopped
  return { UserImportJob: describe(pool, stopped, context) }
}

function listJobs(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  readMember(input, 'MaxResults', integer({ min: 1, max: 60 }))
  const page = readPage(input, Object.values(pool.importJobs), ({ createdAt, id }) => `${1e15 - createdAt} ${id}`, {
    token: 'PaginationToken',
    limit: 'MaxResults',
    min: 1,
    max: 60,
    scope: ['ListUserImportJobs', pool.userPoolId],
  })
  return { UserImportJobs: page.items.map((job) => describe(pool, job, context)), ...page.next }
}

function readJob({ importJobs }: PoolState, input: JsonObject): ImportJobState {
  const job = importJobs[readText(input, 'JobId', { min: 1, max: 55 })]
  if (job === undefined) throw new ServiceError('ResourceNotFoundException', 'The import job does not exist.')
  return job
}

/** A job that nobody starts within a day has expired. */
function statusOf({ status, createdAt }: ImportJobState, { now }: Context): ImportJobState['status'] {
  return status === 'Created' && now > createdAt + jobLife ? 'Expired' : status
}

function unmet(message: string): ServiceError {
  return new ServiceError('PreconditionNotMetException', message)
}

/** A `UserImportJobType`. */
function describe({ userPoolId, region }: PoolState, job: ImportJobState, context: Context): JsonObject {
  const base = context.issuerBase ?? `https://${serviceHost('cognito-idp', region)}`
  const seconds = (at: number | undefined) => (at === undefined ? undefined : at / 1000)
  return {
    JobName: job.name,
    JobId: job.id,
    UserPoolId: userPoolId,
    PreSignedUrl: `${base}/${userPoolId}/import/${job.id}?X-Amz-Signature=${job.uploadKey}`,
    CreationDate: seconds(job.createdAt),
    StartDate: seconds(job.startedAt),
    CompletionDate: seconds(job.completedAt),
    Status: statusOf(job, context),
    CloudWatchLogsRoleArn: job.roleArn,
    ImportedUsers: job.imported,
    SkippedUsers: job.skipped,
    FailedUsers: job.failed,
    CompletionMessage: job.message,
    PasswordHashingAlgorithm: job.hashing,
  }
}

/** The columns of a pool's file: standard attributes in AWS's order, the pool's own, and what Cognito adds. */
function headerOf(pool: PoolState): readonly string[] {
  const standard = [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'email',
    'email_verified',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'phone_number',
    'phone_number_verified',
    'address',
    'updated_at',
  ]
  const own = listAttributes(pool).flatMap(({ name }) => (name.includes('custom:') ? [name] : []))
  return ['cognito:username', ...standard, ...own, 'cognito:mfa_enabled']
}

function runJob(pool: PoolState, { file, ...job }: ImportJobState, context: Context): ImportJobState {
  const ended = { ...job, completedAt: context.now }
  const fail = (message: string): ImportJobState => ({ ...ended, status: 'Failed', message })
  if (file === undefined || file === '') return fail('The import file was not uploaded.')
  const [header = [], ...rows] = parseCsv(file)
  const columns = new Set(header)
  const wanted = headerOf(pool)
  if (columns.size !== wanted.length || header.length !== wanted.length || wanted.some((name) => !columns.has(name))) {
    return fail('The header in the CSV file does not match the expected headers.')
  }
  if (rows.length > maxUsers) return fail(`The file has more than ${maxUsers} users.`)
  const counts = { imported: 0, skipped: 0, failed: 0 }
  for (const row of rows) counts[importUser(pool, header, row, context)] += 1
  const isSuccess = counts.imported > 0 || counts.failed === 0
  return {
    ...ended,
    ...counts,
    status: isSuccess ? 'Succeeded' : 'Failed',
    message: isSuccess
      ? 'Import Job Completed Successfully.'
      : 'Too many users have failed or been skipped during the import.',
  }
}

/** An imported user has no password and asks for one by the way of forgotten passwords. */
function importUser(
  pool: PoolState,
  header: readonly string[],
  row: readonly string[],
  context: Context,
): 'imported' | 'skipped' | 'failed' {
  if (row.length !== header.length) return 'failed'
  const values = new Map(header.map((name, index) => [name, row[index] ?? '']))
  const name = values.get('cognito:username') ?? ''
  const mfaEnabled = values.get('cognito:mfa_enabled')?.toLowerCase() === 'true'
  const changes = new Map(
    [...values]
      .filter(([one, value]) => value !== '' && !one.startsWith('cognito:'))
      .map(([one, value]) => [one, one.endsWith('_verified') ? value.toLowerCase() : value]),
  )
  if (name === '') return 'failed'
  if (findUser(pool, name) !== undefined) return 'skipped'
  const isVerified = (one: string) => changes.has(one) && changes.get(`${one}_verified`) === 'true'
  if (!isVerified('email') && !isVerified('phone_number')) return 'failed'
  if (pool.requiredAttributes.some((one) => !changes.has(one))) return 'failed'
  try {
    const contact = checkNewUsername(pool, name)
    const named = contact === undefined ? changes : new Map([...changes, [contact, name]])
    checkChanges(pool, {}, named)
    const sub = context.random.uuid()
    const attributes = Object.fromEntries([...applyChanges({}, named), ['sub', sub]])
    const username = contact === undefined ? name : sub
    checkAliases(pool, username, attributes)
    const mfa: readonly MfaMethod[] = mfaEnabled && attributes['phone_number'] !== undefined ? ['SMS_MFA'] : []
    const user: UserState = {
      username,
      status: 'RESET_REQUIRED',
      enabled: true,
      attributes,
      groups: [],
      mfa,
      devices: [],
      createdAt: context.now,
      updatedAt: context.now,
    }
    putUser(pool, user)
    return 'imported'
  } catch (error) {
    if (error instanceof ServiceError) return 'failed'
    throw error
  }
}

/** The rows of a CSV file (RFC 4180); a backslash before a comma escapes it too, as Cognito's documents say. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let [row, cell, isQuoted]: [string[], string, boolean] = [[], '', false]
  const endCell = () => {
    row.push(cell)
    cell = ''
  }
  const endRow = () => {
    endCell()
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    const next = text.charAt(at + 1)
    if (isQuoted && character === '"' && next === '"') {
      cell += '"'
      at += 1
    } else if (character === '"' && (isQuoted || cell === '')) isQuoted = !isQuoted
    else if (!isQuoted && character === '\\' && next === ',') {
      cell += ','
      at += 1
    } else if (!isQuoted && character === ',') endCell()
    else if (!isQuoted && character === '\n') endRow()
    else if (isQuoted || character !== '\r') cell += character
  }
  endRow()
  return rows
}
