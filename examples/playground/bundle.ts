import { build } from 'esbuild'
import { root } from '../../scripts/lib/runtimes.mjs'

/** Bundles an entry into one ES module, or one style sheet. Throws StartError where it does not compile. */
export async function bundle(entry: string, conditions: readonly string[] = []): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [entry],
      absWorkingDir: root,
      bundle: true,
      conditions: [...conditions],
      format: 'esm',
      logLevel: 'silent',
      platform: 'browser',
      target: 'es2023',
      write: false,
    })
    return outputFiles[0]?.text ?? ''
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error))
  }
}

/** Something that the person at the terminal can put right: printed without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
