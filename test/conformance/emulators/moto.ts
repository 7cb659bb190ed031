import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { AwsClient } from 'aws4fetch'
import { type Emulator, startEmulator } from './process.ts'

/** Whether `moto_server` can be run here. */
export function hasMoto(): boolean {
  return spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0
}

/** Moto with its signature checks on, and the keys of a user who may do everything. */
export interface Moto extends Emulator {
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** Starts moto, makes a user in its IAM, and switches the signature checks on. */
export async function startMoto(): Promise<Moto> {
  const emulator = await startEmulator((port) => ['moto_server', '-H', '127.0.0.1', '-p', String(port)], {
    cwd: tmpdir(),
  })
  try {
    const credentials = await createAdministrator(emulator.url)
    await fetch(`${emulator.url}/moto-api/reset-auth`, { method: 'POST', body: '0' })
    return { ...emulator, credentials }
  } catch (error) {
    await emulator.stop()
    throw error
  }
}

async function createAdministrator(url: string): Promise<Moto['credentials']> {
  const anyone = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret' }
  const aws = new AwsClient({ ...anyone, service: 'iam', region: 'us-east-1', retries: 0 })
  const call = async (Action: string, parameters: Record<string, string>) => {
    const body = new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    const response = await aws.fetch(`${url}/`, { method: 'POST', headers, body })
    if (!response.ok) throw new Error(`${Action} answered ${response.status}`)
    return response.text()
  }
  const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  const UserName = 'administrator'
  await call('CreateUser', { UserName })
  await call('PutUserPolicy', { UserName, PolicyName: 'everything', PolicyDocument: JSON.stringify(allow) })
  const xml = await call('CreateAccessKey', { UserName })
  const [, accessKeyId = ''] = /<AccessKeyId>([^<]+)</.exec(xml) ?? []
  const [, secretAccessKey = ''] = /<SecretAccessKey>([^<]+)</.exec(xml) ?? []
  return { accessKeyId, secretAccessKey }
}
