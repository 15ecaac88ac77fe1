//! Words that only name an error, beside errors that happened: summaries, lists of switches, tables,
//! printed fields.

use crate::app_log::counts;
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Selection, folded};
use std::path::Path;

/// The line before and behind the ones that are looked at, so that they are in a log.
const NEST: &str = "[Nest] 7  - 11/29/2026, 6:28:40 AM     LOG [Ctx] a line";

/// Returns the number of errors in a log with these lines.
fn errors(lines: &str) -> u64 {
    let log = format!("{NEST}\n{lines}\n{NEST}\n");
    let options = Options { app_log: true, ..Options::default() };
    read_stream(log.as_bytes(), Path::new("x"), &options).unwrap().total()
}

const STACK: &str = "\n    at f (/srv/a.js:1:2)";

/// The error was: each of these lines counted as an error.
#[test]
fn a_word_that_names_an_error_is_none() {
    for line in NAMED.lines().filter(|line| !line.is_empty()) {
        assert_eq!(errors(line), 0, "{line}");
    }
    for table in TABLES {
        assert_eq!(errors(table), 0, "{table}");
    }
    // With a stack below it, each is one.
    for line in ["Error: null", "error: undefined", "ERROR: 0", "❌  Cache disabled", "error   web"]
    {
        assert_eq!(errors(&format!("{line}{STACK}")), 1, "{line}");
    }
}

/// The class of node-postgres' errors is `error`. A line of the logger and the stack below it were two errors.
#[test]
fn an_error_of_postgres_below_a_loggers_line_is_one() {
    let logged = "2026-11-27T11:00:01.000Z ERROR failed";
    assert_eq!(errors(&format!("{logged}\nerror: duplicate key{STACK}")), 1);
    assert_eq!(errors(&format!("{logged}\nError: duplicate key{STACK}")), 1);
    // Without a stack, and below a line of the same logger, each line is an error.
    assert_eq!(errors(&format!("{logged}\nerror: duplicate key")), 2);
    assert_eq!(errors(&format!("error: failed\nerror: duplicate key{STACK}")), 2);
    assert_eq!(errors(&format!("{logged}\n  at once\nerror: duplicate key{STACK}")), 2);
}

/// The errors were: a code that half of the errors had stood beside all of them, and a message of spaces
/// gave the name `[error] `.
#[test]
fn rows_have_the_code_of_all_errors_and_a_name() {
    let read = |log: &str| {
        let options = Options { app_log: true, ..Options::default() };
        read_stream(log.as_bytes(), Path::new("x"), &options).unwrap()
    };
    let with_code = format!("{NEST}\nError: x{STACK} {{\n  code: 'ECONNRESET'\n}}\n");
    let code = |log: &str| read(log).error_details["Error: x"].code.clone();
    assert_eq!(code(&with_code), "ECONNRESET");
    assert_eq!(code(&format!("{with_code}{with_code}")), "ECONNRESET");
    assert_eq!(code(&format!("{with_code}{NEST}\nError: x{STACK}\n")), "…");
    assert_eq!(code(&format!("{NEST}\nError: x{STACK}\n{with_code}")), "…");
    let blank = read(&format!("{NEST}\n2026-11-27T11:00:01.000Z ERROR  \n"));
    let mut out = Vec::new();
    let tree = CallTree::build(&blank, &Selection::default());
    folded::write(&tree, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "[error] (no message) 1\n");
}

#[test]
fn a_statement_that_an_error_happened_is_one() {
    for line in REAL.lines().filter(|line| !line.is_empty()) {
        assert_eq!(errors(line), 1, "{line}");
    }
}

const TABLES: [&str; 5] = [
    "STATUS  NAME\nerror   web\nerror   api 2\nready   db",
    "LEVEL   COUNT\n------  -----\nerror   12 a minute\ninfo    300",
    "┌───────────┬─────┐\n│ error     │ web │\n└───────────┴─────┘",
    "+-------+-------+\n| level | count |\n+-------+-------+\n| error | a few |\n| fatal | none  |",
    " level |  text\n-------+---------\n error | no room",
];

const NAMED: &str = r#"
❌  0 failed
❌  Cache disabled
❌  Failed: 0
✖  0 problems (0 errors, 0 warnings)
✗  0 failed
✖  error     0 failed
 ⨯ 0 failed
 ⨯ Cache disabled
⨯ serverActions: off
│ error     │ web     │ 3 │
│ error │ web │
┃ error     ┃ web
| error | 0 |
| ERROR | 12 |
| ERROR     | web-1      | 2m |
error   |     0
error   0
error   web
 Error      x
 Error      0
 Error      | 12
 Alert      off
Error count = 0
Error count: 0
Error rate: 0.00%
ERROR count = 0
ERROR COUNT: 0
ERROR RATE  0.00%
ERRORS: 0
Errors: 0
errors: 0
error: 0
Error: 0
Error: 0 (0.00%)
Error: none
Error: null
Error: undefined
Error: false
Error: n/a
TimeoutError: 0
error: none
error: null
error: undefined
error: false
error: 0 (0.00 %)
ERROR: none
ERROR: 0
ERROR 0
ERROR | 0
ERROR            12    3.4%
ERROR            12    3.4%   ########
FATAL            0
CRITICAL: 0
critical: 0
fatal: 0
panic: 0
alert: off
alert: none
alert: disabled
[error] 0
[ERROR] 0
[error]: none
[ERROR] none
[error] no errors found
[ERROR] 0 errors
0 errors
no errors found
No errors.
ERROR: no errors found
error: no error
error: no errors since start
Found 0 errors. Watching for file changes.
found 0 vulnerabilities
failed=0
ok=3 changed=0 unreachable=0 failed=0
level=info msg="done" failed=0 error=none
error - 0
error - none
errors=0 warnings=0
Tests: 0 failed, 12 passed
Error handling enabled
ERROR LOG: /var/log/app/error.log
ERROR HANDLER registered
ERROR HANDLING enabled
ALERT RULES loaded
FATAL ERRORS: 0
ERROR: 0, WARN: 12, INFO: 300
ERROR: 3 WARN: 12 INFO: 300
FATAL: 0 ERROR: 0 WARN: 12
ERROR PAGES: 404.html 500.html
ERROR LEVEL = 3
CRITICAL CSS inlined
- error: 0
- fatal: 0
{"message":"error: none","timestamp":"2026-11-29T06:28:40Z","container_name":"web","stream":"stdout"}
{"log":"error: none\n","stream":"stdout","time":"2026-11-29T06:28:40.1Z"}
{"log":"❌  0 failed\n","stream":"stderr","time":"2026-11-29T06:28:40.1Z"}
message="error: none" timestamp=2026-11-29T06:28:40Z container_name=web stream=stdout
2026-11-29T06:28:40Z error: none
2026-11-29T06:28:40.123456789Z stdout F errors: 0
{"severity":"ERROR","textPayload":"0 errors","timestamp":"2026-11-29T06:28:40.1Z","logName":"projects/p/logs/stderr"}
{"severity":"ERROR","textPayload":"no errors found","timestamp":"2026-11-29T06:28:40.1Z","logName":"projects/p/logs/stderr"}
[0] error: none
web-1  | error: none
0|web  | Error: 0
"#;

const REAL: &str = r#"
error: Failed to connect to db
error: 0 rows updated, expected 1
ERROR 500 Internal Server Error
ERROR 1045 (28000): Access denied for user
Error: 404
error: 503
error: none of the replicas answered
error: no route to host
error: no error handler is registered
ERROR: null value in column "x" violates not-null constraint
ERROR: undefined is not a function
ERROR off-by-one in page
ERROR: 12 errors found
error: 3 failed
❌  web no room
❌  3 failed
❌  Payment failed
 ⨯ unhandledRejection: down
error   boom happened
 Error      boom happened twice
ERROR | DB down
[error] no connection
[ERROR] disabled users cannot log in
ERROR LOG file cannot be opened
ERROR HANDLER crashed
alert: 3 pods down
Error: 0 bytes received
Error: 0x80004005
Error: -1
Error: no such file
Error: None of the hosts is up
Error: false is no date
FATAL ERROR: Reached heap limit
fatal: not a git repository
critical: disk full
panic: runtime error
2026-11-29 06:28:40 error: 0
[Nest] 7  - 11/29/2026, 6:28:40 AM   ERROR [Ctx] undefined
{"level":50,"time":1795933720000,"msg":"0 errors"}
{"level":"error","message":"none","timestamp":"2026-11-29T06:28:40Z"}
ERROR ECONNREFUSED 127.0.0.1:3306
ERROR HTTP 500 from upstream
ERROR JWT expired
ERROR ENOENT
✖  error     no room
AxiosError: Request failed with status code 503
ERROR: off by one in page 3
TypeError: 0 is not a function
[error] 1 of 3 writes failed
ERROR count of rows differs: 3 and 4
error: rate limit exceeded
"#;

/// The error was: `[error] (no message)` for different errors whose text stands below a key of the program's own, or
/// in Sentry's list.
#[test]
fn a_text_below_another_key_is_the_message() {
    for (fields, name) in [
        ("\"text\":\"queue is full\"", "[error] queue is full"),
        ("\"event\":\"queue is full\",\"job\":\"mail\"", "[error] queue is full"),
        ("\"details\":\"of a job\",\"msg\":\"queue is full\"", "[error] queue is full"),
        (
            "\"exception\":{\"values\":[{\"type\":\"PoolError\",\"value\":\"full\"}]}",
            "PoolError: full",
        ),
    ] {
        let line =
            format!("{{\"severity\":\"ERROR\",\"timestamp\":\"2026-11-27T11:00:02Z\",{fields}}}\n");
        assert_eq!(counts(&line), [(name.to_owned(), 1)], "{fields}");
    }
}
