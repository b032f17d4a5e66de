#!/bin/sh
# The old name of `invoke upgrade`, `downgrade` and `status`: ./migrate.sh mysql agent upgrade [flags]
cd "$(dirname "$0")" || exit 2
case "$3" in
upgrade | downgrade | status) ;;
*)
    echo "usage: ./migrate.sh mysql|sqlite agent|ops upgrade|downgrade|status [flags of invoke]" >&2
    exit 2
    ;;
esac
target=$1_$2 command=$3
shift 3
exec invoke "$command" --db "$target" "$@"
