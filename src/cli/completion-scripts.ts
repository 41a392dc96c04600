/**
 * The scripts that make a shell complete `cdktf-memphis`. Each asks `cdktf-memphis complete -- WORDS` on every Tab, which
 * prints a candidate a line, `VALUE<tab>DESCRIPTION`, and the line `:files` where the name of a file may stand.
 */

// Bash splits words at `=`. Version 3.2, which macOS has, knows no compopt; it then offers files where nothing else fits.
const bash = `_cdktf_memphis() {
  local value description files=
  COMPREPLY=()
  while IFS=$'\\t' read -r value description; do
    if [ "$value" = ':files' ]; then files=1; else COMPREPLY+=("$value"); fi
  done < <(cdktf-memphis complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [ -n "$files" ] || compopt +o default 2>/dev/null
}
complete -o default -F _cdktf_memphis cdktf-memphis
`;

const zsh = `#compdef cdktf-memphis
_cdktf_memphis() {
  local line files=
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == ':files' ]]; then
      files=1
    else
      line=\${line//:/\\\\:}
      candidates+=("\${line/$'\\t'/:}")
    fi
  done < <(cdktf-memphis complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#candidates )) && _describe 'value' candidates
  [[ -n $files ]] && _files
}
if [[ $funcstack[1] == _cdktf_memphis ]]; then
  _cdktf_memphis "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _cdktf_memphis cdktf-memphis
fi
`;

const fish = `function __cdktf_memphis_complete
  set -l words (commandline -opc)
  set -e words[1]
  set -l current (commandline -ct)
  for line in (cdktf-memphis complete -- $words "$current" 2>/dev/null)
    if test "$line" = ':files'
      __fish_complete_path "$current"
    else
      printf '%s\\n' "$line"
    end
  end
end
complete -c cdktf-memphis -f -a '(__cdktf_memphis_complete)'
`;

export const completionScripts = { bash, zsh, fish } as const;
