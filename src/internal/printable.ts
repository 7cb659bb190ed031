/** Escapes what a terminal could take for a command or for the end of a line: texts of others write no lines of ours. */
export function printable(line: string): string {
  return line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
