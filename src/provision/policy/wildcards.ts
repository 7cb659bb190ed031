/** Whether there is a text that both patterns match: `*` is any text and `?` any character, as in IAM's actions and ARNs. */
export function canBothMatch(one: string, other: string): boolean {
  const against = [...other]
  // At each place: whether what is read of `one` and `against` up to there can be the same text.
  let places = skipStars([true, ...against.map(() => false)], against)
  for (const symbol of one) {
    const first = places.indexOf(true)
    const next = places.map((_, at) => symbol === '*' && first >= 0 && at >= first)
    for (const [at, isOpen] of places.entries()) {
      const by = against[at]
      if (!isOpen || by === undefined || symbol === '*') continue
      if (by === '*') next[at] = true
      else if (by === symbol || by === '?' || symbol === '?') next[at + 1] = true
    }
    places = skipStars(next, against)
  }
  return places[against.length] === true
}

/** Whether a pattern for certain matches every text that another one matches. */
export function covers(pattern: string, covered: string): boolean {
  const against = [...pattern]
  let places = skipStars([true, ...against.map(() => false)], against)
  for (const symbol of covered) {
    const next = places.map(() => false)
    for (const [at, isOpen] of places.entries()) {
      const by = against[at]
      if (!isOpen || by === undefined) continue
      if (by === '*') next[at] = true
      else if (by === symbol || (by === '?' && symbol !== '*')) next[at + 1] = true
    }
    places = skipStars(next, against)
  }
  return places[against.length] === true
}

/** A star may stand for nothing. */
function skipStars(places: boolean[], against: readonly string[]): boolean[] {
  for (const [at, symbol] of against.entries()) if (places[at] && symbol === '*') places[at + 1] = true
  return places
}
