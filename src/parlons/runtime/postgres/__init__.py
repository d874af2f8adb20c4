"""Our own PostgreSQL: finds server programs, starts them on the data folder, shares the server, stops it with the last user.

What others use: `supervisor.ensure_server`, `release_server`, `revive_server`; `account.default_data_folder`; `checks` for
`parlons doctor`. Nothing here is asked when DATABASE_URL names a server. Only the standard library is imported, so that it
runs before anything else can.

| file | decides |
|---|---|
| supervisor | who starts, adopts, revives and stops the server; two locks |
| binaries | which server programs: POSTGRES_BIN, the system's, the wheel's |
| account | which system user runs it; nothing outside our own folders is ever chmod-ed or chown-ed |
| placement | whether that user can reach data folder and programs; copies of programs |
| cluster | initdb, settings, versions |
| sockets | where the socket lies and whether that folder is ours |
| processes | which process is the live server of a folder, and how it is ended |
| wire | the one blocking conversation with a server: is it ready? |
| checks | findings for `parlons doctor` |
"""
