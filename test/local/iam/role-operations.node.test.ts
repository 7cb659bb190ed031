import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { answerOf, outcome, queryJson, queryRequest, trusting } from '../../support/local-iam.ts'
import { authorizationFor, createSeededBytes } from '../../support/local-pool.ts'

const start = 1_767_225_600_900
const AssumeRolePolicyDocument = trusting({ AWS: '123456789012' })
const encoded = encodeURIComponent(AssumeRolePolicyDocument)
const RoleName = 'reader'
const Arn = `arn:aws:iam::123456789012:role/${RoleName}`

let pool: LocalPool

beforeEach(async () => {
  pool = await createLocalPool({ now: () => start, randomBytes: createSeededBytes() })
})

const create = (input: Record<string, string> = {}, place = pool) =>
  outcome(place, 'CreateRole', { RoleName, AssumeRolePolicyDocument, ...input })

describe('an answer in XML', () => {
  it('of a role', async () => {
    const input = {
      RoleName,
      AssumeRolePolicyDocument,
      Description: 'a & <b> "c" \'d\'\r\n\t\u00ff',
      'Tags.member.2.Key': 'b',
      'Tags.member.2.Value': '2',
      'Tags.member.1.Key': 'a',
      'Tags.member.1.Value': '',
    }
    const { status, type, text } = await answerOf(pool, queryRequest('CreateRole', input))
    expect([status, type]).toEqual([200, 'text/xml'])
    expect(text).toMatch(
      new RegExp(
        [
          '^<CreateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateRoleResult><Role>',
          `<Path>/</Path><RoleName>reader</RoleName><RoleId>AROA[0-9A-Z]{17}</RoleId><Arn>${Arn}</Arn>`,
          '<CreateDate>2026-01-01T00:00:00Z</CreateDate>',
          `<AssumeRolePolicyDocument>${encoded}</AssumeRolePolicyDocument>`,
          '<Description>a &#38; &#60;b&#62; &#34;c&#34; &#39;d&#39;&#13;\n\t\u00ff</Description>',
          '<MaxSessionDuration>3600</MaxSessionDuration><Tags><member><Key>a</Key><Value></Value></member>',
          '<member><Key>b</Key><Value>2</Value></member></Tags></Role></CreateRoleResult>',
          '<ResponseMetadata><RequestId>[0-9a-f-]{36}</RequestId></ResponseMetadata></CreateRoleResponse>$',
        ].join(''),
      ),
    )
  })

  it.each([
    ['UpdateRole', '<UpdateRoleResult></UpdateRoleResult>'],
    ['ListRoleTags', '<ListRoleTagsResult><Tags></Tags><IsTruncated>false</IsTruncated></ListRoleTagsResult>'],
    ['DeleteRole', ''],
  ])('of %s', async (action, result) => {
    await create()
    const { text } = await answerOf(pool, queryRequest(action, { RoleName }))
    expect(text).toMatch(new RegExp(`^<${action}Response xmlns="[^"]+">${result}<ResponseMetadata>`))
  })

  it('of a refusal', async () => {
    const { status, type, text } = await answerOf(pool, queryRequest('GetRole', { RoleName }))
    expect([status, type]).toEqual([404, 'text/xml'])
    expect(text).toMatch(
      /^<ErrorResponse xmlns="[^"]+"><Error><Type>Sender<\/Type><Code>NoSuchEntity<\/Code><Message>[^<]+<\/Message><\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>$/,
    )
  })

  it('holds nothing that XML cannot hold', async () => {
    pool.fail('GetRole', { error: 'Odd', message: 'a\u0000\ud800\uffff]]>😀' })
    const { text } = await answerOf(pool, queryRequest('GetRole', { RoleName }))
    expect(text).toContain('<Message>a\ufffd\ufffd\ufffd]]&#62;😀</Message>')
  })
})

describe('an answer in JSON', () => {
  it('of a role, to who asks for JSON first', async () => {
    const { body } = await queryJson(pool, 'CreateRole', { RoleName, AssumeRolePolicyDocument })
    const role = {
      Path: '/',
      RoleName,
      RoleId: expect.stringMatching(/^AROA/),
      Arn,
      CreateDate: 1_767_225_600,
      AssumeRolePolicyDocument: encoded,
      Description: null,
      MaxSessionDuration: 3600,
    }
    const ResponseMetadata = { RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) }
    const whole = { ...role, PermissionsBoundary: null, Tags: null }
    expect(body).toEqual({ CreateRoleResponse: { CreateRoleResult: { Role: whole }, ResponseMetadata } })
    expect((await queryJson(pool, 'ListRoles')).body).toEqual({
      ListRolesResponse: { ListRolesResult: { Roles: [role], IsTruncated: false }, ResponseMetadata },
    })
    expect((await queryJson(pool, 'DeleteRole', { RoleName })).body).toEqual({
      DeleteRoleResponse: { ResponseMetadata },
    })
  })

  it('of a refusal', async () => {
    expect(await queryJson(pool, 'GetRole', { RoleName })).toEqual({
      status: 404,
      body: {
        Error: { Type: 'Sender', Code: 'NoSuchEntity', Message: expect.any(String) },
        RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    })
  })

  it.each([
    ['application/json', 'application/json'],
    ['Application/JSON;q=0.9, text/xml', 'application/json'],
    ['application/json, */*', 'application/json'],
    ['text/xml, application/json', 'text/xml'],
    ['application/jsonp', 'text/xml'],
    ['*/*', 'text/xml'],
  ])('%s gets %s', async (accept, expected) => {
    const request = queryRequest('ListRoles', {}, { headers: { accept } })
    expect((await answerOf(pool, request)).type).toBe(expected)
  })
})

describe('what is no call', () => {
  const iam = 'https://iam.amazonaws.com/'
  const authorization = authorizationFor('us-east-1', 'iam')
  const form = { authorization, 'content-type': 'application/x-www-form-urlencoded' }

  it.each<[string, Request, string]>([
    ['no action', queryRequest(''), 'MissingAction'],
    [
      'no form',
      new Request(iam, { method: 'POST', headers: { authorization }, body: 'Action=GetRole' }),
      'MissingAction',
    ],
    ['another operation', queryRequest('CreateSAMLProvider'), 'InvalidAction'],
    ['an operation of STS', queryRequest('GetCallerIdentity'), 'InvalidAction'],
    ['another version', queryRequest('GetRole', { Version: '2011-06-15' }), 'InvalidAction'],
    ['no version', new Request(iam, { method: 'POST', headers: form, body: 'Action=GetRole' }), 'InvalidAction'],
    [
      'a parameter twice',
      new Request(iam, {
        method: 'POST',
        headers: form,
        body: 'Action=GetRole&Version=2010-05-08&RoleName=a&RoleName=b',
      }),
      'MalformedInput',
    ],
    [
      'a parameter with and without members',
      queryRequest('GetRole', { RoleName: 'a', 'RoleName.member.1': 'b' }),
      'MalformedInput',
    ],
    ['members of a text', queryRequest('GetRole', { 'RoleName.member.1': 'a' }), 'MalformedInput'],
    ['a text in place of a list', queryRequest('UntagRole', { RoleName, TagKeys: 'a' }), 'MalformedInput'],
    ['members too deep', queryRequest('GetRole', { ['a.'.repeat(100_000)]: 'a' }), 'MalformedInput'],
    ['members without numbers', queryRequest('UntagRole', { RoleName, 'TagKeys.member.a': 'a' }), 'MalformedInput'],
    ['no parameters', queryRequest('GetRole'), 'ValidationError'],
  ])('%s', async (name, request, code) => {
    await create()
    const { status, text } = await answerOf(pool, request)
    const isOffered = !['another operation', 'an operation of STS'].includes(name)
    expect([status, text]).toEqual([isOffered ? 400 : 501, expect.stringContaining(`<Code>${code}</Code>`)])
  })

  it('names of prototypes are names like any other', async () => {
    await create()
    const tag = { 'Tags.member.1.Key': '__proto__', 'Tags.member.1.Value': 'a' }
    expect(await outcome(pool, 'TagRole', { RoleName, ...tag, '__proto__.polluted': 'a' })).toBe(200)
    const { body } = await queryJson(pool, 'ListRoleTags', { RoleName })
    expect(body).toMatchObject({
      ListRoleTagsResponse: { ListRoleTagsResult: { Tags: [{ Key: '__proto__', Value: 'a' }] } },
    })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each([
    ['https://iam.amazonaws.com/path', 'POST'],
    ['https://iam.amazonaws.com/', 'PUT'],
    ['https://iam.eu-west-1.amazonaws.com/', 'POST'],
    ['https://iam.amazonaws.com.example/', 'POST'],
    ['https://sts.cn-north-1.amazonaws.com/', 'POST'],
    ['https://sts.eu-west-1.amazonaws.com.cn/', 'POST'],
  ])('%s by %s is nothing', async (url, method) => {
    expect((await pool.fetch(new Request(url, { method }))).status).toBe(404)
  })
})

describe('signatures', () => {
  it.each<[string, Record<string, string>, string]>([
    ['none', { authorization: '' }, 'IncompleteSignature'],
    ['of another kind', { authorization: 'Bearer a' }, 'IncompleteSignature'],
    ['for another region', { authorization: authorizationFor('eu-west-1', 'iam') }, 'SignatureDoesNotMatch'],
    ['for another service', { authorization: authorizationFor('us-east-1', 'sts') }, 'SignatureDoesNotMatch'],
  ])('%s', async (_, headers, code) => {
    expect(await outcome(pool, 'ListRoles', {}, { headers })).toEqual([403, code])
    const { text } = await answerOf(pool, queryRequest('ListRoles', {}, { headers }))
    expect(text).toContain(`<Code>${code}</Code>`)
  })

  it('missing', async () => {
    const request = queryRequest('ListRoles')
    request.headers.delete('authorization')
    const { status, text } = await answerOf(pool, request)
    expect([status, text]).toEqual([403, expect.stringContaining('<Code>MissingAuthenticationToken</Code>')])
  })

  it.each([
    ['UnrecognizedClientException', 'InvalidClientTokenId'],
    ['ExpiredTokenException', 'ExpiredToken'],
    ['InvalidSignatureException', 'SignatureDoesNotMatch'],
    ['AccessDenied', 'AccessDenied'],
  ])('%s of a verifier is %s', async (code, expected) => {
    pool = await createLocalPool({ verifySignature: () => ({ code, message: 'no' }) })
    expect(await outcome(pool, 'ListRoles')).toEqual([403, expected])
  })

  it.each([
    ['iam.us-gov.amazonaws.com', 'us-gov-west-1', 'iam'],
    ['iam.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'iam'],
    ['iam-fips.amazonaws.com', 'us-east-1', 'iam'],
    ['sts.amazonaws.com', 'us-east-1', 'sts'],
    ['sts-fips.us-east-2.amazonaws.com', 'us-east-2', 'sts'],
    ['sts.us-gov-east-1.amazonaws.com', 'us-gov-east-1', 'sts'],
    ['sts.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1', 'sts'],
  ] as const)('%s is signed for %s', async (host, region, service) => {
    const options = { url: `https://${host}/`, service, headers: { authorization: authorizationFor(region, service) } }
    expect(await outcome(pool, service === 'iam' ? 'ListRoles' : 'GetCallerIdentity', {}, options)).toBe(200)
  })
})
