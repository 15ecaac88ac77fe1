//! Errors of libraries, as Node's console prints them. Each text is what the library wrote when it was run,
//! with shorter stacks.

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use std::path::Path;

fn read(log: &str) -> Profile {
    let options = Options { app_log: true, ..Options::default() };
    read_stream(log.as_bytes(), Path::new("x"), &options).unwrap()
}

fn fold(log: &str) -> String {
    let mut out = Vec::new();
    folded::write(&CallTree::build(&read(log), &Selection::default()), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A failed query as Prisma 7 logs it with `log: ['error']`.
const PRISMA: &str = "prisma:error \nInvalid `prisma.user.create()` invocation:\n\n\n\
    Unique constraint failed on the fields: (`email`)\n";

/// The error was: "no errors", when the program did not log the error itself.
#[test]
fn an_error_that_only_prisma_logs_counts() {
    let log = format!("{PRISMA}GET /orders 500\n{PRISMA}prisma:warn slow\n{PRISMA}");
    let name = "[error] Invalid `prisma.user.create()` invocation: Unique constraint failed on the fields: (`email`)";
    assert_eq!(fold(&log), format!("{name} 3\n"));
}

/// The error was: an object within the message, which made two errors of one.
#[test]
fn an_error_of_prisma_is_one_beside_its_event() {
    let object = "Invalid `prisma.user.create()` invocation:\n\n{\n  data: {\n    mail: \"x\",\n+   email: String\n  }\n}\n\n\
        Argument `email` is missing.\n";
    for message in [PRISMA.trim_start_matches("prisma:error \n"), object] {
        let log = format!(
            "prisma:error \n{message}PrismaClientKnownRequestError: \n{message}    at place (/srv/app.js:4:46) {{\n  code: 'P2002'\n}}\n"
        );
        let found = fold(&log);
        assert_eq!(found.lines().count(), 1, "{found}");
        assert!(found.starts_with("PrismaClientKnownRequestError: Invalid `prisma"), "{found}");
        assert!(found.contains("place"), "{found}");
    }
}

/// The error was: two errors, the second called `[... lines matching original stack trace ...]`.
#[test]
fn an_error_without_a_listener_is_one() {
    let log = "Error: listen EADDRINUSE: address already in use :::3000\n    at listen (/srv/app.js:1:41)\n\
        Emitted 'error' event on Server instance at:\n    at emit (node:events:1:2)\n    \
        [... lines matching original stack trace ...]\n    at node:internal/main/eval_string:51:3 {\n  code: 'EADDRINUSE'\n}\n";
    let profile = read(log);
    assert_eq!(profile.samples(), 1);
    let codes: Vec<_> = profile.error_details.values().map(|detail| &detail.code).collect();
    assert_eq!(codes, ["EADDRINUSE"]);
}

/// The error was: "no errors in 8 lines" for a program that ended with `throw 5`.
#[test]
fn a_value_that_was_thrown_is_an_error() {
    let log = "/srv/app.js:1\nsetTimeout(() => { throw 5 }, 10)\n                   ^\nno stock\n\
        (Use `node --trace-uncaught ...` to show where the exception was thrown)\n\nNode.js v20.20.2\n";
    assert_eq!(fold(log), "[error] Uncaught no stock 1\n");
}

/// The error was: every `fetch failed` had the code of the first one's cause, and with it a wrong meaning.
#[test]
fn a_code_is_that_of_its_cause() {
    let failed = |cause: &str, code: &str| {
        format!(
            "TypeError: fetch failed\n    at order (/srv/app.js:5:69) {{\n  [cause]: {cause}\n      \
             at connect (/srv/net.js:1:2) {{\n    code: '{code}'\n  }}\n}}\n"
        )
    };
    let log = failed("Error: getaddrinfo ENOTFOUND shop", "ENOTFOUND")
        + &failed("SocketError: other side closed", "UND_ERR_SOCKET");
    let profile = read(&log);
    let code = |name: &str| profile.error_details.get(name).map(|detail| detail.code.as_str());
    assert_eq!(code("TypeError: fetch failed"), None);
    assert_eq!(code("[cause] SocketError: other side closed"), Some("UND_ERR_SOCKET"));
    // One name with two codes has neither.
    let log = "AxiosError: no\n    at f (/a.js:1:2) {\n  code: 'ERR_BAD_REQUEST'\n}\n";
    let both = log.to_owned() + &log.replace("REQUEST", "RESPONSE");
    let codes: Vec<_> = read(&both).error_details.into_values().map(|detail| detail.code).collect();
    assert_eq!(codes, ["…"]);
}

/// The error was: `[cause] undefined`, `[cause] {}`, and a cause twice.
#[test]
fn a_cause_is_an_error_and_named_once() {
    let log = "KafkaJSNonRetriableError\n  Caused by: KafkaJSConnectionError: Connection error: no\n    \
        at onError (/srv/connection.js:210:23)\n    ... 2 lines matching cause stack trace ...\n    \
        at tick (/srv/queue.js:82:21) {\n  retriable: false,\n  [cause]: KafkaJSConnectionError: Connection error: no\n      \
        at onError (/srv/connection.js:210:23)\n      at emit (/srv/emit.js:1:2)\n      at next (/srv/next.js:1:2)\n      \
        at tick (/srv/queue.js:82:21) {\n    code: 'ECONNREFUSED',\n    [cause]: undefined\n  }\n}\n";
    let found = fold(log);
    assert_eq!(found.matches("[cause]").count(), 1, "{found}");
    assert!(!found.contains("undefined"), "{found}");
    let got = "HTTPError: no\n    at f (/a.js:1:2) {\n  [cause]: {},\n  code: 'ERR_X'\n}\n";
    assert!(!fold(got).contains("[cause]"), "{}", fold(got));
}
