import type { CommandContext } from '@stricli/core'

/** What commands use of the process they run in: data goes to `stdout`, progress and errors to `stderr`. */
export interface CliContext extends CommandContext {
  readonly process: NodeJS.Process
  /** The version of the package. */
  readonly version: string
  /** The folder of the package, with `docs` in it. */
  readonly root: URL
}

/** An error for people: its message says it all, and no stack is shown. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
}

/** How text is set off: by colour at a terminal, unless NO_COLOR is set, and not at all elsewhere. */
export interface Style {
  added(text: string): string
  removed(text: string): string
  changed(text: string): string
  strong(text: string): string
  faint(text: string): string
}

/** The style of what goes to `stdout`. https://no-color.org: NO_COLOR counts where it is not empty; FORCE_COLOR overrides a pipe. */
export function createStyle({ process }: CliContext): Style {
  const { NO_COLOR = '', FORCE_COLOR = '', TERM } = process.env
  const isPlain =
    NO_COLOR !== '' || TERM === 'dumb' || !(process.stdout.isTTY || (FORCE_COLOR !== '' && FORCE_COLOR !== '0'))
  const paint = (code: number) => (text: string) => (isPlain ? text : `\u001b[${code}m${text}\u001b[0m`)
  return { added: paint(32), removed: paint(31), changed: paint(33), strong: paint(1), faint: paint(2) }
}

/** `1 group`, `2 groups`. */
export function counted(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`
}

/** Text from data as a terminal may show it: control characters and what turns the reading direction are escaped. */
export function escapeTerminal(text: string): string {
  return text.replace(
    /[^\P{C}\n\t]|[\u2028\u2029]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/** JSON with the same meaning that a terminal, and a reader of lines, may take: what `escapeTerminal` escapes is escaped as JSON has it. */
export function escapeJson(json: string): string {
  return json.replace(/[^\P{C}\n]|[\u2028\u2029]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
    }).join(''),
  )
}
