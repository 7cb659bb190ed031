import { basename, dirname, extname, relative } from 'node:path'
import type { Groups } from '../../index.ts'
import { compileGroups } from '../../permissions/compiled/index.ts'
import type { CompileFlags } from '../commands/compile.ts'
import { type CliContext, CommandError, counted } from '../context.ts'
import { readDefinitionsFile, readText } from '../definitions-file.ts'
import { ConfigurationError } from '../../index.ts'
import { FileError } from '../source-text.ts'
import { writeAtomically } from '../write-file.ts'

/** Runs `cognigate compile`. */
export async function runCompile(this: CliContext, { out, check, noCode }: CompileFlags, file: string): Promise<void> {
  if (check && out === undefined) throw new CommandError('--check: expected together with --out')
  const kind = out === undefined ? '.js' : extname(out)
  if (!['.js', '.mjs', '.ts', '.mts'].includes(kind)) {
    throw new CommandError('--out: expected a file that ends in .js, .mjs, .ts or .mts')
  }
  const { groups } = await readDefinitionsFile(file, { noCode })
  const text = toModule(groups, file, out, kind.endsWith('ts'))
  if (out === undefined) {
    this.process.stdout.write(text)
  } else if (check) {
    const found = await readText(out).catch(() => undefined)
    if (found === text) return
    this.process.stderr.write(`${out} is ${found === undefined ? 'not there' : 'out of date'}. ${rerun(file, out)}\n`)
    this.process.exitCode = 2
  } else {
    await writeAtomically(out, text, 0o644)
    const { names, permissions } = groups
    this.process.stderr.write(
      `${out}: ${counted(names.length, 'group')}, ${counted(permissions.length, 'permission')}\n`,
    )
  }
}

function toModule(groups: Groups, file: string, out: string | undefined, isTyped: boolean): string {
  const data = JSON.stringify(compile(groups, file))
  const head = `// Written by cognigate from ${basename(file)}. ${rerun(relativeTo(file, out), out && basename(out))}`
  if (!isTyped) return `${head}\nexport default ${data}\n`
  const union = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(' | ') || 'never'
  return `${head}
import type { CompiledGroups } from 'cognigate/compiled'

const compiled: CompiledGroups<${union(groups.permissions)}, ${union(groups.names)}> = ${data}
export default compiled
`
}

function compile(groups: Groups, file: string) {
  try {
    return compileGroups(groups)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const [path = '', ...message] = error.message.split(': ')
    throw new FileError(file, [{ path, message: message.join(': ') }])
  }
}

/** Paths in the module are seen from its own folder, so that it is the same wherever the command runs. */
function relativeTo(file: string, out: string | undefined): string {
  return out === undefined ? basename(file) : relative(dirname(out), file).replaceAll('\\', '/')
}

function rerun(file: string, out: string | undefined): string {
  return `Write it again by: npx cognigate compile${out === undefined ? '' : ` --out ${out}`} ${file}`
}
