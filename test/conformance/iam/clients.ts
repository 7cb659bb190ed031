import { IAMClient } from '@aws-sdk/client-iam'
import { STSClient } from '@aws-sdk/client-sts'
import type { LocalPool } from '../../../src/local/index.ts'
import { clockOf, exampleCredentials, sdkTransport } from '../../support/sdk-client.ts'

/** Keys as the AWS SDK takes them. */
export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** The AWS SDK's client of IAM, whose requests go to a local pool. */
export function createIamClient(pool: Pick<LocalPool, 'fetch'>, region = 'us-east-1', maxAttempts = 1): IAMClient {
  return new IAMClient({ region, credentials: exampleCredentials, maxAttempts, requestHandler: sdkTransport(pool) })
}

/** The AWS SDK's client of STS, whose requests go to a local pool. */
export function createStsClient(
  pool: Pick<LocalPool, 'fetch'> & Partial<Pick<LocalPool, 'settings'>>,
  credentials: Keys = exampleCredentials,
  region = 'eu-west-1',
): STSClient {
  return new STSClient({
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: sdkTransport(pool),
    ...clockOf(pool),
  })
}

/** A trust policy as identity pools need it, as text. */
export function trustPolicy(identityPoolId = 'eu-west-1:pool', amr = 'authenticated'): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: 'cognito-identity.amazonaws.com' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { 'cognito-identity.amazonaws.com:aud': identityPoolId },
          'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': amr },
        },
      },
    ],
  })
}

/** A trust policy for one principal of AWS, such as an account's root, as text. */
export function accountTrust(AWS = 'arn:aws:iam::123456789012:root', Action: string | string[] = 'sts:AssumeRole') {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS }, Action }] })
}

/** A policy that allows some actions on some resources, as text. */
export function allowPolicy(Action: string | string[], Resource: string | string[], Sid?: string): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource, Sid }] })
}
