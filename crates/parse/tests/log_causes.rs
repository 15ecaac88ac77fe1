//! Causes of errors in the forms of loggers that write JSON or a text of their own.

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use std::path::Path;

fn read(log: &str) -> Profile {
    let options = Options { app_log: true, ..Options::default() };
    read_stream(log.as_bytes(), Path::new("x"), &options).unwrap()
}

fn fold(profile: &Profile) -> String {
    let mut out = Vec::new();
    folded::write(&CallTree::build(profile, &Selection::default()), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const CAUSE: &str =
    "[cause] Error: User '…' has exceeded the 'max_user_connections' resource (current value: <n>)";

/// The error was: the cause was left out, so that the meaning of the error was missing. The lines are those of tslog
/// 5.2.0 (JSON and text) and of roarr 7.21.2 with an error as serialize-error makes it.
#[test]
fn the_cause_of_an_error_is_read() {
    for log in [TSLOG_JSON, TSLOG, ROARR] {
        let folded = fold(&read(log));
        assert!(folded.starts_with("Error: order <n> failed;"), "{folded}");
        assert!(folded.contains(CAUSE), "{folded}");
        assert!(folded.contains("Repo.find"), "{folded}");
        assert_eq!(folded.lines().count(), 1, "{folded}");
        assert!(!folded.contains("[undefined]"), "{folded}");
    }
    // tslog leaves out the code.
    assert_eq!(read(ROARR).error_details[CAUSE].code, "ER_USER_LIMIT_REACHED");
}

/// winston's `errors({ cause: true })` (3.19.0) writes only the fields that the program gave to the cause.
#[test]
fn the_code_of_a_cause_without_a_name_is_kept() {
    let profile = read(WINSTON);
    let detail = &profile.error_details["Error: order <n> failed"];
    assert_eq!(detail.code, "ER_USER_LIMIT_REACHED");
}

/// The error was: `[error] [AggregateError: ...]` without the errors within it. The line is that of NestJS 11.
#[test]
fn the_errors_within_a_message_of_json_are_read() {
    let folded = fold(&read(NEST));
    assert!(
        folded.starts_with("AggregateError: All promises were rejected;[errors] Error: connect ECONNREFUSED <address>;"),
        "{folded}"
    );
}

#[test]
fn a_cause_stands_below_its_error() {
    let json = |error: &str| {
        format!(
            "{{\"level\":\"error\",\"time\":\"2026-12-01T10:00:00Z\",\"msg\":\"failed\",\"err\":{error}}}\n"
        )
    };
    let error = |name: &str, rest: &str| {
        format!(
            "{{\"name\":\"Error\",\"message\":\"{name}\",\"stack\":\"Error: {name}\\n    at {name} (/srv/a.js:1:2)\"{rest}}}"
        )
    };
    let inner = error("c", "");
    let middle = error("b", &format!(",\"cause\":{inner}"));
    let outer = json(&error("a", &format!(",\"cause\":{middle},\"code\":\"E_A\"")));
    let names = |log: &str| -> Vec<String> {
        let folded = fold(&read(log));
        folded.trim().split(';').filter(|part| part.contains("Error")).map(str::to_owned).collect()
    };
    assert_eq!(names(&outer), ["Error: a", "[cause] Error: b", "[cause] Error: c"]);
    // A list of errors belongs to the cause.
    let list = error("b", &format!(",\"errors\":[{inner}]"));
    let outer = json(&error("a", &format!(",\"cause\":{list}")));
    assert_eq!(names(&outer), ["Error: a", "[cause] Error: b", "[errors] Error: c"]);
    // A text, and a cause that is no error.
    let outer = json(&error("a", ",\"cause\":\"Error: b\\n    at b (/srv/a.js:1:2)\""));
    assert_eq!(names(&outer), ["Error: a", "[cause] Error: b"]);
    for cause in ["null", "7", "\"slow\"", "{}", "{\"why\":\"slow\"}"] {
        let outer = json(&error("a", &format!(",\"cause\":{cause}")));
        assert_eq!(names(&outer), ["Error: a"], "{cause}");
    }
}

/// The error was: an exception of Application Insights had no stack (CSV), and JSON of its table was no log. The
/// stack is that of applicationinsights 2.9.8 for Node, in the columns of the documentation.
#[test]
fn the_stack_of_an_exception_of_application_insights_is_read() {
    let details = serde_json::json!([
        {"outerId": "0", "message": "order 17 failed", "type": "Error", "id": "1", "parsedStack": [
            {"level": 0, "method": "service", "assembly": "at service (/srv/orders.js:5:78)", "fileName": "/srv/orders.js", "line": 5},
            {"level": 1, "method": "async get", "assembly": "at async get (/srv/orders.js:8:30)", "fileName": "/srv/orders.js", "line": 8}]},
        {"outerId": "1", "message": "pool is closed", "type": "PoolError", "id": "2", "parsedStack": [
            {"level": 0, "method": "Pool.get", "assembly": "mysql", "fileName": "/srv/pool.js", "line": 3}]}])
    .to_string();
    let expected = "Error: order <n> failed;get /srv/orders.js:8:30;service /srv/orders.js:5:78;[cause] PoolError: pool is \
                    closed;Pool.get /srv/pool.js:3:0 1\n";
    let json = serde_json::json!([{"TableName": "PrimaryResult", "TimeGenerated": "2026-12-01T14:00:00.123Z",
        "ProblemId": "Error at service", "ExceptionType": "Error", "OuterMessage": "order 17 failed", "OuterType": "Error",
        "SeverityLevel": "3", "Details": details}])
    .to_string();
    assert_eq!(fold(&read(&json)), expected);
    let quoted = details.replace('"', "\"\"");
    let csv = format!(
        "\"timestamp [UTC]\",problemId,type,outerMessage,severityLevel,details\n\"12/1/2026, 2:00:00.123 PM\",Error at service,Error,order 17 failed,3,\"{quoted}\"\n"
    );
    assert_eq!(fold(&read(&csv)), expected);
}

/// The errors were: the frames of the cause were those of the error, because its class does not end in `Error`, and an
/// error in the object behind a message had the message as its name. The form is that of the logger of
/// @temporalio/worker 1.24.0.
#[test]
fn errors_in_the_object_behind_a_message_are_named() {
    let log = "2026-12-01T14:00:06.000Z [WARN] Workflow failed {
  workflowId: 'order-17',
  error: ActivityFailure: Activity task failed
      at run (/srv/worker.js:12:60) {
    cause: ApplicationFailure: card declined
        at charge (/srv/charge.js:12:178) {
      cause: undefined,
      failure: undefined,
      type: undefined
    },
    failure: undefined,
    activityType: 'charge'
  }
}
2026-12-01T14:00:07.000Z [ERROR] Worker failed {
  sdkComponent: 'worker',
  error: Error: connect ECONNREFUSED 127.0.0.1:1
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {
    errno: -111,
    code: 'ECONNREFUSED'
  }
}
2026-12-01T14:00:08.000Z [ERROR] Failed to poll { attempt: 1 }
2026-12-01T14:00:09.000Z [INFO] Worker state changed { state: 'STOPPED' }
";
    let folded = fold(&read(log));
    assert_eq!(
        folded.lines().collect::<Vec<_>>(),
        [
            "Error: connect ECONNREFUSED <address>;TCPConnectWrap.afterConnect node:net:1611:16 1",
            "[error] ActivityFailure: Activity task failed;run /srv/worker.js:12:60;[cause] ApplicationFailure: card declined;charge /srv/charge.js:12:178 1",
            "[error] Failed to poll { attempt: <n> } 1",
        ]
    );
}

const TSLOG_JSON: &str = r##"{"message":"failed chain","level":"ERROR","levelId":5,"time":"2026-12-01T13:24:24.081Z","error":{"name":"Error","message":"order 17 failed","stack":[{"fullFilePath":"/srv/errs.js:5:78","fileName":"errs.js","fileNameWithLine":"errs.js:5","fileColumn":"78","fileLine":"5","filePath":"errs.js","filePathWithLine":"errs.js:5","method":"service"},{"fullFilePath":"/srv/errs.js:8:30","fileName":"errs.js","fileNameWithLine":"errs.js:8","fileColumn":"30","fileLine":"8","filePath":"errs.js","filePathWithLine":"errs.js:8","method":"async get"},{"fullFilePath":"/srv/errs.js:10:10","fileName":"errs.js","fileNameWithLine":"errs.js:10","fileColumn":"10","fileLine":"10","filePath":"errs.js","filePathWithLine":"errs.js:10","method":"async module.exports"},{"fullFilePath":"async /srv/gen.js:4:13","fileName":"gen.js","fileNameWithLine":"gen.js:4","fileColumn":"13","fileLine":"4","filePath":"async /srv/gen.js","filePathWithLine":"async /srv/gen.js:4","method":"[undefined]"}],"cause":{"name":"Error","message":"User 'shop' has exceeded the 'max_user_connections' resource (current value: 10)","stack":[{"fullFilePath":"/srv/errs.js:4:39","fileName":"errs.js","fileNameWithLine":"errs.js:4","fileColumn":"39","fileLine":"4","filePath":"errs.js","filePathWithLine":"errs.js:4","method":"Repo.find"},{"fullFilePath":"/srv/errs.js:5:33","fileName":"errs.js","fileNameWithLine":"errs.js:5","fileColumn":"33","fileLine":"5","filePath":"errs.js","filePathWithLine":"errs.js:5","method":"async service"},{"fullFilePath":"/srv/errs.js:8:30","fileName":"errs.js","fileNameWithLine":"errs.js:8","fileColumn":"30","fileLine":"8","filePath":"errs.js","filePathWithLine":"errs.js:8","method":"async get"},{"fullFilePath":"/srv/errs.js:10:10","fileName":"errs.js","fileNameWithLine":"errs.js:10","fileColumn":"10","fileLine":"10","filePath":"errs.js","filePathWithLine":"errs.js:10","method":"async module.exports"},{"fullFilePath":"async /srv/gen.js:4:13","fileName":"gen.js","fileNameWithLine":"gen.js:4","fileColumn":"13","fileLine":"4","filePath":"async /srv/gen.js","filePathWithLine":"async /srv/gen.js:4","method":"[undefined]"}]}},"_logMeta":{"v":5,"runtime":"node","runtimeVersion":"20.20.2","hostname":"vm","date":"2026-12-01T13:24:24.081Z","logLevelId":5,"logLevelName":"ERROR"}}
"##;

const TSLOG: &str = r##"2026-12-01 13:24:23.836	ERROR	gen.js:19	failed chain

 Error  order 17 failed
error stack:
  • errs.js	service
	errs.js:5
  • errs.js	async get
	errs.js:8
  • errs.js	async module.exports
	errs.js:10
  • gen.js	
	async /srv/gen.js:4
Caused by (1): Error: User 'shop' has exceeded the 'max_user_connections' resource (current value: 10)
  • errs.js	Repo.find
	errs.js:4
  • errs.js	async service
	errs.js:5
  • errs.js	async get
	errs.js:8
  • errs.js	async module.exports
	errs.js:10
  • gen.js	
	async /srv/gen.js:4
"##;

const ROARR: &str = r##"{"context":{"error":{"name":"Error","message":"order 17 failed","stack":"Error: order 17 failed\n    at service (/srv/errs.js:5:78)\n    at async get (/srv/errs.js:8:30)\n    at async module.exports (/srv/errs.js:10:10)\n    at async /srv/gen.js:4:13","cause":{"name":"Error","message":"User 'shop' has exceeded the 'max_user_connections' resource (current value: 10)","stack":"Error: User 'shop' has exceeded the 'max_user_connections' resource (current value: 10)\n    at Repo.find (/srv/errs.js:4:39)\n    at async service (/srv/errs.js:5:33)\n    at async get (/srv/errs.js:8:30)\n    at async module.exports (/srv/errs.js:10:10)\n    at async /srv/gen.js:4:13","code":"ER_USER_LIMIT_REACHED"}},"logLevel":50},"message":"failed chain","sequence":"20","time":1796131464902,"version":"2.0.0"}
"##;

const WINSTON: &str = r##"{"cause":{"code":"ER_USER_LIMIT_REACHED","errno":1226},"level":"error","message":"order 17 failed","stack":"Error: order 17 failed\n    at service (/srv/errs.js:5:78)\n    at async get (/srv/errs.js:8:30)\n    at async module.exports (/srv/errs.js:10:10)\n    at async /srv/gen.js:4:13","timestamp":"2026-12-01T13:24:21.950Z"}
"##;

const NEST: &str = r##"{"level":"error","pid":26888,"timestamp":1796131467722,"message":"[AggregateError: All promises were rejected] {\n  [errors]: [\n    Error: connect ECONNREFUSED ::1:3306\n        at agg (/srv/errs.js:7:57)\n        at get (/srv/errs.js:8:36)\n        at module.exports (/srv/errs.js:12:14)\n        at async /srv/nest.js:5:21,\n    Error: connect ECONNREFUSED 127.0.0.1:3306\n        at agg (/srv/errs.js:7:117)\n        at get (/srv/errs.js:8:36)\n        at module.exports (/srv/errs.js:12:14)\n        at async /srv/nest.js:5:21\n  ]\n}","context":"Orders"}
"##;
