import { script } from './page-script.ts'

/** The page. Its script shows one form after another, as the answers say. */
export function page(outboxUrl: string | undefined): Response {
  const nonce = crypto.randomUUID()
  const outbox =
    outboxUrl === undefined
      ? ''
      : `<p><a href="${escapeHtml(outboxUrl)}" target="_blank">Codes that were not really sent</a></p>`
  // By functions: a replacement text would give $ a meaning.
  const body = html
    .replaceAll('NONCE', () => nonce)
    .replace('OUTBOX', () => outbox)
    .replace('SCRIPT', () => script)
  return new Response(body, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; connect-src 'self'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; require-trusted-types-for 'script'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  })
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const username =
  '<label>User name <input name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required></label>'
const newPassword = '<input name="password" type="password" autocomplete="new-password" minlength="8" required>'
const code = '<input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]*" required>'

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in</title>
<link rel="icon" href="data:,">
<style nonce="NONCE">
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --accent: light-dark(#1f5fbf, #8ab4f8); --on-accent: light-dark(#fff, #10233f); --line: light-dark(#c3cad4, #46505d); --soft: light-dark(#56616f, #a3adb9); --no: light-dark(#9b1c24, #f5a3a8) }
  * { box-sizing: border-box }
  body { max-width: 26rem; margin: 0 auto; padding: 1.25rem 1rem 3rem }
  h1 { margin: 0 0 .5rem; font-size: 1.5rem }
  h2 { margin: 1.5rem 0 .5rem; font-size: 1.0625rem }
  form { display: grid; gap: .875rem; margin-block: 1rem }
  label { display: block; font-weight: 600 }
  input { display: block; font: inherit; font-weight: 400; width: 100%; min-height: 3rem; margin-top: .25rem; padding: .5rem .75rem; border-radius: .5rem; border: 1px solid var(--line) }
  input[type=radio] { display: inline-block; width: 1.25rem; min-height: 1.25rem; margin: 0 .5rem 0 0; vertical-align: middle }
  label:has([type=radio]) { padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; font-weight: 400 }
  fieldset { display: grid; gap: .5rem; margin: 0; padding: 0; border: 0 }
  button { font: inherit; font-weight: 600; min-height: 3rem; padding: .5rem 1rem; border: 1px solid var(--accent); border-radius: .5rem; color: var(--accent); background: none; cursor: pointer }
  button[type=submit] { color: var(--on-accent); background: var(--accent) }
  button:disabled { opacity: .6 }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
  nav { display: flex; gap: 0 1.25rem; flex-wrap: wrap }
  nav button, a { min-height: 2.75rem; padding: .5rem 0; border: 0; font-weight: 400; color: var(--accent); text-decoration: underline }
  a { display: inline-block }
  ul { margin: 0; padding: 0; list-style: none }
  li { display: flex; gap: .75rem; justify-content: space-between; align-items: center; padding: .5rem 0; border-top: 1px solid var(--line) }
  .hint { margin: 0; color: var(--soft) }
  output { display: block; min-height: 1.5rem; overflow-wrap: anywhere }
  output.no { color: var(--no) }
  img { display: block; width: 13rem; max-width: 100%; background: #fff; border-radius: .5rem }
  code { overflow-wrap: anywhere }
  [hidden] { display: none !important }
</style>
<main hidden>
<h1>Sign in</h1>
<output id="said" role="status"></output>
<form data-path="sign-in">
  ${username}
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <button type="submit">Sign in</button>
  <button type="button" id="passkey" hidden>Use a passkey</button>
</form>
<form data-path="respond" hidden>
  <p class="hint" id="question"></p>
  <div id="app" hidden></div>
  <div id="fields"></div>
  <button type="submit">Continue</button>
  <button type="button" data-show="sign-in">Start again</button>
</form>
<form data-path="sign-up" hidden>
  ${username}
  <label>E-mail <input name="email" type="email" autocomplete="email" required></label>
  <label>Password ${newPassword}</label>
  <button type="submit">Sign up</button>
</form>
<form data-path="confirm" hidden>
  <p class="hint">If the name was free, a code was sent to the e-mail address.</p>
  ${username}
  <label>Code ${code}</label>
  <button type="submit">Confirm</button>
  <button type="button" id="resend">Send another code</button>
</form>
<form data-path="forgot" hidden>
  ${username}
  <button type="submit">Send a code</button>
</form>
<form data-path="forgot/confirm" hidden>
  <p class="hint">If there is such a user, a code was sent.</p>
  ${username}
  <label>Code ${code}</label>
  <label>New password ${newPassword}</label>
  <button type="submit">Set the password</button>
</form>
<section id="account" hidden>
  <p>Signed in as <b id="name"></b>.</p>
  <p id="return"></p>
  <details><summary>What you may do here</summary><code id="permissions"></code></details>
  <div id="passkeys" hidden>
    <h2>Passkeys</h2>
    <ul></ul>
    <button type="button" id="add-passkey">Add a passkey</button>
  </div>
  <h2>Authenticator app</h2>
  <button type="button" id="set-up">Set up an app</button>
  <form data-path="mfa/verify" hidden>
    <div></div>
    <label>Code of the app ${code}</label>
    <button type="submit">Turn on</button>
  </form>
  <h2>This browser</h2>
  <button type="button" id="sign-out">Sign out</button>
</section>
<nav>
  <button type="button" data-show="sign-in">Sign in</button>
  <button type="button" data-show="sign-up">Sign up</button>
  <button type="button" data-show="confirm">Confirm a sign-up</button>
  <button type="button" data-show="forgot">Forgot the password?</button>
</nav>
OUTBOX
</main>
<noscript>This page needs JavaScript.</noscript>
<script nonce="NONCE" type="module">SCRIPT</script>
</html>
`
