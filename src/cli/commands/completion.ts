import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'

const scripts = {
  bash: `_cognigate() {
  local IFS=$'\\n'
  COMPREPLY=($(cognigate __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _cognigate cognigate
`,
  zsh: `_cognigate() {
  local -a found
  local line tab=$'\\t'
  for line in "\${(@f)$(cognigate __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line//:/\\\\:}/$tab/:}")
  done
  if (( \${#found} )); then _describe cognigate found; else _files; fi
}
compdef _cognigate cognigate
`,
  fish: `function __cognigate
  set -l words (commandline -opc) (commandline -ct)
  cognigate __complete $words[2..-1] 2>/dev/null
end
complete -c cognigate -a '(__cognigate)'
`,
}

/** `cognigate completion SHELL`: what a shell needs to complete commands and flags. */
export const completionCommand = buildCommand<Record<never, never>, [shell: keyof typeof scripts], CliContext>({
  func(_, shell) {
    this.process.stdout.write(scripts[shell])
  },
  parameters: {
    flags: {},
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse(text): keyof typeof scripts {
            if (text === 'bash' || text === 'zsh' || text === 'fish') return text
            throw new SyntaxError('expected bash, zsh or fish')
          },
          proposeCompletions: () => Object.keys(scripts),
          placeholder: 'shell',
          brief: 'bash, zsh or fish.',
        },
      ],
    },
  },
  docs: {
    brief: 'Print a script by which a shell completes commands and flags.',
    customUsage: [
      { input: 'bash >> ~/.bashrc', brief: 'for bash' },
      { input: 'zsh >> ~/.zshrc', brief: 'for zsh, after compinit' },
      { input: 'fish > ~/.config/fish/completions/cognigate.fish', brief: 'for fish' },
    ],
  },
})
