/**
 * A page for who is signed in: its script asks `/auth/me`, and hides what the user may not do. What a fresher sign-in would allow
 * is not among the permissions, and is shown all the same: the link leads to that sign-in.
 */
export const page = (title: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 10vh auto; padding: 0 1.25rem }
nav { display: flex; gap: 1rem; flex-wrap: wrap }
button { font: inherit; padding: .5rem 1rem }
</style>
<h1>${title}</h1>
<p id="who">…</p>
<nav><a href="/">Start</a> <a href="/posts">Posts</a> <a href="/publish">Publish</a> <a href="/delete" data-permission="posts.delete">Delete</a></nav>
<p id="call"></p>
<form method="post" action="/auth/logout"><button>Sign out</button></form>
<script src="/page.js"></script>
</html>`

/** The script of the page. */
export const pageScript = `
const me = async () => {
  const response = await fetch('/auth/me')
  return response.ok ? response.json() : undefined
}
const show = async () => {
  const found = await me()
  document.querySelector('#who').textContent = found ? 'Signed in as ' + found.user.username + '.' : 'Not signed in.'
  document.querySelector('form').hidden = !found
  for (const element of document.querySelectorAll('[data-permission]'))
    element.hidden = !found?.permissions[element.dataset.permission]
  const answer = await fetch('/api/posts')
  document.querySelector('#call').textContent = answer.ok ? (await answer.json()).posts.join(', ') : 'The call was refused: ' + answer.status
}
show()
`

/** Scripts of this origin only, and no frame around the page. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
}
