import { writeFileSync } from 'node:fs'
import { seedSchema, seedSchemaPath } from './lib/seed-schema.ts'

/** Writes the JSON Schema of seed files from the types of the options: `npm run generate:seed`. */
writeFileSync(seedSchemaPath, seedSchema())
