import process from 'node:process'
import {
  type Application,
  buildApplication,
  buildRouteMap,
  FlagNotFoundError,
  proposeCompletions,
  run,
  text_en,
} from '@stricli/core'
import { CognigateError } from '../errors.ts'
import { applyCommand } from './commands/apply.ts'
import { auditCommand } from './commands/audit.ts'
import { compileCommand } from './commands/compile.ts'
import { completionCommand } from './commands/completion.ts'
import { diffCommand } from './commands/diff.ts'
import { doctorCommand } from './commands/doctor.ts'
import { explainCommand } from './commands/explain.ts'
import { initCommand } from './commands/init.ts'
import { devCommand, localCommand } from './commands/local.ts'
import { driftCommand, impactCommand, planCommand } from './commands/plan.ts'
import { testCommand } from './commands/test.ts'
import { exportCommand, importCommand } from './commands/transfer.ts'
import { validateCommand } from './commands/validate.ts'
import { type CliContext, CommandError, escapeTerminal } from './context.ts'

/**
 * Runs the command line. The exit code is 0 where all went well, 1 for an error, a wrong argument among them, and 2 where a
 * command that compares has found differences; `dev` has that of the command it runs.
 */
export async function runApplication(
  args: readonly string[],
  { version, root }: Pick<CliContext, 'version' | 'root'>,
): Promise<void> {
  const context: CliContext = { process, version, root }
  const application = createApplication(version)
  // Whoever reads may have seen enough, as `head` has: that is no fault, and the command has nothing more to say.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(process.exitCode ?? 0)
  })
  if (args[0] === '__complete') {
    const found = await proposeCompletions(application, args.slice(1), context)
    const lines = found.map(({ completion, brief }) => `${completion}\t${brief}\n`)
    process.stdout.write(lines.filter((line) => !line.startsWith('--\t')).join(''))
    return
  }
  await run(application, args, context)
  // Wrong arguments have numbers below zero there, which a shell would see as 251 and 252.
  if (Number(process.exitCode ?? 0) < 0) process.exitCode = 1
}

/** Every command: a file of `commands` each, which loads what it runs when it runs. */
function createApplication(version: string): Application<CliContext> {
  const root = buildRouteMap<string, CliContext>({
    routes: {
      init: initCommand,
      validate: validateCommand,
      test: testCommand,
      plan: planCommand,
      apply: applyCommand,
      drift: driftCommand,
      diff: diffCommand,
      impact: impactCommand,
      explain: explainCommand,
      audit: auditCommand,
      doctor: doctorCommand,
      export: exportCommand,
      import: importCommand,
      compile: compileCommand,
      local: localCommand,
      dev: devCommand,
      completion: completionCommand,
    },
    docs: { brief: 'Authorization for Amazon Cognito: groups as code, and a local AWS to develop and test against.' },
  })
  return buildApplication(root, {
    name: 'cognigate',
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: {
      caseStyle: 'convert-camel-to-kebab',
      onlyRequiredInUsageLine: true,
      disableAnsiColor: (process.env['NO_COLOR'] ?? '') !== '',
    },
    localization: {
      text: {
        ...text_en,
        exceptionWhileParsingArguments: describeArgumentError,
        exceptionWhileRunningCommand: describe,
        commandErrorResult: describe,
      },
    },
  })
}

/** A flag that was probably meant is named as the help names it. */
function describeArgumentError(error: unknown): string {
  if (!(error instanceof FlagNotFoundError)) return escapeTerminal(text_en.exceptionWhileParsingArguments(error, false))
  const near = error.corrections.map((flag) => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
  const meant = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''
  return escapeTerminal(`there is no flag --${error.input}${meant}`)
}

/** What options of the library are called here. */
const flagNames: Readonly<Record<string, string>> = {
  acceptFindings: '--accept',
  adopt: '--adopt',
  identityPool: '--identity-pool',
  identityPoolId: '--identity-pool',
  rolePrefix: '--role-prefix',
  secureIdentityPool: '--secure-identity-pool',
  timeout: '--timeout',
  userPoolId: '--pool',
}

/** Errors of ours are for people and say it all; any other is a fault, whose stack is needed. */
function describe(error: unknown): string {
  if (error instanceof CommandError) return escapeTerminal(error.message)
  if (error instanceof CognigateError) {
    const flagOf = (all: string, name: string) => (Object.hasOwn(flagNames, name) ? `${flagNames[name]}` : all)
    const message = error.message
      .replace(/^\w+(?=: )/, (name) => flagOf(name, name))
      .replaceAll(/`(\w+)`/g, flagOf)
      .replace('what createIdentityPoolClient returns', 'the id, here or in COGNITO_IDENTITY_POOL_ID')
      .replace('planGroups', 'cognigate plan')
    const isUnanswered = 'code' in error && error.code === 'NetworkError'
    return escapeTerminal(
      isUnanswered ? `${message}, nothing answers; see whether the network and --endpoint are right` : message,
    )
  }
  return escapeTerminal(error instanceof Error ? (error.stack ?? error.message) : String(error))
}
