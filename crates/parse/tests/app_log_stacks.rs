//! Stacks and messages of logged errors in the forms of several libraries and loggers: each error is
//! counted once, with its name and its place.

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use std::path::Path;

pub(crate) fn parse(text: &str) -> Profile {
    let options = Options { app_log: true, ..Options::default() };
    read_stream(text.as_bytes(), Path::new("app.log"), &options).unwrap()
}

pub(crate) fn fold(text: &str) -> Vec<String> {
    let profile = parse(text);
    let mut out = Vec::new();
    folded::write(&CallTree::build(&profile, &Selection::default()), &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

pub(crate) const TIME: &str = "2026-11-29T23:08:51.123Z";

/// The error was: the stack of a call of gRPC has a second part, which was another error, and its place
/// in the application was missing in the first one.
#[test]
fn a_stack_of_two_parts_is_one_error() {
    for between in ["for call at", "From previous event:"] {
        let log = format!(
            "{TIME} ERROR [Stock] Error: 14 UNAVAILABLE: down\n    at fail (/srv/node_modules/g/a.js:3:4)\n\
             {between}\n    at Client.get (/srv/node_modules/g/b.js:5:6)\n    at stock (/srv/app.js:7:8)\n\
             {TIME} ERROR [Stock] Error: x\n    at f (/srv/app.js:1:2)\n"
        );
        let first = "Error: <n> UNAVAILABLE: down;stock /srv/app.js:7:8;\
                     Client.get /srv/node_modules/g/b.js:5:6;fail /srv/node_modules/g/a.js:3:4 1";
        assert_eq!(fold(&log), [first, "Error: x;f /srv/app.js:1:2 1"], "{between}");
    }
}

/// The error was: the place above the code of an error of syntax was an error of its own.
#[test]
fn an_error_of_syntax_has_its_code_above_its_name() {
    let rest =
        "let x = ;\n        ^\n\nSyntaxError: Unexpected token ';'\n    at run (/srv/app.js:7:8)\n";
    let found = ["SyntaxError: Unexpected token '…';run /srv/app.js:7:8 1"];
    for first in ["", "[", "Unexpected token ';' "] {
        let log = format!("{TIME} ERROR {first}/srv/a.js:1\n{rest}");
        assert_eq!(fold(&log), found, "{log}");
    }
    // Without the code, the place may end any message.
    let log = format!(
        "{TIME} ERROR cannot open /srv/a.json:1\nnext\nError: y\n    at f (/srv/a.js:1:2)\n"
    );
    assert_eq!(fold(&log).len(), 2);
}

/// The error was: the stack of an error of PostgreSQL, whose class is `error`, was a second error.
#[test]
fn an_error_whose_class_is_error_is_counted_once() {
    let log =
        format!("{TIME} [ERROR] no such table\nerror: no such table\n    at f (/srv/a.js:1:2)\n");
    assert_eq!(fold(&log), ["[error] no such table;f /srv/a.js:1:2 1"]);
    // Two lines without a stack are two errors.
    assert_eq!(fold("error: boom\nerror: boom\nall well\n"), ["[error] boom 2"]);
    let other = fold("error: boom\nerror: boom\nError: x\n    at f (/srv/a.js:1:2)\n");
    assert_eq!(other, ["Error: x;f /srv/a.js:1:2 1", "[error] boom 1"]);
}

/// The error was: an error that contains others, below the line of a logger, got the name of the first.
#[test]
fn errors_without_a_stack_keep_their_name_above_a_list() {
    for first in
        ["[2026-11-24T09:30:00.123] [ERROR] app - ", " ⨯ ", "[2026-11-24 09:30:00] ERROR: "]
    {
        let log = format!(
            "{first}[AggregateError: All were rejected] {{\n  [errors]: [\n    Error: one\n        \
             at g (/srv/a.js:3:4),\n    Error: two\n        at h (/srv/a.js:5:6)\n  ]\n}}\n"
        );
        let found = "AggregateError: All were rejected;[errors] Error: one;g /srv/a.js:3:4;[errors] Error: two;h /srv/a.js:5:6 1";
        assert_eq!(fold(&log), [found], "{log}");
    }
}

/// The error was: the last line of the message was the name of the error.
#[test]
fn a_message_of_several_lines_may_follow_other_text() {
    for before in ["could not answer ", "shop:error ", "request failed: "] {
        let log = format!(
            "{TIME} {before}Error: refused\nreason: no funds\n\n  - card 1\n    at f (/srv/a.js:1:2)\n"
        );
        assert_eq!(fold(&log), ["Error: refused;f /srv/a.js:1:2 1"], "{before}");
    }
    let log = format!(
        "{TIME} shop:error PrismaClientKnownRequestError: \nInvalid `find()`:\n\nTimed out fetching a new \
         connection\n    at f (/srv/a.js:1:2)\n"
    );
    let found =
        "PrismaClientKnownRequestError: Invalid `find()`: Timed out fetching a new connection";
    assert_eq!(fold(&log), [format!("{found};f /srv/a.js:1:2 1")]);
    // Another error, and another event.
    let log =
        format!("{TIME} read: Error: x\nOrderRejected: none left\n    at f (/srv/a.js:1:2)\n");
    assert_eq!(fold(&log), ["[error] OrderRejected: none left;f /srv/a.js:1:2 1"]);
    let log = format!("ready\n{TIME} read: Error: x\n{TIME} no stock\n    at f (/srv/a.js:1:2)\n");
    assert_eq!(fold(&log), ["[error] no stock;f /srv/a.js:1:2 1"]);
}

/// The error was: a stack that NestJS writes as the name of a context, and one whose lines end with a mark
/// of their own, were missing.
#[test]
fn stacks_stand_in_other_fields_and_other_lines() {
    let nest = r#"{"level":"error","pid":7,"timestamp":1795993922504,"message":"refused\nreason: x","context":"Error: refused\nreason: x\n    at f (/srv/a.js:1:2)"}"#;
    assert_eq!(fold(nest), ["Error: refused;f /srv/a.js:1:2 1"]);
    let lambda = format!(
        "{TIME}\t8b2f-1\tERROR\tError: x\r    at f (/srv/a.js:1:2)\r    at g (/srv/a.js:3:4)\n"
    );
    assert_eq!(fold(&lambda), ["Error: x;g /srv/a.js:3:4;f /srv/a.js:1:2 1"]);
    let winston = format!(
        "{TIME} error: failed refused\nreason: x\n  - card 2 {}\n{TIME} info: ok {{}}\n",
        r#"{"stack":"Error: refused\nreason: x\n    at f (/srv/a.js:1:2)","path":"/a"}"#
    );
    assert_eq!(fold(&winston), ["Error: refused;f /srv/a.js:1:2 1"]);
}

/// The error was: the fields of an error of axios, which pino-pretty prints above its stack, were taken
/// for the end of the error after 50 lines, and the stack for another one.
#[test]
fn many_fields_may_stand_above_a_stack() {
    let log = format!(
        "[2026-11-27 20:54:54.360 +0900] ERROR (7): Request failed\n    err: {{\n{}      \"stack\":\n          \
         AxiosError: Request failed\n              at f (/srv/a.js:1:2)\n    }}\n",
        "      \"a\": 1,\n".repeat(600)
    );
    assert_eq!(fold(&log), ["AxiosError: Request failed;f /srv/a.js:1:2 1"]);
}

/// The error was: an object with a map, a set, a function with properties, or an error whose class has
/// another name, was read line by line.
#[test]
fn objects_have_values_of_many_classes() {
    let head = "{\n  level: 'error',\n  timestamp: 1795993966800,\n";
    let log = format!(
        "{head}  servers: Map(1) {{ '127.0.0.1:1' => Server {{ a: 1 }}, 2 => 'b' }},\n  \
         tags: Set(2) {{ 'a', 'b' }},\n  f: [Function: f] {{\n    b: 'c'\n  }},\n  \
         h: Object [Headers] {{ d: 1 }},\n  n: [Object: null prototype] {{ e: 1 }},\n  \
         r: <ref *1> Socket {{ s: [Circular *1] }},\n  message: 'no way'\n}}\n"
    );
    assert_eq!(fold(&log), ["[error] no way 1"]);
    let log = format!(
        "{head}  message: ErrorReply: WRONGTYPE x\n      at f (/srv/a.js:1:2),\n  context: 'X'\n}}\n"
    );
    assert_eq!(fold(&log), ["[error] ErrorReply: WRONGTYPE x;f /srv/a.js:1:2 1"]);
    let log = format!(
        "{head}  message: Error: refused\n  reason: {{x}}\n  - card 1\n      at f (/srv/a.js:1:2) {{\n    \
         code: 'ER_X'\n  }},\n  context: 'X'\n}}\n"
    );
    assert_eq!(fold(&log), ["Error: refused;f /srv/a.js:1:2 1"]);
}

/// The error was: only the first error of a list was read, and a name in brackets behind other text, or a
/// cause that is a property, was none.
#[test]
fn all_errors_of_an_aggregate_error_are_its_causes() {
    let first = "[errors]: [\n    Error: a\n        at f (/srv/a.js:1:2) {\n      [cause]: Error: root\n\
                 \x20         at g (/srv/a.js:3:4)\n    },\n    Error: b\n        at h (/srv/a.js:5:6),\n\
                 \x20   Error: b\n        at h (/srv/a.js:5:6)\n  ]\n}\nall well\n";
    let causes = "[errors] Error: a;f /srv/a.js:1:2;[cause] Error: root;g /srv/a.js:3:4;\
                  [errors] Error: b;h /srv/a.js:5:6 1";
    let frames = "AggregateError: no\n    at all (/srv/a.js:7:8) {\n  ";
    assert_eq!(
        fold(&format!("{frames}{first}")),
        [format!("AggregateError: no;all /srv/a.js:7:8;{causes}")]
    );
    for before in ["", "failed ", "2026-11-29T23:08:51.123Z ERROR failed "] {
        let log = format!("{before}[AggregateError: no] {{\n  {first}");
        assert_eq!(fold(&log), [format!("AggregateError: no;{causes}")], "{log}");
    }
    let pretty = "[2026-11-30 10:07:28.089 +0000] ERROR (7): pretty\n    err: {\n      \"type\": \"AggregateError\",\n\
                  \x20     \"stack\":\n          AggregateError: no\n              at all (/srv/a.js:7:8)\n\
                  \x20     \"aggregateErrors\": [\n        {\n          \"stack\":\n              Error: a\n\
                  \x20                 at f (/srv/a.js:1:2)\n              caused by: Error: root\n\
                  \x20                 at g (/srv/a.js:3:4)\n        },\n        {\n          \"stack\":\n\
                  \x20             Error: b\n                  at h (/srv/a.js:5:6)\n        }\n      ]\n    }\n";
    assert_eq!(fold(pretty), [format!("AggregateError: no;all /srv/a.js:7:8;{causes}")]);
    // The second list is that of the cause.
    let nested = "Error: x\n    at f (/srv/a.js:1:2) {\n  [cause]: [AggregateError: no] {\n    [errors]: [\n\
                  \x20     Error: a\n          at g (/srv/a.js:3:4)\n    ]\n  },\n  code: 'E_X'\n}\n";
    assert_eq!(
        fold(nested),
        ["Error: x;f /srv/a.js:1:2;[cause] AggregateError: no;[errors] Error: a;g /srv/a.js:3:4 1"]
    );
    let property = "Error: x\n    at f (/srv/a.js:1:2) {\n  code: 'E_X',\n  cause: Error: y\n\
                    \x20     at g (/srv/a.js:3:4)\n}\nall well\n";
    assert_eq!(fold(property), ["Error: x;f /srv/a.js:1:2;[cause] Error: y;g /srv/a.js:3:4 1"]);
}

/// The error was: NestJS's lists were named `Object` or `Array(<n>) [`, and several errors were one row.
#[test]
fn a_list_is_named_by_its_texts() {
    let nest = "[Nest] 7  - 11/30/2026, 9:18:14 AM   ERROR [Filter]";
    let rule = "constraints\": {\"isEmail\": \"must be an email\"";
    let named = ["[error] must be an email, must be a number 1"];
    for log in [
        format!("{nest} Object:\n[\n  \"must be an email\",\n  \"must be a number\"\n]\n\nfine\n"),
        format!("{nest} Array(2) [\n  'must be an email',\n  'must be a number'\n]\n"),
        format!("{nest} Array(2) [ 'must be an email', 'must be a number' ] +2ms\n"),
        format!(
            "{nest} Object:\n[\n  {{\n    \"target\": {{\"message\": \"x\"}},\n    \"{rule}}}\n  }},\n\
             \x20 {{\"children\": [{{\"constraints\": {{\"isInt\": \"must be a number\"}}}}]}}\n]\n"
        ),
        format!(
            "{nest} Array(2) [\n  ValidationError {{\n    target: Dto {{ email: 'x' }},\n    constraints: \
             {{ isEmail: 'must be an email' }}\n  }},\n  ValidationError {{\n    constraints: {{\n\
             \x20     isInt: 'must be a number'\n    }}\n  }}\n]\n"
        ),
        format!(
            "{{\"level\":\"error\",\"timestamp\":1796030295662,\"message\":[{{\"{rule}}}}},\
             \"must be a number\"],\"context\":\"Filter\"}}\n"
        ),
    ] {
        assert_eq!(fold(&log), named, "{log}");
    }
    let healthy = "[Nest] 7  - 11/30/2026, 9:18:14 AM     LOG [Filter]";
    for list in ["Object:\n[\n  \"a\",\n  \"Error: b\"\n]\n", "Array(1) [\n  'Error: b'\n]\n"] {
        assert_eq!(fold(&format!("{healthy} {list}")), [""; 0], "{list}");
    }
}

/// The error was: the last line of a message was taken for a prefix of the fields behind it, so that the
/// error behind these was a second one.
#[test]
fn fields_behind_a_message_of_two_lines_are_of_its_error() {
    let log = "error: multi\nline one {\"timestamp\":\"2026-11-30T09:20:07.086Z\",\"stack\":\
               \"Error: multi\\nline one\\n    at f (/srv/a.js:1:2)\"}\n\
               error: two\nlines {\"timestamp\":\"2026-11-30T09:20:07.086Z\"}\ninfo: fine {}\n";
    assert_eq!(fold(log), ["Error: multi;f /srv/a.js:1:2 1", "[error] two 1"]);
}

/// The error was: two processes of one log, told apart by journald, foreman, the time of `stern -t` or a
/// field of a collector's JSON, had their stacks mixed.
#[test]
fn stacks_of_two_processes_may_alternate() {
    let stack = |process: usize| {
        let name = ["a", "b"][process];
        [
            format!("Error: {name}"),
            format!("    at f (/srv/{name}.js:1:2) {{"),
            format!("  [cause]: TypeError: {name}"),
            format!("      at g (/srv/{name}.js:3:4)"),
            "}".to_owned(),
        ]
    };
    let json = |line: &str| line.replace('"', "\\\"");
    let packed: [fn(usize, &str) -> String; 6] = [
        |process, line| format!("Nov 30 05:53:10 host web[4{process}]: {line}"),
        |process, line| format!("05:53:10 web.{process}   | {line}"),
        |process, line| format!("web-{process} app 2026-11-30T05:53:10.2Z {line}"),
        |process, line| {
            let time = "2026-11-30T05:53:10.2Z";
            format!(
                "{{\"log\":\"{line}\\n\",\"stream\":\"stderr\",\"attrs\":{{\"tag\":\"w{process}\"}},\"time\":\"{time}\"}}"
            )
        },
        |process, line| {
            let time = "2026-11-30T05:53:10.2Z";
            format!(
                "{{\"labels\":{{\"pod\":\"web-{process}\"}},\"line\":\"{line}\",\"timestamp\":\"{time}\"}}"
            )
        },
        |process, line| {
            let time = "2026-11-30T05:53:10.2Z";
            format!(
                "{{\"message\":\"{line}\",\"container_name\":\"web-{process}\",\"timestamp\":\"{time}\"}}"
            )
        },
    ];
    for prefixed in packed {
        let (a, b) = (stack(0), stack(1));
        let lines =
            a.iter().zip(&b).flat_map(|(a, b)| [prefixed(0, &json(a)), prefixed(1, &json(b))]);
        let log = lines.collect::<Vec<_>>().join("\n") + "\n";
        let row = |name: &str| {
            format!(
                "Error: {name};f /srv/{name}.js:1:2;[cause] TypeError: {name};g /srv/{name}.js:3:4 1"
            )
        };
        assert_eq!(fold(&log), [row("a"), row("b")], "{log}");
    }
}

/// The error was: an error of Sequelize, which has no message in its stack, was named `Error`.
#[test]
fn an_error_without_a_message_is_named_by_its_properties() {
    let rest = "    at f (/srv/a.js:1:2) {\n  name: 'SequelizeUniqueConstraintError',\n  errors: [\n\
                \x20   ValidationErrorItem {\n      message: 'must be unique'\n    }\n  ],\n\
                \x20 parent: Error: Duplicate entry\n      at g (/srv/a.js:3:4) {\n    code: 'ER_DUP_ENTRY'\n\
                \x20 },\n  original: Error: Duplicate entry\n      at g (/srv/a.js:3:4)\n}\nall well\n";
    for before in ["", "failed ", "2026-11-29T23:08:51.123Z ERROR [a] failed "] {
        let found = "[error] SequelizeUniqueConstraintError;f /srv/a.js:1:2;[cause] Error: Duplicate entry;\
                     g /srv/a.js:3:4 1";
        assert_eq!(fold(&format!("{before}Error\n{rest}")), [found], "{before}");
    }
}

/// The error was: zod's list of faults was named `ZodError: [`.
#[test]
fn a_list_as_a_message_is_named_by_its_texts() {
    let list = "[\n  {\n    \"code\": \"invalid_type\",\n    \"path\": [\n      \"email\"\n    ],\n\
                \x20   \"message\": \"Required\"\n  },\n  {\n    \"message\": \"Too short\"\n  }\n]\n    \
                at f (/srv/a.js:1:2)\nall well\n";
    for before in ["", "2026-11-29T23:08:51.123Z ERROR [a] "] {
        let found = fold(&format!("{before}ZodError: {list}"));
        assert_eq!(found, ["ZodError: Required, Too short;f /srv/a.js:1:2 1"], "{before}");
    }
}

/// The error was: the lines of Node's own example for rejected promises were two errors.
#[test]
fn a_rejected_promise_and_its_reason_are_one_error() {
    let stack = "Error: late\n      at f (/srv/a.js:1:2)\n";
    let rest = format!(
        "Unhandled Rejection at: Promise {{\n  <rejected> {stack}}} reason: {stack}all well\n"
    );
    for before in ["", "2026-11-29T23:08:51.123Z ERROR "] {
        assert_eq!(fold(&format!("{before}{rest}")), ["Error: late;f /srv/a.js:1:2 1"], "{before}");
    }
}

/// Sequelize 6.37 puts a bare `Error` above the stack of a failed query. The error was: it replaced the message
/// of the logger, so that all failed queries were one row without a meaning.
#[test]
fn a_bare_error_above_a_stack_leaves_the_message_of_the_logger() {
    let frames =
        "    at Query.run (/srv/shop/query.js:52:25)\n    at async /srv/shop/app.js:23:18\n";
    let nest = "[Nest] 3316  - 12/01/2026, 1:03:17 AM   ERROR [All] Lock wait timeout exceeded; try restarting transaction\nError\n";
    let pino = serde_json::json!({"level": 50, "time": 1_796_054_597_370_u64, "msg": "failed", "err": {"type": "DatabaseError",
        "message": "Lock wait timeout exceeded", "stack": format!("Error\n{frames}"), "name": "SequelizeDatabaseError"}});
    let blank = "[Nest] 3316  - 12/01/2026, 1:03:17 AM   ERROR [All] \nError\n";
    for (log, name) in [
        (
            format!("{nest}{frames}"),
            "[error] Lock wait timeout exceeded: try restarting transaction",
        ),
        (format!("{pino}\n"), "DatabaseError: Lock wait timeout exceeded"),
        (format!("{blank}{frames}"), "[error] Error"),
    ] {
        assert_eq!(
            fold(&log),
            [format!(
                "{name};<anonymous> /srv/shop/app.js:23:18;Query.run /srv/shop/query.js:52:25 1"
            )]
        );
    }
}

/// MikroORM 6.6 adds the stack of the driver's error below a blank line. The error was: these frames were lost
/// with a warning, or became callers of the error.
#[test]
fn frames_below_a_blank_line_are_no_callers() {
    let stack = "DriverException: no\n    at convert (/srv/a.js:1:2)\n    at main (/srv/a.js:3:4)\n\n    at asError (/srv/b.js:5:6)";
    let json = serde_json::json!({"level": 50, "time": 1_796_054_597_370_u64, "err": {"type": "DriverException", "stack": stack}});
    let spaced = stack.replace("\n\n    at asError (/srv/b.js:5:6)", "").replace('\n', "\n\n");
    for log in [format!("{stack}\n"), format!("{json}\n"), format!("{spaced}\n")] {
        let profile = parse(&log);
        assert!(profile.losses.is_empty(), "{log}");
        assert_eq!(fold(&log), ["DriverException: no;main /srv/a.js:3:4;convert /srv/a.js:1:2 1"]);
    }
}

/// The error was: an error in an object that `console.error` prints had the last line of its message as its name,
/// or the key before it.
#[test]
fn a_member_of_a_printed_object_has_its_own_name() {
    let stack = "      at f (/srv/app.js:1:2)";
    for (log, name) in [
        (format!("{{\n  err: Error: one\n  two\n{stack},\n  ctx: 'x'\n}}\n"), "Error: one"),
        (format!("[\n  TypeError: one\n  two\n{stack}\n]\n"), "TypeError: one"),
        (format!("{{\n  err: HttpProblem: bad\n{stack}\n}}\n"), "[error] HttpProblem: bad"),
        (format!("{{\n  err: Boom [Error]: bad\n{stack}\n}}\n"), "[error] Boom [Error]: bad"),
    ] {
        assert_eq!(fold(&log), [format!("{name};f /srv/app.js:1:2 1")], "{log}");
    }
}

/// The error was: a program that ended because it threw an object had no errors in its log.
#[test]
fn a_thrown_value_that_is_no_error_is_one() {
    let log = |value: &str| format!("\n/srv/app.js:4\n throw x\n ^\n{value}\n\nNode.js v20.20.2\n");
    assert_eq!(fold(&log("{ a: null }")), ["[error] Uncaught { a: null } 1"]);
    let hint = "\n(Use `node --trace-uncaught ...` to show where the exception was thrown)";
    assert_eq!(fold(&log(hint)), ["[error] Uncaught (a value without a text) 1"]);
    assert_eq!(fold(&log(&format!("true{hint}"))), ["[error] Uncaught true 1"]);
    let named = "Error: x\n    at f (/srv/app.js:1:2)";
    assert_eq!(fold(&log(named)), ["Error: x;f /srv/app.js:1:2 1"]);
    let rejected = "UnhandledPromiseRejection: This error originated either by throwing inside of an async \
                    function without a catch block, or by rejecting a promise which was not handled with \
                    .catch(). The promise rejected with the reason \"no stock\".\n    at f (/srv/app.js:1:2)\n";
    let name = "[error] UnhandledPromiseRejection: the reason is no stock";
    assert_eq!(fold(rejected), [format!("{name};f /srv/app.js:1:2 1")]);
}

/// The error was: an error without a stack and with its properties on the same line was none.
#[test]
fn properties_may_stand_on_the_line_of_an_error() {
    let log = "[Error: no file] { errno: -2, code: 'ENOENT' }\n[Error: x] { stack: undefined }\n";
    let found = parse(log);
    assert_eq!(fold(log), ["Error: no file 1", "Error: x 1"]);
    assert_eq!(found.error_details["Error: no file"].code, "ENOENT");
}

/// The error was: a line of information with a trace was an error, and the texts beside the messages of a logger
/// named all failures by timeout alike.
#[test]
fn a_trace_is_no_error_and_a_remark_is_no_name() {
    let trace = "{\"level\":30,\"time\":1795777200000,\"msg\":\"slow\",\"stack\":\"at f (/srv/a.js:1:1)\"}\n\
                 {\"level\":20,\"time\":1795777201000,\"msg\":\"t\",\"trace\":\"Error\\n    at f (/srv/a.js:1:1)\"}\n";
    assert_eq!(fold(trace), Vec::<String>::new());
    let named = "{\"level\":40,\"time\":1795777200000,\"err\":{\"type\":\"Error\",\"message\":\"x\",\
                 \"stack\":\"Error: x\\n    at f (/srv/a.js:1:1)\"},\"msg\":\"again\"}\n";
    assert_eq!(fold(named), ["Error: x;f /srv/a.js:1:1 1"]);
    let log = "ts=2026-11-27T11:00:01.123Z lvl=error msg=\"Failed to write\" error=\"timeout\"\n\
               {\"level\":\"fatal\",\"ts\":\"2026-11-27T11:00:01.123Z\",\"msg\":\"discovery failed\",\"error\":\"no peers\"}\n\
               [2026-11-27 11:00:01] production.ERROR: Connection refused {\"exception\":\"[object]\"}\n\
               {\"t\":{\"$date\":\"2026-11-27T11:00:01.123+00:00\"},\"s\":\"E\",\"msg\":\"Failed to start\",\"attr\":{\"error\":\"Location1\"}}\n\
               {\"t\":{\"$date\":\"2026-11-27T11:00:01.123+00:00\"},\"s\":\"I\",\"msg\":\"Error reporting on\",\"attr\":{\"errors\":0}}\n\
               time:2026-11-27T11:00:01.123Z\tlevel:error\tmessage:queue is full\n";
    let found = [
        "[error] Connection refused 1",
        "[error] Failed to start: Location1 1",
        "[error] Failed to write: timeout 1",
        "[error] discovery failed: no peers 1",
        "[error] queue is full 1",
    ];
    assert_eq!(fold(log), found);
}
