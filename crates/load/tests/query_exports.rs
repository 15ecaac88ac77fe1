//! Statements in tables and exports of other clients.

use crate::queries::{queries, read_with, sample};
use serde_json::Value;
use spikeflame_load::queries::{Parts, StatementClass};

/// The error was: exports of `mysql.slow_log` were refused. MariaDB wrote the log and the table at once.
#[test]
fn the_table_of_slow_statements_has_those_of_the_log_in_every_form() {
    let log = read_with(&sample("slow-table.log"), &Parts::default()).unwrap();
    assert_eq!((log.statements, log.classes.len()), (18, 6));
    let zoned = Parts { zone_s: Some(9 * 3_600), ..Parts::default() };
    for name in [
        "slow-table-outfile.tsv",
        "slow-table-outfile.csv",
        "slow-table.tsv",
        "slow-table-raw.tsv",
        "slow-table.txt",
        "slow-table.ndjson",
        "slow-table.csv",
    ] {
        let text = sample(name);
        let table = read_with(&text, &Parts::default()).unwrap();
        assert_eq!((table.statements, table.incomplete, table.zoneless), (18, 0, 18), "{name}");
        for (a, b) in log.classes.iter().zip(&table.classes) {
            assert_eq!((&a.text, a.all.count), (&b.text, b.all.count), "{name}");
            assert_eq!((a.all.examined, a.all.sent), (b.all.examined, b.all.sent), "{name}");
            assert!((a.all.seconds - b.all.seconds).abs() < 1e-9, "{name} {}", a.text);
            assert!((a.all.lock_s - b.all.lock_s).abs() < 1e-9, "{name} {}", a.text);
            assert_eq!(a.example.trim_end_matches(';').trim(), b.example.trim(), "{name}");
        }
        // The log has whole seconds of the start.
        let (log, here) = (log.span.unwrap(), table.span.unwrap());
        assert!((0..1_000_000).contains(&(here.from_us - log.from_us)), "{name}");
        assert!((0..1_000_000).contains(&(here.to_us - log.to_us)), "{name}");
        let east = read_with(&text, &zoned).unwrap();
        assert_eq!((east.zoneless, east.span.unwrap().from_us), (0, here.from_us - 32_400_000_000));
        for cut in (0..text.len()).step_by(7) {
            if let Ok(found) = read_with(&text[..cut], &Parts::default()) {
                assert!(found.statements <= 18 && found.incomplete <= 1, "{name} {cut}");
            }
        }
    }
}

#[test]
fn exports_of_other_clients_are_read() {
    let sql = "SELECT a, \"x\" FROM t WHERE b = 'it;s' AND c = 7";
    let hex: String = sql.bytes().map(|byte| format!("{byte:02X}")).collect();
    let bytes: Vec<u8> = sql.bytes().collect();
    let doubled = sql.replace('"', "\"\"");
    let escaped = sql.replace('"', "\\\"");
    let row = |sql: Value| {
        serde_json::json!({"start_time": "2026-11-29T06:28:40.5Z", "query_time": "00:01:01.500000",
            "lock_time": "00:00:00.25", "rows_sent": 3, "rows_examined": "1200", "sql_text": sql})
    };
    let of_node = row(serde_json::json!({"type": "Buffer", "data": bytes}));
    let heading = "start_time,query_time,lock_time,rows_sent,rows_examined,sql_text";
    let rest = "00:01:01.5,00:00:00.25,3,1200";
    let tabs = |text: &str| text.replace(',', "\t");
    let time = "2026-11-29T06:28:40.5Z";
    let exports = [
        serde_json::json!([row(Value::from(sql)), row(Value::from(sql))]).to_string(),
        serde_json::json!({"SELECT * FROM mysql.slow_log": [of_node, of_node]}).to_string(),
        format!("{0}\n{0}\n", row(Value::from(format!("0x{hex}")))),
        format!("{heading}\n{time},{rest},\"{doubled}\"\n{time},{rest},\"{doubled}\"\n"),
        format!("{heading}\r\n{time},{rest},\"{escaped}\"\r\n{time},{rest},\"{escaped}\"\r\n"),
        format!("\u{feff}{}\n", heading.to_uppercase().replace(',', ";"))
            + &format!("{time};{};\"{doubled}\"\n", rest.replace(',', ";")).repeat(2),
        format!("{}\n", tabs(heading)) + &format!("{time}\t{}\t{sql}\n", tabs(rest)).repeat(2),
        format!("{}\n", tabs(heading))
            + &format!("{time}\t{}\t\"{doubled}\"\n", tabs(rest)).repeat(2),
        format!("{time}\troot\t{}\tmeals\t0\t0\t1\t{sql}\t7\n", tabs(rest)).repeat(2),
        format!("{time},root,{rest},\\N,0,0,1,\"{escaped}\",7\n").repeat(2),
    ];
    for export in exports {
        let found = queries(&export);
        assert_eq!((found.statements, found.incomplete, found.zoneless), (2, 0, 0), "{export}");
        let [class] = found.classes.as_slice() else { panic!("{export} {found:?}") };
        assert_eq!(class.text, "select a, ? from t where b = ? and c = ?", "{export}");
        let all = &class.all;
        assert_eq!((all.seconds, all.lock_s, all.sent, all.examined), (123.0, 0.5, 6, 2_400));
        assert_eq!(found.span.unwrap().from_us, 1_795_933_720_500_000, "{export}");
    }
    let blob = format!("{heading}\n{time},{rest},BLOB\n");
    let error = read_with(blob.as_bytes(), &Parts::default()).unwrap_err().to_string();
    assert!(error.contains("CONVERT(sql_text"), "{error}");
}

/// The error was: a slow query log behind the prefixes of a container was refused, and the message named
/// the command that refused it.
#[test]
fn prefixes_of_containers_are_taken_off() {
    let plain = String::from_utf8(sample("mariadb-slow.log")).unwrap();
    let of = |text: &str| -> Vec<(String, u64)> {
        let classes = queries(text).classes;
        classes.iter().map(|class| (class.text.clone(), class.all.count)).collect()
    };
    let each = |prefix: &str| -> String {
        plain.lines().map(|line| format!("{prefix}{line}\n")).collect()
    };
    let docker = |line: &str| {
        let line = Value::from(format!("{line}\n"));
        format!("{{\"log\":{line},\"stream\":\"stderr\",\"time\":\"2026-11-23T01:24:47.1Z\"}}\n")
    };
    for wrapped in [
        each("db-1  | "),
        each("2026-11-23T01:24:47.123456789Z "),
        each("2026-11-23T01:24:47.123Z stderr F "),
        each("Nov 23 01:24:47 ip-10-0-0-7 mariadbd[77]: "),
        plain.lines().map(docker).collect(),
        plain.clone(),
    ] {
        assert_eq!(of(&wrapped), of(&plain), "{}", &wrapped[..80]);
    }
}

/// The statements of Sequelize 6.37.8 with `benchmark: true`, without and with `logQueryParameters`, and those of MikroORM
/// 6.6.16, as both printed them with MariaDB 10.11.19.
#[test]
fn statements_of_sequelize_and_mikroorm_have_durations() {
    let sequelize = "Executed (default): SELECT SLEEP(0.03) Elapsed time: 33ms\n\
        Executed (default): SELECT SLEEP(0.02),\n 'multi; line'\n FROM boards WHERE id = 1 Elapsed time: 27ms\n\
        Executed (default): SELECT `id` FROM `boards` AS `board` WHERE `board`.`id` = 1; Elapsed time: 13ms\n\
        some other line\n\
        Executed (default): UPDATE `boards` SET `views`=? WHERE `id` = ?; 5, 3 Elapsed time: 14ms\n\
        Executed (default): UPDATE `boards` SET `views`=? WHERE `id` = ?; \"it's; Elapsed time: 3ms\", 4 Elapsed time: 6ms\n\
        Executed (49a8c5e3-72c7-438f-9aec-338f80fe72d1): SELECT `id` FROM `boards` AS `board` WHERE `board`.`id` = 2; Elapsed time: 1ms\n\
        Executed (49a8c5e3-72c7-438f-9aec-338f80fe72d1): COMMIT; Elapsed time: 0ms\n";
    let mikro = "[info] MikroORM version: 6.6.16\n\
        [query] select sleep(0.03) [took 31 ms, 1 result]\n\
        2026-12-01T16:06:03.621Z [query] select `b0`.* from `boards` as `b0` where `b0`.`id` = 1 limit 1 [took 4 ms, 1 result]\n\
        \u{1b}[90m[query] \u{1b}[39mselect `b0`.* from `boards` as `b0` where `b0`.`id` = 2 limit 1 [took 2 ms, 1 result]\n\
        [query] begin\n\
        [query] select * from nowhere [took 5 ms]\n";
    let rows = |log: &str| -> Vec<(String, u64, f64)> {
        let found = read_with(log.as_bytes(), &Parts::default()).unwrap();
        assert_eq!(found.incomplete, 0);
        let row = |class: &StatementClass| {
            assert!(class.failures_unknown);
            (class.text.clone(), class.all.count, (1e3 * class.all.seconds).round())
        };
        found.classes.iter().map(row).collect()
    };
    let expected = [
        ("select sleep(?+)", 1, 33.0),
        ("select sleep(?+), ? from boards where id = ?", 1, 27.0),
        ("update `boards` set `views`=? where `id` = ?", 2, 20.0),
        ("select `id` from `boards` as `board` where `board`.`id` = ?", 2, 14.0),
        ("commit", 1, 0.0),
    ];
    let expected: Vec<_> = expected.map(|(text, n, ms)| (text.to_owned(), n, ms)).into();
    assert_eq!(rows(sequelize), expected);
    let expected = [
        ("select sleep(?+)", 1, 31.0),
        ("select `b0`.* from `boards` as `b0` where `b0`.`id` = ? limit ?", 2, 6.0),
        ("select * from nowhere", 1, 5.0),
    ];
    let found = rows(mikro);
    for (text, count, ms) in expected {
        assert!(found.contains(&(text.to_owned(), count, ms)), "{text}: {found:?}");
    }
    let cut = mikro.replace("[took 31 ms, 1 result]", "[took 3");
    assert!(rows(&cut).iter().all(|row| row.0 != "select sleep(?+)"));
    // A statement without a duration behind another one is incomplete.
    let cut = sequelize.replacen(" Elapsed time: 33ms", "", 1);
    assert_eq!(read_with(cut.as_bytes(), &Parts::default()).unwrap().incomplete, 1);
}
