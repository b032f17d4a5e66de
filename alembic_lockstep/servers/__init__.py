"""MySQL and MariaDB servers for scratch databases.

settings     the environment variables that choose a server
server       a server, and how to connect to it
finding      choose a server and start it if necessary; list and stop those that this tool has started
docker       a server in a Docker container
local        a private server of the mysqld or mariadbd on PATH
keeper       the process that runs a private server and removes it when it is idle
common       what docker, local and keeper share: flags, time limits, the lock for a start
scratch      create, lock and drop scratch databases
urls         parse the URLs that users write

What runs on these servers does not belong here. Of live databases only `urls` and `server.reason` know.
"""
