/** Functions and classes whose last argument is a text for developers, which tests match only in part. */
const speakers = ['assertConfig', 'ConfigurationError', 'Error', 'TypeError']

/**
 * A plugin for stryker that leaves fixed texts of developer-facing errors alone. Texts with something in them are mutated
 * like all else, and so are the codes of the errors that callers see.
 */
export const strykerPlugins = [{ kind: 'Ignore', name: 'messages', value: { shouldIgnore } }]

/**
 * @param {any} path of Babel
 * @returns {string | undefined} why the node is not mutated, if it is not
 */
function shouldIgnore({ node, parent }) {
  if (node.type !== 'StringLiteral' || !['CallExpression', 'NewExpression'].includes(parent?.type)) return undefined
  const speaks = speakers.includes(parent.callee.name) && parent.arguments.at(-1) === node
  return speaks ? 'the text of an error for developers' : undefined
}
