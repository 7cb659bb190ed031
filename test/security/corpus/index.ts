import type { Row } from '../row.ts'
import { readRows } from '../read-rows.ts'
import cookies from './cookies.json' with { type: 'json' }
import encodings from './encodings.json' with { type: 'json' }
import groups from './groups.json' with { type: 'json' }
import headers from './headers.json' with { type: 'json' }
import keys from './keys.json' with { type: 'json' }
import tokens from './tokens.json' with { type: 'json' }

/** The whole corpus, by the sections of its files. */
export function corpus(): Readonly<Record<string, readonly Row[]>> {
  const files: Record<string, readonly unknown[]> = { tokens, encodings, headers, cookies, groups, keys }
  return Object.fromEntries(Object.entries(files).map(([section, rows]) => [section, readRows(rows)]))
}
