import { isObject, type JsonObject } from '../json.ts'

/** One element. `content` is XML already. */
export function elementOf(name: string, content: string, attributes: Readonly<Record<string, string>> = {}): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
  return `<${name}${written.join('')}>${content}</${name}>`
}

/**
 * The members of an object as elements, as AWS's Query protocol writes them: the items of lists are called `member`,
 * dates are in UTC to the second, and what is undefined or null is absent.
 */
export function writeElements(members: JsonObject): string {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => elementOf(name, contentOf(value)))
    .join('')
}

function contentOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, 'Z')
  if (Array.isArray(value)) return value.map((item) => elementOf('member', contentOf(item))).join('')
  return isObject(value) ? writeElements(value) : escapeXml(String(value))
}

/**
 * Text for content and attributes. A carriage return is written as a reference, since parsers turn a bare one into a
 * line feed; what XML 1.0 cannot hold (section 2.2) becomes U+FFFD.
 */
export function escapeXml(text: string): string {
  return Array.from(text, (character) => {
    const point = character.codePointAt(0) ?? 0
    if (!isAllowed(point)) return '\ufffd'
    return '&<>"\'\r'.includes(character) ? `&#${point};` : character
  }).join('')
}

function isAllowed(point: number): boolean {
  if (point < 0x20) return point === 0x09 || point === 0x0a || point === 0x0d
  return (point < 0xd800 || point > 0xdfff) && point !== 0xfffe && point !== 0xffff
}
