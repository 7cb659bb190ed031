import { isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { CommandError } from './context.ts'

/** A place in a text file, counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A mistake in a file. Without a place where it concerns the file as a whole, or a module. */
export interface Problem {
  readonly message: string
  readonly place?: Place | undefined
  /** Where in the data it is, such as `groups.editor.allow[0]`. */
  readonly path?: string | undefined
}

/** The mistakes in a file: nothing was done with it. */
export class FileError extends CommandError {
  override readonly name = 'FileError'
  readonly file: string
  readonly problems: readonly Problem[]

  constructor(file: string, problems: readonly Problem[]) {
    super(problems.map((problem) => describeProblem(file, problem)).join('\n'))
    this.file = file
    this.problems = problems
  }
}

/** `groups.yaml:3:7  what is wrong`, as compilers say it. */
export function describeProblem(file: string, { message, place, path }: Problem): string {
  const where = place ? `${file}:${place.line}:${place.column}` : path === undefined ? file : `${file}: ${path}`
  return `${where}  ${message}`
}

/** The data of a file, and where each part of it stands. */
export interface SourceText {
  readonly value: unknown
  /** The place of a key's value, or of the nearest part around it that the file has. */
  locate(path: readonly (string | number)[], at?: 'value' | 'key'): Place | undefined
}

/**
 * Reads YAML 1.2 or JSON. JSON is read by the same parser, since JSON.parse silently drops the first of two equal keys.
 * Throws FileError with every mistake; anchors, aliases, merges and tags are mistakes here.
 */
export function parseSource(file: string, text: string): SourceText {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, logLevel: 'error' })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: Math.max(col, 1) }
  }
  const problems = document.errors.map(({ code, message, pos }): Problem => {
    const quote = code === 'BAD_ALIAS' && text[pos[0]] === '*'
    return { message: quote ? 'quote it: "*" begins an alias in YAML' : explain(code, message), place: placeAt(pos[0]) }
  })
  for (const { code, message, pos } of document.warnings) {
    const isTag = code === 'TAG_RESOLVE_FAILED'
    problems.push({
      message: isTag ? 'tags (!) are not read here: write it as plain data' : message,
      place: placeAt(pos[0]),
    })
  }
  visit(document, (_, node) => {
    if (!isNode(node)) return
    const place = placeAt(node.range?.[0] ?? 0)
    if (isAlias(node)) {
      if (node.source !== '') {
        problems.push({
          message: `quote it: *${node.source} is an alias in YAML, and aliases are not read here`,
          place,
        })
      }
      return
    }
    if (node.anchor !== undefined) problems.push({ message: 'anchors (&) are not read here: write it out', place })
    if (!isMap(node)) return
    for (const { key } of node.items) {
      if (!isScalar(key) || key.value === '<<' || typeof key.value === 'object') {
        const at = isNode(key) ? placeAt(key.range?.[0] ?? 0) : place
        problems.push({ message: 'a key is plain text; merges (<<) are not read here', place: at })
      }
    }
  })
  if (problems.length > 0) throw new FileError(file, problems)
  return {
    value: document.toJS({ mapAsMap: false }),
    locate(path, at = 'value') {
      for (let length = path.length; length >= 0; length--) {
        const part = path.slice(0, length)
        const node = length === 0 ? document.contents : document.getIn(part, true)
        const parent =
          length === 0 ? undefined : length === 1 ? document.contents : document.getIn(part.slice(0, -1), true)
        const pair = isMap(parent)
          ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(part.at(-1)))
          : undefined
        const wantsKey = at === 'key' || length < path.length
        if (wantsKey && pair && isNode(pair.key) && pair.key.range) return placeAt(pair.key.range[0])
        if (isNode(node) && node.range) return placeAt(node.range[0])
      }
      return undefined
    },
  }
}

function explain(code: string, message: string): string {
  if (/call stack|stack overflow/i.test(message)) return 'it is nested too deeply to be read'
  if (code === 'DUPLICATE_KEY') return 'the key is there twice: one of the two would be lost'
  if (code === 'TAB_AS_INDENT') return 'indent with spaces, not with tabs'
  if (code === 'MULTIPLE_DOCS') return 'one document only: remove what follows "---"'
  return message
}

/** The parts of a path as messages write it: `groups.editor.allow[0]`, `groups["a,b"].deny`. */
export function splitPath(path: string): (string | number)[] {
  const parts: (string | number)[] = []
  const pattern = /\.?([\w$-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/gy
  for (let match = pattern.exec(path); match !== null; match = pattern.exec(path)) {
    const [, name, index, quoted] = match
    parts.push(name ?? (index === undefined ? JSON.parse(quoted ?? '""') : Number(index)))
  }
  return parts
}
