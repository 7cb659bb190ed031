import { extname } from 'node:path'
import { CognigateError } from '../../errors.ts'
import type { LocalPoolSettings } from '../../local/index.ts'
import { readText } from '../definitions-file.ts'
import { FileError, parseSource, type SourceText } from '../source-text.ts'

/** What a pool begins with, as a file says it. */
export interface Seed {
  /** As `createLocalPool` takes it, and checks it. */
  readonly settings: LocalPoolSettings
  /** An error about the settings, with the line and column of what it is about; any other error as it is. */
  explain(error: unknown): unknown
}

/** JSON that is longer is read by the quick parser, and for its mistakes by the one that knows places. */
const quickLength = 1_000_000

/**
 * Reads a seed file: the options of `createLocalPool` as YAML or JSON, save the triggers, which are functions. Throws FileError
 * with every mistake of the form; `explain` says where in the file the others are.
 */
export async function readSeed(file: string): Promise<Seed> {
  const kind = extname(file).toLowerCase()
  if (!['.json', '.yaml', '.yml'].includes(kind)) {
    throw new FileError(file, [{ message: 'expected a file that ends in .yaml, .yml or .json' }])
  }
  const text = await readText(file)
  let source: SourceText | undefined
  const parse = () => (source ??= parseSource(file, text))
  const value = (kind === '.json' && text.length > quickLength ? parseQuickly(text) : undefined) ?? parse().value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FileError(file, [{ message: 'expected members such as "users" and "groups"', place: parse().locate([]) }])
  }
  const { $schema: _, ...settings } = value as Record<string, unknown>
  if ('triggers' in settings) {
    const place = parse().locate(['triggers'], 'key')
    throw new FileError(file, [{ message: 'triggers are functions: start the server by startLocalServer', place }])
  }
  return {
    settings: settings as LocalPoolSettings,
    explain(error) {
      if (!(error instanceof CognigateError)) return error
      const found = findPlace(settings, error.message)
      if (found === undefined) return error
      const place = parse().locate(found.path, found.isName ? 'key' : 'value')
      return new FileError(file, [{ message: found.message, place }])
    },
  }
}

function parseQuickly(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a message is about: it begins with the path of an option. Undefined where it is about something else. */
function findPlace(
  settings: Readonly<Record<string, unknown>>,
  message: string,
): { readonly path: (string | number)[]; readonly isName: boolean; readonly message: string } | undefined {
  const [, unknown] = /unknown option "((?:[^"\\]|\\.)*)"/.exec(message) ?? []
  const name = unknown === undefined ? [] : [String(JSON.parse(`"${unknown}"`))]
  if (message.startsWith('createPool: ')) {
    return { path: name, isName: true, message: message.slice('createPool: '.length) }
  }
  const path: (string | number)[] = []
  let [at, rest]: [unknown, string] = [settings, message]
  for (let step = findStep(at, rest); step !== undefined; step = findStep(at, rest)) {
    path.push(step.name)
    at = step.value
    rest = rest.slice(step.length)
  }
  // What is missing has a path and no place: the nearest part around it has.
  const isPath = path.length > 0 && /^[\w.[\]-]*: /.test(rest)
  return isPath ? { path: [...path, ...name], isName: name.length > 0, message } : undefined
}

/** The member that a path goes on to: the longest name that fits, since names of users hold dots too. */
function findStep(
  at: unknown,
  rest: string,
): { readonly name: string | number; readonly value: unknown; readonly length: number } | undefined {
  if (Array.isArray(at)) {
    const [text, index] = /^\[(\d+)\]/.exec(rest) ?? []
    return text === undefined ? undefined : { name: Number(index), value: at[Number(index)], length: text.length }
  }
  if (typeof at !== 'object' || at === null) return undefined
  const dot = rest.startsWith('.') ? 1 : 0
  const names = Object.keys(at).filter(
    (name) => /^(?:[.[]|: )/.test(rest.slice(dot + name.length)) && rest.startsWith(name, dot),
  )
  const name = names.sort((a, b) => b.length - a.length)[0]
  return name === undefined ? undefined : { name, value: Reflect.get(at, name), length: dot + name.length }
}
