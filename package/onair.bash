# bash completion of onair(1)
_onair() {
  local current previous
  current=${COMP_WORDS[COMP_CWORD]}
  previous=${COMP_WORDS[COMP_CWORD - 1]}
  case $previous in
    onair) mapfile -t COMPREPLY < <(compgen -W 'certificate console demo devices doctor help live logs operators outputs pair press record recordings restart settings snapshot sources status stop wifi' -- "$current") ;;
    settings) mapfile -t COMPREPLY < <(compgen -W 'get set' -- "$current") ;;
    get | set) mapfile -t COMPREPLY < <(compgen -W "$(onair settings get 2>/dev/null | awk '{ print $1 }')" -- "$current") ;;
    devices) mapfile -t COMPREPLY < <(compgen -W 'list add remove' -- "$current") ;;
    record) mapfile -t COMPREPLY < <(compgen -W 'stop' -- "$current") ;;
    outputs) mapfile -t COMPREPLY < <(compgen -W 'add on off remove' -- "$current") ;;
    operators) mapfile -t COMPREPLY < <(compgen -W 'list revoke' -- "$current") ;;
    sources) mapfile -t COMPREPLY < <(compgen -W 'take' -- "$current") ;;
    wifi) mapfile -t COMPREPLY < <(compgen -W 'list scan join forget' -- "$current") ;;
    restart) mapfile -t COMPREPLY < <(compgen -W 'services box' -- "$current") ;;
    --state) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W '--state --json --https-port --long --help --version' -- "$current") ;;
  esac
}
complete -F _onair onair
