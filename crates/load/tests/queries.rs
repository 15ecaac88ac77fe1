//! Logs of statements: a real MariaDB's beside pt-query-digest's account of it, and the
//! forms of other servers.

use serde_json::{Value, json};
use spikeflame_load::TimeSpan;
use spikeflame_load::queries::{Error, Parts, Queries, read};
use std::path::{Path, PathBuf};

pub(crate) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/queries").join(name))
        .unwrap()
}

pub(crate) fn read_with(bytes: &[u8], parts: &Parts) -> Result<Queries, Error> {
    read([(bytes, PathBuf::from("slow.log"))], parts)
}

pub(crate) fn queries(text: &str) -> Queries {
    read_with(text.as_bytes(), &Parts::default()).unwrap()
}

#[test]
fn classes_and_totals_are_those_of_pt_query_digest() {
    let found = read_with(&sample("mariadb-slow.log"), &Parts::default()).unwrap();
    let peer: Vec<Value> = serde_json::from_slice(&sample("mariadb-slow.peer.json")).unwrap();
    assert_eq!(found.classes.len(), peer.len());
    assert_eq!((found.statements, found.incomplete, found.untimed), (210, 0, 0));
    for theirs in &peer {
        let text = theirs["fingerprint"].as_str().unwrap();
        // It reads a doubled quote as the end of one text and the start of another.
        let plain =
            |text: &str| text.replace("??", "?").replace("(?+)", "(?)").replace([' ', '+'], "");
        let class = found.classes.iter().find(|class| plain(&class.text) == plain(text));
        let all = &class.unwrap_or_else(|| panic!("{text}: {found:?}")).all;
        assert_eq!(all.count, theirs["count"].as_u64().unwrap(), "{text}");
        assert_eq!(all.examined, theirs["examined"].as_u64().unwrap(), "{text}");
        assert!((all.seconds - theirs["seconds"].as_f64().unwrap()).abs() < 1e-6, "{text}");
        assert!((all.lock_s - theirs["lock_seconds"].as_f64().unwrap()).abs() < 1e-6, "{text}");
    }
}

#[test]
fn statements_of_a_part_are_those_that_ended_in_it() {
    let log = sample("mariadb-slow.log");
    let all = read_with(&log, &Parts::default()).unwrap();
    let span = all.span.unwrap();
    let middle = (span.from_us + span.to_us) / 2;
    let parts = Parts {
        before: Some(TimeSpan { from_us: span.from_us, to_us: middle }),
        within: Some(TimeSpan { from_us: middle, to_us: span.to_us + 1 }),
        ..Parts::default()
    };
    let found = read_with(&log, &parts).unwrap();
    for class in &found.classes {
        assert_eq!(class.before.count + class.within.count, class.all.count, "{}", class.text);
    }
    // 20 of each before the pause, 30 after it.
    let by_id =
        found.classes.iter().find(|class| class.text.contains("from boards where id")).unwrap();
    assert_eq!((by_id.before.count, by_id.within.count), (20, 30));
}

#[test]
fn mysql_8_rds_and_percona() {
    let mysql = "/usr/sbin/mysqld, Version: 8.0.40 (Source distribution). started with:\n\
        Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\nTime                 Id Command    Argument\n\
        # Time: 2026-11-27T10:00:01.500000Z\n# User@Host: app[app] @  [10.0.0.5]  Id:    42\n\
        # Query_time: 1.250000  Lock_time: 0.000003 Rows_sent: 10  Rows_examined: 5000 Thread_id: 42 \
        Errno: 1317 Killed: 0 Bytes_received: 0 Start: 2026-11-27T10:00:00.250000Z End: 2026-11-27T10:00:01.500000Z\n\
        use shop;\nSET timestamp=1795773600;\nSELECT *\n# a comment\nFROM t WHERE id = 5;\n\
        # Time: 2026-11-27T10:00:02.000000Z\n# User@Host: app[app] @  [10.0.0.5]  Id:    43\n\
        # Query_time: 0.500000  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0\nSET timestamp=1795773601;\n\
        # administrator command: Ping;\n";
    let found = queries(mysql);
    assert_eq!(found.statements, 2);
    assert_eq!(found.classes[0].text, "select * from t where id = ?");
    assert_eq!((found.classes[0].all.failed, found.classes[0].all.examined), (1, 5000));
    assert_eq!(found.span.unwrap().from_us, 1_795_773_601_500_000);
    assert_eq!(found.classes[1].text, "administrator command: ping");
    let percona = "# Time: 261127 10:00:01\n# User@Host: app[app] @  [10.0.0.5]  Id: 1\n\
        # Schema: shop  Last_errno: 0  Killed: 0\n\
        # Query_time: 0.2  Lock_time: 0.1  Rows_sent: 1  Rows_examined: 1  Rows_affected: 0\n\
        # Bytes_sent: 10\nSET last_insert_id=1,insert_id=2,timestamp=1795773600;\nselect 1;\n";
    let found = queries(percona);
    assert_eq!(found.classes[0].all.lock_s, 0.1);
    assert_eq!(found.span.unwrap().from_us, 1_795_773_600_200_000);
}

/// The error was: no statement failed, in logs that do not show which statements failed.
#[test]
fn failures_are_unknown_where_the_log_does_not_show_them() {
    let slow = |fields: &str, id: u32| {
        format!(
            "# Time: 2026-11-27T10:00:01Z\n# Query_time: 1.2  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 1{fields}\n\
             SET timestamp=1795773600;\nselect a from t{id};\n"
        )
    };
    let typeorm = "query is slow: SELECT 1 FROM b\nexecution time: 1234\n";
    let failed = "query failed: SELECT 2 FROM c\nerror: Error: closed\n";
    let unknown = |text: &str| {
        let found = queries(text);
        found.classes.iter().map(|class| class.failures_unknown).collect::<Vec<_>>()
    };
    assert_eq!(unknown(&slow("", 1)), [true]);
    assert_eq!(unknown(&slow(" Errno: 0 Killed: 0", 1)), [false]);
    // The fields were switched on while the server ran.
    assert_eq!(unknown(&(slow("", 1) + &slow(" Errno: 0", 2))), [false, false]);
    assert_eq!(unknown(typeorm), [true]);
    assert_eq!(unknown(&format!("{typeorm}{failed}")), [false, false]);
    let percona = "# Time: 261127 10:00:01\n# User@Host: app[app] @  [10.0.0.5]  Id: 1\n\
        # Schema: shop  Last_errno: 0  Killed: 0\n\
        # Query_time: 0.2  Lock_time: 0.1  Rows_sent: 1  Rows_examined: 1\nselect 1;\n";
    assert_eq!(unknown(percona), [false]);
    // The error was: the number stands above the durations, and was not read.
    let failed = percona.replace("errno: 0", "errno: 1213");
    assert_eq!(queries(&(failed + percona)).classes[0].all.failed, 1);
    // A log that shows failures does not speak for another one.
    let logs = [slow(" Errno: 1317", 1), slow("", 2), slow("", 1)].map(|text| {
        (std::io::Cursor::new(text.into_bytes()), std::path::PathBuf::from("slow.log"))
    });
    let found = spikeflame_load::queries::read(logs, &Parts::default()).unwrap();
    let known: Vec<_> =
        found.classes.iter().map(|it| (it.failures_unknown, it.all.failed)).collect();
    assert_eq!(known, [(true, 1), (true, 0)]);
}

/// The error was: TypeORM's lines were read behind `message` of a JSON logger, but not behind the `msg` of
/// pino, and statements behind either had no time.
#[test]
fn typeorm_behind_a_json_logger_has_statements_and_times() {
    let log = |wrap: &dyn Fn(&str) -> String| {
        let lines =
            ["query is slow: DELETE FROM a WHERE id = 1 -- PARAMETERS: [1]", "execution time: 700"];
        let found = queries(&lines.map(|line| wrap(line) + "\n").concat());
        (
            found.statements,
            found.incomplete,
            found.classes[0].all.seconds,
            found.span.map(|span| span.to_us),
        )
    };
    let pino =
        |line: &str| json!({"level": 40, "time": 1_795_773_600_000_u64, "msg": line}).to_string();
    let at = Some(1_795_773_600_000_000);
    assert_eq!(log(&pino), (1, 0, 0.7, at));
    let iso = "2026-11-27T10:00:00.000Z";
    for (field, time) in [
        ("msg", "time"),
        ("message", "timestamp"),
        ("message", "@timestamp"),
        ("event", "timestamp"),
        ("body", "Timestamp"),
        ("@m", "@t"),
    ] {
        let wrap = |line: &str| json!({field: line, time: iso, "level": "warn"}).to_string();
        assert_eq!(log(&wrap), (1, 0, 0.7, at), "{field}");
    }
    assert_eq!(
        log(&|line| json!({"ts": 1_795_773_600.0, "msg": line}).to_string()),
        (1, 0, 0.7, at)
    );
    assert_eq!(log(&|line| format!("web-1  | {}", pino(line))), (1, 0, 0.7, at));
    assert_eq!(log(&|line| format!("{iso} stdout F {}", pino(line))), (1, 0, 0.7, at));
    let docker = |line: &str| json!({"log": pino(line) + "\n", "stream": "stdout"}).to_string();
    assert_eq!(log(&docker), (1, 0, 0.7, at));
    // A program may print a line before its logger begins, and a time may have no zone.
    let late = format!("> node dist/main.js\n{}\n", pino("query failed: SELECT 1"));
    assert_eq!(queries(&late).statements, 1);
    let local = |line: &str| json!({"msg": line, "time": "2026-11-27 10:00:00"}).to_string();
    assert_eq!(log(&local), (1, 0, 0.7, None));
    // A statement in plain lines may have a line of JSON in a value.
    let plain = "query is slow: INSERT INTO a VALUES ('\n{\"msg\": \"query failed: x\"}\n')\nexecution time: 5\n";
    assert_eq!(queries(plain).statements, 1);
}

#[test]
fn typeorm_logs_slow_and_failed_queries() {
    let log = "2026-11-27T10:00:00.000Z query: SELECT 1\n\
        2026-11-27T10:00:01.000Z \u{1b}[33mquery is slow:\u{1b}[39m SELECT `id` FROM `member` WHERE `id` = ? -- PARAMETERS: [5]\n\
        execution time: 1234\n\
        query failed: INSERT INTO `member`(`id`) VALUES (DEFAULT, ?) -- PARAMETERS: [\"a\"]\n\
        error: Error: Can't add new command when connection is in closed state\n\
        query failed: ROLLBACK\nerror: Error: closed\n";
    let found = queries(log);
    assert_eq!((found.statements, found.untimed), (3, 2));
    assert_eq!(found.classes[0].text, "select `id` from `member` where `id` = ?");
    assert_eq!(found.classes[0].all.seconds, 1.234);
    let failed: u64 = found.classes.iter().map(|class| class.all.failed).sum();
    assert_eq!(failed, 2);
}

/// The error was: a statement that failed slowly counted twice, one that failed was cut after its first
/// line, and the file of TypeORM's logger `file` had no statements. Written by TypeORM 0.3 with MariaDB.
#[test]
fn a_slow_statement_that_failed_counts_once_in_every_form() {
    let console = "query is slow: select *\nfrom nope\nwhere id = ? -- PARAMETERS: [0]\n\
        execution time: 6\n\
        query failed: select *\nfrom nope\nwhere id = ? -- PARAMETERS: [0]\n\
        error: Error: Table 'shop.nope' doesn't exist\n\
        query failed: select *\nfrom nope\nwhere id = ? -- PARAMETERS: [2]\n\
        error: Error: Table 'shop.nope' doesn't exist\n\
        query is slow: COMMIT\nexecution time: 15\n";
    let file = "[2026-11-29T13:23:06.520Z][SLOW QUERY: 6 ms]: select * from nope where id = ? -- PARAMETERS: [0]\n\n\
        [2026-11-29T13:23:06.520Z][FAILED QUERY]: select * from nope where id = ? -- PARAMETERS: [0]\n\
        [2026-11-29T13:23:06.520Z][QUERY ERROR]: Error: Table 'shop.nope' doesn't exist\n\
        [2026-11-29T13:23:06.537Z][FAILED QUERY]: select * from nope where id = ? -- PARAMETERS: [2]\n\
        [2026-11-29T13:23:06.537Z][QUERY ERROR]: Error: Table 'shop.nope' doesn't exist\n\
        [2026-11-29T13:23:06.538Z][SLOW QUERY: 15 ms]: COMMIT\n\n";
    // The logger `debug` of TypeORM 1.1.1.
    let debug = "2026-12-01T16:06:03.621Z typeorm:query:log query: select *\nfrom nope\nwhere id = ?\n\
        2026-12-01T16:06:03.621Z typeorm:query:log parameters: [ 0 ]\n\
        2026-12-01T16:06:03.668Z typeorm:query:slow query is slow: select *\nfrom nope\nwhere id = ?\n\
        2026-12-01T16:06:03.669Z typeorm:query:slow parameters: [ 0 ]\n\
        2026-12-01T16:06:03.669Z typeorm:query:slow execution time: 6\n\
        2026-12-01T16:06:03.669Z typeorm:query:error query failed: select *\nfrom nope\nwhere id = ?\n\
        2026-12-01T16:06:03.669Z typeorm:query:error parameters: [ 0 ]\n\
        2026-12-01T16:06:03.669Z typeorm:query:error error: Error: Table 'shop.nope' doesn't exist\n    at f (/a.js:1:2) {\n  sql: 'select'\n}\n\
        2026-12-01T16:06:03.795Z typeorm:query:error query failed: select *\nfrom nope\nwhere id = ?\n\
        2026-12-01T16:06:03.795Z typeorm:query:error parameters: [ 2 ]\n\
        2026-12-01T16:06:03.795Z typeorm:query:error error: Error: Table 'shop.nope' doesn't exist\n\
        2026-12-01T16:06:03.900Z typeorm:query:slow query is slow: COMMIT\n\
        2026-12-01T16:06:03.900Z typeorm:query:slow execution time: 15\n";
    for (log, untimed) in [(console, 3), (file, 0), (debug, 0)] {
        let found = queries(log);
        let classes = found.classes.iter();
        let rows: Vec<_> = classes
            .map(|class| {
                let all = &class.all;
                (class.text.as_str(), all.count, all.failed, all.seconds)
            })
            .collect();
        let expected = [("commit", 1, 0, 0.015), ("select * from nope where id = ?", 2, 2, 0.006)];
        assert_eq!((found.statements, found.untimed, found.incomplete), (3, untimed, 0));
        assert_eq!(rows, expected, "{log}");
    }
}

#[test]
fn what_has_no_statements_says_what_would_do() {
    let banner =
        "mysqld, Version: 8.0.40. started with:\nTcp port: 1\nTime  Id Command    Argument\n";
    for (text, hint) in
        [("", "empty"), ("hello\n", "slow_query_log"), (banner, "general query log")]
    {
        let error = read_with(text.as_bytes(), &Parts::default()).unwrap_err().to_string();
        assert!(error.contains(hint), "{error}");
    }
}

#[test]
fn a_log_cut_at_any_byte_loses_its_last_statement_at_most() {
    let log = sample("mariadb-slow.log");
    let log = &log[..6_000];
    let mut before = 0;
    for cut in 0..log.len() {
        match read_with(&log[..cut], &Parts::default()) {
            Ok(found) => {
                let now = found.statements;
                assert!(found.incomplete <= 1 && now >= before && now <= before + 1, "{cut}");
                before = now;
            }
            Err(Error::NoStatements { .. }) => assert_eq!(before, 0, "{cut}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn a_log_that_cloudwatch_has_wrapped_has_the_same_statements() {
    let events = [
        "# Time: 2026-11-27T11:00:00.100000Z\n# User@Host: shop[shop] @  [10.0.0.5]  Id: 7\n# Query_time: 1.5  Lock_time: 0.1 Rows_sent: 1  Rows_examined: 900\nSET timestamp=1795777198;\nselect * from boards\nwhere title = 'a, \\'b';",
        "# Time: 2026-11-27T11:00:02.100000Z\n# User@Host: shop[shop] @  [10.0.0.5]  Id: 8\n# Query_time: 0.5  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 10\nSET timestamp=1795777201;\nselect * from members where id = 5;",
    ];
    let plain = queries(&format!("{}\n{}\n", events[0], events[1]));
    assert_eq!((plain.statements, plain.classes.len(), plain.incomplete), (2, 2, 0));
    let json = |value: Value| serde_json::to_string_pretty(&value).unwrap();
    let stamped = |at: usize| format!("2026-11-27 11:00:0{at}.100");
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let wrapped = [
        json(serde_json::json!({"events": [
            {"logStreamName": "db", "timestamp": 1_795_777_202_100_u64, "message": events[1]},
            {"logStreamName": "db", "timestamp": 1_795_777_200_100_u64, "message": events[0]},
        ], "searchedLogStreams": []})),
        json(serde_json::json!({"results": [
            [{"field": "@timestamp", "value": stamped(2)}, {"field": "@message", "value": events[1]}],
            [{"field": "@timestamp", "value": stamped(0)}, {"field": "@message", "value": events[0]}],
        ], "status": "Complete"})),
        format!(
            "timestamp,message\n1795777200100,{}\n1795777202100,{}\n",
            quoted(events[0]),
            quoted(events[1])
        ),
        format!(
            "@timestamp,@message\n{},{}\n{},{}\n",
            stamped(0),
            quoted(events[0]),
            stamped(2),
            quoted(events[1])
        ),
        format!(
            "2026-11-27T11:00:00.100000+00:00 shop-db {}\n2026-11-27T11:00:02.100000+00:00 shop-db {}\n",
            events[0], events[1]
        ),
        format!("2026-11-27T11:00:00 {}\n2026-11-27T11:00:02 {}\n", events[0], events[1]),
    ];
    for text in wrapped {
        let found = queries(&text);
        assert_eq!(found, plain, "{text}");
        for cut in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            let _ = read_with(&text.as_bytes()[..cut], &Parts::default());
        }
    }
}

/// A slow query log with these statements, each of which took `seconds`.
pub(crate) fn log(statements: &[(f64, &str)]) -> String {
    let one = |(seconds, sql): &(f64, &str)| {
        format!(
            "# Time: 2026-11-27T12:00:00.000000Z\n# User@Host: a[a] @ localhost []  Id: 1\n\
             # Query_time: {seconds}  Lock_time: 0.0001 Rows_sent: 1  Rows_examined: 10\n\
             SET timestamp=1795780800;\n{sql}\n"
        )
    };
    statements.iter().map(one).collect()
}

#[test]
fn a_text_that_looks_like_a_head_stays_in_its_statement() {
    for sql in [
        "INSERT INTO t (a, b) VALUES (1, 'y\n# Time: fake\n');",
        "INSERT INTO t (a, b) VALUES (1, \"y\n# User@Host: somebody\n\");",
        "INSERT INTO t (a, b) VALUES (1, 'it\\'s\n# Query_time: long\n');",
        "INSERT INTO t (a, b) VALUES (1, 'a;\n# Time: ;\n# heading\nTime of Argument');",
        "INSERT INTO t (a, b) VALUES (1, 'x\\'\n# Time:\n');",
        "INSERT INTO t (a, b) /* it's */ VALUES (1, '\nTcp port: 3\n');",
    ] {
        let found = queries(&log(&[(0.1, sql), (0.2, "INSERT INTO t (a, b) VALUES (9, 'z');")]));
        assert_eq!((found.statements, found.incomplete), (2, 0), "{sql}");
        assert_eq!(found.classes.len(), 1, "{sql}: {found:?}");
    }
    // A statement that was cut off within a quote does not swallow the next ones.
    let found = queries(&log(&[(0.1, "INSERT INTO t VALUES ('cut"), (0.2, "SELECT 1;")]));
    assert_eq!((found.statements, found.incomplete), (1, 1));
}

#[test]
fn a_percentile_is_no_longer_than_the_longest_statement() {
    for seconds in [0.3, 0.001_25, 1.5, 7.0, 0.123_456, 59.9] {
        let found = queries(&log(&[(seconds, "SELECT 1;")]));
        let p95 = found.classes[0].all.quantile_ms(0.95).unwrap();
        assert!((p95 - 1e3 * seconds).abs() < 1e-9, "{seconds} {p95}");
    }
}

/// The error was: "a text without them" for a slow query log in UTF-16.
#[test]
fn a_log_in_utf_16_is_named() {
    let text = "# Query_time: 2.0  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 0\nselect 1;\n";
    for big in [false, true] {
        let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let bytes: Vec<u8> =
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect();
        let why = read_with(&bytes, &Parts::default()).unwrap_err().to_string();
        assert!(why.contains("UTF-16") && why.contains("iconv"), "{why}");
    }
}

#[test]
fn a_log_with_a_part_of_the_statements_is_named() {
    let head = "# Query_time: 1.5  Lock_time: 0.0  Rows_sent: 1  Rows_examined: 1\n";
    let log = |limit: &str| format!("{head}{limit}SET timestamp=1795777200;\nSELECT 1;\n");
    let rate = "# Log_slow_rate_type: query  Log_slow_rate_limit: ";
    assert_eq!(queries(&log(&format!("{rate}10\n"))).one_of, 10);
    assert_eq!(queries(&log(&format!("{rate}1\n"))).one_of, 0);
    assert_eq!(queries(&log("")).one_of, 0);
}

/// The error was: a log of PostgreSQL with durations was "the log of an application".
#[test]
fn a_log_of_postgresql_is_named() {
    let log = "2026-11-30 05:53:16.123 UTC [42] shop@shop LOG:  duration: 1500.1 ms  statement: SELECT 1\n";
    let refused = read([(log.as_bytes(), PathBuf::from("pg.log"))], &Parts::default());
    assert!(refused.unwrap_err().to_string().contains("pgBadger"));
    // The forms in which Sequelize, Prisma, Drizzle and Knex print statements.
    for (log, name) in [
        ("Executed (default): SELECT 1+1 AS result\n", "benchmark: true"),
        ("prisma:query SELECT `shop`.`User`.`id` FROM `shop`.`User`\n", "Prisma"),
        ("Query: select `id` from `t` where `id` = ? -- params: [1]\n", "Drizzle"),
        ("  knex:query select * from `t` where `id` = ? undefined +0ms\n", "Knex"),
        ("Query: SELECT 1 FROM t WHERE id = ?\nParams: [7]\nDuration: 12ms\n", "Prisma"),
        ("query: SELECT 1 FROM `t` -- PARAMETERS: [7]\n", "maxQueryExecutionTime: 100"),
        ("2026-11-27T10:00:00.123456Z\t   12 Query\tSELECT 1\n", "general query log"),
        // The duration of a statement may stand behind thousands of other lines, or not at all.
        (&format!("{}{log}", "2026-11-30 05:53:16 UTC [42] WARNING:  x\n".repeat(200)), "pgBadger"),
        ("2026-11-30 05:53:16 UTC [42] LOG:  statement: SELECT 1\n", "log_min_duration_statement"),
        ("2026-11-30 05:53:16 UTC [42] LOG:  Dauer: 1.5 ms  Anweisung: SELECT 1\n", "lc_messages"),
        ("1) 1) (integer) 14\n   2) (integer) 1795000001\n   3) (integer) 15231\n", "Redis"),
        (
            "2019-11-27T11:00:01 I COMMAND  [conn1] command a.b planSummary: IXSCAN 412ms\n",
            "mloginfo",
        ),
        (
            "I261127 11:00:01.1 4 10@util/log/exec_log.go:188 [n1] 1 412.331ms exec {}\n",
            "CockroachDB",
        ),
        (
            "name,timestamp,duration\nsql_batch_completed,2026-11-27 11:00:01,412331\n",
            "Query Store",
        ),
        ("execution_count,total_elapsed_time,text\n5,4123,SELECT 1\n", "sys.dm_exec_query_stats"),
        ("SCHEMA_NAME,DIGEST_TEXT,COUNT_STAR\nshop,SELECT ?,5\n", "performance_schema"),
        (
            "[2026-11-27T11:00:01,123][WARN ][i.s.s.query] took[412ms], took_millis[412]\n",
            "OpenSearch",
        ),
    ] {
        let refused = read([(log.as_bytes(), PathBuf::from("app.log"))], &Parts::default());
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(name) && refused.contains("slow"), "{refused}");
    }
}

/// The error was: a second `use` or `SET timestamp`, which is the statement, was taken for a line of the server.
#[test]
fn a_statement_that_looks_like_a_line_of_the_server_counts() {
    let head = "# User@Host: shop[shop] @ localhost []\n# Query_time: 0.1  Lock_time: 0.0 Rows_sent: 0  Rows_examined: 0\n";
    let log = [
        "SET timestamp=1796054346;\nuse shop;\n",
        "use shop;\nUSE shop;\n",
        "SET timestamp=5;\nset timestamp=5;\n",
        "use shop;\nSET timestamp=1796054347;\nselect 1;\n",
    ];
    let found = queries(&log.map(|lines| format!("{head}{lines}")).concat());
    assert_eq!((found.statements, found.incomplete), (4, 0));
    let mut texts: Vec<&str> = found.classes.iter().map(|class| class.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["select ?", "set timestamp=?", "use shop"]);
}

/// The lines that `log_slow_verbosity=explain,warnings` of MariaDB 10.11.19 adds. The error was: words of a
/// warning, which quotes the statement's values, were read as fields of the log or as the statement.
#[test]
fn warnings_and_plans_of_mariadb_are_no_fields_and_no_statement() {
    let log = "# User@Host: root[root] @ localhost []\n# Thread_id: 8  Schema: shop  QC_hit: No\n\
        # Query_time: 0.000141  Lock_time: 0.000000  Rows_sent: 1  Rows_examined: 3\n\
        # Rows_affected: 0  Bytes_sent: 131\n# Pages_read_time: 0.0000  Engine_time: 0.0110\n#\n\
        # explain: id\tselect_type\ttable\ttype\tExtra\n# explain: 1\tSIMPLE\tt\tALL\tUsing where Errno: 3\n#\n\
        # Warnings\n# Warning 1292 Truncated incorrect INTEGER value: 'abc\nRows_examined: 9\ndef Errno: 5'\n\
        # Note 1050 Table 't' already exists\n\
        use `shop`;\nSET timestamp=1796054346;\nselect cast('abc\nRows_examined: 9\ndef Errno: 5' as signed);\n";
    let found = queries(log);
    let class = &found.classes[0];
    assert_eq!((found.statements, class.text.as_str()), (1, "select cast(? as signed)"));
    assert_eq!((class.all.examined, class.all.failed, class.failures_unknown), (3, 0, true));
}
