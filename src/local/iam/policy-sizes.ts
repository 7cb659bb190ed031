/** How many characters of a policy IAM counts: all but white space. */
export function sizeOf(text: string): number {
  return text.replace(/\s/g, '').length
}
