import type { Shell } from './value-kind.ts';

/*
 * What a shell is given once. Each script only asks `dbbackup __complete`, and lets nothing of the line or of the answer
 * be evaluated. stdin and stderr are away: nobody is asked, and no message gets into the line.
 */

const BASH = `# bash completion for dbbackup (bash 4.4 or later)
_dbbackup() {
  local IFS= field
  local -a answer=()
  while read -r -d '' field; do
    answer+=("$field")
  done < <(command dbbackup __complete bash "\${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null </dev/null)
  COMPREPLY=("\${answer[@]:2}")
  case \${answer[0]} in
    files) compopt -o default ;;
    folders) compopt -o dirnames ;;
  esac
  [[ \${answer[1]} != goes-on ]] || compopt -o nospace
}
complete -o nosort -F _dbbackup dbbackup
`;

const ZSH = `#compdef dbbackup
# zsh completion for dbbackup
_dbbackup() {
  local field
  local -a before answer words_ending shown_ending words_going_on shown_going_on
  (( CURRENT > 2 )) && before=("\${(@Q)words[2,CURRENT-1]}")
  while IFS= read -r -d '' field; do
    answer+=("$field")
  done < <(command dbbackup __complete zsh "\${before[@]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)
  local -i at
  for (( at = 2; at + 2 <= $#answer; at += 3 )); do
    if [[ $answer[at+2] == goes-on ]]; then
      words_going_on+=("$answer[at]")
      shown_going_on+=("$answer[at+1]")
    else
      words_ending+=("$answer[at]")
      shown_ending+=("$answer[at+1]")
    fi
  done
  local -i found=1
  (( $#words_ending )) && compadd -l -V dbbackup -d shown_ending -- "\${words_ending[@]}" && found=0
  (( $#words_going_on )) && compadd -S '' -V dbbackup -d shown_going_on -- "\${words_going_on[@]}" && found=0
  [[ $PREFIX == --*=* ]] && compset -P '--[^=]#='
  case $answer[1] in
    files) _files && found=0 ;;
    folders) _files -/ && found=0 ;;
  esac
  return found
}
if [[ $funcstack[1] == _dbbackup ]]; then
  _dbbackup "$@"
elif (( $+functions[compdef] )); then
  compdef _dbbackup dbbackup
fi
`;

const FISH = `# fish completion for dbbackup
function __dbbackup_complete
    set -l before (commandline -opc)
    set -e before[1]
    set -l current (commandline -ct)
    set -l word (string unescape -- "$current"; or string trim --left --chars "\\"'" -- "$current")
    set -l answer (command dbbackup __complete fish $before "$word" 2>/dev/null </dev/null)
    set -l paths "$answer[1]"
    set -e answer[1]
    test (count $answer) -eq 0; or printf '%s\\n' $answer
    set -l flag (string match --regex -- '^--[^=]*=' "$word")
    set -l path (string replace --regex -- '^--[^=]*=' '' "$word")
    switch $paths
        case files
            for each in (__fish_complete_path "$path")
                printf '%s%s\\n' "$flag" "$each"
            end
        case folders
            for each in (__fish_complete_directories "$path" '')
                printf '%s%s\\n' "$flag" "$each"
            end
    end
end
complete -c dbbackup -e
complete -c dbbackup -f -k -a '(__dbbackup_complete)'
`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
