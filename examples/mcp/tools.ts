import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  type CallToolResult,
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js'
import { defineGroups, ForbiddenError, type Guard, type UserPrincipal } from 'cognigate'

/** What each group may do; every tool below belongs to one of the permissions. */
export const groups = defineGroups(
  {
    reader: { allow: ['notes.read'] },
    writer: { inherits: ['reader'], allow: ['notes.write'] },
    owner: { allow: ['notes.*'] },
  },
  { permissions: ['notes.read', 'notes.write', 'notes.purge'] },
)

type NoteFunction = 'notes.read' | 'notes.write' | 'notes.purge'

interface NoteTool extends Tool {
  /** The function that a caller's groups must allow. */
  readonly permission: NoteFunction
  run(caller: UserPrincipal, args: Readonly<Record<string, unknown>>): string
}

const tools: readonly NoteTool[] = [
  {
    name: 'list_notes',
    description: 'Lists the titles of all notes.',
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
    permission: 'notes.read',
    run: () => 'Buy milk\nWater the plants',
  },
  {
    name: 'add_note',
    description: 'Adds a note.',
    inputSchema: { type: 'object', properties: { title: { type: 'string', minLength: 1 } }, required: ['title'] },
    permission: 'notes.write',
    run({ username }, { title }) {
      if (typeof title !== 'string' || !title) throw new McpError(ErrorCode.InvalidParams, 'title: expected a text.')
      return `${username} noted: ${title}`
    },
  },
  {
    name: 'purge_notes',
    description: 'Deletes all notes.',
    inputSchema: { type: 'object' },
    annotations: { destructiveHint: true },
    permission: 'notes.purge',
    run: () => 'No notes are left.',
  },
]

/**
 * An MCP server for one request of one caller. The list shows what the caller's groups allow, and every call is decided
 * anew, since a list says nothing about what is called.
 */
export function createToolServer(
  guard: Pick<Guard<NoteFunction>, 'can' | 'authorize'>,
  caller: UserPrincipal,
  request: Request,
): Server {
  const server = new Server({ name: 'notes', version: '1.0.0' }, { capabilities: { tools: {} } })

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools
      .filter((tool) => guard.can(caller, tool.permission))
      .map(({ permission: _function, run: _run, ...tool }) => tool),
  }))

  server.setRequestHandler(CallToolRequestSchema, ({ params }): CallToolResult => {
    const tool = tools.find(({ name }) => name === params.name)
    if (tool === undefined) throw new McpError(ErrorCode.InvalidParams, 'There is no such tool.')
    try {
      guard.authorize(caller, tool.permission, { request })
    } catch (error) {
      return refused(error)
    }
    return { content: [{ type: 'text', text: tool.run(caller, params.arguments ?? {}) }] }
  })

  return server
}

/**
 * A denial by the groups is a result of the tool, which the model reads and the session survives. HTTP refuses where
 * another token would help: with 401, or 403 for a missing scope, MCP clients go and get one; no token changes a group.
 */
function refused(error: unknown): CallToolResult {
  if (!(error instanceof ForbiddenError)) throw error
  return { isError: true, content: [{ type: 'text', text: error.message }] }
}
