//! Explanations of errors from pools and connections. The facts hold for mysql2 3, TypeORM 0.3, pg
//! 8 and Node.

use super::explanation::ErrorExplanation;
use super::handshake::HANDSHAKE;
use super::services::SERVICES;
use spikeflame_profile::ErrorDetail;

/// The more specific errors come first.
const KNOWN: [ErrorExplanation; 42] = [
    ErrorExplanation {
        signs: &["MaxRetriesPerRequestError", "Reached the max retries per request limit"],
        means: "ioredis gave a command up after it had tried to connect maxRetriesPerRequest times",
        look_at: "the errors of the connection (`error` events of the client), address and port of Redis, maxRetriesPerRequest",
    },
    ErrorExplanation {
        signs: &["=Command timed out"],
        means: "Redis did not answer a command within commandTimeout of ioredis",
        look_at: "SLOWLOG of Redis, blocking commands on a shared connection, commands that wait for a connection, commandTimeout",
    },
    ErrorExplanation {
        signs: &["max_user_connections", "ER_TOO_MANY_USER_CONNECTIONS", "errno 1203"],
        means: "this database user has as many connections as it may have",
        look_at: "max_user_connections against connectionLimit times the processes and instances",
    },
    ErrorExplanation {
        signs: &[
            "max_queries_per_hour",
            "max_updates_per_hour",
            "max_connections_per_hour",
            "ER_USER_LIMIT_REACHED",
            "errno 1226",
        ],
        means: "this database user has used up one of its limits (queries, updates or connections an hour, or connections at one time)",
        look_at: "the user's limits (SHOW CREATE USER), connections that are opened for each request, queries in loops",
    },
    ErrorExplanation {
        signs: &["QueryRunnerAlreadyReleasedError", "Query runner already released"],
        means: "a TypeORM query runner was used or released after it had been released",
        look_at: "release() in exactly one place (a finally block), queries that are not awaited before it, a query runner shared by several requests",
    },
    ErrorExplanation {
        signs: &["=Pool does not exist", "=Pool does Not exist", "POOL_NOEXIST", "POOL_NONEONLINE"],
        means: "no pool of mysql2's cluster has that name, or every one of them was taken out after errors",
        look_at: "the name given to of() or getConnection(), removeNodeErrorCount and restoreNodeTimeout, the errors before this one",
    },
    ErrorExplanation {
        signs: &[
            "disconnected by the server because of inactivity",
            "ER_CLIENT_INTERACTION_TIMEOUT",
            "errno 4031",
        ],
        means: "MySQL 8 closed a connection that nobody had used for wait_timeout seconds",
        look_at: "idleTimeout and maxIdle of the pool (below wait_timeout), wait_timeout and interactive_timeout",
    },
    ErrorExplanation {
        signs: &[
            "is blocked because of many connection errors",
            "ER_HOST_IS_BLOCKED",
            "errno 1129",
        ],
        means: "the database takes no more connections from this host after too many that were cut off",
        look_at: "max_connect_errors, FLUSH HOSTS, why connections broke off: load balancers' health checks, connectTimeout, the network",
    },
    ErrorExplanation {
        signs: &["max_prepared_stmt_count", "ER_MAX_PREPARED_STMT_COUNT_REACHED", "errno 1461"],
        means: "all connections together hold as many prepared statements as the database may keep",
        look_at: "execute() with texts that differ each time (values in the text, IN lists), maxPreparedStatements, max_prepared_stmt_count",
    },
    ErrorExplanation {
        signs: &[
            "maximum statement execution time exceeded",
            "max_statement_time exceeded",
            "ER_QUERY_TIMEOUT",
            "ER_STATEMENT_TIMEOUT",
            "errno 3024",
            "errno 1969",
            "canceling statement due to statement timeout",
        ],
        means: "the database stopped a statement that ran longer than its limit",
        look_at: "the slow query log, missing indexes, locks, max_execution_time (MySQL), max_statement_time (MariaDB), statement_timeout (PostgreSQL)",
    },
    ErrorExplanation {
        signs: &["max_allowed_packet", "ER_NET_PACKET_TOO_LARGE", "errno 1153"],
        means: "a statement or a row was larger than one packet may be",
        look_at: "max_allowed_packet on the server, bulk inserts, large JSON and BLOB values",
    },
    ErrorExplanation {
        signs: &[
            "is not allowed to connect to this MySQL server",
            "is not allowed to connect to this MariaDB server",
            "ER_HOST_NOT_PRIVILEGED",
            "errno 1130",
        ],
        means: "no user of the database may connect from this host",
        look_at: "the host part of the user ('user'@'%'), the address that the database sees",
    },
    ErrorExplanation {
        signs: &["Queue limit reached."],
        means: "every connection of the pool was in use, and queueLimit requests were waiting already",
        look_at: "connectionLimit (how many are needed: requests a second times seconds a connection is held), queueLimit (0: no limit), connections that are never released, slow queries",
    },
    ErrorExplanation {
        signs: &["No connections available."],
        means: "every connection of the pool was in use, and waitForConnections is false, so that nobody may wait",
        look_at: "waitForConnections: true, connectionLimit, connections that are never released",
    },
    ErrorExplanation {
        signs: &["Can't add new command when connection is in closed state"],
        means: "a query went to a connection that was closed already",
        look_at: "a connection used after release, end or destroy (double release of a query runner); one kept after a fatal error; wait_timeout of the database; its log and restarts",
    },
    ErrorExplanation {
        signs: &[
            "Pool is closed.",
            "Cannot use a pool after calling end",
            "was called after the connection manager was closed",
            "driver has already been destroyed",
            "=Unable to acquire a connection",
        ],
        means: "a connection was asked for after the pool had been ended",
        look_at: "the order of shutting down (stop taking requests first), one pool shared by several modules and ended by one, DataSource.destroy()",
    },
    ErrorExplanation {
        signs: &[
            "~Too many connections",
            "ER_CON_COUNT_ERROR",
            "errno 1040",
            "sorry, too many clients already",
            "remaining connection slots are reserved",
            "ERR max number of clients reached",
            "errno 53300",
            "#P2037",
        ],
        means: "the database has as many connections as it may have",
        look_at: "max_connections against connectionLimit times the processes and instances, connections of other programs, pools that are made again and again",
    },
    ErrorExplanation {
        signs: &[
            "PROTOCOL_CONNECTION_LOST",
            "Connection lost: The server closed the connection.",
            "~Connection terminated unexpectedly",
            "MySQL server has gone away",
            "#P1017",
        ],
        means: "the database, or something between, closed a connection that was in use",
        look_at: "the database's log (restart, crash, out of memory, KILL), wait_timeout, idle limits of proxies and load balancers, enableKeepAlive, maxIdle and idleTimeout",
    },
    ErrorExplanation {
        signs: &[
            "Connection is not established with mysql database",
            "connection because connection is not yet established",
        ],
        means: "a query came while TypeORM had no pool: before initialize() was through, after it failed, or after destroy()",
        look_at: "the errors before this one, the order of starting and shutting down",
    },
    ErrorExplanation {
        signs: &[
            "Knex: Timeout acquiring a connection",
            "ConnectionAcquireTimeoutError",
            "SequelizeConnectionAcquireTimeoutError",
            "Timed out fetching a new connection from the connection pool",
            "~timeout exceeded when trying to connect",
            "Connection terminated due to connection timeout",
            "retrieve connection from pool timeout",
            "ER_GET_CONNECTION_TIMEOUT",
            "ResourceRequest timed out",
            "#P2024",
            "TimeoutError: Knex",
            "Unable to start a transaction in the given time",
        ],
        means: "no connection of the pool came free, or could be opened, in the time that one may wait",
        look_at: "size of the pool, connections that are never released, long transactions, slow queries",
    },
    ErrorExplanation {
        signs: &[
            "Lock wait timeout exceeded; try restarting transaction",
            "ER_LOCK_WAIT_TIMEOUT",
            "errno 1205",
        ],
        means: "a row stayed locked by another transaction for longer than innodb_lock_wait_timeout",
        look_at: "long transactions, calls to other services within one, missing indexes (they lock more rows)",
    },
    ErrorExplanation {
        signs: &[
            "Deadlock found when trying to get lock",
            "ER_LOCK_DEADLOCK",
            "errno 1213",
            "~deadlock detected",
            "#40P01",
            "#P2034",
        ],
        means: "two transactions waited for each other's locks; the database ended one of them",
        look_at: "the order in which rows are locked, shorter transactions, trying again",
    },
    ErrorExplanation {
        signs: &["Query inactivity timeout", "PROTOCOL_SEQUENCE_TIMEOUT", "#P1008"],
        means: "a query took longer than its timeout",
        look_at: "the slow query log, locks, the timeout itself",
    },
    ErrorExplanation {
        signs: &[
            "--read-only option",
            "--super-read-only option",
            "ER_OPTION_PREVENTS_STATEMENT",
            "ER_READ_ONLY_MODE",
            "errno 1290",
            "errno 1836",
            "cannot execute INSERT in a read-only transaction",
        ],
        means: "the statement writes, and this database only reads: a replica, or the old writer after a failover",
        look_at: "the endpoint (writer or reader), connections kept over a failover (end the pool on this error), the time to live of DNS",
    },
    ErrorExplanation {
        signs: &["=Server shutdown in progress", "ER_SERVER_SHUTDOWN", "errno 1053"],
        means: "the database was stopping and took no more statements",
        look_at: "restarts, maintenance, failovers and scaling of the database at that time",
    },
    ErrorExplanation {
        signs: &[
            "=Connection was killed",
            "ER_CONNECTION_KILLED",
            "errno 1927",
            "Query execution was interrupted",
            "ER_QUERY_INTERRUPTED",
            "errno 1317",
        ],
        means: "somebody ended the statement or its connection with KILL, or the database did while it stopped",
        look_at: "scripts and people that kill long statements, restarts and failovers at that time, Ctrl+C in a client",
    },
    ErrorExplanation {
        signs: &[
            "waiting for someone to free some space",
            "ER_DISK_FULL",
            "ER_RECORD_FILE_FULL",
            "errno 1021",
            "errno 1114",
        ],
        means: "the database had no room left for data or temporary tables",
        look_at: "FreeStorageSpace, binary logs (binlog_expire_logs_seconds), tmp_table_size and statements that sort much, innodb_data_file_path",
    },
    ErrorExplanation {
        signs: &[
            "Can't create a new thread (errno",
            "ER_CANT_CREATE_THREAD",
            "errno 1135",
            "check if mysqld or some other process uses all available memory",
            "ER_OUT_OF_RESOURCES",
            "errno 1041",
        ],
        means: "the database had no memory or thread left for one more connection or statement",
        look_at: "FreeableMemory, max_connections against the memory of the instance, buffers of each connection, ulimit -u",
    },
    ErrorExplanation {
        signs: &[
            "Handshake inactivity timeout",
            "Got timeout reading communication packets",
            "ER_HANDSHAKE_ERROR",
            "errno 1043",
        ],
        means: "the database or the client did not answer in time while a connection was opened",
        look_at: "an event loop that was blocked meanwhile, a database with more new connections than it can take, connect_timeout, connectTimeout",
    },
    ErrorExplanation {
        signs: &["This socket has been ended by the other party"],
        means: "data was written to a connection that the other side had closed",
        look_at: "with a database: wait_timeout against idleTimeout of the pool, enableKeepAlive; idle limits of proxies and load balancers, restarts",
    },
    ErrorExplanation {
        signs: &["Packets out of order"],
        means: "answers of the database came in an order that the driver did not expect; after a broken connection or one that several processes share",
        look_at: "the errors before this one, a connection that was made before fork() or kept over a restart, proxies in between",
    },
    ErrorExplanation {
        signs: &["Access denied for user '", "ER_ACCESS_DENIED_ERROR", "errno 1045"],
        means: "the database does not take this user, password or host",
        look_at: "the settings of the connection, the user's grants",
    },
    ErrorExplanation {
        signs: &["ETIMEDOUT"],
        means: "no connection, or no answer on it, in time; mysql2 gives up on connecting after connectTimeout, 10 s by default",
        look_at: "the network (security groups, address, port), a database with more new connections than it can take, an event loop that was blocked meanwhile, connectTimeout",
    },
    ErrorExplanation {
        signs: &["ECONNREFUSED", "Can't reach database server", "#P1001"],
        means: "nothing listens at that address and port",
        look_at: "whether the database or service runs, and was up before the application; host and port (localhost may be ::1)",
    },
    ErrorExplanation {
        signs: &["ECONNRESET", "socket hang up", "EPIPE"],
        means: "the other side closed the connection while it was in use",
        look_at: "restarts and crashes of the other side, keep-alive times (the client's must be shorter than the server's), proxies in between",
    },
    ErrorExplanation {
        signs: &["ENOTFOUND", "EAI_AGAIN"],
        means: "the host's name could not be resolved",
        look_at: "the name, DNS; under load: one look-up a connection (keep connections), the four threads of libuv's pool",
    },
    ErrorExplanation {
        signs: &["EADDRNOTAVAIL"],
        means: "no local port was left for a new connection",
        look_at: "connections opened for each request: keep-alive and pools; net.ipv4.ip_local_port_range",
    },
    ErrorExplanation {
        signs: &["EADDRINUSE"],
        means: "another process listens on that port already",
        look_at: "a process that was not ended",
    },
    ErrorExplanation {
        signs: &["EMFILE", "ENFILE", "too many open files"],
        means: "the process has as many files and sockets open as it may have",
        look_at: "ulimit -n, sockets and files that are never closed, size of the pools",
    },
    ErrorExplanation {
        signs: &["heap out of memory", "Reached heap limit"],
        means: "the JavaScript heap is full",
        look_at: "--max-old-space-size against the memory there is, results without a limit, queues that only grow",
    },
    ErrorExplanation {
        signs: &["ThrottlerException"],
        means: "the application's own rate limit turned requests away",
        look_at: "its limit against the load of the test",
    },
    // Messages with a cause begin with the same words and come earlier.
    ErrorExplanation {
        signs: &["=Connection terminated"],
        means: "the program ended a connection of PostgreSQL while queries were waiting on it",
        look_at: "end() of a client or a pool before its queries are done, the order of shutting down, queries that are not awaited",
    },
];

/// Looks up an error by its message as it was logged, by its code (both in `detail`), and by `name`, its class and
/// message, in this order. Without `detail`, only the name is looked up. Returns `None` for an error without an
/// explanation.
pub(crate) fn known(name: &str, detail: Option<&ErrorDetail>) -> Option<&'static ErrorExplanation> {
    let all = || KNOWN.iter().chain(&HANDSHAKE).chain(&SERVICES);
    let holds = |text: &str| all().find(|known| known.signs.iter().any(|sign| shows(text, sign)));
    let is_code = |sign: &&str, code: &str| sign.strip_prefix('#').unwrap_or(sign) == code;
    let by_code =
        |code: &str| all().find(|known| known.signs.iter().any(|sign| is_code(sign, code)));
    let detailed =
        detail.and_then(|detail| holds(&detail.message).or_else(|| by_code(&detail.code)));
    detailed.or_else(|| holds(name))
}

/// Returns true when a text shows a sign of [`ErrorExplanation::signs`].
fn shows(text: &str, sign: &str) -> bool {
    let (mark, words) = match sign.chars().next() {
        Some(mark @ ('=' | '~' | '#')) => (mark, sign.get(1..).unwrap_or_default()),
        _ => (' ', sign),
    };
    text.match_indices(words).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let behind = text.get(at + words.len()..).unwrap_or_default();
        let is_whole = || begins_message(before) && matches!(behind.trim_end(), "" | "." | ".,");
        match mark {
            '#' => false,
            '=' => is_whole(),
            '~' => is_whole() || follows_failure(before) && ends_clause(behind),
            _ => {
                !(joins(before.chars().next_back(), words.chars().next()))
                    && !(joins(words.chars().next_back(), behind.chars().next()))
            }
        }
    })
}

/// Returns true when nothing, the class of an error, or a mark such as `[cause]` stands before a message.
fn begins_message(before: &str) -> bool {
    let class = before.strip_suffix(": ").unwrap_or_default();
    before.is_empty()
        || before.ends_with("] ")
        || ["Error", "Exception", "error"].iter().any(|end| class.ends_with(end))
}

/// Returns true for the words of an application before the message of its database: `Request failed: `,
/// `Unable to connect to the database: `. The words of another system, which has messages of its own, make
/// it false.
fn follows_failure(before: &str) -> bool {
    const FAILURES: [&str; 12] = [
        "fail",
        "error",
        "unable",
        "could not",
        "couldn't",
        "cannot",
        "can't",
        "exception",
        "reject",
        "abort",
        "caused by",
        "reason",
    ];
    const DATABASES: [&str; 12] = [
        "sql",
        "mariadb",
        "database",
        "db",
        "orm",
        "prisma",
        "knex",
        "sequelize",
        "query",
        "queries",
        "transaction",
        "postgres",
    ];
    const OTHERS: [&str; 30] = [
        "redis",
        "smtp",
        "imap",
        "pop3",
        "mail",
        "ftp",
        "sftp",
        "ssh",
        "ldap",
        "http",
        "https",
        "web",
        "websocket",
        "ws",
        "socket",
        "proxy",
        "upstream",
        "gateway",
        "storage",
        "s3",
        "bucket",
        "upload",
        "download",
        "kafka",
        "rabbitmq",
        "amqp",
        "mqtt",
        "elasticsearch",
        "mongo",
        "answered",
    ];
    let Some(text) = before.strip_suffix(": ").map(str::to_lowercase) else { return false };
    // These words also begin longer ones: `failed`, `mysql2`, `TypeORM`.
    let last = text.rsplit(": ").next().unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| last.contains(word));
    let is_other = |word: &str| {
        OTHERS.contains(&word)
            || word.len() == 3 && word.starts_with('4') && word.parse::<u32>().is_ok()
    };
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    (has(&FAILURES) || has(&DATABASES)) && !words.any(is_other)
}

/// Returns true for the text behind a message that ends there: a note in brackets, or another clause.
fn ends_clause(behind: &str) -> bool {
    let rest = behind.strip_prefix('.').unwrap_or(behind);
    rest.trim_end().is_empty()
        || [" (", " [", ", ", "; ", " - ", " {", "\n", " | "]
            .iter()
            .any(|mark| rest.starts_with(mark))
        || rest.starts_with(' ') && rest.len() < behind.len()
}

/// Returns true when two characters are parts of one word.
fn joins(left: Option<char>, right: Option<char>) -> bool {
    let is_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    is_of_word(left) && is_of_word(right)
}
