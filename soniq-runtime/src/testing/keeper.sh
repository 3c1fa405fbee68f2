# Keeps one throwaway Postgres cluster: makes and starts it, waits, stops and removes it.
#
# It waits for the end of its input, which the process that wants the cluster holds open. However
# that process ends, a panic, exit or SIGKILL included, the kernel closes the pipe and this script
# cleans up. It does the starting too, so that there is no moment at which a server exists that
# nobody would stop.
#
# $1 directory to make the cluster's directory in   $2 directory of the server's programs
# $3 port (also names the socket)                   $4 listen_addresses
#
# Says on its output: "directory PATH", then "ready"; or "failed STEP" and the end of the log.
set -u
# Only the end of input ends this script. SIGPIPE: the reader may be gone before "ready".
trap '' HUP INT QUIT TERM PIPE

base=$1 bin=$2 port=$3 addresses=$4

# -d makes it mode 0700: the socket asks for no password, so nobody else may reach it.
directory=$(mktemp -d "$base/soniq-XXXXXX" 2>&1) || {
    echo "failed mktemp"
    echo "$directory"
    exit 1
}
echo "directory $directory"
data=$directory/data
log=$directory/log

run() {
    "$@" </dev/null >>"$log" 2>&1
}

# Every server in the directory: after a failover it is another one than was started here.
stop() {
    for pid in "$directory"/*/postmaster.pid; do
        [ -f "$pid" ] || continue
        run "$bin/pg_ctl" -D "${pid%/*}" -m immediate -w -t 10 stop && continue
        kill -s KILL "$(head -n 1 "$pid")" 2>/dev/null
    done
}

remove() {
    # A backend that has not yet seen its postmaster go may still write a file.
    for seconds in 0 0.1 0.2 0.5 1 2 5; do
        sleep "$seconds"
        rm -rf "$directory" 2>/dev/null && return
    done
}

fail() {
    echo "failed $1"
    tail -n 20 "$log" 2>/dev/null
    stop
    remove
    exit 1
}

run "$bin/initdb" -D "$data" -U soniq --encoding=UTF8 --no-locale --no-sync \
    --auth-local=trust --auth-host=scram-sha-256 || fail initdb

# The data need not survive a crash of the machine, hence fsync and full_page_writes off;
# synchronous_commit stays as in production, since what it orders is visible to clients.
cat >>"$data/postgresql.conf" <<END || fail configuration
port = $port
listen_addresses = '$addresses'
unix_socket_directories = '$directory'
max_connections = 200
fsync = off
full_page_writes = off
synchronous_commit = on
logging_collector = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
END

run "$bin/pg_ctl" -D "$data" -l "$log" -w -t 60 start || fail pg_ctl

echo "ready"
while read -r _; do :; done
stop
remove
