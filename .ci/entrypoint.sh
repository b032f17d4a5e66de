#!/usr/bin/env bash
# Entrypoint of the mysql and mariadb images that .ci/image builds. It takes the environment variables and arguments the
# official images take: the first start fills the data directory by means of a temporary server without network (so the
# log says "ready for connections" twice), every later start runs the server at once.
# shellcheck disable=SC2016,SC2119,SC2120 # backticks are SQL's; docker_process_sql is for the user's init scripts, too
set -Eeuo pipefail
shopt -s nullglob

# An initialised data directory, made when the image is built: copying it is seconds faster than making one.
TEMPLATE=/usr/share/database-template
INIT_SCRIPTS=/docker-entrypoint-initdb.d

if command -v mariadbd >/dev/null; then
    SERVER=mariadbd CLIENT=mariadb PRODUCT=MariaDB
else
    SERVER=mysqld CLIENT=mysql PRODUCT=MySQL
fi

note() { printf '%s [Note] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$*"; }
warn() { printf '%s [Warn] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$*" >&2; }
fail() {
    printf '%s [ERROR] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$*" >&2
    exit 1
}

# ---- Settings ---------------------------------------------------------------------------------------------------------

# setting NAME: the value of MARIADB_NAME (MariaDB only) or MYSQL_NAME, or the content of the file that ..._FILE names.
setting() {
    local prefix name file
    for prefix in MARIADB MYSQL; do
        [ "$prefix" = MARIADB ] && [ "$SERVER" != mariadbd ] && continue
        name=${prefix}_$1 file=${prefix}_$1_FILE
        [ -n "${!name:-}" ] && [ -n "${!file:-}" ] && fail "Both $name and $file are set (but are exclusive)"
        if [ -n "${!name:-}" ]; then
            printf '%s' "${!name}"
            return
        elif [ -n "${!file:-}" ]; then
            printf '%s' "$(<"${!file}")"
            return
        fi
    done
}

# The server's effective options, "name value" per line; its arguments and option files may change each of them.
# The index file is named so that a configured binary log is not touched.
server_options() { "$@" --verbose --help --log-bin-index=/nonexistent/index 2>/dev/null; }

# The table of values is the unindented part of that output.
option() { awk -v name="$1" 'index($0, name " ") == 1 { sub(/^[^ ]+ +/, ""); print; exit }' <<<"$OPTIONS"; }

# The options a data directory keeps for life; with another value than the template was made with it is of no use.
lasting_options() {
    grep -E "^($(tr -s ' \n' '|' <<<"lower-case-table-names innodb-page-size innodb-data-file-path innodb-data-home-dir \
        innodb-undo-directory innodb-undo-tablespaces innodb-log-group-home-dir innodb-redo-log-encrypt \
        innodb-undo-log-encrypt innodb-encrypt-tables innodb-encrypt-log default-table-encryption \
        aria-log-dir-path aria-encrypt-tables aria-block-size") ) " || true
}

# ---- SQL --------------------------------------------------------------------------------------------------------------

# A string literal. NO_BACKSLASH_ESCAPES is off in the session that reads it (see set_up).
literal() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\'\'}"
}

identifier() { printf '`%s`' "${1//\`/\`\`}"; }

# In GRANT the name of a database is a pattern.
pattern() {
    local text=${1//\\/\\\\}
    text=${text//_/\\_}
    identifier "${text//%/\\%}"
}

run_sql() {
    MYSQL_PWD=$ROOT_PASSWORD "$CLIENT" --protocol=socket --socket="$SOCKET" --user=root --host=localhost \
        --default-character-set=utf8mb4 --comments "$@"
}

# The official images' name of it, which a *.sh in the init directory may call.
docker_process_sql() { run_sql ${DATABASE:+--database="$DATABASE"} "$@"; }

# ---- The first start --------------------------------------------------------------------------------------------------

time_zones() {
    echo 'USE mysql;'
    local tool
    for tool in mysql_tzinfo_to_sql mariadb-tzinfo-to-sql; do
        ! command -v "$tool" >/dev/null || "$tool" /usr/share/zoneinfo 2>/dev/null
    done
}

# initialise DIRECTORY SERVER [ARGUMENT...]: makes the system tables, and the time zones where the tool for it is there.
initialise() {
    local directory=$1
    shift
    if [ "$SERVER" = mariadbd ]; then
        mariadb-install-db "${@:2}" --datadir="$directory" --rpm --cross-bootstrap --skip-test-db \
            --auth-root-authentication-method=normal --skip-log-bin >/dev/null
        time_zones | "$@" --datadir="$directory" --bootstrap --skip-log-bin
    else
        local zones
        zones=$(mktemp)
        time_zones >"$zones"
        "$@" --datadir="$directory" --initialize-insecure --init-file="$zones" --skip-log-bin
        rm -f "$zones"
    fi
}

fill_data_directory() {
    # Another user than mysql ("docker run --user") cannot read the template.
    if [ -r "$TEMPLATE/ibdata1" ] &&
        [ "$(lasting_options <<<"$OPTIONS")" = "$(server_options "$1" --no-defaults | lasting_options)" ]; then
        cp -a --sparse=always "$TEMPLATE"/* "$DATA"
    else
        initialise "$DATA" "$@"
    fi
}

start_temporary_server() {
    "$@" --skip-networking --socket="$SOCKET" &
    TEMPORARY=$!
    trap 'kill "$TEMPORARY" 2>/dev/null; wait "$TEMPORARY"; exit 143' TERM INT
    local deadline=$((SECONDS + 300))
    until [ -S "$SOCKET" ] && ROOT_PASSWORD='' run_sql --execute='DO 1' 2>/dev/null; do
        if ! kill -0 "$TEMPORARY" 2>/dev/null || [ "$SECONDS" -gt "$deadline" ]; then
            fail "Unable to start server."
        fi
        sleep 0.02
    done
}

stop_temporary_server() {
    kill "$TEMPORARY"
    wait "$TEMPORARY" || fail "Unable to shut down server."
    trap 'exit 143' TERM INT
}

set_up() {
    local user password host password_sql
    user=$(setting USER)
    password=$(setting PASSWORD)
    host=$(setting ROOT_HOST)
    host=${host:-%}
    password_sql=$(literal "$ROOT_PASSWORD")
    {
        echo "SET SESSION sql_log_bin = 0, autocommit = 1, sql_mode = '';"
        echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $password_sql;"
        if [ "$host" != localhost ]; then
            echo "CREATE USER 'root'@$(literal "$host") IDENTIFIED BY $password_sql;"
            echo "GRANT ALL ON *.* TO 'root'@$(literal "$host") WITH GRANT OPTION;"
        fi
        # MariaDB makes these two, without a password.
        echo "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';"
        echo "SET SESSION sql_log_bin = 1;"
        [ -z "$DATABASE" ] || echo "CREATE DATABASE IF NOT EXISTS $(identifier "$DATABASE");"
        if [ -n "$user" ] && [ -n "$password" ]; then
            echo "CREATE USER $(literal "$user")@'%' IDENTIFIED BY $(literal "$password");"
            [ -z "$DATABASE" ] || echo "GRANT ALL ON $(pattern "$DATABASE").* TO $(literal "$user")@'%';"
        elif [ -n "$user$password" ]; then
            warn "MYSQL_USER and MYSQL_PASSWORD work together only; no user will be created"
        fi
    } | ROOT_PASSWORD='' run_sql --database=mysql
}

run_init_scripts() {
    local file
    for file in "$INIT_SCRIPTS"/*; do
        note "$0: running $file"
        case $file in
            *.sh)
                if [ -x "$file" ]; then
                    "$file"
                else
                    set +u
                    # shellcheck disable=SC1090 # the user's own file
                    . "$file"
                    set -u
                fi
                ;;
            *.sql) docker_process_sql <"$file" ;;
            *.sql.gz) gunzip --stdout "$file" | docker_process_sql ;;
            *) warn "$0: ignoring $file" ;;
        esac
    done
}

first_start() {
    if [ -z "$ROOT_PASSWORD" ]; then
        if [ -n "$(setting RANDOM_ROOT_PASSWORD)" ]; then
            ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64)
            note "GENERATED ROOT PASSWORD: $ROOT_PASSWORD"
        elif [ -z "$(setting ALLOW_EMPTY_PASSWORD)$(setting ALLOW_EMPTY_ROOT_PASSWORD)" ]; then
            fail "Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD
    - MYSQL_RANDOM_ROOT_PASSWORD"
        fi
    fi
    [ "$(setting USER)" != root ] ||
        fail "MYSQL_USER=\"root\": MYSQL_USER is for a regular user; use MYSQL_ROOT_PASSWORD for root"

    note "Initializing database files"
    fill_data_directory "$@"
    note "Starting temporary server"
    start_temporary_server "$@"
    set_up
    run_init_scripts
    note "Stopping temporary server"
    stop_temporary_server
    note "$PRODUCT init process done. Ready for start up."
}

# ---- Main -------------------------------------------------------------------------------------------------------------

# Called when the image is built, as user mysql. auto.cnf holds the server's UUID, which each server has to make itself;
# the TLS keys are shared by all containers of an image, which is made and used on one machine only.
if [ "${1:-}" = make-template ]; then
    # Little to copy; the server enlarges its log to what it is told at the first start.
    case $SERVER in
        mysqld) small=(--innodb-redo-log-capacity=8M --innodb-doublewrite=OFF) ;;
        *) small=(--innodb-log-file-size=4M) ;;
    esac
    initialise "$TEMPLATE" "$SERVER" --no-defaults "${small[@]}"
    rm -f "$TEMPLATE/auto.cnf"
    exit
fi

case ${1:-} in
    '' | -*) set -- "$SERVER" "$@" ;;
    mysqld) set -- "$SERVER" "${@:2}" ;; # MariaDB's former name
esac
if [ "${1:-}" != "$SERVER" ]; then
    exec "$@"
fi
for argument in "$@"; do
    case $argument in
        --help | '-?' | --version | -V | --print-defaults) exec "$@" ;;
    esac
done

# Process 1 has no default reaction to a signal: without this "docker stop" would wait for its own time limit.
trap 'exit 143' TERM INT

OPTIONS=$(server_options "$@") || fail "$SERVER refuses its arguments or option files:
$("$@" --verbose --help 2>&1 >/dev/null)"
DATA=$(option datadir) SOCKET=$(option socket)
case $SOCKET in
    /*) ;;
    *) SOCKET=$DATA/$SOCKET ;;
esac

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$DATA" "${SOCKET%/*}"
    # A mounted directory, or a tmpfs, belongs to whoever made it.
    find "$DATA" ! -user mysql -exec chown --no-dereference mysql:mysql {} +
    find "${SOCKET%/*}" -maxdepth 0 ! -user mysql -exec chown mysql:mysql {} +
    export HOME=/var/lib/mysql
    exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$0" "$@"
fi

if [ ! -d "$DATA/mysql" ]; then
    DATABASE=$(setting DATABASE)
    ROOT_PASSWORD=$(setting ROOT_PASSWORD)
    first_start "$@"
fi
exec "$@"
