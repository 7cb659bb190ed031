import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, relative } from 'node:path'
import { Document, visit } from 'yaml'
import type { PoolAdmin } from '../../admin/index.ts'
import type { InitFlags } from '../commands/init.ts'
import { connect } from '../connection.ts'
import { type CliContext, CommandError, counted } from '../context.ts'
import { parseDefinitions } from '../definitions-file.ts'
import { createProgress } from '../progress.ts'
import { appFiles, nodeOfApps } from './app-files.ts'

/** Runs `cognigate init`. */
export async function runInit(this: CliContext, flags: InitFlags, file?: string): Promise<void> {
  const { stderr } = this.process
  if (flags.members && flags.pool === undefined) throw new CommandError('--members: expected together with --pool')
  if (flags.app !== undefined) {
    if (file !== undefined || flags.pool !== undefined) {
      throw new CommandError('--app: expected without a file and without --pool')
    }
    await makeApp(flags.app, this.version)
    // Package managers that run this say who they are.
    const [, manager = 'npm'] = /^(npm|pnpm|yarn|bun)\//.exec(this.process.env['npm_config_user_agent'] ?? '') ?? []
    const folder = /^[\w./@+-]+$/.test(flags.app) ? flags.app : `'${flags.app.replaceAll("'", "'\\''")}'`
    const steps = [`cd ${folder}`, ...['install', 'run test', 'run dev'].map((step) => `${manager} ${step}`)]
    const [major = 0, minor = 0] = this.process.versions.node.split('.').map(Number)
    const [least = 0, leastMinor = 0] = nodeOfApps.split('.').map(Number)
    const isOld = major < least || (major === least && minor < leastMinor)
    const warning = isOld ? `It needs Node from ${nodeOfApps} on, and this is ${this.process.versions.node}.\n` : ''
    stderr.write(`${flags.app} is made. Next:\n${steps.map((step) => `    ${step}\n`).join('')}${warning}`)
    return
  }
  const target = file ?? 'groups.yaml'
  const kind = extname(target)
  if (!['.yaml', '.yml', '.json'].includes(kind)) throw new CommandError('expected a file that ends in .yaml or .json')
  const data = flags.pool === undefined ? example : await readPool(this, flags)
  const schema = schemaFor(target, this.version)
  const text =
    kind === '.json'
      ? `${JSON.stringify({ $schema: schema, ...data }, null, 2)}\n`
      : `# yaml-language-server: $schema=${schema}\n${toYaml(data)}`
  // What is written can be read again.
  parseDefinitions(target, text)
  try {
    await writeFile(target, text, { flag: 'wx' })
  } catch (error) {
    if (existsSync(target)) throw new CommandError(`${target}: it is there already, and is not replaced`)
    throw new CommandError(`${target}: it cannot be written`, { cause: error })
  }
  const count = Object.keys(data.groups).length
  stderr.write(`${target} is written: ${counted(count, 'group')}. Next: cognigate validate ${target}\n`)
}

interface Data {
  readonly groups: Readonly<Record<string, object>>
  readonly require?: object
  readonly members?: Readonly<Record<string, readonly string[]>>
}

const example: Data = {
  groups: {
    viewer: { description: 'Read everything', precedence: 30, allow: ['posts.read'] },
    editor: { description: 'Write posts', precedence: 20, inherits: ['viewer'], allow: ['posts.write'] },
    admin: { description: 'All of it', precedence: 10, allow: ['posts.delete', '*'] },
    suspended: { description: 'Nothing, whatever their other groups allow', precedence: 0, deny: ['*'] },
  },
  require: { 'posts.delete': { auth_time: { maxAge: 900 } } },
}

/** Short lists stand on one line, as people write them. */
function toYaml(data: Data): string {
  const document = new Document(data)
  visit(document, {
    Seq(_, node) {
      if (node.items.length <= 8) node.flow = true
    },
  })
  return document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: false })
}

/** The groups of a pool as they are. What they allow in the app, only its authors know. */
async function readPool(context: CliContext, flags: InitFlags): Promise<Data> {
  const { admin } = connect(flags)
  const progress = createProgress(context)
  try {
    const found = await admin.groups.list().toArray()
    const groups: Record<string, object> = {}
    const members: Record<string, readonly string[]> = {}
    for (const { name, description, precedence } of found.toSorted(byPrecedence)) {
      groups[name] = {
        ...(description && { description }),
        ...(precedence !== undefined && { precedence }),
        allow: [],
      }
      if (flags.members) members[name] = await readMembers(admin, name)
      progress.show('groups', { done: Object.keys(groups).length, total: found.length })
    }
    return { groups, ...(flags.members && { members }) }
  } finally {
    progress.clear()
  }
}

function byPrecedence(a: { precedence?: number | undefined }, b: { precedence?: number | undefined }): number {
  return (a.precedence ?? Number.MAX_SAFE_INTEGER) - (b.precedence ?? Number.MAX_SAFE_INTEGER)
}

async function readMembers(admin: PoolAdmin, group: string): Promise<string[]> {
  const users = await admin.groups.members(group).toArray()
  return users.map(({ username }) => username).sort()
}

/** The schema of the installed package where there is one, or else the published one of this version. */
function schemaFor(file: string, version: string): string {
  const installed = 'node_modules/cognigate/dist/definitions.schema.json'
  if (!existsSync(installed)) return `https://unpkg.com/cognigate@${version}/dist/definitions.schema.json`
  const path = relative(dirname(file), installed).replaceAll('\\', '/')
  return path.startsWith('.') ? path : `./${path}`
}

async function makeApp(folder: string, version: string): Promise<void> {
  const there = await readdir(folder).catch(() => [])
  if (there.length > 0) throw new CommandError(`${folder}: it is there already and holds files; name a new folder`)
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
  for (const [path, text] of Object.entries(appFiles(name, version))) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx' })
  }
}
