//! What errors of pools and connections mean. Facts are those of mysql2 3, TypeORM
//! 0.3, pg 8 and Node.

/// What is known of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Texts that an error's name holds, any of them.
    names: &'static [&'static str],
    /// What it means.
    pub means: &'static str,
    /// What to look at.
    pub look_at: &'static str,
}

/// Those that say more first.
const KNOWN: [Known; 22] = [
    Known {
        names: &["Queue limit reached"],
        means: "every connection of the pool was in use, and queueLimit requests were waiting already",
        look_at: "connectionLimit (how many are needed: requests a second times seconds a connection is held), queueLimit (0: no limit), connections that are never released, slow queries",
    },
    Known {
        names: &["No connections available"],
        means: "every connection of the pool was in use, and waitForConnections is false, so that nobody may wait",
        look_at: "waitForConnections: true, connectionLimit, connections that are never released",
    },
    Known {
        names: &["Can't add new command when connection is in closed state"],
        means: "a query went to a connection that was closed already",
        look_at: "a connection used after release, end or destroy (double release of a query runner); one kept after a fatal error; wait_timeout of the database; its log and restarts",
    },
    Known {
        names: &["Pool is closed", "Cannot use a pool after calling end"],
        means: "a connection was asked for after the pool had been ended",
        look_at: "the order of shutting down (stop taking requests first), one pool shared by several modules and ended by one, DataSource.destroy()",
    },
    Known {
        names: &[
            "Too many connections",
            "ER_CON_COUNT_ERROR",
            "too many clients already",
            "remaining connection slots are reserved",
        ],
        means: "the database has as many connections as it may have",
        look_at: "max_connections against connectionLimit times the processes and instances, connections of other programs, pools that are made again and again",
    },
    Known {
        names: &["max_user_connections", "ER_TOO_MANY_USER_CONNECTIONS"],
        means: "this database user has as many connections as it may have",
        look_at: "max_user_connections against connectionLimit times the processes and instances",
    },
    Known {
        names: &[
            "PROTOCOL_CONNECTION_LOST",
            "The server closed the connection",
            "Connection terminated unexpectedly",
            "server has gone away",
        ],
        means: "the database, or something between, closed a connection that was in use",
        look_at: "the database's log (restart, crash, out of memory, KILL), wait_timeout, idle limits of proxies and load balancers, enableKeepAlive, maxIdle and idleTimeout",
    },
    Known {
        names: &[
            "Connection is not established with mysql database",
            "Connection is not established",
        ],
        means: "a query came while TypeORM had no pool: before initialize() was through, after it failed, or after destroy()",
        look_at: "the errors before this one, the order of starting and shutting down",
    },
    Known {
        names: &[
            "Timeout acquiring a connection",
            "ConnectionAcquireTimeout",
            "Timed out fetching a new connection",
            "timeout exceeded when trying to connect",
        ],
        means: "no connection of the pool came free, or could be opened, in the time that one may wait",
        look_at: "size of the pool, connections that are never released, long transactions, slow queries",
    },
    Known {
        names: &["Lock wait timeout exceeded", "ER_LOCK_WAIT_TIMEOUT"],
        means: "a row stayed locked by another transaction for longer than innodb_lock_wait_timeout",
        look_at: "long transactions, calls to other services within one, missing indexes (they lock more rows)",
    },
    Known {
        names: &["Deadlock found", "ER_LOCK_DEADLOCK", "deadlock detected"],
        means: "two transactions waited for each other's locks; the database ended one of them",
        look_at: "the order in which rows are locked, shorter transactions, trying again",
    },
    Known {
        names: &["Query inactivity timeout", "PROTOCOL_SEQUENCE_TIMEOUT"],
        means: "a query took longer than its timeout",
        look_at: "the slow query log, locks, the timeout itself",
    },
    Known {
        names: &["Access denied for user", "ER_ACCESS_DENIED_ERROR"],
        means: "the database does not take this user, password or host",
        look_at: "the settings of the connection, the user's grants",
    },
    Known {
        names: &["ETIMEDOUT"],
        means: "no connection, or no answer on it, in time; mysql2 gives up on connecting after connectTimeout, 10 s unless told",
        look_at: "the network (security groups, address, port), a database with more new connections than it can take, an event loop that was blocked meanwhile, connectTimeout",
    },
    Known {
        names: &["ECONNREFUSED"],
        means: "nothing listens at that address and port",
        look_at: "whether the database or service runs, and was up before the application; host and port (localhost may be ::1)",
    },
    Known {
        names: &["ECONNRESET", "socket hang up", "EPIPE"],
        means: "the other side closed the connection while it was in use",
        look_at: "restarts and crashes of the other side, keep-alive times (the client's must be shorter than the server's), proxies in between",
    },
    Known {
        names: &["ENOTFOUND", "EAI_AGAIN"],
        means: "the host's name could not be resolved",
        look_at: "the name, DNS; under load: one look-up a connection (keep connections), the four threads of libuv's pool",
    },
    Known {
        names: &["EADDRNOTAVAIL"],
        means: "no local port was left for a new connection",
        look_at: "connections opened for each request: keep-alive and pools; net.ipv4.ip_local_port_range",
    },
    Known {
        names: &["EADDRINUSE"],
        means: "another process listens on that port already",
        look_at: "a process that was not ended",
    },
    Known {
        names: &["EMFILE", "ENFILE", "too many open files"],
        means: "the process has as many files and sockets open as it may have",
        look_at: "ulimit -n, sockets and files that are never closed, size of the pools",
    },
    Known {
        names: &["heap out of memory", "Reached heap limit"],
        means: "the JavaScript heap is full",
        look_at: "--max-old-space-size against the memory there is, results without a limit, queues that only grow",
    },
    Known {
        names: &["ThrottlerException", "Too Many Requests"],
        means: "the application's own rate limit turned requests away",
        look_at: "its limit against the load of the test",
    },
];

/// What is known of the error of that name.
pub fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.names.iter().any(|text| name.contains(text)))
}
