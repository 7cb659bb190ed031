/**
 * The words of AWS's messages, without their endings. A message is quoted by these words only: whatever a service echoes of
 * a call, in whichever encoding, is none of them.
 */
const WORDS =
  'a|did|access|account|add|address|administrator|alias|all|allow|already|an|and|app|are|as|at|attach|attempt|attribute|auth|' +
  'authorize|be|because|been|by|can|cannot|change|character|client|code|confirm|conflict|conform|constraint|contain|' +
  'create|credential|delete|deny|denie|detect|disable|do|does|domain|email|empty|enable|entity|equal|error|exceed|exist|' +
  'expire|expression|fail|for|format|found|from|given|group|has|have|id|identity|in|include|incorrect|internal|invalid|' +
  'is|it|later|least|length|less|limit|lowercase|malform|maximum|member|missing|more|most|must|name|new|no|not|number|of|' +
  'on|only|operation|or|parameter|password|pattern|perform|permission|permit|phone|please|policy|policies|pool|provide|' +
  'provider|rate|regular|remove|request|require|reset|resource|role|satisfy|scope|secret|security|service|set|short|sign|' +
  'signature|status|support|tag|temporary|than|that|the|this|time|to|token|too|try|unable|unknown|update|uppercase|use|' +
  'user|username|valid|validation|value|verified|with|without|wrong'

/**
 * What may be said of a service's words: the first line, in which all but AWS's common words, the operation and the names of
 * its parameters is left out, and what the call sent in any case. Undefined where nothing is left. Further lines may hold the
 * canonical request, and with it the session token.
 */
export function quote(reason = '', operation: string, input: object, credentials: unknown): string | undefined {
  const names = [operation, ...Object.keys(input)].map((name) => name.toLowerCase())
  const known = new RegExp(`^(${WORDS})(s|d|ed)?$`)
  const isSafe = (text: string) => {
    const word = text.toLowerCase()
    return known.test(word) || names.includes(word)
  }
  const [line = ''] = reason.slice(0, 1000).split('\n')
  const said = textsIn([input, credentials])
    .filter(({ length }) => length > 3)
    .sort((a, b) => b.length - a.length)
    .reduce((text, sent) => text.replace(literal(sent), '…'), line)
    .split(/\s+/)
    .map((token) => {
      const [, before = '', word = '', after = ''] =
        /^(["'(]?)(?:[a-z-]+:(?=\w))?([\w-]*?)(["'),.:;!?]*)$/i.exec(token) ?? []
      return isSafe(word) ? before + word + after : `…${/[,.:;]?$/.exec(token)}`
    })
    .join(' ')
  return /\w/.test(said) ? said.replace(/…[…,.:; ]*…/g, '…') : undefined
}

/** All texts below an input. */
function textsIn(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(textsIn)
}

function literal(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'gi')
}
