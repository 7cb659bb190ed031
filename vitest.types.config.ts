import { defineConfig } from 'vitest/config'

/** Type tests stand apart: beside other projects, vitest's type checker lets a wrong type pass. */
export default defineConfig({
  test: {
    name: 'types',
    include: [],
    typecheck: {
      enabled: true,
      only: true,
      checker: 'tsc',
      include: ['test/types/**/*.test-d.ts'],
      tsconfig: './tsconfig.types.json',
    },
  },
})
