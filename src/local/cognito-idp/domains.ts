import { integer, readOptional, readText, structure, text } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { accountId, type DomainState, type PoolState, type State } from '../state/index.ts'
import { readPool } from './directory.ts'

/** The operations on the domains of managed login. They are there at once. */
export function domainOperations(): Operations {
  return {
    'cognito-idp.CreateUserPoolDomain': createDomain,
    'cognito-idp.DeleteUserPoolDomain': deleteDomain,
    'cognito-idp.DescribeUserPoolDomain': describeDomain,
    'cognito-idp.UpdateUserPoolDomain': updateDomain,
  }
}

/** A pool has at most one prefix and one domain of its own. A prefix is one pool's in its region, a domain in the world. */
function createDomain(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const name = readDomain(input)
  const sent = readSettings(input)
  const isOwn = sent.certificateArn !== undefined
  if (isOwn !== name.includes('.')) {
    throw invalidParameter(
      isOwn
        ? 'A custom domain is a host name, such as auth.example.com.'
        : 'A prefix has no dots; a custom domain needs CustomDomainConfig.',
    )
  }
  const reserved = isOwn ? undefined : ['aws', 'amazon', 'cognito'].find((word) => name.includes(word))
  if (reserved !== undefined) throw invalidParameter(`Domain cannot contain reserved word: ${reserved}`)
  const isTaken = Object.values(state.pools).some(({ domains, region }) => {
    return domains[name] !== undefined && (isOwn || region === pool.region)
  })
  if (isTaken) throw invalidParameter('Domain already associated with another user pool.')
  if (Object.values(pool.domains).some(({ certificateArn }) => (certificateArn !== undefined) === isOwn)) {
    throw invalidParameter(`The user pool already has a ${isOwn ? 'custom domain' : 'domain'} configured.`)
  }
  const domain: DomainState = { domain: name, managedLoginVersion: 1, ...sent, createdAt: context.now }
  put(state, pool, domain)
  return answer(domain)
}

function updateDomain(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const old = requireDomain(pool, readDomain(input))
  const sent = readSettings(input)
  if (sent.certificateArn !== undefined && old.certificateArn === undefined) {
    throw invalidParameter('Only a custom domain has a CustomDomainConfig.')
  }
  const domain: DomainState = { ...old, ...sent }
  put(state, pool, domain)
  return answer(domain)
}

function deleteDomain(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const { domain: name } = requireDomain(pool, readDomain(input))
  const domains = createMap(Object.entries(pool.domains).filter(([one]) => one !== name))
  state.pools[pool.userPoolId] = { ...pool, domains, domain: pool.domain === name ? undefined : pool.domain }
  return {}
}

/** An unknown domain has an empty description. */
function describeDomain(state: State, input: JsonObject, { region }: Context): JsonObject {
  const name = readDomain(input)
  const pool = Object.values(state.pools).find((one) => one.region === region && one.domains[name] !== undefined)
  const domain = pool?.domains[name]
  if (pool === undefined || domain === undefined) return { DomainDescription: {} }
  return {
    DomainDescription: {
      UserPoolId: pool.userPoolId,
      AWSAccountId: accountId(),
      Domain: name,
      S3Bucket: `aws-cognito-prod-${region}-assets`,
      CloudFrontDistribution: distributionOf(domain),
      Version: new Date(domain.createdAt).toISOString().replaceAll(/\D/g, '').slice(0, 14),
      Status: 'ACTIVE',
      ...(domain.certificateArn !== undefined && {
        CustomDomainConfig: { CertificateArn: domain.certificateArn, SecurityPolicy: domain.securityPolicy },
      }),
      ManagedLoginVersion: domain.managedLoginVersion,
      Routing: domain.routing,
    },
  }
}

function readDomain(input: JsonObject): string {
  return readText(input, 'Domain', { min: 1, max: 63, pattern: /^[a-z0-9](?:[a-z0-9\-.]{0,61}[a-z0-9])?$/ })
}

function requireDomain(pool: PoolState, name: string): DomainState {
  const domain = pool.domains[name]
  if (domain === undefined) throw invalidParameter('No such domain or user pool exists.')
  return domain
}

type Sent = Partial<Pick<DomainState, 'certificateArn' | 'securityPolicy' | 'routing' | 'managedLoginVersion'>>

function readSettings(input: JsonObject): Sent {
  const config = readOptional(
    input,
    'CustomDomainConfig',
    structure({ CertificateArn: text(), SecurityPolicy: text() }, ['CertificateArn']),
  )
  const failover = structure({ SecondaryRegion: text(), PrimaryRoute53HealthCheckId: text() }, [
    'SecondaryRegion',
    'PrimaryRoute53HealthCheckId',
  ])
  const routing = readOptional(input, 'Routing', structure({ Failover: failover }))
  const version = readOptional(input, 'ManagedLoginVersion', integer({ min: 1, max: 2 }))
  const certificate = config === undefined ? undefined : String(config['CertificateArn'])
  if (certificate !== undefined && !/^arn:[\w-]+:acm:us-east-1:\d+:certificate\/./.test(certificate)) {
    throw new ServiceError('InvalidParameterException', 'The certificate has to be one of ACM in us-east-1.')
  }
  return {
    ...(certificate !== undefined && { certificateArn: certificate }),
    ...(config?.['SecurityPolicy'] !== undefined && { securityPolicy: String(config['SecurityPolicy']) }),
    ...(routing !== undefined && { routing }),
    ...(version !== undefined && { managedLoginVersion: version }),
  }
}

function put(state: State, pool: PoolState, domain: DomainState): void {
  const domains = createMap(Object.entries({ ...pool.domains, [domain.domain]: domain }))
  const prefix = domain.certificateArn === undefined ? domain.domain : pool.domain
  state.pools[pool.userPoolId] = { ...pool, domains, domain: prefix }
}

function answer(domain: DomainState): JsonObject {
  return {
    ManagedLoginVersion: domain.managedLoginVersion,
    ...(domain.certificateArn !== undefined && { CloudFrontDomain: distributionOf(domain) }),
    Routing: domain.routing,
  }
}

/** A name of the form of CloudFront's, the same for a domain at all times. */
function distributionOf({ domain }: DomainState): string {
  let hash = 7
  for (const character of domain) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  return `d${hash.toString(36).padStart(13, '0')}.cloudfront.net`
}
