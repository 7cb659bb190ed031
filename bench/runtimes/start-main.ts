import process from 'node:process'
import { pathToFileURL } from 'node:url'

/** Loads a function in a process that has loaded nothing else, and has it answer once. Prints milliseconds of both. */
const begun = performance.now()
const { answer }: { answer: () => Promise<boolean> } = await import(pathToFileURL(process.argv[2] ?? '').href)
const loaded = performance.now() - begun
if (!(await answer())) throw new Error('no redirect to Cognito')
process.stdout.write(JSON.stringify({ loaded, answered: performance.now() - begun }))
