import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type DefaultTheme, defineConfig } from 'vitepress'

/** The pages by task; `llms.txt` lists them in the same order. */
const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Getting started',
    items: [
      { text: 'Hono', link: '/getting-started/hono' },
      { text: 'Cloudflare Workers', link: '/getting-started/workers' },
      { text: 'Bun', link: '/getting-started/bun' },
      { text: 'Deno', link: '/getting-started/deno' },
      { text: 'Node', link: '/getting-started/node' },
    ],
  },
  {
    text: 'The guard',
    items: [
      { text: 'Permissions', link: '/permissions' },
      { text: 'Guard options', link: '/guard-options' },
      { text: 'Errors', link: '/errors' },
      { text: 'Observability', link: '/observability' },
      { text: 'MCP and OAuth clients', link: '/mcp' },
    ],
  },
  {
    text: 'Signing in',
    items: [
      { text: 'Browser login', link: '/login' },
      { text: 'Signing users in', link: '/sign-in' },
      { text: 'With a password', link: '/sign-in/password' },
      { text: 'A new password', link: '/sign-in/new-password' },
      { text: 'Second factors', link: '/sign-in/second-factors' },
      { text: 'Passkeys', link: '/sign-in/passkeys' },
      { text: 'Devices', link: '/sign-in/devices' },
      { text: 'By your own triggers', link: '/sign-in/custom' },
      { text: 'A first factor of choice', link: '/sign-in/choose' },
      { text: 'Tokens that renew themselves', link: '/sign-in/sessions' },
      { text: 'Sign-up', link: '/sign-in/sign-up' },
      { text: 'A forgotten password', link: '/sign-in/forgotten-password' },
      { text: 'The user’s own account', link: '/sign-in/account' },
      { text: 'Tokens of machines', link: '/sign-in/machines' },
      { text: 'A fetch that signs in', link: '/sign-in/authorized-fetch' },
      { text: 'Between two requests', link: '/sign-in/steps' },
    ],
  },
  {
    text: 'The pool',
    items: [
      { text: 'Administration', link: '/administration' },
      { text: 'Groups and roles as code', link: '/groups-and-roles' },
      { text: 'AWS credentials of a group', link: '/credentials' },
      { text: 'Testing your own app', link: '/testing' },
      { text: 'The local server', link: '/local-server' },
      { text: 'The local AWS', link: '/local-aws' },
      { text: 'Operations of the local AWS', link: '/local-operations' },
    ],
  },
  {
    text: 'The command line',
    items: [
      { text: 'The whole story', link: '/command-line/index' },
      { text: 'Definitions', link: '/command-line/definitions' },
      { text: 'In AWS', link: '/command-line/aws' },
      { text: 'Audits', link: '/command-line/audit' },
      { text: 'Doctor', link: '/command-line/doctor' },
      { text: 'Export and import', link: '/command-line/export-import' },
    ],
  },
  {
    text: 'Recipes',
    items: [
      { text: 'Express', link: '/recipes/express' },
      { text: 'Fastify', link: '/recipes/fastify' },
      { text: 'Next.js', link: '/recipes/nextjs' },
      { text: 'SvelteKit', link: '/recipes/sveltekit' },
      { text: 'AWS Lambda', link: '/recipes/lambda' },
      { text: 'OpenAPI with Hono', link: '/recipes/zod-openapi' },
      { text: 'Buttons in React', link: '/recipes/react' },
    ],
  },
  {
    text: 'Coming from',
    items: [
      { text: 'aws-jwt-verify', link: '/coming-from/aws-jwt-verify' },
      { text: 'hono/jwk', link: '/coming-from/hono-jwk' },
      { text: 'Amplify’s cookies', link: '/coming-from/amplify' },
      { text: 'cognito-at-edge', link: '/coming-from/cognito-at-edge' },
      { text: 'cognises-flask', link: '/coming-from/cognises-flask' },
      { text: 'pycognito', link: '/coming-from/pycognito' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Performance', link: '/performance' },
      { text: 'Security', link: '/security' },
      { text: 'Parity with the ancestors', link: '/parity' },
      { text: 'Mutation tests', link: '/mutation' },
    ],
  },
]

const title = 'cognigate'
const description = 'Authorization for Amazon Cognito at the edge: who is calling, and what their groups allow.'

export default defineConfig({
  title,
  description,
  lang: 'en',
  cleanUrls: true,
  srcExclude: ['node_modules/**'],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-default' },
    config(md) {
      // The pages are read in the repository too, where SECURITY.md stands above them. Here it is the end of the page itself.
      md.core.ruler.push('security', ({ tokens }) => {
        for (const { children } of tokens) {
          for (const token of children ?? []) {
            if (token.attrGet('href') === '../SECURITY.md') token.attrSet('href', '#threat-model')
          }
        }
      })
    },
  },
  themeConfig: {
    nav: [
      { text: 'Getting started', link: '/getting-started/hono' },
      { text: 'Permissions', link: '/permissions' },
      { text: 'Errors', link: '/errors' },
      { text: 'Recipes', link: '/recipes/express' },
      { text: 'Coming from', link: '/coming-from/aws-jwt-verify' },
    ],
    sidebar,
    search: { provider: 'local' },
    outline: [2, 3],
    footer: { message: 'MIT licence.' },
  },
  buildEnd({ outDir, srcDir }) {
    const pages = sidebar.flatMap(({ text = '', items = [] }) => items.map((item) => ({ section: text, ...item })))
    // Without the comments, which are for the check of the code blocks.
    const read = (link: string) => readFileSync(join(srcDir, `${link}.md`), 'utf8').replace(/<!--[\s\S]*?-->\n+/g, '')
    const lines = [`# ${title}`, '', `> ${description}`]
    let section = ''
    for (const page of pages) {
      if (page.section !== section) lines.push('', `## ${(section = page.section)}`, '')
      lines.push(`- [${page.text}](${page.link}.md)`)
      const copy = join(outDir, `${page.link}.md`)
      mkdirSync(dirname(copy), { recursive: true })
      writeFileSync(copy, read(page.link ?? ''))
    }
    writeFileSync(join(outDir, 'llms.txt'), `${lines.join('\n')}\n`)
    writeFileSync(join(outDir, 'llms-full.txt'), pages.map(({ link }) => read(link ?? '')).join('\n\n'))
  },
})
