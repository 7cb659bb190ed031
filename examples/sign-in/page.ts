/** The page. Its script shows one form after another, as the answers say. */
export function page(): Response {
  const nonce = crypto.randomUUID()
  return new Response(html.replaceAll('NONCE', nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'`,
    },
  })
}

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in</title>
<style nonce="NONCE">
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 24rem; margin: 0 auto; padding: 1rem }
  form { display: grid; gap: .75rem; margin-block: 1rem }
  input, button, select { font: inherit; padding: .75rem; border-radius: .5rem; border: 1px solid gray; width: 100%; box-sizing: border-box }
  button { min-height: 3rem; cursor: pointer }
  nav { display: flex; gap: 1rem; flex-wrap: wrap }
  nav button { width: auto; border: 0; padding: .5rem 0; background: none; text-decoration: underline; color: inherit }
  [hidden] { display: none }
  output { display: block; min-height: 1.5rem; overflow-wrap: anywhere }
</style>
<h1>Sign in</h1>
<output id="said" role="status"></output>
<form data-path="/sign-in">
  <label>User name <input name="username" autocomplete="username" autocapitalize="none" required></label>
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <button>Sign in</button>
</form>
<form data-path="/respond" hidden>
  <label data-for="code">Code <input name="code" inputmode="numeric" autocomplete="one-time-code"></label>
  <label data-for="password">New password <input name="password" type="password" autocomplete="new-password"></label>
  <label data-for="choice">Factor <select name="choice"></select></label>
  <button>Go on</button>
</form>
<form data-path="/sign-up" hidden>
  <label>User name <input name="username" autocomplete="username" autocapitalize="none" required></label>
  <label>E-mail <input name="email" type="email" autocomplete="email" required></label>
  <label>Password <input name="password" type="password" autocomplete="new-password" required></label>
  <button>Sign up</button>
</form>
<form data-path="/confirm" hidden>
  <label>User name <input name="username" autocomplete="username" autocapitalize="none" required></label>
  <label>Code <input name="code" inputmode="numeric" autocomplete="one-time-code" required></label>
  <button>Confirm</button>
</form>
<form data-path="/forgot" hidden>
  <label>User name <input name="username" autocomplete="username" autocapitalize="none" required></label>
  <button>Send a code</button>
</form>
<form data-path="/forgot/confirm" hidden>
  <label>User name <input name="username" autocomplete="username" autocapitalize="none" required></label>
  <label>Code <input name="code" inputmode="numeric" autocomplete="one-time-code" required></label>
  <label>New password <input name="password" type="password" autocomplete="new-password" required></label>
  <button>Set the password</button>
</form>
<nav>
  <button data-show="/sign-in">Sign in</button>
  <button data-show="/sign-up">Sign up</button>
  <button data-show="/forgot">Forgot the password?</button>
</nav>
<script nonce="NONCE" type="module">
  const forms = [...document.querySelectorAll('form')]
  const said = document.querySelector('#said')
  const show = (path) => forms.forEach((form) => { form.hidden = form.dataset.path !== path })
  const next = { 'code-sent': { '/sign-up': '/confirm', '/forgot': '/forgot/confirm' }, confirmed: '/sign-in', 'password-set': '/sign-in' }
  const ask = ({ challenge, choices = [], uri }) => {
    show('/respond')
    const wanted = challenge === 'NEW_PASSWORD_REQUIRED' ? 'password' : challenge === 'SELECT_MFA_TYPE' ? 'choice' : 'code'
    document.querySelectorAll('[data-for]').forEach((label) => { label.hidden = label.dataset.for !== wanted })
    document.querySelector('select').replaceChildren(...choices.map((choice) => new Option(choice)))
    said.textContent = uri ?? challenge
  }
  document.querySelectorAll('[data-show]').forEach((button) => button.addEventListener('click', () => show(button.dataset.show)))
  forms.forEach((form) => form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const { path } = form.dataset
    const body = JSON.stringify(Object.fromEntries(new FormData(form)))
    const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const answer = await response.json()
    if (!response.ok) said.textContent = answer.code
    else if (answer.status === 'challenge') ask(answer)
    else if (answer.status === 'signed-in') said.textContent = JSON.stringify(await (await fetch('/me')).json())
    else {
      said.textContent = answer.status
      const to = next[answer.status]
      show(typeof to === 'string' ? to : to?.[path] ?? path)
    }
  }))
</script>
</html>
`
