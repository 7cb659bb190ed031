import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Emulator, startEmulator } from './process.ts'

/** Each code that cognito-local sends. */
export const cognitoLocalCode = '123456'

/** Starts cognito-local with an empty directory of its own. */
export async function startCognitoLocal(): Promise<Emulator> {
  const folder = await mkdtemp(join(tmpdir(), 'cognito-local-'))
  await mkdir(join(folder, '.cognito'))
  const config = { UserPoolDefaults: { UsernameAttributes: [] }, TokenConfig: { IssuerDomain: 'http://127.0.0.1' } }
  await writeFile(join(folder, '.cognito', 'config.json'), JSON.stringify(config))
  const main = fileURLToPath(new URL('../../../node_modules/cognito-local/lib/bin/start.js', import.meta.url))
  const env = (port: number) => ({ PORT: String(port), HOST: '127.0.0.1', CODE: cognitoLocalCode })
  const emulator = await startEmulator(() => [process.execPath, main], { cwd: folder, env })
  return {
    url: emulator.url,
    async stop() {
      await emulator.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
