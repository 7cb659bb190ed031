type Mutation = (text: string) => string

const middle = (text: string, inserted: string) => {
  const at = text.length >> 1
  return text.slice(0, at) + inserted + text.slice(at)
}

/** What can be done to the base64url of a part so that a lax decoder still reads it, or reads something else. */
const encodings: Readonly<Record<string, Mutation>> = {
  padded: (text) => text + '='.repeat((4 - (text.length % 4)) % 4),
  'over-padded': (text) => `${text}====`,
  'padded-inside': (text) => middle(text, '='),
  'space-inside': (text) => middle(text, ' '),
  'space-before': (text) => ` ${text}`,
  'space-behind': (text) => `${text} `,
  'tab-inside': (text) => middle(text, '\t'),
  'line-break-inside': (text) => middle(text, '\n'),
  'line-break-behind': (text) => `${text}\n`,
  'crlf-inside': (text) => middle(text, '\r\n'),
  'form-feed-inside': (text) => middle(text, '\f'),
  'nul-inside': (text) => middle(text, '\0'),
  'no-break-space-inside': (text) => middle(text, '\u00a0'),
  'bom-before': (text) => `\ufeff${text}`,
  'percent-encoded': (text) => text.replace(/^./, (char) => `%${char.charCodeAt(0).toString(16)}`),
  'foreign-letter': (text) => middle(text, '\u0430'),
  'wide-letter': (text) => text.replace(/[a-zA-Z]/, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
  'standard-alphabet': (text) => text.replaceAll('-', '+').replaceAll('_', '/'),
  'left-over-bits': (text) => text.slice(0, -1) + nextLetter(text.slice(-1)),
  'one-letter-more': (text) => `${text}A`,
  quoted: (text) => `"${text}"`,
  empty: () => '',
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The next letter has other left-over bits and the same bits before them. */
function nextLetter(letter: string): string {
  return alphabet[alphabet.indexOf(letter) + 1]!
}

/** What can be done to the three parts of a token. */
const shapes: Readonly<Record<string, (parts: readonly string[]) => readonly string[]>> = {
  'one-part': ([header]) => [header!],
  'two-parts': (parts) => parts.slice(0, 2),
  'four-parts': (parts) => [...parts, 'e30'],
  'five-parts': (parts) => [...parts, 'e30', 'e30'],
  'six-parts': (parts) => [...parts, ...parts],
  'trailing-dot': (parts) => [...parts, ''],
  'leading-dot': (parts) => ['', ...parts],
  'no-header': ([, ...rest]) => ['', ...rest],
  'no-payload': ([header, , signature]) => [header!, '', signature!],
  'no-signature': (parts) => [...parts.slice(0, 2), ''],
  dots: () => ['', '', ''],
  reversed: (parts) => [...parts].reverse(),
}

/** Throws where the mutation is unknown, or leaves the text as it was: the row would then test nothing. */
export function mutateEncoding(name: string, text: string): string {
  const mutated = encodings[name]?.(text)
  if (mutated === undefined || mutated === text) throw new Error(`the encoding ${name} does nothing`)
  return mutated
}

/** The same for the parts of a whole token. */
export function reshape(name: string, parts: readonly string[]): string {
  const reshaped = shapes[name]?.(parts).join('.')
  if (reshaped === undefined || reshaped === parts.join('.')) throw new Error(`the shape ${name} does nothing`)
  return reshaped
}

/** The names of all mutations. */
export function mutationNames(): { readonly encodings: readonly string[]; readonly shapes: readonly string[] } {
  return { encodings: Object.keys(encodings), shapes: Object.keys(shapes) }
}
