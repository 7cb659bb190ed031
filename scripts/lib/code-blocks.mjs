/**
 * @typedef {object} Module the TypeScript of a document that belongs together
 * @property {string} name of its file
 * @property {string} types the global types that it needs: `node` by default
 * @property {string} text with every line where it stands in the document
 * @property {number} line of its first block
 */

/** What a document may say to the check, for the message of a fault. */
export const marks = `HTML comments right before a block say what it needs, and nobody sees them on the page:
  <!-- before: declare const userPoolId: string -->   code above the block, over as many lines as it takes
  <!-- continues -->                                  the block goes on where the one before it ended
  <!-- file: definitions.ts -->                       other blocks import it by this name
  <!-- types: workers -->                             global types: node (as if not said), workers, bun`

/**
 * The TypeScript code blocks of a Markdown document as modules. Code stays on its line, so that the compiler names the lines of
 * the document.
 *
 * @param {string} markdown
 * @returns {Module[]}
 */
export function modulesOf(markdown) {
  const lines = markdown.split('\n')
  /** @type {(Omit<Module, 'text'> & { lines: string[] })[]} */
  const modules = []
  for (const { language, from, to } of fences(lines)) {
    if (language !== 'ts' && language !== 'typescript') continue
    const comments = commentsBefore(lines, from - 1)
    const find = (/** @type {string} */ name) => comments.find((comment) => comment.name === name)
    let module = find('continues') && modules.at(-1)
    if (module === undefined) {
      const [file, types] = [find('file'), find('types')]
      const name = file?.text.trim() ?? `block-${from + 1}.ts`
      module = { name, types: types?.text.trim() ?? 'node', line: from + 1, lines: lines.map(() => '') }
      modules.push(module)
    }
    for (const { name, text, line } of comments) {
      if (name === 'before') for (const [at, part] of text.split('\n').entries()) module.lines[line + at] = part
    }
    for (let at = from + 1; at < to; at++) module.lines[at] = lines[at] ?? ''
  }
  return modules.map(({ lines: own, ...module }) => ({ ...module, text: `${own.join('\n')}\nexport {}\n` }))
}

/** @param {readonly string[]} lines */
function* fences(lines) {
  for (let from = 0; from < lines.length; from++) {
    const [, indent = '', fence, language = ''] = /^( *)(`{3,})\s*(\w*)/.exec(lines[from] ?? '') ?? []
    if (fence === undefined) continue
    let to = from + 1
    while (to < lines.length && lines[to] !== `${indent}${fence}`) to++
    yield { language, from, to }
    from = to
  }
}

/**
 * The comments that end on the line before a block, empty lines aside.
 *
 * @param {readonly string[]} lines
 * @param {number} last
 */
function commentsBefore(lines, last) {
  /** @type {{ name: string, text: string, line: number }[]} */
  const comments = []
  for (let end = last; end >= 0; end--) {
    if (lines[end] === '') continue
    if (!lines[end]?.endsWith('-->')) break
    let start = end
    while (start >= 0 && !lines[start]?.startsWith('<!--')) start--
    const comment = lines.slice(start, end + 1).join('\n')
    const [, name = '', text = ''] = /^<!--\s*(\w+):?([\s\S]*?)-->$/.exec(comment) ?? []
    comments.unshift({ name, text, line: start })
    end = start
  }
  return comments
}
