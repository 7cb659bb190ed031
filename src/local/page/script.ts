/**
 * What runs in the page, without a library. Texts become text nodes, never markup. Lists come page by page, and only what is looked at is
 * asked for.
 */
export const script = `
const find = (selector) => document.querySelector(selector)
const main = find('main')
let pools = []
let pool
let timer
/** Counts what was shown, so that a late answer does not replace what was chosen since. */
let shown = 0

const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value)
    else if (value === true) element.setAttribute(key, '')
    else if (value !== false && value !== undefined) element.setAttribute(key, value)
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false))
  return element
}
const say = (text, isBad = false) => {
  find('output').replaceChildren(text === '' ? '' : make('span', { class: isBad ? 'no' : 'yes' }, text))
}
const request = async (path, body) => {
  const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch('/_cognigate/' + path, init)
  const answer = await response.json()
  if (!response.ok) throw Object.assign(new Error(answer.message), { code: answer.code })
  return answer
}
const call = (operation, input = {}) => request('call', { pool: pool.id, operation, input })

/** Does something for the person, and says how it went. */
const attempt = async (work, done = '') => {
  try {
    say('')
    await work()
    if (done) say(done)
  } catch (error) {
    say((error.code ? error.code + ': ' : '') + (error.message ?? 'No answer.'), true)
  }
}
const button = (text, work, done, attributes = {}) => make('button', {
  type: 'button', ...attributes,
  click: async ({ currentTarget }) => {
    currentTarget.disabled = true
    await attempt(work, done)
    currentTarget.disabled = false
  },
}, text)
const danger = (text, question, work, done) => button(text, async () => { if (confirm(question)) await work() }, done, { class: 'danger' })
const form = (fields, text, work, done, attributes = {}) => make('form', {
  ...attributes,
  submit: async (event) => {
    event.preventDefault()
    const submit = event.target.querySelector('[type=submit]')
    submit.disabled = true
    await attempt(() => work(Object.fromEntries(new FormData(event.target)), event.target), done)
    submit.disabled = false
  },
}, fields, make('button', { type: 'submit' }, text))
const field = (label, name, attributes = {}) => make('label', {}, label, make('input', { name, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', ...attributes }))
const choice = (label, name, values, attributes = {}) => make('label', {}, label, make('select', { name, ...attributes }, values.map(([value, text = value]) => make('option', { value }, text))))
const check = (label, name, attributes = {}) => make('label', { class: 'check' }, make('input', { type: 'checkbox', name, value: 'yes', ...attributes }), label)
const rows = (entries) => make('dl', {}, entries.filter(([, value]) => value !== undefined && value !== '').flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value instanceof Node ? value : String(value))]))
const timeOf = (milliseconds) => new Date(milliseconds).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' })
const copy = async (text) => navigator.clipboard.writeText(text)

/** A list that is read page by page. */
const pages = (read, show, none) => {
  const list = make('ul')
  const more = button('More', () => load(), '')
  let token
  const load = async () => {
    const [items, next] = await read(token)
    token = next
    list.append(...items.map(show))
    if (!list.children.length) list.append(make('li', { class: 'hint item' }, none))
    more.hidden = !token
  }
  more.hidden = true
  return { list, more, load }
}

const userList = async (search = '') => {
  const text = search.replaceAll('\\\\', '\\\\\\\\').replaceAll('"', '\\\\"')
  const Filter = search ? (search.includes('@') ? 'email' : 'username') + ' ^= "' + text + '"' : undefined
  const { list, more, load } = pages(
    async (PaginationToken) => {
      const found = await call('ListUsers', { Limit: 25, PaginationToken, Filter })
      return [found.Users, found.PaginationToken]
    },
    (user) => {
      const email = user.Attributes.find(({ Name }) => Name === 'email')?.Value
      const state = [user.UserStatus, user.Enabled ? '' : 'disabled', email].filter(Boolean).join(' · ')
      return make('li', {}, button([user.Username, make('small', {}, state)], () => showUser(user.Username), '', { class: 'plain' }))
    },
    'No user.',
  )
  await load()
  return [list, more]
}

const showUser = async (username) => {
  const Username = username
  const [user, { Groups }, { Groups: all }] = await Promise.all([
    call('AdminGetUser', { Username }),
    call('AdminListGroupsForUser', { Username, Limit: 60 }),
    call('ListGroups', { Limit: 60 }),
  ])
  const again = () => showUser(username)
  const then = (operation, input = {}) => async () => { await call(operation, { Username, ...input }); await again() }
  const free = all.filter(({ GroupName }) => !Groups.some((group) => group.GroupName === GroupName))
  const tokens = (name) => button('Copy ' + name, async () => copy((await request('tokens', { pool: pool.id, username }))[name === 'access token' ? 'accessToken' : 'idToken']), 'Copied.')
  find('#detail').replaceChildren(
    make('h2', {}, user.Username),
    rows([
      ['Status', user.UserStatus + (user.Enabled ? '' : ', disabled')],
      ['MFA', (user.UserMFASettingList ?? []).join(', ')],
      ...user.UserAttributes.map(({ Name, Value }) => [Name, Value]),
      ['Created', timeOf(user.UserCreateDate * 1000)],
    ]),
    make('div', { class: 'buttons' }, tokens('access token'), tokens('ID token')),
    make('h3', {}, 'Groups'),
    make('ul', {}, Groups.map(({ GroupName }) => make('li', { class: 'item' }, GroupName, button('Remove', then('AdminRemoveUserFromGroup', { GroupName }), 'Removed from ' + GroupName + '.', { 'aria-label': 'Remove from ' + GroupName })))),
    free.length ? form([choice('Group', 'GroupName', free.map(({ GroupName }) => [GroupName]))], 'Add', async ({ GroupName }) => { await then('AdminAddUserToGroup', { GroupName })() }, 'Added.', { class: 'row' }) : make('p', { class: 'hint' }, all.length ? 'In all groups.' : 'The pool has no group.'),
    make('h3', {}, 'Password'),
    form([field('New password', 'Password', { required: true })], 'Set', async ({ Password }) => { await then('AdminSetUserPassword', { Password, Permanent: true })() }, 'The password is set.', { class: 'row' }),
    make('div', { class: 'buttons' },
      user.Enabled ? button('Disable', then('AdminDisableUser'), 'Disabled.') : button('Enable', then('AdminEnableUser'), 'Enabled.'),
      user.UserStatus === 'UNCONFIRMED' && button('Confirm', then('AdminConfirmSignUp'), 'Confirmed.'),
      button('Sign out everywhere', then('AdminUserGlobalSignOut'), 'Signed out.'),
      danger('Delete', 'Delete ' + username + '?', async () => { await call('AdminDeleteUser', { Username }); await show() }, 'Deleted.'),
    ),
  )
  find('#detail').hidden = false
  if (innerWidth < 900) find('#detail').scrollIntoView()
}

const createUser = async ({ Username, email, Password, GroupName }) => {
  const UserAttributes = email ? [{ Name: 'email', Value: email }, { Name: 'email_verified', Value: 'true' }] : []
  await call('AdminCreateUser', { Username, UserAttributes, MessageAction: 'SUPPRESS' })
  if (Password) await call('AdminSetUserPassword', { Username, Password, Permanent: true })
  if (GroupName) await call('AdminAddUserToGroup', { Username, GroupName })
  await refresh()
  await show()
  await showUser(Username)
}

const tabs = {
  async users() {
    const results = make('div', {}, await userList())
    const { Groups } = await call('ListGroups', { Limit: 60 })
    return [
      make('section', {},
        make('h2', {}, 'Users'),
        make('details', {}, make('summary', {}, 'Create a user'),
          form([
            field('User name', 'Username', { required: true }),
            field('E-mail', 'email', { type: 'email' }),
            field('Password', 'Password', { placeholder: 'none: a temporary one is made' }),
            Groups.length ? choice('Group', 'GroupName', [['', 'none'], ...Groups.map(({ GroupName }) => [GroupName])]) : undefined,
          ].filter(Boolean), 'Create', createUser, 'Created.')),
        form([field('Name or e-mail begins with', 'search', { type: 'search' })], 'Find', async ({ search }) => results.replaceChildren(...await userList(search)), '', { class: 'row', role: 'search' }),
        results,
      ),
      make('section', { id: 'detail', hidden: true, 'aria-live': 'polite' }),
    ]
  },
  async groups() {
    const { list, more, load } = pages(
      async (NextToken) => {
        const found = await call('ListGroups', { Limit: 60, NextToken })
        return [found.Groups, found.NextToken]
      },
      ({ GroupName, Description, Precedence, RoleArn }) => {
        const about = [Description, Precedence === undefined ? '' : 'precedence ' + Precedence, RoleArn].filter(Boolean).join(' · ')
        return make('li', {}, button([GroupName, make('small', {}, about)], () => showGroup(GroupName), '', { class: 'plain' }))
      },
      'No group.',
    )
    await load()
    return [
      make('section', {}, make('h2', {}, 'Groups'), list, more,
        make('details', {}, make('summary', {}, 'Create a group'),
          form([field('Name', 'GroupName', { required: true }), field('Description', 'Description'), field('Precedence', 'Precedence', { type: 'number', min: '0' })], 'Create', async ({ GroupName, Description, Precedence }) => {
            await call('CreateGroup', { GroupName, Description: Description || undefined, Precedence: Precedence === '' ? undefined : Number(Precedence) })
            await refresh()
            await show()
          }, 'Created.'))),
      make('section', { id: 'detail', hidden: true, 'aria-live': 'polite' }),
    ]
  },
  async clients() {
    const { list, more, load } = pages(
      async (NextToken) => {
        const found = await call('ListUserPoolClients', { MaxResults: 60, NextToken })
        return [found.UserPoolClients, found.NextToken]
      },
      ({ ClientId, ClientName }) => make('li', {}, button([ClientName, make('small', {}, ClientId)], () => showClient(ClientId), '', { class: 'plain' })),
      'No app client.',
    )
    await load()
    return [make('section', {}, make('h2', {}, 'App clients'), list, more), make('section', { id: 'detail', hidden: true, 'aria-live': 'polite' })]
  },
  async codes() {
    const list = make('ul')
    const load = async () => {
      const messages = await request('outbox?pool=' + encodeURIComponent(pool.id))
      list.replaceChildren(...(messages.length ? messages.map(({ medium, to, username, purpose, code, at }) => make('li', { class: 'item' },
        make('span', {}, make('b', {}, code), make('small', {}, (medium === 'SMS' ? 'text' : 'mail') + ' to ' + to + ' for ' + username + ', ' + purpose + ', ' + timeOf(at))),
        button('Copy', () => copy(code), 'Copied.', { 'aria-label': 'Copy ' + code }))) : [make('li', { class: 'hint item' }, 'None so far.')]))
    }
    await load()
    poll(load)
    return [make('section', {}, make('h2', {}, 'Codes that would have been mailed and texted'), list)]
  },
  async calls() {
    const list = make('ul')
    const secrets = check('Show passwords, tokens and codes', 'secrets')
    const seen = new Map()
    let last = 0
    const load = async () => {
      const isShown = secrets.querySelector('input').checked
      const calls = await request('calls?after=' + last + (isShown ? '&secrets=shown' : ''))
      for (const one of calls) {
        const old = seen.get(one.id)
        const item = callItem(one)
        if (old) old.replaceWith(item)
        else list.prepend(item)
        seen.set(one.id, item)
        last = Math.max(last, one.id)
      }
      while (list.children.length > 200) list.lastElementChild.remove()
      about.hidden = list.children.length > 0
    }
    const about = make('p', { class: 'hint' }, 'None so far.')
    secrets.addEventListener('change', () => attempt(async () => { last = 0; seen.clear(); list.replaceChildren(); await load() }))
    await load()
    poll(load)
    return [make('section', {}, make('h2', {}, 'Recent calls, newest first'), secrets, about, list)]
  },
  async world() {
    const [operations, faults] = await Promise.all([request('operations'), request('faults')])
    const move = (seconds) => button(seconds > 0 ? '+ ' + spanOf(seconds) : '− ' + spanOf(-seconds), async () => { await request('clock', { seconds }); await refresh() }, 'The clock is moved.')
    return [
      make('section', {},
        make('h2', {}, 'Clock'),
        make('p', { id: 'now' }, timeOf(now)),
        make('div', { class: 'buttons' }, [300, 3600, 86400, 2592000, -3600].map(move)),
        form([field('Seconds', 'seconds', { type: 'number', required: true })], 'Move', async ({ seconds }) => { await request('clock', { seconds: Number(seconds) }); await refresh() }, 'The clock is moved.', { class: 'row' }),
        make('h2', {}, 'Signing keys'),
        make('p', { class: 'hint' }, 'From now on a new key signs.'),
        make('div', { class: 'buttons' },
          button('Rotate', () => request('keys', { pool: pool.id }), 'Rotated. Tokens from before still verify.'),
          danger('Rotate and withdraw the old', 'Tokens from before will no longer verify. Go on?', () => request('keys', { pool: pool.id, keepOld: false }), 'Rotated. Tokens from before no longer verify.'))),
      make('section', {},
        make('h2', {}, 'Faults'),
        make('ul', { id: 'faults' }, faultItems(faults)),
        form([
          make('label', {}, 'Operation', make('input', { name: 'operation', list: 'operations', required: true, autocomplete: 'off', value: '*' }), make('datalist', { id: 'operations' }, operations.map((value) => make('option', { value })))),
          choice('What happens', 'kind', [['error', 'an error'], ['networkError', 'the connection is cut'], ['hang', 'no answer ever comes'], ['delay', 'the answer is late']]),
          field('Error code, or milliseconds late', 'value', { placeholder: 'TooManyRequestsException, 2000' }),
          field('How many times (empty: always)', 'times', { type: 'number', min: '1' }),
        ], 'Order', async ({ operation, kind, value, times }) => {
          const what = kind === 'error' ? (value ? { error: value } : { status: 500 }) : kind === 'delay' ? { delay: Number(value || 1000) } : { [kind]: true }
          const faults = await request('faults', { operation, options: { ...what, ...(times && { times: Number(times) }) } })
          find('#faults').replaceChildren(...faultItems(faults))
        }, 'Ordered.'),
        button('End all', async () => find('#faults').replaceChildren(...faultItems(await request('recover', {}))), 'All faults are ended.')),
    ]
  },
}

const spanOf = (seconds) => ({ 300: '5 min', 3600: '1 h', 86400: '1 day', 2592000: '30 days' })[seconds]
const faultItems = (faults) => faults.length
  ? faults.map(({ operation, options, hits }) => make('li', { class: 'item' }, make('span', {}, make('b', {}, operation), make('small', {}, Object.entries(options).map(([name, value]) => name + ' ' + (typeof value === 'object' ? JSON.stringify(value) : value)).join(', '))), hits + ' hit'))
  : [make('li', { class: 'hint item' }, 'None ordered.')]

const callItem = ({ id, at, method, url, service, operation, status, error, faulted, duration, input, output }) => {
  const isGood = status !== undefined && status < 400
  return make('li', {}, make('details', {},
    make('summary', {},
      make('span', { class: isGood ? 'yes' : 'no' }, status === undefined ? '…' : String(status)),
      make('b', {}, operation || method + ' ' + new URL(url).pathname),
      error ? make('span', { class: 'no' }, error.code) : undefined,
      make('small', {}, [service, faulted ? 'fault' : '', duration === undefined ? '' : duration.toFixed(1) + ' ms', new Date(at).toLocaleTimeString()].filter(Boolean).join(' · '))),
    error ? make('p', {}, error.message) : undefined,
    input === undefined ? undefined : [make('small', {}, 'Sent'), make('pre', { tabindex: '0' }, input)],
    output === undefined ? undefined : [make('small', {}, 'Answered'), make('pre', { tabindex: '0' }, output)],
  ))
}

const showGroup = async (GroupName) => {
  const { Group } = await call('GetGroup', { GroupName })
  const { list, more, load } = pages(
    async (NextToken) => {
      const found = await call('ListUsersInGroup', { GroupName, Limit: 25, NextToken })
      return [found.Users, found.NextToken]
    },
    ({ Username }) => make('li', { class: 'item' }, Username, button('Remove', async () => { await call('AdminRemoveUserFromGroup', { GroupName, Username }); await showGroup(GroupName) }, 'Removed.', { 'aria-label': 'Remove ' + Username })),
    'No member.',
  )
  await load()
  find('#detail').replaceChildren(
    make('h2', {}, GroupName),
    rows([['Description', Group.Description], ['Precedence', Group.Precedence], ['Role', Group.RoleArn]]),
    make('h3', {}, 'Members'), list, more,
    form([field('User name', 'Username', { required: true })], 'Add', async ({ Username }) => { await call('AdminAddUserToGroup', { GroupName, Username }); await showGroup(GroupName) }, 'Added.', { class: 'row' }),
    danger('Delete the group', 'Delete ' + GroupName + '?', async () => { await call('DeleteGroup', { GroupName }); await refresh(); await show() }, 'Deleted.'),
  )
  find('#detail').hidden = false
  if (innerWidth < 900) find('#detail').scrollIntoView()
}

const showClient = async (ClientId) => {
  const { UserPoolClient: { ClientSecret, ClientName, UserPoolId, ...settings } } = await call('DescribeUserPoolClient', { ClientId })
  const secret = make('dd', {}, ClientSecret ? button('Show', () => secret.replaceChildren(make('code', {}, ClientSecret))) : 'none')
  find('#detail').replaceChildren(
    make('h2', {}, ClientName),
    make('dl', {}, make('dt', {}, 'Client id'), make('dd', {}, make('code', {}, ClientId)), make('dt', {}, 'Secret'), secret),
    make('pre', { tabindex: '0' }, JSON.stringify(settings, undefined, 2)),
  )
  find('#detail').hidden = false
  if (innerWidth < 900) find('#detail').scrollIntoView()
}

/** Looks again every two seconds, as long as somebody can see it, and at once when they come back. */
let look
const poll = (load) => {
  clearInterval(timer)
  look = () => load().catch(() => say('The server does not answer.', true))
  timer = setInterval(() => { if (!document.hidden) look() }, 2000)
}
const stopPolling = () => {
  clearInterval(timer)
  look = undefined
}
addEventListener('focus', () => look?.())

let now = 0
const refresh = async () => {
  const world = await request('overview')
  pools = world.pools
  now = world.now
  pool = pools.find(({ id }) => id === pool?.id) ?? pools[0]
  find('#choice').hidden = pools.length < 2
  find('#pool').replaceChildren(...pools.map(({ id, name }) => make('option', { value: id, selected: id === pool.id }, name === id ? id : name + ' (' + id + ')')))
  find('#about').textContent = pool
    ? [pool.name === pool.id ? pool.id : pool.name + ', ' + pool.id, pool.region, count(pool.users, 'user'), count(pool.groups, 'group'), count(pool.clients.length, 'app client')].join(' · ')
    : 'There is no user pool yet: CreateUserPool makes one.'
  if (find('#now')) find('#now').textContent = timeOf(now)
}
const count = (number, word) => number + ' ' + word + (number === 1 ? '' : 's')

const show = async () => {
  const mine = ++shown
  stopPolling()
  const name = location.hash.slice(1)
  const tab = Object.hasOwn(tabs, name) ? name : 'users'
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === '#' + tab) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  if (!pool && tab !== 'calls') return main.replaceChildren()
  const sections = await tabs[tab]()
  if (mine !== shown) return
  main.className = sections.length > 1 ? 'wide' : ''
  main.replaceChildren(...sections)
  if (tab !== 'codes' && tab !== 'calls') stopPolling()
}

addEventListener('hashchange', () => attempt(show))
find('#pool').addEventListener('change', (event) => attempt(async () => {
  pool = pools.find(({ id }) => id === event.target.value)
  await refresh()
  await show()
}))
await attempt(async () => { await refresh(); await show() })
`
