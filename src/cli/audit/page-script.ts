/**
 * What runs in the audit page. Texts become text nodes, never markup. Rows are made 100 at a time; paper gets those that the filters
 * leave, at most 500, and says so, and a wide matrix in parts.
 */
export const script = String.raw`'use strict'
const data = JSON.parse(document.getElementById('data').textContent)
const { groups, permissions, matrix, names, states } = data
// Numbers below a limit, each in as many digits to base 36 as the largest takes.
const unpack = (text, limit) => {
  const width = Math.max(0, limit - 1).toString(36).length
  return Array.from({ length: text.length / width }, (_, at) => parseInt(text.slice(at * width, (at + 1) * width), 36))
}
const main = document.querySelector('main')
const visible = (text) => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (one) => '\\u' + one.codePointAt(0).toString(16).padStart(4, '0'))
const make = (tag, properties, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value
    else element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}
const digits = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ',')
const many = (count, one) => digits(count) + ' ' + one + (count === 1 ? '' : 's')
const groupNames = groups.map(visible)
const permissionNames = permissions.map(visible)
const sets = data.sets.split('.').map((text) => unpack(text, groups.length))
const setOf = unpack(data.set, sets.length)
const statusOf = unpack(data.state, states.length)
const dayOf = unpack(data.days, 46656)
// Once for each set: 0 nothing, 1 under a condition, 2 allowed, 3 denied whatever other groups allow.
const access = sets.map((set, id) => {
  if (data.exact[id] !== undefined) return data.exact[id]
  let row = ''
  for (let at = 0; at < permissions.length; at++) {
    let most = 0
    for (const group of set) most = Math.max(most, matrix[group].charCodeAt(at) - 48)
    row += most
  }
  return row
})
const shown = names.map(visible)
const sortable = shown.map((name) => name.toLowerCase())
const stateOf = (user) => states[statusOf[user]]
const isOff = states.map((state) => state.startsWith('disabled'))
const members = groups.map(() => 0)
for (const set of setOf) for (const group of sets[set]) members[group]++

main.append(
  make('h1', {}, 'Access audit of ' + data.pool),
  make('p', { className: 'faint' }, many(names.length, 'user') + ', ' + many(data.inPool, 'group') + ', read at ' + data.at.slice(0, 16).replace('T', ' ') + ' UTC.'),
)
main.append(make('h2', {}, 'Findings'))
if (data.findings.length === 0) main.append(make('p', {}, 'None.'))
else main.append(make('ul', {}, ...data.findings.map((text) => make('li', {}, visible(text)))))

const marks = [['', '', 'no'], ['c', '?', 'under a condition'], ['y', '✓', 'may'], ['n', '✕', 'denied, whatever other groups allow']]
const cell = (digit) => {
  const [className, mark, meaning] = marks[digit]
  return make('td', { className, title: meaning }, mark === '' ? '' : make('span', { role: 'img', ariaLabel: meaning }, mark))
}
const count = (group) => make('span', { className: 'count' }, ' (' + digits(members[group]) + ')')
const tableOf = (from, to) => make('table', {},
  make('thead', {}, make('tr', {}, make('td', {}), ...permissionNames.slice(from, to).map((name) => make('th', { scope: 'col' }, make('span', {}, name))))),
  make('tbody', {}, ...groupNames.map((name, group) =>
    make('tr', {}, make('th', { scope: 'row' }, name, count(group)), ...[...matrix[group].slice(from, to)].map(cell)))),
)
const matrixBox = make('div', { className: 'wrap matrix', tabIndex: 0, role: 'region', ariaLabel: 'Groups and permissions' }, tableOf(0, permissions.length))
main.append(make('h2', {}, permissions.length > 0 ? 'Groups and permissions' : 'Groups'))
if (permissions.length > 0) main.append(make('p', { className: 'faint' }, '✓ may, ? under a condition, ✕ denied, whatever other groups allow. In brackets: members.'))
main.append(matrixBox)

const option = (value, text) => make('option', { value }, text)
const search = make('input', { type: 'search', placeholder: 'name or e-mail', autocomplete: 'off' })
const byGroup = make('select', {}, option('', 'any group'), ...groupNames.map((name, at) => option(at, name)))
const byPermission = make('select', {}, option('', 'anything'), ...permissionNames.map((name, at) => option(at, name)))
const byState = make('select', {}, option('', 'any status'), ...states.map((state, at) => option(at, visible(state))))
const status = make('span', { role: 'status' })
const paper = make('p', { className: 'paper' })
const body = make('tbody', {})
const more = make('button', { className: 'more', type: 'button' }, 'Show 100 more')
const can = access.map((row) => [...row].filter((digit) => digit === '2').length)
const keys = {
  name: (a, b) => (sortable[a] < sortable[b] ? -1 : sortable[a] > sortable[b] ? 1 : 0),
  groups: (a, b) => sets[setOf[a]].length - sets[setOf[b]].length,
  may: (a, b) => can[setOf[a]] - can[setOf[b]],
  state: (a, b) => (stateOf(a) < stateOf(b) ? -1 : stateOf(a) > stateOf(b) ? 1 : 0),
  created: (a, b) => dayOf[a] - dayOf[b],
}
const columns = [['name', 'User'], ['groups', 'Groups'], ...(permissions.length > 0 ? [['may', 'May']] : []), ['state', 'Status'], ['created', 'Created']]
let order = 'name'
let ascending = true
let found = []
let made = 0
const sortBy = (key, up) => {
  order = key
  ascending = up
  find()
}
const heads = columns.map(([key, text]) => {
  const button = make('button', { type: 'button' }, text)
  button.onclick = () => sortBy(key, order === key ? !ascending : true)
  return make('th', { scope: 'col', 'data-label': text }, button)
})
// A phone shows no heads.
const bySort = make('select', {}, ...columns.flatMap(([key, text]) => [option(key + ' up', text + ' ↑'), option(key + ' down', text + ' ↓')]))
bySort.onchange = () => sortBy(...bySort.value.split(' ').map((word, at) => (at === 0 ? word : word === 'up')))
const list = (set) => {
  const of = (digit) => permissionNames.filter((_, at) => access[set][at] === digit)
  const total = can[set] + ' of ' + permissions.length
  if (!/[12]/.test(access[set])) return total
  const details = make('details', {}, make('summary', {}, total))
  details.ontoggle = () => {
    if (details.childNodes.length > 1) return
    const conditional = of('1')
    details.append(of('2').join(', ') + (conditional.length > 0 ? ' — under a condition: ' + conditional.join(', ') : ''))
  }
  return details
}
const isConditional = (set) => byPermission.value !== '' && access[set][byPermission.value] === '1'
const addRows = (upTo) => {
  const rows = []
  for (const end = Math.min(found.length, upTo); made < end; made++) {
    const user = found[made]
    const set = setOf[user]
    const days = dayOf[user]
    const label = (text, ...children) => make('td', { 'data-label': text }, make('span', {}, ...children))
    const state = label('Status', visible(stateOf(user)))
    state.className = 'state'
    const row = make('tr', {},
      make('th', { scope: 'row' }, shown[user]),
      label('Groups', sets[set].map((group) => groupNames[group]).join(', ') || 'none'),
      ...(permissions.length > 0 ? [label('May', ...(isConditional(set) ? [make('span', { className: 'c' }, 'under a condition ')] : []), list(set))] : []),
      state,
      label('Created', days === 0 ? '' : new Date(days * 864e5).toISOString().slice(0, 10)),
    )
    if (isOff[statusOf[user]]) row.className = 'off'
    rows.push(row)
  }
  body.append(...rows)
  more.hidden = made >= found.length
}
const find = () => {
  const text = visible(search.value.trim()).toLowerCase()
  const fits = sets.map((set, id) =>
    (byGroup.value === '' || set.includes(Number(byGroup.value))) &&
    (byPermission.value === '' || access[id][byPermission.value] === '1' || access[id][byPermission.value] === '2'))
  found = []
  for (let user = 0; user < names.length; user++) {
    if (fits[setOf[user]] && (byState.value === '' || statusOf[user] === Number(byState.value)) && (text === '' || sortable[user].includes(text))) found.push(user)
  }
  found.sort((a, b) => keys[order](a, b) || keys.name(a, b))
  if (!ascending) found.reverse()
  heads.forEach((head, at) => head.setAttribute('aria-sort', columns[at][0] === order ? (ascending ? 'ascending' : 'descending') : 'none'))
  bySort.value = order + (ascending ? ' up' : ' down')
  let off = 0
  let conditional = 0
  for (const user of found) {
    if (isOff[statusOf[user]]) off++
    if (isConditional(setOf[user])) conditional++
  }
  status.textContent = [many(found.length, 'user'), ...(conditional > 0 ? [digits(conditional) + ' of them under a condition'] : []), ...(off > 0 ? [digits(off) + ' of them disabled'] : [])].join(', ')
  body.replaceChildren()
  made = 0
  addRows(100)
}
search.oninput = byGroup.onchange = byPermission.onchange = byState.onchange = find
more.onclick = () => {
  const next = made
  addRows(made + 100)
  // The button may be gone: whoever uses the keyboard goes on at the first new row.
  if (more.hidden) body.children[next].querySelector('summary')?.focus()
}
addEventListener('beforeprint', () => {
  const parts = []
  for (let at = 0; at === 0 || at < permissions.length; at += 40) parts.push(tableOf(at, at + 40))
  matrixBox.replaceChildren(...parts)
  if (made > 500) body.replaceChildren(...[...body.children].slice(0, 500))
  else addRows(500)
  const filters = [
    search.value === '' ? '' : 'name has "' + visible(search.value) + '"',
    byGroup.value === '' ? '' : 'member of ' + groupNames[byGroup.value],
    byPermission.value === '' ? '' : 'can ' + permissionNames[byPermission.value],
    byState.value === '' ? '' : visible(states[byState.value]),
  ].filter((text) => text !== '')
  const chosen = filters.length > 0 ? 'Only: ' + filters.join(', ') + '. ' : ''
  paper.textContent = chosen + (found.length > 500 ? 'The first 500 of ' + many(found.length, 'user') + '. Filter before printing to have others.' : many(found.length, 'user') + '.')
})
addEventListener('afterprint', () => {
  matrixBox.replaceChildren(tableOf(0, permissions.length))
  find()
})
main.append(
  make('h2', {}, 'Users'),
  make('div', { className: 'bar' },
    make('label', {}, 'Search', search),
    make('label', {}, 'Member of', byGroup),
    ...(permissions.length > 0 ? [make('label', {}, 'Who can', byPermission)] : []),
    make('label', {}, 'Status', byState),
    make('label', { className: 'phone' }, 'Sort by', bySort),
    status,
  ),
  paper,
  make('div', { className: 'wrap users' }, make('table', {}, make('thead', {}, make('tr', {}, ...heads)), body)),
  more,
)
find()
`
