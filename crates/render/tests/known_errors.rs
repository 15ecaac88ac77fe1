//! Errors of mysql2 and TypeORM, made for real by `tests/record/mysql2.sh`, have the same number,
//! place and meaning behind each logger.

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Selection};
use spikeflame_render::errors::Errors;
use std::collections::BTreeMap;
use std::path::Path;

/// A part of each message, the number of such errors, and the beginning of its meaning.
const MADE: [(&str, u64, &str); 25] = [
    ("Queue limit reached.", 2, "every connection of the pool was in use, and queueLimit"),
    ("No connections available.", 1, "every connection of the pool was in use, and waitFor"),
    ("Pool is closed.", 2, "a connection was asked for after the pool had been ended"),
    ("Connection is not established", 1, "a query came while TypeORM had no pool"),
    ("when connection is in closed state", 2, "a query went to a connection that was closed"),
    ("Too many connections", 2, "the database has as many connections as it may have"),
    ("'max_user_connections' resource", 1, "this database user has as many connections"),
    ("'max_queries_per_hour' resource", 1, "this database user has used up one of its limits"),
    ("The server closed the connection", 3, "the database, or something between, closed"),
    ("Query execution was interrupted", 1, "somebody ended the statement"),
    ("(max_statement_time exceeded)", 1, "the database stopped a statement"),
    ("maximum statement execution time", 1, "the database stopped a statement"),
    ("Query inactivity timeout", 1, "a query took longer than its timeout"),
    ("connect ECONNREFUSED", 3, "nothing listens at that address and port"),
    ("connect ETIMEDOUT", 2, "no connection, or no answer on it, in time"),
    ("connect ECONNRESET", 1, "the other side closed the connection"),
    ("Lock wait timeout exceeded", 1, "a row stayed locked by another transaction"),
    ("Deadlock found", 1, "two transactions waited for each other's locks"),
    ("disconnected by the server because of inactivity", 1, "MySQL 8 closed a connection"),
    ("Query runner already released", 1, "a TypeORM query runner was used or released"),
    ("max_prepared_stmt_count", 1, "all connections together hold as many prepared"),
    ("Pool does Not exist", 1, "no pool of mysql2's cluster has that name"),
    ("is blocked because of many connection errors", 1, "the database takes no more connections"),
    ("Access denied for user", 1, "the database does not take this user"),
    ("'max_allowed_packet'", 1, "a statement or a row was larger than one packet"),
];

fn errors(logger: &str) -> Errors {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/mysql2");
    let log = std::fs::read(folder.join(format!("{logger}.log"))).unwrap();
    let options = Options { app_log: true, ..Options::default() };
    let profile = read_stream(log.as_slice(), Path::new(logger), &options).unwrap();
    assert!(profile.losses.is_empty(), "{logger}");
    let selection = Selection::default();
    Errors::collect(&profile, &selection, &CallTree::build(&profile, &selection), false)
}

#[test]
fn an_error_of_mysql2_has_its_meaning_behind_each_logger() {
    for logger in ["nest", "pino", "winston", "console"] {
        let errors = errors(logger);
        // Two more have no explanation: a table that is missing and a doubled key.
        assert_eq!(errors.total, 36, "{logger}");
        let mut found = BTreeMap::new();
        for row in &errors.rows {
            // The longest text that fits: "Query execution was interrupted" begins three of them.
            let made = MADE.iter().filter(|(text, ..)| row.name.contains(text));
            let Some((text, _, means)) = made.max_by_key(|(text, _, means)| {
                (means.starts_with("the database stopped"), text.len())
            }) else {
                assert!(row.known.is_none(), "{logger}: {}", row.name);
                continue;
            };
            *found.entry(*text).or_insert(0) += row.count;
            let known = row.known.unwrap_or_else(|| panic!("{logger}: {} means nothing", row.name));
            assert!(known.means.starts_with(means), "{logger}: {}: {}", row.name, known.means);
            assert_eq!(row.timed, logger != "console", "{logger}: {}", row.name);
            assert!(!row.thrown.is_empty(), "{logger}: {} has no place", row.name);
        }
        let expected: BTreeMap<&str, u64> =
            MADE.iter().map(|(text, count, _)| (*text, *count)).collect();
        assert_eq!(found, expected, "{logger}");
    }
}

/// The error was: errors of ioredis, and pg's `Connection terminated` alone, had no meaning.
#[test]
fn errors_of_ioredis_and_pg_have_a_meaning() {
    let log = "2026-11-27T11:05:01.000Z ERROR x\n\
        MaxRetriesPerRequestError: Reached the max retries per request limit (which is 1).\n    \
        at c (/srv/app.js:5:6)\n\
        Error: Command timed out\n    at d (/srv/app.js:7:8)\n\
        Error: Connection terminated\n    at e (/srv/app.js:9:1)\n\
        Error: Connection terminated unexpectedly\n    at e (/srv/app.js:9:1)\n";
    let options = Options { app_log: true, ..Options::default() };
    let profile = read_stream(log.as_bytes(), Path::new("app.log"), &options).unwrap();
    let selection = Selection::default();
    let tree = CallTree::build(&profile, &selection);
    let errors = Errors::collect(&profile, &selection, &tree, false);
    for (name, means) in [
        ("Reached the max retries", "ioredis gave a command up"),
        ("Command timed out", "Redis did not answer a command"),
        ("Connection terminated unexpectedly", "the database, or something between, closed"),
        ("Connection terminated", "the program ended a connection"),
    ] {
        let rows = errors.rows.iter().filter(|row| row.name.contains(name));
        let row = rows.min_by_key(|row| row.name.len());
        let known = row.and_then(|row| row.known).unwrap_or_else(|| panic!("{name}: no meaning"));
        assert!(known.means.starts_with(means), "{name}: {}", known.means);
    }
}

/// The error was: the meaning of one `fetch failed` stood beside all of them, and others had none.
#[test]
fn errors_of_other_clients_have_a_meaning() {
    let failed = |cause: &str, code: &str| {
        format!(
            "TypeError: fetch failed\n    at order (/srv/app.js:5:69) {{\n  [cause]: {cause}\n      \
             at connect (/srv/net.js:1:2) {{\n    code: '{code}'\n  }}\n}}\n"
        )
    };
    for (log, means) in [
        (failed("Error: bad port", "X") + &failed("Error: getaddrinfo ENOTFOUND a", "ENOTFOUND"), ["", "the host's name"]),
        (failed("SocketError: other side closed", "UND_ERR_SOCKET") + "a\n", ["the other side closed", ""]),
        ("AxiosError: timeout of 30ms exceeded\n    at f (/a.js:1:2) {\n  code: 'ECONNABORTED'\n}\n".into(), ["a request to another service", ""]),
        ("Error: 4 DEADLINE_EXCEEDED: Deadline exceeded after 0.2s\n    at f (/a.js:1:2)\n".into(), ["a call of gRPC was not answered", ""]),
        ("Error: 14 UNAVAILABLE: name resolution\n    at f (/a.js:1:2)\n".into(), ["the other side of a gRPC call could not", ""]),
        ("Error: Server does not support secure connection\n    at f (/a.js:1:2) {\n  code: 'HANDSHAKE_NO_SSL_SUPPORT'\n}\n".into(), ["the program asks for TLS", ""]),
        ("Error: self-signed certificate in certificate chain\n    at f (/a.js:1:2)\n".into(), ["the program does not know the authority", ""]),
        ("Error: Connections using insecure transport are prohibited while --require_secure_transport=ON.\n    at f (/a.js:1:2)\n".into(), ["the database takes no connections of this kind", ""]),
        ("Error: Incorrect arguments to mysqld_stmt_execute\n    at f (/a.js:1:2)\n".into(), ["a prepared statement got", ""]),
        ("Error: Unable to acquire a connection\n    at f (/a.js:1:2)\n".into(), ["a connection was asked for after", ""]),
        ("ThrottlingException: Rate exceeded\n    at f (/a.js:1:2)\n".into(), ["a service of AWS turned", ""]),
        ("MongooseError: Operation `cats.findOne()` buffering timed out after 200ms\n    at f (/a.js:1:2)\n".into(), ["an operation waited for a connection that Mongoose", ""]),
    ] {
        let options = Options { app_log: true, ..Options::default() };
        let profile = read_stream(log.as_bytes(), Path::new("app.log"), &options).unwrap();
        let selection = Selection::default();
        let tree = CallTree::build(&profile, &selection);
        let errors = Errors::collect(&profile, &selection, &tree, false);
        for (row, means) in errors.rows.iter().zip(means) {
            let known = row.known.map_or("", |known| known.means);
            assert!(known.starts_with(means) && known.is_empty() == means.is_empty(), "{log}: {known}");
        }
    }
}

/// Returns the names and the meanings of the errors in a log.
fn meanings(log: &str) -> BTreeMap<String, String> {
    let options = Options { app_log: true, ..Options::default() };
    let profile = read_stream(log.as_bytes(), Path::new("app.log"), &options).unwrap();
    let selection = Selection::default();
    let tree = CallTree::build(&profile, &selection);
    let errors = Errors::collect(&profile, &selection, &tree, false);
    let means =
        |row: &spikeflame_render::errors::ErrorRow| row.known.map_or("", |it| it.means).to_owned();
    errors.rows.iter().map(|row| (row.name.clone(), means(row))).collect()
}

/// The error was: words that a driver uses too gave a meaning to errors of other systems.
#[test]
fn errors_of_other_systems_have_no_meaning_of_a_database() {
    for error in [
        "HTTPError: Response code 429 (Too Many Requests)",
        "Error: Command timed out after 100 milliseconds: sleep 5",
        "Error: Invalid greeting. response=421 4.7.0 Too many connections from your IP",
        "Error: Product P1001 not found",
        "Error: part P2024 is out of stock",
        "Error: upload failed: storage answered \"Too many connections\"",
        "Error: OpenAI: 429 Too Many Requests",
        "Error: WebSocket: Connection terminated by the browser",
        "Error: worker pool: No connections available",
        "Error: the server has gone away",
        "Error: 503 Server shutdown in progress",
        "Error: Connection is not established: wss",
        "Error: user is not allowed to connect to this room",
        "Error: XECONNRESETX",
        "Error: Redis failed: Too many connections",
        "Error: the upload failed: Too many connections",
        "Error: mail could not be sent: 421: Too many connections",
        "Error: Request failed: Too many connections from your IP",
        "Error: Request failed: storage: Too many connections",
        "Error: Request failed: Command timed out",
    ] {
        let log = format!("2026-11-30T06:15:56.715Z ERROR {error}\n    at f (/srv/app.js:1:2)\n");
        let found = meanings(&log);
        assert!(found.values().all(String::is_empty), "{error}: {found:?}");
    }
    for (error, means) in [
        ("QueryFailedError: Too many connections", "the database has as many connections"),
        ("error: deadlock detected", "two transactions waited"),
        ("Error: Request failed: Too many connections", "the database has as many connections"),
        (
            "Unable to connect to the database: Too many connections (POST /orders)",
            "the database has as many connections",
        ),
        ("orders could not be read, mysql: Too many connections.", "the database has as many"),
        ("Request failed: timeout exceeded when trying to connect", "no connection of the pool"),
        ("Job failed: Connection terminated unexpectedly", "the database, or something between"),
        ("ThrottlerException: Too Many Requests", "the application's own rate limit"),
        ("ReplyError: ERR max number of clients reached", "the database has as many"),
        (
            "KnexTimeoutError: Knex: Timeout acquiring a connection. The pool",
            "no connection of the",
        ),
    ] {
        let log = format!("2026-11-30T06:15:56.715Z ERROR {error}\n    at f (/srv/app.js:1:2)\n");
        let found = meanings(&log);
        assert!(found.values().all(|it| it.starts_with(means)), "{error}: {found:?}");
    }
}

/// The error was: the meaning of the first message stood for all messages of a row.
#[test]
fn a_meaning_is_of_all_messages_of_a_row() {
    let line =
        |quoted: &str| format!("2026-11-30T05:57:51.000Z error: Request failed: \"{quoted}\"\n");
    let locked = line("Lock wait timeout exceeded; try restarting transaction");
    let name = "[error] Request failed: \"…\"";
    assert!(meanings(&locked.repeat(2))[name].starts_with("a row stayed locked"));
    assert_eq!(meanings(&[locked, line("read ECONNRESET")].concat())[name], "");
}
