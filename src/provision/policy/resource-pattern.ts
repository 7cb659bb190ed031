/**
 * The ARNs that a statement's resource can stand for, as a pattern. A variable is any text. In an ARN of Cognito or IAM that
 * is still to be filled in, what is no account or no pool is any one, and the region with it.
 */
export function resourcePattern(resource: string): string {
  const pattern = resource.replace(/\$\{[^}]*\}/g, '*')
  const [arn = '', partition = '', service = '', region = '', account = '', ...rest] = pattern.split(':')
  const name = rest.join(':')
  const slash = name.indexOf('/') + 1
  const id = idForms(service)
  if (arn !== 'arn' || !id || name === '') return pattern
  const isAccount = /^(\d{12}|aws)$/.test(account) || /[*?]/.test(account)
  const isId = id.test(name.slice(slash)) || /[*?]/.test(name)
  if (isAccount && isId) return pattern
  const place = [arn, partition, service, service === 'iam' ? region : '*', isAccount ? account : '*']
  return [...place, isId ? name : `${name.slice(0, slash)}*`].join(':')
}

/** What the ids of a service's resources look like; undefined for services that do not matter here. */
function idForms(service: string): RegExp | undefined {
  if (service === 'cognito-idp') return /^[a-z]{2,}(-[a-z]+)+-\d+_[0-9A-Za-z]+$/
  if (service === 'cognito-identity') return /^[a-z]{2,}(-[a-z]+)+-\d+:[0-9a-f-]{36}$/
  return service === 'iam' ? /./ : undefined
}
