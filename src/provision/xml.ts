import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml'

/** How much XML is read, in characters. A page of 1,000 roles with the longest policies stays below. */
const MOST = 16_000_000

/**
 * Reads an XML document into an object of one member, named as the root element. An element is its text, or an object of
 * its children by name, in which `member` is always a list; attributes are left out. Undefined for what is not well-formed,
 * has a DTD, a child twice, text beside children, or is too long.
 */
export function readXml(text: string): Record<string, unknown> | undefined {
  if (text.length > MOST || /<!DOCTYPE/i.test(text)) return undefined
  try {
    const { root } = parseXml(text)
    return root ? { [root.name]: contentOf(root) } : undefined
  } catch {
    return undefined
  }
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
