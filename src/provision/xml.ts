import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml'

/** How much XML is read, in characters, and how many tags it may have. A page of 1,000 roles stays below both. */
const MOST = 8_000_000
const MOST_TAGS = 150_000
/** How deep elements may stand in each other. Those of IAM stand 8 deep. */
const DEEPEST = 50

/**
 * Reads an XML document into an object of one member, named as the root element. An element is its text, or an object of
 * its children by name, in which `member` is always a list; attributes are left out. Undefined for what is not well-formed,
 * has a DTD, a child twice, text beside children, or is too long, too deep or of too many elements.
 */
export function readXml(text: string): Record<string, unknown> | undefined {
  if (text.length > MOST || /<!DOCTYPE/i.test(text) || !isBounded(text)) return undefined
  try {
    const { root } = parseXml(text)
    return root ? { [root.name]: contentOf(root) } : undefined
  } catch {
    return undefined
  }
}

/** Whether it is worth parsing: the parser makes objects of everything first, at 400 bytes and more for a tag. */
function isBounded(text: string): boolean {
  let depth = 0
  let tags = 0
  let end = 0
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    if (++tags > MOST_TAGS) return false
    const kind = text[at + 1]
    if (kind === '!') at = text.indexOf(text[at + 2] === '[' ? ']]>' : '-->', at)
    else if (end <= at) end = text.indexOf('>', at)
    if (at < 0 || end < 0) return false
    if (kind === '/') depth--
    else if (kind !== '?' && kind !== '!' && text[end - 1] !== '/') depth++
    if (depth > DEEPEST) return false
  }
  return true
}

/** Throws where the element is not of that form. */
function contentOf({ children }: XmlElement): unknown {
  const elements = children.filter((child) => child instanceof XmlElement)
  const text = children.map((child) => (child instanceof XmlText ? child.text : '')).join('')
  if (elements.length === 0) return text
  if (text.trim()) throw new TypeError('text beside elements')
  const members = elements.filter(({ name }) => name === 'member').map(contentOf)
  const others = elements.filter(({ name }) => name !== 'member')
  if (new Set(others.map(({ name }) => name)).size < others.length) throw new TypeError('an element twice')
  const entries = others.map((child) => [child.name, contentOf(child)] as const)
  return Object.fromEntries(members.length > 0 ? [...entries, ['member', members] as const] : entries)
}
