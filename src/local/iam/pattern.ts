/** A piece of a pattern: text as it is, `*` (any text, none too) or `?` (any one character). */
export type Piece = { readonly text: string } | '*' | '?'

/** What a request says of itself, by the name of a condition key; the case of the names does not matter. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>

/** The pieces of a text in which only `*` and `?` are special. */
export function piecesOf(text: string): readonly Piece[] {
  return text.split(/([*?])/).flatMap((part): Piece[] => {
    if (part === '*' || part === '?') return [part]
    return part === '' ? [] : [{ text: part }]
  })
}

/**
 * The pieces of a text that may hold policy variables: `${key}`, `${key, 'default'}`, and `${*}`, `${?}` and `${$}` for
 * the characters themselves. What a variable stands for is never a wildcard. Undefined where the context does not know
 * a variable, knows several values of it, or where one has no end.
 */
export function expandPieces(text: string, context: RequestContext): readonly Piece[] | undefined {
  const pieces: Piece[] = []
  for (const part of text.split(/(\$\{[^{}]*\})/)) {
    if (part.startsWith('${') && part.endsWith('}')) {
      const value = variableValue(part.slice(2, -1), context)
      if (value === undefined) return undefined
      pieces.push({ text: value })
    } else {
      if (part.includes('${')) return undefined
      pieces.push(...piecesOf(part))
    }
  }
  return pieces
}

/** The text that pieces stand for where wildcards are characters like any other. */
export function plainText(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('')
}

/** Whether the pieces match the whole text, in time that grows with the product of their lengths at most. */
export function matchesPieces(pieces: readonly Piece[], text: string): boolean {
  const wanted = pieces.flatMap(charactersOf)
  const characters = Array.from(text)
  let at = 0
  let from = 0
  let star = -1
  let starFrom = 0
  while (from < characters.length) {
    const piece = wanted[at]
    if (piece === '*') {
      star = at++
      starFrom = from
    } else if (piece === '?' || (piece !== undefined && piece.text === characters[from])) {
      at++
      from++
    } else {
      if (star < 0) return false
      at = star + 1
      from = ++starFrom
    }
  }
  return wanted.slice(at).every((piece) => piece === '*')
}

/** The value of a condition key. */
export function contextValue(context: RequestContext, key: string): string | readonly string[] | undefined {
  const wanted = key.toLowerCase()
  return Object.entries(context).find(([name]) => name.toLowerCase() === wanted)?.[1]
}

function charactersOf(piece: Piece): readonly Piece[] {
  return typeof piece === 'string' ? [piece] : Array.from(piece.text, (text) => ({ text }))
}

function variableValue(variable: string, context: RequestContext): string | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return variable
  const [, key = '', fallback] = /^([^,]+?)(?:, ?'([^']*)')?$/.exec(variable) ?? []
  const value = contextValue(context, key)
  if (typeof value === 'string') return value
  return value === undefined ? fallback : undefined
}
