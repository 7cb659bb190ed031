import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeFolder, readBlocks, writeModules } from '../../scripts/lib/code-blocks.mjs'
import { filesBelow, root } from '../../scripts/lib/runtimes.mjs'
import { bundle } from '../../examples/playground/bundle.ts'
import { createPoolAdmin } from '../../src/admin/index.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'

const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8')
const pages = ['README.md', 'SECURITY.md', 'CHANGELOG.md', ...filesBelow('docs', ['.md'])]

describe('the pages', () => {
  it('link to what is there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([, path = '', anchor]) => {
        const target = path === '' ? page : join(dirname(page), path)
        if (!existsSync(`${root}/${target}`)) return [`${page}: ${path}`]
        if (anchor === undefined || !target.endsWith('.md')) return []
        return anchorsOf(read(target)).includes(anchor) ? [] : [`${page}: ${path}#${anchor}`]
      }),
    )
    expect(broken).toEqual([])
  })

  it('name only files that are there', () => {
    const ours = pages.filter((page) => !page.includes('/recipes/'))
    const missing = ours.flatMap((page) =>
      [...read(page).matchAll(/`((?:examples|test|src|scripts|docs|adapters)\/[\w./-]+)/g)]
        .map(([, path = '']) => path.replace(/\.$/, ''))
        .filter((path) => !existsSync(`${root}/${path}`))
        .map((path) => `${page}: ${path}`),
    )
    expect(missing).toEqual([])
  })

  it('are all in the list of the site', () => {
    const config = read('docs/.vitepress/config.ts')
    const listed = [...config.matchAll(/link: '\/([^']+)'/g)].map(([, link]) => `docs/${link}.md`)
    const written = pages.filter((page) => page.startsWith('docs/') && !/docs\/(decisions\/|index\.md)/.test(page))
    expect([...new Set(listed)].sort()).toEqual(written.sort())
  })

  it('Coming from pycognito has every call', () => {
    const page = read('docs/coming-from/pycognito.md')
    expect(calls.split(/\s+/).filter((call) => !page.includes(call))).toEqual([])
  })

  it('Parity names a test for each row that is built', () => {
    const rows = read('docs/parity.md')
      .split('\n')
      .filter((line) => /^\| (?!capability|-)/.test(line))
    const without = rows.filter((row) => !row.includes('`test/') && !/\| not yet \|$/.test(row))
    expect(without).toEqual([])
  })

  it('README has no more than 140 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(140)
  })
})

describe('what a page prints runs', () => {
  let folder: string
  let pool: LocalPool

  beforeAll(() => {
    folder = makeFolder()
  })
  beforeEach(async () => {
    const ranked = ['admin', 'manager', 'guest'].map((name, precedence) => ({ name, precedence }))
    pool = await createLocalPool({
      userPoolId: 'eu-west-1_AbCdEfGhI',
      clientId: '1example23456789abcdefghij',
      groups: ['viewer', 'editor', 'administrators', 'developers', 'Group1', ...ranked],
      users: {
        alice: { groups: ['guest'], email: 'alice@example.com', password: 'correct-Horse-7' },
        bob: { groups: ['Group1'], email: 'bob@example.com' },
        'john.doe': { groups: ['guest'] },
      },
    })
    vi.stubGlobal('fetch', pool.fetch)
    vi.spyOn(console, 'log').mockImplementation(() => {})
    return () => vi.restoreAllMocks()
  })
  afterAll(() => {
    vi.unstubAllGlobals()
    rmSync(folder, { recursive: true, force: true })
  })

  async function load(page: string, only?: string): Promise<Record<string, unknown>[]> {
    const { modules } = readBlocks(`${root}/docs/${page}.md`)
    const place = `${folder}/${page}`
    writeModules(place, modules)
    const loaded: Record<string, unknown>[] = []
    for (const { name } of modules)
      if (!only || name === only) loaded.push(await import(/* @vite-ignore */ `${place}/${name}`))
    return loaded
  }

  it('administration', async () => {
    await load('administration')
    const admin = createPoolAdmin({
      userPoolId: pool.settings.userPoolId,
      credentials: { accessKeyId: 'A', secretAccessKey: 'B' },
    })
    expect((await admin.users.groups('alice').toArray()).map(({ name }) => name).sort()).toEqual(['admin', 'editor'])
    expect((await admin.groups.members('editor').toArray()).map(({ username }) => username)).toEqual(['alice'])
    expect(pool.count('AdminInitiateAuth')).toBe(1)
  })

  it('coming from pycognito', async () => {
    await load('coming-from/pycognito')
    expect(pool.count('AdminAddUserToGroup')).toBe(2)
  })

  it("a whole route of cognises-flask's", async () => {
    const [{ app }] = (await load('coming-from/cognises-flask', 'app.ts')) as [
      { app: { request(path: string, init?: RequestInit): Promise<Response> } },
    ]
    const cookieOf = async (name: string) => ({
      headers: { cookie: `token_cookie=${(await pool.tokens(name)).idToken}` },
    })
    const admitted = await app.request('/protected', await cookieOf('bob'))
    expect([admitted.status, await admitted.text()]).toEqual([200, 'bob@example.com'])
    expect((await app.request('/protected', await cookieOf('alice'))).status).toBe(403)
    const without = await app.request('/protected')
    expect([without.status, await without.text()]).toEqual([401, expect.stringMatching(/token/i)])
  })

  it('an MCP server names its metadata, and serves it', async () => {
    const [{ app }] = (await load('mcp', 'app.ts')) as [
      { app: { request(path: string, init?: RequestInit): Promise<Response> } },
    ]
    const refused = await app.request('https://mcp.example.com/mcp', { method: 'POST' })
    const metadata = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'
    expect(refused.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${metadata}"`)
    expect(await (await app.request(metadata)).json()).toMatchObject({ resource: 'https://mcp.example.com/mcp' })
  })

  it('a Worker in miniflare, unmodified', async () => {
    vi.unstubAllGlobals()
    const page = 'testing'
    const { modules } = readBlocks(`${root}/docs/${page}.md`)
    const worker = modules.filter(({ text }) => text.includes("from 'miniflare'"))
    const script = `${folder}/worker.js`
    writeFileSync(script, await bundle('examples/plain-worker.ts', ['workerd', 'worker']))
    writeModules(
      `${folder}/${page}`,
      worker.map((module) => ({
        ...module,
        text: `${module.text.replace("'dist/worker.js'", `'${script}'`)}\nexport { worker, answer }\n`,
      })),
    )
    const { worker: running, answer } = (await import(/* @vite-ignore */ `${folder}/${page}/${worker[0]?.name}`)) as {
      worker: { dispose(): Promise<void> }
      answer: Response
    }
    try {
      expect([answer.status, await answer.json()]).toEqual([200, { caller: 'alice' }])
    } finally {
      await running.dispose()
    }
  })
})

/** What GitHub and VitePress make of the headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )
}

/** The public calls of pycognito, its SRP client and its helpers. */
const calls = `get_keys get_key verify_token verify_tokens id_claims access_claims check_token renew_access_token COGNITO_JWKS
  get_group get_groups GroupObj admin_add_user_to_group admin_remove_user_from_group admin_list_groups_for_user
  admin_enable_user admin_disable_user register confirm_sign_up admin_confirm_sign_up resend_confirmation_code get_user
  admin_get_user get_users admin_create_user update_profile admin_update_profile delete_user admin_delete_user
  send_verification validate_verification UserObj cognito_to_dict dict_to_cognito camel_to_snake snake_to_camel
  authenticate admin_authenticate new_password_challenge respond_to_software_token_mfa_challenge
  respond_to_sms_mfa_challenge logout associate_software_token verify_software_token set_user_mfa_preference
  initiate_forgot_password confirm_forgot_password change_password admin_reset_password AWSSRP authenticate_user
  set_new_password_challenge get_auth_params process_challenge process_device_challenge get_secret_hash confirm_device
  update_device_status forget_device generate_hash_device RequestsSrpAuth admin_create_identity_provider
  admin_describe_identity_provider admin_update_identity_provider describe_user_pool_client admin_update_user_pool_client
  switch_session set_base_attributes add_custom_attributes get_user_obj get_group_obj`
