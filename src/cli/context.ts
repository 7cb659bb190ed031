import type { CommandContext } from '@stricli/core'

/** What commands use of the process they run in: data goes to `stdout`, progress and errors to `stderr`. */
export interface CliContext extends CommandContext {
  readonly process: NodeJS.Process
}
