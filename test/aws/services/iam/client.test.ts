import { describe, expect, it } from 'vitest'
import {
  AwsError,
  createIamClient,
  createIdentityPoolCall,
  createIdentityPoolClient,
  type IamClient,
  type IamClientOptions,
} from '../../../../src/aws/index.ts'
import { ConfigurationError } from '../../../../src/errors.ts'
import { credentials, errorOf } from '../../../support/aws.ts'

interface Sent {
  readonly operation: string
  readonly form: Record<string, string>
  readonly json: Record<string, unknown>
  readonly headers: Headers
  readonly url: string
}

type Scripted = Response | Error | ((sent: Sent) => Response)

/** Seams that answer from a script, in order, by a clock that only sleep moves. */
function script(answers: readonly Scripted[]) {
  const sent: Sent[] = []
  const slept: number[] = []
  const clock = { now: Date.UTC(2026, 0, 1) }
  const rest = [...answers]
  const testOptions = {
    credentials,
    now: () => clock.now,
    random: () => 1,
    sleep: async (milliseconds: number) => {
      slept.push(milliseconds)
      clock.now += milliseconds
    },
    fetch: async (request: Request) => {
      const { headers, url } = request
      // workerd warns of forms that are read as text.
      const text = new TextDecoder().decode(await request.arrayBuffer())
      const target = headers.get('x-amz-target')
      const form = Object.fromEntries(new URLSearchParams(target ? '' : text))
      const operation = target?.split('.')[1] ?? form['Action'] ?? ''
      const record = { operation, form, json: target ? JSON.parse(text) : {}, headers, url }
      sent.push(record)
      const next = rest.shift()
      if (next === undefined) throw new Error(`the script has no answer to ${operation}`)
      if (next instanceof Error) throw next
      return typeof next === 'function' ? next(record) : next
    },
  }
  return { testOptions, sent, slept, clock, operations: () => sent.map(({ operation }) => operation) }
}

function scripted(answers: readonly Scripted[], options: Partial<IamClientOptions> = {}) {
  const scene = script(answers)
  return { ...scene, iam: createIamClient({ ...scene.testOptions, ...options }) }
}

const xml = (body: string, status = 200) =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`, { status, headers: { 'content-type': 'text/xml' } })
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
const result = (operation: string, inner = '') =>
  xml(
    `<${operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${operation}Result>${inner}</${operation}Result>
    <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></${operation}Response>`,
  )
const done = (operation: string) =>
  xml(`<${operation}Response><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></${operation}Response>`)
const failure = (code: string, status = 400, message = `${code} it is.`) =>
  xml(
    `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>${code}</Code>
    <Message>${message}</Message></Error><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ErrorResponse>`,
    status,
  )
const cut = () => new TypeError('fetch failed')

const trustPolicy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:x' }],
}
const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::a/%2F&<é' }],
}
const arn = 'arn:aws:iam::123456789012:role/ops'
const boundary = 'arn:aws:iam::123456789012:policy/boundary'
const managed = 'arn:aws:iam::aws:policy/ReadOnlyAccess'

interface Wanted {
  readonly description?: string
  readonly tags?: Record<string, string>
  readonly trust?: object
  readonly boundary?: string
  readonly seconds?: number
  readonly path?: string
}

/** A role as IAM words it in XML. */
function roleXml({
  description,
  tags = {},
  trust = trustPolicy,
  boundary: arnOf,
  seconds = 3600,
  path = '/',
}: Wanted = {}) {
  const pairs = Object.entries(tags).map(([key, value]) => `<member><Key>${key}</Key><Value>${value}</Value></member>`)
  return `<Role><Path>${path}</Path><RoleName>ops</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>${arn}</Arn>
    <CreateDate>2026-01-01T00:00:00Z</CreateDate>
    <AssumeRolePolicyDocument>${encodeURIComponent(JSON.stringify(trust))}</AssumeRolePolicyDocument>
    ${description === undefined ? '' : `<Description>${description}</Description>`}
    <MaxSessionDuration>${seconds}</MaxSessionDuration>
    ${arnOf ? `<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType><PermissionsBoundaryArn>${arnOf}</PermissionsBoundaryArn></PermissionsBoundary>` : ''}
    <Tags>${pairs.join('')}</Tags></Role>`
}
const role = (wanted?: Wanted) => result('GetRole', roleXml(wanted))
const created = (wanted?: Wanted) => result('CreateRole', roleXml(wanted))

const expectedRole = {
  name: 'ops',
  arn,
  path: '/',
  id: 'AROAEXAMPLE',
  description: 'a & b <c> "d" é 😀',
  trustPolicy,
  maxSessionDuration: 3600,
  permissionsBoundary: boundary,
  tags: { team: 'x', __proto__x: '' },
  createdAt: new Date(Date.UTC(2026, 0, 1)),
}

describe('a role is the same', () => {
  const wire = {
    Path: '/',
    RoleName: 'ops',
    RoleId: 'AROAEXAMPLE',
    Arn: arn,
    Description: 'a & b <c> "d" é 😀',
    MaxSessionDuration: 3600,
    PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary },
    RoleLastUsed: null,
  }
  const tags = [
    { Key: 'team', Value: 'x' },
    { Key: '__proto__x', Value: '' },
  ]
  const encoded = encodeURIComponent(JSON.stringify(trustPolicy))
  const answerOf = (Role: object) => json({ GetRoleResponse: { GetRoleResult: { Role }, ResponseMetadata: null } })
  const described = { tags: expectedRole.tags, boundary }
  it.each<[string, () => Response]>([
    ['in XML', () => role({ ...described, description: 'a &amp; b &lt;c&gt; &quot;d&quot; &#233; &#x1F600;' })],
    ['in XML with CDATA', () => role({ ...described, description: '<![CDATA[a & b <c> "d" é 😀]]><!-- no -->' })],
    [
      'in JSON',
      () =>
        answerOf({ ...wire, Tags: tags, AssumeRolePolicyDocument: encoded, CreateDate: Date.UTC(2026, 0, 1) / 1000 }),
    ],
    [
      'in JSON with member and a plain document',
      () =>
        answerOf({
          ...{ ...wire, Tags: { member: tags }, AssumeRolePolicyDocument: JSON.stringify(trustPolicy) },
          CreateDate: '2026-01-01T00:00:00Z',
        }),
    ],
  ])('%s', async (_, answer) => {
    const { iam, sent } = scripted([answer()])
    expect(await iam.roles.get('ops')).toEqual(expectedRole)
    const [{ form, headers, url }] = sent as [Sent]
    expect(form).toEqual({ Action: 'GetRole', Version: '2010-05-08', RoleName: 'ops' })
    expect(url).toBe('https://iam.amazonaws.com/')
    expect(headers.get('accept')).toBe('application/json')
    expect(headers.get('content-type')).toBe('application/x-www-form-urlencoded; charset=utf-8')
    expect(headers.get('authorization')).toContain('/us-east-1/iam/aws4_request')
  })

  it.each<[string, () => Response]>([
    ['in XML', () => result('GetRole', roleXml().replace('<Tags></Tags>', ''))],
    ['in XML, empty', () => result('GetRole', roleXml().replace('<Tags></Tags>', '<Tags/>'))],
    ['in JSON', () => answerOf({ ...wire, Tags: null, Description: null, AssumeRolePolicyDocument: encoded })],
  ])('without tags, %s', async (_, answer) => {
    expect((await scripted([answer()]).iam.roles.get('ops')).tags).toEqual({})
  })

  it('whether it comes named as its content type says or not', async () => {
    const text = await role().text()
    const bare = new Response(text, { headers: { 'content-type': 'text/plain' } })
    expect((await scripted([bare]).iam.roles.get('ops')).name).toBe('ops')
  })
})

it.each([
  encodeURIComponent(JSON.stringify(policy)),
  JSON.stringify(policy).replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
])('a policy comes encoded or plain: %s', async (document) => {
  const answer = result('GetRolePolicy', `<PolicyDocument>${document}</PolicyDocument>`)
  const { iam } = scripted([answer, failure('NoSuchEntity', 404)])
  expect(await iam.roles.policy('ops', 'p')).toEqual(policy)
  expect(await iam.roles.policy('ops', 'p')).toBeUndefined()
})

const bombs = Array.from({ length: 20 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
const answerWith = (inner: string) => `<GetRoleResponse><GetRoleResult>${inner}</GetRoleResult></GetRoleResponse>`
const hostile: [string, () => string][] = [
  ['nothing', () => ''],
  ['blanks', () => '\n  '],
  ['HTML', () => '<!doctype html><html><body>Bad gateway</body></html>'],
  ['HTML that is XML', () => '<html><body>Bad gateway</body></html>'],
  ['XML, cut off', () => '<GetRoleResponse><GetRoleResult><Role><RoleName>ops</Ro'],
  ['another root', () => '<ListRolesResponse><ListRolesResult/></ListRolesResponse>'],
  ['an entity bomb', () => `<!DOCTYPE a [<!ENTITY l0 "lol">${bombs}]><GetRoleResponse>&l20;</GetRoleResponse>`],
  [
    'an external entity',
    () => '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><GetRoleResponse>&x;</GetRoleResponse>',
  ],
  ['an unknown entity', () => '<GetRoleResponse>&nbsp;</GetRoleResponse>'],
  ['deep nesting', () => '<a>'.repeat(200_000) + '</a>'.repeat(200_000)],
  ['a role behind a DTD', () => `<!DOCTYPE GetRoleResponse>${answerWith(roleXml())}`],
  ['a role and a huge comment', () => answerWith(`${roleXml()}<!--${'x'.repeat(16_000_000)}-->`)],
  ['a text for a structure', () => '<GetRoleResponse>ops</GetRoleResponse>'],
  ['a text beside elements', () => '<GetRoleResponse>x<GetRoleResult/></GetRoleResponse>'],
  ['an element twice', () => '<GetRoleResponse><GetRoleResult/><GetRoleResult/></GetRoleResponse>'],
  ['no role', () => '<GetRoleResponse><GetRoleResult/></GetRoleResponse>'],
  ['a text for a list', () => answerWith(roleXml().replace('<Tags>', '<Tags>x'))],
  ['a word for a number', () => answerWith(roleXml().replace('3600', 'long'))],
  ['no policy', () => answerWith(roleXml().replace(/%7B.*%7D/, '%E0%A4%A'))],
  ['a name of the language', () => '<__proto__><GetRoleResponse/></__proto__>'],
  ['JSON', () => '{"GetRoleResponse":{}}'],
]

describe('an answer that is none', () => {
  it.each(hostile)('%s: MalformedAnswer', async (_, body) => {
    const { iam } = scripted([new Response(body(), { headers: { 'content-type': 'text/xml' } })])
    expect(await errorOf(iam.roles.get('ops', { attempts: 1 }))).toMatchObject({
      name: 'AwsError',
      code: 'MalformedAnswer',
    })
  })

  it.each(hostile)('%s, of status 400: UnknownError', async (_, body) => {
    const { iam } = scripted([new Response(body(), { status: 400, headers: { 'content-type': 'text/xml' } })])
    expect(await errorOf(iam.roles.get('ops'))).toMatchObject({ code: 'UnknownError', status: 400, outcome: 'failed' })
  })

  it.each([
    'null',
    '[]',
    '"GetRoleResponse"',
    '{"GetRoleResponse":7}',
    '{"GetRoleResponse":{"GetRoleResult":{"Role":{"Tags":"x"}}}}',
    '{"GetRoleResponse":{"GetRoleResult":{"Role":{"Tags":{"member":{}}}}}}',
    '{"GetRoleResponse":{"GetRoleResult":{"Role":{"MaxSessionDuration":[]}}}}',
    '{"__proto__":{"GetRoleResponse":{}}}',
    '{"GetRoleResp',
  ])('JSON, %s', async (body) => {
    const { iam } = scripted([new Response(body, { headers: { 'content-type': 'application/json' } })])
    expect(await errorOf(iam.roles.get('ops', { attempts: 1 }))).toMatchObject({ code: 'MalformedAnswer' })
  })

  it('is told from one that is', async () => {
    const { iam } = scripted([xml(answerWith(roleXml()))])
    expect((await iam.roles.get('ops', { attempts: 1 })).name).toBe('ops')
  })

  it('is asked for again by a read', async () => {
    const { iam, sent } = scripted([xml('<html/>'), xml('<html/>'), role()])
    expect((await iam.roles.get('ops')).name).toBe('ops')
    expect(sent).toHaveLength(3)
  })
})

describe('errors are decoded', () => {
  const code = 'NoSuchEntity'
  const uuid = '01234567-89ab-cdef-0123-456789abcdef'
  it.each<[string, () => Response, object]>([
    ['XML', () => failure(code, 404), { code, status: 404, requestId: uuid, message: `GetRole: ${code}, … it is.` }],
    [
      'JSON',
      () => json({ Error: { Code: code, Message: 'no' }, RequestId: uuid }, 404),
      { code, requestId: uuid, message: `GetRole: ${code}, no` },
    ],
    ['JSON, wrapped', () => json({ ErrorResponse: { Error: { Code: code } } }, 404), { code }],
    [
      'JSON of a gateway',
      () => json({ __type: 'a#AccessDeniedException', message: 'no' }, 403),
      { code: 'AccessDeniedException' },
    ],
    ['JSON with a number for a code', () => json({ Error: { Code: 7, Message: {} } }, 400), { code: 'UnknownError' }],
    [
      'XML without content type',
      () =>
        new Response('<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>', { status: 401 }),
      { code: 'AuthFailure' },
    ],
  ])('%s', async (_, answer, expected) => {
    const { iam, sent } = scripted([answer()])
    expect(await errorOf(iam.roles.get('nobody'))).toMatchObject({ operation: 'GetRole', attempts: 1, ...expected })
    expect(sent).toHaveLength(1)
  })

  it('without a secret in them, escaped or not', async () => {
    const secret = `quite"secret'&<é>`
    const message = `Value quite&quot;secret&apos;&amp;&lt;&#233;&gt; and ${credentials.secretAccessKey} are bad.`
    const { iam } = scripted([failure('ValidationError', 400, message)])
    const error = await errorOf(iam.roles.tag('ops', { team: secret }))
    expect((error as Error).message).toBe('TagRole: ValidationError, Value … and … are ….')
    expect(JSON.stringify(error)).not.toMatch(/quite|wJalr/)
  })
})

describe('a call is tried again', () => {
  it('after a throttle of status 400, a write too', async () => {
    const { iam, slept, operations } = scripted([
      failure('Throttling'),
      failure('Throttling'),
      done('AttachRolePolicy'),
    ])
    await iam.roles.attach('ops', managed)
    expect(operations()).toEqual(['AttachRolePolicy', 'AttachRolePolicy', 'AttachRolePolicy'])
    expect(slept).toEqual([1000, 2000])
  })

  it.each(['ExpiredToken', 'ExpiredTokenException'])('with other credentials after %s', async (code) => {
    let given = 0
    const provider = () => ({ ...credentials, sessionToken: `session-${++given}` })
    const { iam, sent } = scripted([failure(code, 403), role()], { credentials: provider })
    await iam.roles.get('ops')
    expect(sent.map(({ headers }) => headers.get('x-amz-security-token'))).toEqual(['session-1', 'session-2'])
  })

  it.each(['SignatureDoesNotMatch', 'RequestExpired', 'RequestTimeTooSkewed'])(
    'by the server’s clock after %s',
    async (code) => {
      const late = failure(code, 403)
      late.headers.set('date', 'Thu, 01 Jan 2026 01:00:00 GMT')
      const { iam, sent } = scripted([late, done('DeleteRole')])
      await iam.roles.delete('ops')
      expect(sent.map(({ headers }) => headers.get('x-amz-date'))).toEqual(['20260101T000000Z', '20260101T010000Z'])
    },
  )

  it.each(['NoSuchEntity', 'LimitExceeded', 'AccessDenied', 'SignatureDoesNotMatch'])(
    'never after %s',
    async (code) => {
      const { iam, sent } = scripted([failure(code), role()])
      expect(await errorOf(iam.roles.get('ops'))).toMatchObject({ code, attempts: 1 })
      expect(sent).toHaveLength(1)
    },
  )
})

describe('lists', () => {
  const page = (names: readonly string[], end: string) =>
    result(
      'ListRolePolicies',
      `${end}<PolicyNames>${names.map((name) => `<member>${name}</member>`).join('')}</PolicyNames>`,
    )
  it('go on by the marker, over an empty page', async () => {
    const { iam, sent } = scripted([
      page(['a'], '<IsTruncated>true</IsTruncated><Marker>m/1=</Marker>'),
      page([], '<IsTruncated>true</IsTruncated><Marker>m2</Marker>'),
      page(['b', 'c'], '<IsTruncated>false</IsTruncated><Marker>old</Marker>'),
    ])
    expect(await iam.roles.policies('ops').toArray()).toEqual(['a', 'b', 'c'])
    expect(sent.map(({ form }) => form['Marker'])).toEqual([undefined, 'm/1=', 'm2'])
  })

  it('give a page at a time', async () => {
    const answer = json({ ListRolesResponse: { ListRolesResult: { IsTruncated: false, Marker: null, Roles: null } } })
    const { iam, sent } = scripted([answer])
    expect(await iam.roles.list({ pathPrefix: '/a/' }).page({ limit: 5, token: 't' })).toEqual({
      items: [],
      token: undefined,
    })
    expect(sent[0]?.form).toMatchObject({ PathPrefix: '/a/', MaxItems: '5', Marker: 't' })
  })

  it('of roles and of managed policies', async () => {
    const attached = `<member><PolicyName>ReadOnlyAccess</PolicyName><PolicyArn>${managed}</PolicyArn></member>`
    const { iam } = scripted([
      result('ListRoles', `<IsTruncated>false</IsTruncated><Roles>${roleXml().replace(/Role>/g, 'member>')}</Roles>`),
      result('ListAttachedRolePolicies', `<AttachedPolicies>${attached}</AttachedPolicies>`),
    ])
    expect(await iam.roles.list().toArray()).toMatchObject([{ name: 'ops', tags: {}, trustPolicy }])
    expect(await iam.roles.managedPolicies('ops').toArray()).toEqual([managed])
  })

  it('that are cut off without a marker, or go round, throw', async () => {
    const endless = () => page(['a'], '<IsTruncated>true</IsTruncated><Marker>m</Marker>')
    const { iam } = scripted([page(['a'], '<IsTruncated>true</IsTruncated>'), endless(), endless()])
    expect(await errorOf(iam.roles.policies('ops').toArray())).toMatchObject({ code: 'MalformedAnswer' })
    expect(await errorOf(iam.roles.policies('ops').toArray())).toMatchObject({ code: 'PageTokenRepeated' })
  })
})

const input = { name: 'ops', trustPolicy, description: 'd', tags: { team: 'x' }, permissionsBoundary: boundary }
const made: Wanted = { description: 'd', tags: { team: 'x' }, boundary }
const inline = (document: object) =>
  result('GetRolePolicy', `<PolicyDocument>${encodeURIComponent(JSON.stringify(document))}</PolicyDocument>`)
const attachedAre = (...arns: string[]) =>
  result(
    'ListAttachedRolePolicies',
    `<AttachedPolicies>${arns.map((one) => `<member><PolicyArn>${one}</PolicyArn></member>`).join('')}</AttachedPolicies>`,
  )
const gone = () => failure('NoSuchEntity', 404)
/** A write, what it sends, what is read where it took effect, and where it did not. */
const writes: [string, (iam: IamClient) => Promise<unknown>, () => Response, () => Response][] = [
  ['CreateRole', (iam) => iam.roles.create(input), () => role(made), gone],
  ['DeleteRole', (iam) => iam.roles.delete('ops'), gone, () => role()],
  [
    'UpdateAssumeRolePolicy',
    (iam) => iam.roles.setTrustPolicy('ops', { b: [1] }),
    () => role({ trust: { b: [1] } }),
    () => role(),
  ],
  [
    'PutRolePermissionsBoundary',
    (iam) => iam.roles.setPermissionsBoundary('ops', boundary),
    () => role({ boundary }),
    () => role(),
  ],
  [
    'DeleteRolePermissionsBoundary',
    (iam) => iam.roles.setPermissionsBoundary('ops', undefined),
    () => role(),
    () => role({ boundary }),
  ],
  [
    'TagRole',
    (iam) => iam.roles.tag('ops', { a: '1' }),
    () => role({ tags: { a: '1', b: '2' } }),
    () => role({ tags: { a: '2' } }),
  ],
  [
    'UntagRole',
    (iam) => iam.roles.untag('ops', ['a']),
    () => role({ tags: { b: '1' } }),
    () => role({ tags: { a: '1' } }),
  ],
  [
    'PutRolePolicy',
    (iam) => iam.roles.putPolicy('ops', 'p', policy),
    () => inline(policy),
    () => inline({ ...policy, Id: '1' }),
  ],
  ['DeleteRolePolicy', (iam) => iam.roles.deletePolicy('ops', 'p'), gone, () => inline(policy)],
  [
    'AttachRolePolicy',
    (iam) => iam.roles.attach('ops', managed),
    () => attachedAre(managed),
    () => attachedAre('arn:other'),
  ],
  ['DetachRolePolicy', (iam) => iam.roles.detach('ops', managed), () => attachedAre(), () => attachedAre(managed)],
]
const success = (operation: string) => (operation === 'CreateRole' ? created(made) : done(operation))
const losses: [string, () => Scripted][] = [
  ['a cut connection', cut],
  ['status 500', () => failure('ServiceFailure', 500)],
  ['an answer cut off', () => xml('<CreateRoleResp')],
]

describe.each(writes)('%s', (operation, act, took, tookNot) => {
  it.each(losses)('that took effect is done after %s', async (_, loss) => {
    const { iam, operations } = scripted([loss(), took()])
    await act(iam)
    expect(operations()).toHaveLength(2)
    expect(operations()[0]).toBe(operation)
  })

  it('that did not is sent again', async () => {
    const { iam, operations } = scripted([cut(), tookNot(), success(operation)])
    await act(iam)
    expect(operations().filter((one) => one === operation)).toHaveLength(2)
  })

  it('of which nothing can be found out is of unknown outcome', async () => {
    const { iam } = scripted([cut(), failure('AccessDenied', 403)])
    expect(await errorOf(act(iam))).toMatchObject({ operation, code: 'NetworkError', outcome: 'unknown' })
  })

  it.each(['ConcurrentModification', 'EntityTemporarilyUnmodifiable'])('waits after %s', async (code) => {
    const { iam, slept, operations } = scripted([failure(code, 409), failure(code, 409), success(operation)])
    await act(iam)
    expect(operations()).toEqual([operation, operation, operation])
    expect(slept).toEqual([1000, 2000])
  })

  it('is sent three times at most', async () => {
    const { iam, operations } = scripted(Array.from({ length: 4 }, () => () => failure('ConcurrentModification', 409)))
    expect(await errorOf(act(iam))).toMatchObject({ code: 'ConcurrentModification' })
    expect(operations()).toHaveLength(3)
  })

  it('is not repeated by `call`', async () => {
    const { iam, sent } = scripted([cut()])
    const call = iam.call as (name: string, wire: object) => Promise<unknown>
    expect(await errorOf(call(operation, { RoleName: 'ops' }))).toMatchObject({ outcome: 'unknown' })
    expect(sent).toHaveLength(1)
  })
})

describe('creating a role', () => {
  it('gives it, and sends what it was given', async () => {
    const { iam, sent } = scripted([created(made)])
    expect(await iam.roles.create(input)).toMatchObject({
      name: 'ops',
      arn,
      tags: { team: 'x' },
      permissionsBoundary: boundary,
    })
    expect(sent[0]?.form).toEqual({
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName: 'ops',
      AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
      Description: 'd',
      PermissionsBoundary: boundary,
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'x',
    })
  })

  it('that is there throws, without a look', async () => {
    const { iam, sent } = scripted([failure('EntityAlreadyExists', 409)])
    expect(await errorOf(iam.roles.create(input))).toMatchObject({ code: 'EntityAlreadyExists', outcome: 'failed' })
    expect(sent).toHaveLength(1)
  })

  it('of which IAM tells late that it was made', async () => {
    const { iam, operations } = scripted([cut(), gone(), failure('EntityAlreadyExists', 409), role(made)])
    expect(await iam.roles.create(input)).toMatchObject({ arn })
    expect(operations()).toEqual(['CreateRole', 'GetRole', 'CreateRole', 'GetRole'])
  })

  it('of which IAM tells later still', async () => {
    const there = () => failure('EntityAlreadyExists', 409)
    const { iam, slept } = scripted([cut(), gone(), there(), gone(), there(), role(made)])
    expect(await iam.roles.create(input)).toMatchObject({ arn })
    expect(slept).toEqual([2000])
  })

  it.each<[string, Wanted]>([
    ['tags', { ...made, tags: {} }],
    ['more tags', { ...made, tags: { team: 'x', a: 'b' } }],
    ['description', { ...made, description: 'e' }],
    ['boundary', { description: 'd', tags: { team: 'x' } }],
    ['trust', { ...made, trust: { ...trustPolicy, Id: 'x' } }],
    ['path', { ...made, path: '/x/' }],
  ])('is not done by a role of other %s', async (_, other) => {
    const there = () => failure('EntityAlreadyExists', 409)
    const { iam, operations } = scripted([cut(), role(other), there(), role(other), there(), role(other)])
    expect(await errorOf(iam.roles.create(input))).toMatchObject({ code: 'EntityAlreadyExists', outcome: 'failed' })
    expect(operations()).toHaveLength(6)
  })
})

it.each<[string, (iam: IamClient) => Promise<unknown>]>([
  ['a role', (iam) => iam.roles.delete('ops')],
  ['a policy', (iam) => iam.roles.deletePolicy('ops', 'p')],
  ['an attachment', (iam) => iam.roles.detach('ops', managed)],
  ['a boundary', (iam) => iam.roles.setPermissionsBoundary('ops', undefined)],
])('taking away %s that is gone is done', async (_, act) => {
  const { iam, sent } = scripted([gone()])
  await act(iam)
  expect(sent).toHaveLength(1)
})

it('a refusal is thrown as it is', async () => {
  const { iam } = scripted([failure('DeleteConflict', 409), gone()])
  expect(await errorOf(iam.roles.delete('ops'))).toMatchObject({ code: 'DeleteConflict', outcome: 'failed' })
  expect(await errorOf(iam.roles.setTrustPolicy('ops', policy))).toMatchObject({ code: 'NoSuchEntity' })
})

it('no tags, none to take away: nothing is sent', async () => {
  const { iam, sent } = scripted([])
  await iam.roles.tag('ops', {})
  await iam.roles.untag('ops', [])
  expect(sent).toEqual([])
})

it('updating settings keeps the others', async () => {
  const { iam, sent } = scripted([role({ description: 'old', seconds: 7200 }), done('UpdateRole')])
  await iam.roles.update('ops', { description: 'new' })
  expect(sent[1]?.form).toMatchObject({ Action: 'UpdateRole', Description: 'new', MaxSessionDuration: '7200' })
})

it('find gives nothing where there is none, and throws else', async () => {
  const { iam } = scripted([gone(), failure('AccessDenied', 403)])
  expect(await iam.roles.find('ops')).toBeUndefined()
  expect(await errorOf(iam.roles.find('ops'))).toMatchObject({ code: 'AccessDenied' })
})

it('a wait ends with its signal', async () => {
  const controller = new AbortController()
  const sleep = async () => controller.abort(new Error('enough'))
  const { iam, sent } = scripted([failure('ConcurrentModification', 409)], { sleep })
  expect(await errorOf(iam.roles.delete('ops', { signal: controller.signal }))).toMatchObject({ message: 'enough' })
  expect(sent).toHaveLength(1)
})

it('a write that its signal ends is of unknown outcome', async () => {
  const controller = new AbortController()
  const { iam, sent } = scripted([
    () => {
      controller.abort(new Error('enough'))
      return done('DeleteRole')
    },
  ])
  expect(await errorOf(iam.roles.delete('ops', { signal: controller.signal }))).toMatchObject({ outcome: 'unknown' })
  expect(sent).toHaveLength(1)
})

describe('the caller', () => {
  const identity = (account: string) =>
    result(
      'GetCallerIdentity',
      `<UserId>AIDA</UserId><Account>${account}</Account><Arn>arn:aws:iam::${account}:user/a</Arn>`,
    )
  it('is asked of STS', async () => {
    const { iam, sent } = scripted([identity('123456789012')], { region: 'eu-west-1' })
    const expected = { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/a', userId: 'AIDA' }
    expect(await iam.caller()).toEqual(expected)
    expect(sent[0]?.form).toEqual({ Action: 'GetCallerIdentity', Version: '2011-06-15' })
    expect(sent[0]?.url).toBe('https://sts.eu-west-1.amazonaws.com/')
    expect(sent[0]?.headers.get('authorization')).toContain('/eu-west-1/sts/aws4_request')
  })

  it('has an account', async () => {
    const { iam } = scripted([identity('12'), result('GetCallerIdentity')])
    expect(await errorOf(iam.caller())).toMatchObject({ code: 'MalformedAnswer', operation: 'GetCallerIdentity' })
    expect(await errorOf(iam.caller())).toMatchObject({ code: 'MalformedAnswer' })
  })
})

it('endpoints are replaced', async () => {
  const answers = [role(), result('GetCallerIdentity'), role(), result('GetCallerIdentity')]
  const scene = script(answers)
  const one = createIamClient({ ...scene.testOptions, endpoint: 'http://localhost:5000' })
  const two = createIamClient({
    ...scene.testOptions,
    endpoint: 'http://iam.test/a',
    stsEndpoint: 'http://sts.test',
    allowHttp: true,
  })
  await one.roles.get('ops')
  await errorOf(one.caller())
  await two.roles.get('ops')
  await errorOf(two.caller())
  const urls = ['http://localhost:5000/', 'http://localhost:5000/', 'http://iam.test/a', 'http://sts.test/']
  expect(scene.sent.map(({ url }) => url)).toEqual(urls)
})

it('options are checked', () => {
  expect(() => createIamClient({ credentials, region: 'nowhere' })).toThrow(ConfigurationError)
  expect(() => createIamClient({ credentials, endpoint: 'ftp://a' })).toThrow(/endpoint/)
  expect(() => createIamClient({ credentials: { accessKeyId: '', secretAccessKey: '' } })).toThrow(/credentials/)
  expect(createIamClient({ credentials }).region).toBe('us-east-1')
  const wrong = { credentials, stsendpoint: 'https://sts.test' }
  expect(() => createIamClient(wrong)).toThrow(
    'createIamClient: unknown option "stsendpoint"; did you mean "stsEndpoint"?',
  )
  const pool = { credentials, identityPoolId, regon: 'eu-west-1' }
  expect(() => createIdentityPoolClient(pool)).toThrow(
    'createIdentityPoolClient: unknown option "regon"; did you mean "region"?',
  )
})

const identityPoolId = 'eu-west-1:01234567-89ab-cdef-0123-456789abcdef'

function pooled(answers: readonly Scripted[]) {
  const scene = script(answers)
  return { ...scene, pool: createIdentityPoolClient({ ...scene.testOptions, identityPoolId }) }
}

describe('an identity pool', () => {
  const settings = {
    IdentityPoolId: identityPoolId,
    IdentityPoolName: 'web',
    AllowUnauthenticatedIdentities: false,
    AllowClassicFlow: true,
    CognitoIdentityProviders: [{ ProviderName: 'cognito-idp.eu-west-1.amazonaws.com/p', ClientId: 'c' }],
    SupportedLoginProviders: { 'graph.facebook.com': '7' },
    IdentityPoolTags: { a: 'b' },
    SomethingNew: { x: 1 },
  }
  const roles = {
    IdentityPoolId: identityPoolId,
    Roles: { authenticated: 'arn:a', unauthenticated: 'arn:u' },
    RoleMappings: {
      old: {
        Type: 'Rules',
        RulesConfiguration: { Rules: [{ Claim: 'c', MatchType: 'Equals', Value: 'v', RoleARN: 'arn:r' }] },
        New: 1,
      },
      mine: { Type: 'Token' },
    },
  }
  const token = { type: 'Token', ambiguousRoleResolution: 'Deny' } as const
  const secured = {
    ...roles,
    RoleMappings: { ...roles.RoleMappings, mine: { Type: 'Token', AmbiguousRoleResolution: 'Deny' } },
  }

  it('is described', async () => {
    const { pool, sent } = pooled([json(settings), json(roles)])
    expect(await pool.describe()).toEqual({
      identityPoolId,
      name: 'web',
      allowUnauthenticatedIdentities: false,
      allowClassicFlow: true,
      providers: [
        { providerName: 'cognito-idp.eu-west-1.amazonaws.com/p', clientId: 'c', serverSideTokenCheck: false },
      ],
      supportedLoginProviders: { 'graph.facebook.com': '7' },
      developerProviderName: undefined,
      openIdConnectProviderArns: [],
      samlProviderArns: [],
      tags: { a: 'b' },
      raw: settings,
    })
    expect(await pool.roles()).toEqual({
      roles: roles.Roles,
      roleMappings: {
        old: { type: 'Rules', rules: [{ claim: 'c', matchType: 'Equals', value: 'v', roleArn: 'arn:r' }] },
        mine: { type: 'Token' },
      },
      raw: roles,
    })
    expect(pool.region).toBe('eu-west-1')
    expect(sent[0]?.url).toBe('https://cognito-identity.eu-west-1.amazonaws.com/')
    expect(sent[0]?.headers.get('authorization')).toContain('/eu-west-1/cognito-identity/aws4_request')
  })

  it('is updated without losing anything', async () => {
    const changed = { ...settings, AllowClassicFlow: false }
    const { pool, sent } = pooled([json(settings), json(changed)])
    expect(await pool.update({ allowClassicFlow: false })).toMatchObject({ allowClassicFlow: false, name: 'web' })
    expect(sent[1]).toMatchObject({ operation: 'UpdateIdentityPool', json: changed })
  })

  it('has nothing where the answer is null', async () => {
    const bare = { ...settings, DeveloperProviderName: null, SamlProviderARNs: null }
    const { pool, sent } = pooled([json(bare), json(bare), json(bare)])
    expect(await pool.describe()).toMatchObject({ developerProviderName: undefined, samlProviderArns: [] })
    await pool.update({ name: 'new' })
    expect(sent[2]?.json).toEqual({ ...settings, IdentityPoolName: 'new' })
  })

  it('gets a mapping, and keeps the others and the roles', async () => {
    const { pool, sent } = pooled([json(roles), json({})])
    await pool.setRoleMapping('mine', token)
    const { Roles, RoleMappings } = secured
    expect(sent[1]?.json).toEqual({ IdentityPoolId: identityPoolId, Roles, RoleMappings })
  })

  it('loses a mapping, and no other', async () => {
    const { pool, sent } = pooled([json(roles), json({})])
    await pool.setRoleMapping('mine', undefined)
    expect(sent[1]?.json['RoleMappings']).toEqual({ old: roles.RoleMappings.old })
  })

  it('gets rules', async () => {
    const { pool, sent } = pooled([json({ IdentityPoolId: identityPoolId }), json({})])
    const rules = [{ claim: 'c', matchType: 'Equals', value: 'v', roleArn: 'arn:r' }] as const
    await pool.setRoleMapping('__proto__', { type: 'Rules', rules })
    expect(sent[1]?.json['Roles']).toEqual({})
    expect(JSON.stringify(sent[1]?.json['RoleMappings'])).toBe(
      '{"__proto__":{"Type":"Rules","AmbiguousRoleResolution":"Deny","RulesConfiguration":{"Rules":[{"Claim":"c","MatchType":"Equals","Value":"v","RoleARN":"arn:r"}]}}}',
    )
  })

  it('is read anew where another changes it', async () => {
    const other = { ...roles, Roles: { authenticated: 'arn:b' } }
    const conflict = json({ __type: 'ConcurrentModificationException' }, 400)
    const { pool, sent, slept } = pooled([json(roles), conflict, json(other), json({})])
    await pool.setRoleMapping('mine', token)
    expect(sent[3]?.json['Roles']).toEqual({ authenticated: 'arn:b' })
    expect(slept).toEqual([1000])
  })

  it('is looked at after a lost answer', async () => {
    const { pool, operations } = pooled([json(roles), cut(), json(secured), json(settings), cut(), json(settings)])
    await pool.setRoleMapping('mine', token)
    await pool.update({ allowClassicFlow: true })
    expect(operations().filter((name) => /^(Set|Update)/.test(name))).toHaveLength(2)
  })

  it('is written again where a lost write took no effect', async () => {
    const { pool, operations } = pooled([json(roles), cut(), json(roles), json(roles), json({})])
    await pool.setRoleMapping('mine', token)
    expect(operations().filter((name) => name === 'SetIdentityPoolRoles')).toHaveLength(2)
  })

  it.each([{}, { IdentityPoolId: 'eu-west-1:other' }])('is never written from the answer %o', async (answer) => {
    const { pool, operations } = pooled([json(answer), json(answer)])
    expect(await errorOf(pool.update({ name: 'x' }))).toMatchObject({ code: 'MalformedAnswer' })
    expect(await errorOf(pool.setRoleMapping('mine', token))).toMatchObject({ code: 'MalformedAnswer' })
    expect(operations()).toEqual(['DescribeIdentityPool', 'GetIdentityPoolRoles'])
  })

  it.each(['', 'eu-west-1', 'eu-west-1:x', `${identityPoolId}/a`, 'http://a:01234567-89ab-cdef-0123-456789abcdef'])(
    'has an id, not %o',
    (id) => {
      expect(() => createIdentityPoolClient({ identityPoolId: id, credentials })).toThrow(/identityPoolId/)
      expect(() => createIdentityPoolClient({ identityPoolId: id, credentials, region: 'eu-west-1' })).toThrow(
        /identityPoolId/,
      )
    },
  )
})

describe('calls of an identity pool without credentials', () => {
  const callOf = (answers: readonly Scripted[]) => {
    const { testOptions, ...scene } = script(answers)
    const { credentials: _, ...open } = testOptions
    return { ...scene, call: createIdentityPoolCall({ ...open, region: 'eu-west-1' }) }
  }
  it('are those that are not signed', async () => {
    const { call, sent } = callOf([
      json({ IdentityId: 'i' }),
      json({ Token: 't' }),
      json({ Credentials: {} }),
      json({}),
    ])
    await call('GetId', { IdentityPoolId: identityPoolId, Logins: { a: 'token' } })
    await call('GetOpenIdToken', { IdentityId: 'i' })
    await call('GetCredentialsForIdentity', { IdentityId: 'i' })
    await call('UnlinkIdentity', { IdentityId: 'i', Logins: {}, LoginsToRemove: [] })
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([null, null, null, null])
    expect(sent[0]?.headers.get('x-amz-target')).toBe('AWSCognitoIdentityService.GetId')
  })

  it('that are signed are refused before anything is sent', async () => {
    const { call, sent } = callOf([])
    const error = await errorOf(call('DescribeIdentityPool', { IdentityPoolId: identityPoolId }))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error).toMatchObject({ message: expect.stringContaining('credentials') })
    expect(sent).toEqual([])
  })

  it('tell no login in an error', async () => {
    const { call } = callOf([json({ __type: 'NotAuthorizedException', message: 'Token eyJhbGciOi is bad.' }, 400)])
    const error = await errorOf(call('GetId', { IdentityPoolId: identityPoolId, Logins: { a: 'eyJhbGciOi' } }))
    expect(error).toBeInstanceOf(AwsError)
    expect(JSON.stringify(error) + (error as Error).message).not.toContain('eyJ')
  })
})
