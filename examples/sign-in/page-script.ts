/**
 * What runs in the page. It has no secret: the step and the tokens stand in cookies that it cannot read. Paths are relative, so that
 * the page works below any path of a site.
 */
export const script = `
const find = (selector) => document.querySelector(selector)
const forms = [...document.querySelectorAll('form')]
const account = find('#account')
const hasPasskeys = typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential

const sentences = {
  SIGN_IN_REFUSED: 'That did not work. Check the user name and the password, confirm the sign-up, or set a new password.',
  CODE_WRONG: 'The code is wrong, or it has ended.',
  PASSWORD_TOO_WEAK: 'Choose a longer password, with small and capital letters, a digit and a symbol.',
  RESET_REFUSED: 'The code is wrong or has ended, or the password is too weak: it needs small and capital letters, a digit and a symbol.',
  INPUT_INVALID: 'The user name or the e-mail address is not accepted.',
  BODY_INVALID: 'Something is missing, or cannot be read.',
  STEP_EXPIRED: 'That took too long. Sign in again.',
  STEP_INVALID: 'Sign in again.',
  CHALLENGE_UNANSWERED: 'This page cannot answer what the user pool asks for.',
  UNAVAILABLE: 'The user pool does not answer now. Try again in a moment.',
  TOKEN_EXPIRED: 'Your sign-in has ended. Sign in again.',
  TOKEN_MISSING: 'Your sign-in has ended. Sign in again.',
}
const done = {
  'code-sent': 'A code is on its way.',
  confirmed: 'Confirmed. Sign in now.',
  'password-set': 'The new password is set. Sign in with it.',
  'signed-out': 'Signed out.',
  'mfa-on': 'From now on the app’s code is asked for.',
  'passkey-added': 'The passkey is added.',
  'passkey-deleted': 'The passkey is deleted.',
}
const titles = { 'sign-up': 'Sign up', confirm: 'Confirm the sign-up', forgot: 'Forgotten password', 'forgot/confirm': 'New password', account: 'Your account' }
/** Which form follows, by path. */
const following = {
  'sign-up': 'confirm', forgot: 'forgot/confirm', confirm: 'sign-in', 'forgot/confirm': 'sign-in', 'sign-out': 'sign-in',
}
const factors = { SMS_MFA: 'A code by text message', EMAIL_OTP: 'A code by e-mail', SOFTWARE_TOKEN_MFA: 'The code of an authenticator app' }

const make = (name, attributes = {}, ...children) => {
  const element = Object.assign(document.createElement(name), attributes)
  element.append(...children)
  return element
}
const say = (text, isBad = false) => {
  find('#said').textContent = text
  find('#said').className = isBad ? 'no' : ''
}

/** Shows one form, with the user name that was typed before. */
const show = (path) => {
  const username = forms.map((form) => form.elements.username).find((input) => input?.value && !input.form.hidden)?.value
  for (const form of forms) form.hidden = form.dataset.path !== path
  account.hidden = path !== 'account'
  find('h1').textContent = titles[path] ?? 'Sign in'
  find('nav').hidden = path === 'account' || path === 'respond'
  const form = forms.find((one) => one.dataset.path === path)
  if (form?.elements.username && username) form.elements.username.value = username
  focusOn(form)
}

/** Puts the cursor where something is missing. */
const focusOn = (form) => [...(form?.elements ?? [])].find((input) => input.name && !input.value)?.focus()

/** Sends something, and says what went wrong. */
const send = async (path, body) => {
  try {
    const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(path, init)
    const answer = await response.json()
    if (response.ok) return answer
    say(sentences[answer.code] ?? 'That did not work: ' + answer.code, true)
    if (['STEP_EXPIRED', 'STEP_INVALID', 'TOKEN_EXPIRED', 'TOKEN_MISSING'].includes(answer.code)) show('sign-in')
  } catch {
    say('There is no connection. Try again.', true)
  }
}

const follow = async (path, answer) => {
  if (!answer) return
  if (answer.status === 'challenge') return ask(answer)
  if (answer.status === 'signed-in') return showAccount('')
  show(following[path] ?? 'account')
  say(done[answer.status] ?? answer.status)
}

const field = (label, attributes) => make('label', {}, label + ' ', make('input', { required: true, ...attributes }))
const codeField = (label) => field(label, { name: 'code', inputMode: 'numeric', autocomplete: 'one-time-code', pattern: '[0-9]*' })
const radio = (value) => make('label', {}, make('input', { type: 'radio', name: 'choice', value, required: true }), factors[value] ?? value)

/** The secret of an app: as an image to scan, as a link for the phone itself, and to type. */
const appOf = ({ qr, uri, secret }) => [
  make('p', { className: 'hint' }, 'Scan this with an authenticator app, or open it on this phone, or type the key. Then enter the code that the app shows.'),
  make('img', { alt: 'QR code for the authenticator app', src: 'data:image/svg+xml,' + encodeURIComponent(qr) }),
  make('a', { href: uri }, 'Open in an app on this phone'),
  make('p', { className: 'hint' }, 'Key: ', make('code', {}, secret)),
]

/** Shows what is asked for. A passkey is asked for by the browser itself. */
const ask = async ({ challenge, choices = [], attributes = [], destination, options, ...app }) => {
  if (challenge === 'WEB_AUTHN') {
    const credential = await useAuthenticator(() => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }))
    return credential && follow('respond', await send('respond', { credential }))
  }
  const fields = {
    SOFTWARE_TOKEN_MFA: ['Enter the code that your authenticator app shows.', codeField('Code')],
    SMS_MFA: ['A code was sent to ' + destination + '.', codeField('Code')],
    EMAIL_OTP: ['A code was sent to ' + destination + '.', codeField('Code')],
    SELECT_MFA_TYPE: ['How do you want to confirm that it is you?', make('fieldset', {}, ...choices.map(radio))],
    NEW_PASSWORD_REQUIRED: [
      'Your password is a temporary one. Choose a new one.',
      field('New password', { name: 'password', type: 'password', autocomplete: 'new-password', minLength: 8 }),
      ...attributes.map((name) => field(name, { name, type: name === 'email' ? 'email' : 'text' })),
    ],
    MFA_SETUP: app.qr
      ? ['You need a second factor.', codeField('Code of the app')]
      : ['You need a second factor: a code by e-mail.', field('E-mail', { name: 'email', type: 'email', autocomplete: 'email' })],
  }[challenge]
  if (!fields) return say(sentences.CHALLENGE_UNANSWERED, true)
  const [question, ...inputs] = fields
  find('#question').textContent = question
  find('#app').replaceChildren(...(app.qr ? appOf(app) : []))
  find('#app').hidden = !app.qr
  find('#fields').replaceChildren(...inputs)
  say('')
  show('respond')
}

/** What an authenticator gives, as JSON; nothing where the person changes their mind. */
const useAuthenticator = async (work) => {
  try {
    return (await work()).toJSON()
  } catch {
    say('No passkey was used.', true)
  }
}

const showAccount = async (text) => {
  const response = await fetch('me')
  if (!response.ok) return show('sign-in')
  const { username, permissions } = await response.json()
  find('#name').textContent = username
  find('#permissions').textContent = JSON.stringify(permissions)
  show('account')
  say(text)
  find('#set-up').hidden = false
  find('#passkeys').hidden = !hasPasskeys
  if (hasPasskeys) await showPasskeys()
}

const showPasskeys = async () => {
  const { passkeys = [] } = (await send('passkeys')) ?? {}
  find('#passkeys ul').replaceChildren(...passkeys.map(({ id, name, createdAt }) => {
    const button = make('button', { type: 'button' }, 'Delete')
    button.setAttribute('aria-label', 'Delete the passkey ' + name)
    button.addEventListener('click', async () => {
      const answer = await send('passkeys/delete', { id })
      if (answer) await showPasskeys()
      await follow('passkeys/delete', answer)
    })
    const since = createdAt ? ', ' + new Date(createdAt).toLocaleDateString() : ''
    return make('li', {}, make('span', {}, (name || 'Passkey') + since), button)
  }))
}

/** Runs one thing at a time, so that nothing is sent twice. What was said before does not stand for the answer to come. */
const once = (button, work) => button.addEventListener('click', async () => {
  button.disabled = true
  say('')
  await work().finally(() => { button.disabled = false })
})

for (const button of document.querySelectorAll('[data-show]')) {
  button.addEventListener('click', () => { say(''); show(button.dataset.show) })
}
for (const form of forms) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const { path } = form.dataset
    const button = form.querySelector('[type=submit]')
    if (button.disabled) return
    button.disabled = true
    say('')
    const answer = await send(path, Object.fromEntries(new FormData(form)))
    button.disabled = false
    if (!answer) return
    for (const input of form.elements) if (input.name && input.name !== 'username' && input.type !== 'radio') input.value = ''
    await follow(path, answer)
    if (path === 'mfa/verify') find('#set-up').hidden = false
  })
}
once(find('#passkey'), async () => {
  const { username } = forms[0].elements
  if (!username.reportValidity()) return
  await follow('sign-in/passkey', await send('sign-in/passkey', { username: username.value }))
})
once(find('#resend'), async () => {
  const { username } = forms.find((form) => form.dataset.path === 'confirm').elements
  if (!username.reportValidity()) return
  if (await send('resend', { username: username.value })) say(done['code-sent'])
})
once(find('#set-up'), async () => {
  const app = await send('mfa/set-up', {})
  if (!app) return
  const form = forms.find((one) => one.dataset.path === 'mfa/verify')
  form.querySelector('div').replaceChildren(...appOf(app))
  form.hidden = false
  find('#set-up').hidden = true
})
once(find('#add-passkey'), async () => {
  const { options } = (await send('passkeys/start', {})) ?? {}
  if (!options) return
  const credential = await useAuthenticator(() => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }))
  if (!credential) return
  const answer = await send('passkeys/complete', { credential })
  if (answer) await showPasskeys()
  await follow('passkeys/complete', answer)
})
once(find('#sign-out'), async () => follow('sign-out', await send('sign-out', {})))

/** Where the person came from, if it is on this site. */
const from = URL.parse(new URLSearchParams(location.search).get('return') ?? '', location)
if (from && from.origin === location.origin && location.search) find('#return').append(make('a', { href: from.href }, 'Back to the app'))
find('#passkey').hidden = !hasPasskeys

/** Shows where the person stands. Nothing can be filled in before, or a late answer would take it away. */
const start = async () => {
  await showAccount('')
  if (!account.hidden) return
  const asked = await send('step')
  if (asked?.status === 'challenge' && asked.challenge !== 'WEB_AUTHN') await ask(asked)
}
await start().catch(() => say('There is no connection. Try again.', true))
find('main').hidden = false
focusOn(forms.find((form) => !form.hidden))
`
