import type { Principal } from 'cognigate'

/** A page for whoever is signed in, with what the session's token says, and the way out. */
export function accountPage(principal: Principal, permissions: Readonly<Record<string, boolean>>): string {
  const name = principal.kind === 'user' ? principal.username : principal.clientId
  const rows = Object.entries(permissions).map(([permission, may]) => {
    const kind = may ? 'allow' : 'deny'
    return `<tr><th scope="row"><b>${escapeHtml(permission)}</b></th><td class="${kind}">${may ? 'allowed' : 'not allowed'}</td></tr>`
  })
  const groups = principal.groups.length === 0 ? 'in no group' : `in ${principal.groups.join(' and ')}`
  const until = new Date(principal.expiresAt * 1000).toISOString().slice(11, 16)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Your account</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/__start/page.css">
<body class="narrow">
<header><h1>Signed in as ${escapeHtml(name)}</h1><p>${escapeHtml(groups)}; the token ends at ${until} UTC, and the session renews it.</p></header>
<main>
<section aria-labelledby="may"><h2 id="may">What this session may call</h2><table>${rows.join('')}</table></section>
<form method="post" action="/auth/logout?return_to=/"><button>Sign out</button></form>
<p><a href="/">Who may call what</a></p>
</main>
</html>`
}

/** Nothing but styles of this origin, and forms to here or, by the sign-out, to managed login. */
export function accountHeaders(domain: string): Readonly<Record<string, string>> {
  const { origin } = new URL(domain)
  const policy = `default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self' ${origin}`
  return { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
