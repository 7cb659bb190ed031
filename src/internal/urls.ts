/** Whether a URL leads to this machine only: `localhost`, 127.0.0.0/8 or [::1]. */
export function isLoopback(url: string): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname)
}

/**
 * Whether a URL is one that secrets may be sent to: https, or http where it leads to this machine only or is allowed; without
 * a user, a query or a fragment.
 */
export function isSafeEndpoint(url: string, allowHttp = false): boolean {
  if (!/^https?:\/\/[^@?#\\\s]+$/i.test(url) || !URL.canParse(url)) return false
  return allowHttp || /^https/i.test(url) || isLoopback(url)
}
