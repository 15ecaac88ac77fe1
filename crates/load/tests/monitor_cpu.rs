//! The CPU of what a monitor watches: when it is used up, and when not.

use crate::monitors::{START_S, iso, read_as, test};
use serde_json::json;
use spikeflame_load::monitor::{MonitorOptions, Sign, Warning, beside, read};
use spikeflame_load::{Metric, Unit, show_time};
use std::path::Path;

/// The error was: interrupts a second (`CPU*` of `sadf -d`) were the CPU, "used up (883 %)", and per cent
/// of several cores were per cent of a whole.
#[test]
fn a_count_named_cpu_and_per_cent_of_cores_are_no_used_up_cpu() {
    let sign = |column: &str, key: &str, values: [f64; 2]| {
        let rows = (0..2).map(|at| {
            format!("a;60;{};{key};{}\n", show_time(START_S + 60 * at), values[at as usize])
        });
        let text = format!("# hostname;interval;timestamp;{column}\n{}", rows.collect::<String>());
        let monitor = read_as(&text, None).unwrap();
        let mut timeline = test(START_S, 120);
        timeline.tracks = monitor.within(&test(START_S, 120), Path::new("x")).unwrap();
        Sign::find(&beside(&timeline, None)[0])
    };
    for values in [[883.0, 900.0], [90.0, 95.0]] {
        assert_eq!(sign("INTR;CPU*", "sum", values), None);
    }
    assert_eq!(sign("NAME;cpu", "web", [250.0, 380.0]), None);
    assert_eq!(sign("NAME;cpu [%]", "web", [250.0, 380.0]), None);
    assert_eq!(sign("NAME;cpu_ms", "web", [90.0, 95.0]), None);
    assert!(matches!(sign("NAME;cpu", "web", [96.0, 98.0]), Some(Sign::CpuUsedUp { .. })));
}

/// Docker, top and pidstat count 100 % for each core. The error was: a container that used 98 % of one core was
/// said to have used up its CPU.
#[test]
fn per_cent_of_one_core_is_no_used_up_cpu() {
    let sign = |columns: &str, cells: &str, value: f64| {
        let rows = (0..2).map(|at| format!("{},{cells},{value}%\n", show_time(START_S + 60 * at)));
        let monitor =
            read_as(&format!("time,{columns}\n{}", rows.collect::<String>()), None).unwrap();
        let mut timeline = test(START_S, 120);
        timeline.tracks = monitor.within(&test(START_S, 120), Path::new("x")).unwrap();
        let beside = beside(&timeline, None);
        beside.iter().filter(|one| one.track.name.contains("CPU")).find_map(Sign::find)
    };
    let docker = ("NAME,MEM USAGE / LIMIT,CPU %", "20MiB / 1GiB");
    for (columns, rest) in
        [docker, ("Name,MemUsage,CPUPerc", docker.1), ("COMMAND,RSS,%CPU", "2000")]
    {
        let of = |name: &str, value| sign(columns, &format!("{name},{rest}"), value);
        assert_eq!(of("web", 98.0), Some(Sign::OneCoreUsed { percent: 98.0 }), "{columns}");
        assert_eq!(
            (of("web", 40.0), of("web", 390.0), of("mysql", 98.0)),
            (None, None, None),
            "{columns}"
        );
    }
    assert_eq!(sign("NAME,wait,CPU %", "web,2", 98.0), Some(Sign::CpuUsedUp { percent: 98.0 }));
}

/// The error was: monitors that have only the idle time of the CPU, and panels that are named after the machine,
/// gave no sign of a limit.
#[test]
fn a_cpu_is_used_up_by_its_idle_time_and_beside_the_name_of_its_machine() {
    let sign = |columns: &str, cells: &str| {
        let rows = (0..2).map(|at| format!("{},{cells}\n", show_time(START_S + 60 * at)));
        let monitor =
            read_as(&format!("time,{columns}\n{}", rows.collect::<String>()), None).unwrap();
        let mut timeline = test(START_S, 120);
        timeline.tracks = monitor.within(&test(START_S, 120), Path::new("x")).unwrap();
        beside(&timeline, None).iter().find_map(Sign::find)
    };
    for (columns, cells) in [
        ("cpu_usage_idle", "3"),
        ("usage_idle,usage_iowait", "2,1"),
        ("system.cpu.idle", "3"),
        ("RDS CPU shop", "97%"),
        ("cpu_total", "97"),
        ("user,system,iowait,softirq", "80,16.5,60,0.5"),
        ("%usr,%sys,%idle", "87,10,3"),
        ("user,system,idle", "87,10,3"),
        ("node_cpu_idle_ratio", "0.03"),
        ("cpu_idle_percent", "3"),
    ] {
        assert_eq!(sign(columns, cells), Some(Sign::CpuUsedUp { percent: 97.0 }), "{columns}");
    }
    for (columns, cells) in [
        ("cpu_usage_idle", "60"),
        ("usage_idle,usage_iowait", "2,60"),
        ("cpu_idle", "0.5"),
        ("user,system,errors", "80,17,0"),
        ("pool idle", "3"),
        ("idle", "3"),
        ("db_pool_idle,user", "3,90"),
        ("CPU steal shop", "97%"),
    ] {
        assert_eq!(sign(columns, cells), None, "{columns}");
    }
}

#[test]
fn cpu_credits_are_judged_by_the_cpu_of_their_machine() {
    let json = |label: &str, values: [f64; 2]| {
        let times = [0, 60].map(|at| show_time(START_S + at));
        json!({"Id": "a", "Label": label, "Timestamps": times, "Values": values})
    };
    let results = json!({"MetricDataResults": [
        json("web CPUUtilization", [95.0, 96.0]),
        json("db CPUCreditBalance", [0.0, 0.0]),
        json("db CPUUtilization", [20.0, 20.0]),
        json("web CPUCreditBalance", [0.0, 0.0]),
    ]});
    let mut timeline = test(START_S, 120);
    let monitor = read_as(&results.to_string(), None).unwrap();
    timeline.tracks = monitor.within(&test(START_S, 120), Path::new("x")).unwrap();
    let all = beside(&timeline, None);
    assert_eq!(Sign::find(&all[1]), Some(Sign::NoCpuCredits { held_at: Some(20.0) }));
    assert_eq!(Sign::find(&all[3]), None);
}

/// The error was: the CPU in a file of its own was not that of the machine whose credits are another file.
#[test]
fn credits_and_cpu_may_stand_in_files_of_their_own() {
    let table = |name: &str, values: [f64; 2]| {
        let row = |at: usize| format!("{},{}\n", iso(at), values[at]);
        format!("time,{name}\n{}{}", row(0), row(1))
    };
    let signs = |files: &[(&str, &str, [f64; 2])]| {
        let mut timeline = test(START_S, 120);
        for (file, name, values) in files {
            let monitor =
                read(table(name, *values).as_bytes(), Path::new(file), &MonitorOptions::default());
            let tracks = monitor.unwrap().within(&test(START_S, 120), Path::new(file));
            timeline.tracks.extend(tracks.unwrap());
        }
        beside(&timeline, None).iter().map(Sign::find).collect::<Vec<_>>()
    };
    let (credits, cpu) = ("CPUCreditBalance", "CPUUtilization");
    let held = Some(Sign::NoCpuCredits { held_at: Some(20.0) });
    let unknown = Some(Sign::NoCpuCredits { held_at: None });
    for files in
        [["credits.csv", "cpu.csv"], ["ec2-credits.csv", "ec2-cpu.csv"], ["a/c.csv", "b/c.csv"]]
    {
        let of = |busy| signs(&[(files[0], credits, [0.0; 2]), (files[1], cpu, [busy; 2])]);
        assert_eq!(of(20.0), [held, None], "{files:?}");
        // It runs in unlimited mode.
        assert_eq!(of(70.0), [None, None], "{files:?}");
    }
    let busy = [20.0; 2];
    let two = [("credits.csv", credits, [0.0; 2]), ("a.csv", cpu, busy), ("b.csv", cpu, [30.0; 2])];
    assert_eq!(signs(&two), [unknown, None, None]);
    let apart = [("db-credits.csv", credits, [0.0; 2]), ("web-cpu.csv", cpu, busy)];
    assert_eq!(signs(&apart), [unknown, None]);
}

/// The CPU of sysstat is known by the time in which it is idle.
#[test]
fn sysstat_has_the_cpu_of_all_cores() {
    let rows = "# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle[...]\n\
                vm;1;2026-11-27 10:00:00 UTC;-1;60.00;0.00;20.00;15.00;0.00;5.00\n\
                vm;1;2026-11-27 10:00:00 UTC;0;60.00;0.00;20.00;15.00;0.00;5.00\n";
    for text in [rows.to_owned(), rows.replace("[...]", "")] {
        let monitor = read_as(&text, None).unwrap();
        let of_cpu: Vec<_> =
            monitor.tracks.iter().filter(|track| track.metric() == Some(Metric::Cpu)).collect();
        assert_eq!(of_cpu.len(), 1);
        assert_eq!((of_cpu[0].name.as_str(), of_cpu[0].points[0].1), ("CPU {vm, -1}", 80.0));
    }
}

/// The error was: shares of one, as Kibana and Micrometer have them, and New Relic's per cent were no CPU.
#[test]
fn a_share_of_one_by_its_program_is_a_used_up_cpu() {
    for (name, value) in [
        ("Average of system.cpu.total.norm.pct", 0.975),
        ("process_cpu_usage", 0.975),
        ("cpuPercent", 97.5),
        ("container_cpu_usage_percent", 97.5),
    ] {
        let text =
            format!("time,{name}\n2026-11-27T10:00:00Z,{value}\n2026-11-27T10:01:00Z,{value}\n");
        let mut timeline = test(START_S, 120);
        timeline.tracks = read_as(&text, None).unwrap().tracks;
        let sign = Sign::find(&beside(&timeline, None)[0]);
        assert_eq!(sign, Some(Sign::CpuUsedUp { percent: 97.5 }), "{name}");
    }
}

/// The errors were: Metricbeat's objects were too deep, dates of Windows' counters had the day first, and counters of
/// a program's own metrics were shown as means.
#[test]
fn a_used_up_cpu_is_found_in_deep_objects_dates_of_windows_and_counters() {
    let sign = |text: &str| {
        let monitor = read_as(text, None).unwrap();
        let mut timeline = test(START_S, 120);
        timeline.tracks = monitor.within(&test(START_S, 120), Path::new("x")).unwrap();
        beside(&timeline, None).iter().find_map(Sign::find)
    };
    let rows = |row: &dyn Fn(i64) -> String| (0..12).map(row).collect::<String>();
    let time = |at: i64| show_time(START_S + 10 * at);
    let beat = rows(&|at| {
        let system = json!({"cpu": {"total": {"norm": {"pct": 0.97}}}});
        format!("{}\n", json!({"@timestamp": time(at).replace(' ', "T"), "system": system}))
    });
    let found = sign(&beat);
    assert!(
        matches!(found, Some(Sign::CpuUsedUp { percent }) if (percent - 97.0).abs() < 1e-6),
        "{found:?}"
    );
    let core = "process_cpu_seconds_total";
    let counter = rows(&|at| format!("{},{:.1}\n", time(at), 1_000.0 + 9.7 * at as f64));
    let counter = read_as(&format!("time,{core}\n{counter}"), None).unwrap();
    assert!(counter.tracks.iter().any(|track| track.name.contains("a second")), "{counter:?}");
    // 2026-11-05 has two readings.
    let windows = "\"(PDH-CSV 4.0) (Coordinated Universal Time)(0)\",\"\\\\WEB\\Processor(_Total)\\% Processor Time\"\n\
                   \"11/05/2026 10:00:00.123\",\"97\"\n\"11/05/2026 10:00:10.123\",\"97\"\n";
    let monitor = read_as(windows, None).unwrap();
    assert!(monitor.warnings.is_empty(), "{:?}", monitor.warnings);
    assert_eq!(monitor.tracks[0].points[0].0 / 1_000_000, 1_793_872_800);
}

/// The error was: a CPU whose use goes from 0.3 to 0.97 was a plain number, without a message.
#[test]
fn a_share_that_may_be_per_cent_is_named() {
    let warned = |name: &str, values: [&str; 3]| {
        let rows = values.iter().enumerate();
        let rows = rows.map(|(at, value)| format!("2026-11-27T12:00:0{at}Z,{value}\n"));
        let text = format!("time,{name}\n") + &rows.collect::<String>();
        let monitor = read_as(&text, None).unwrap();
        let is_named = |warning: &Warning| matches!(warning, Warning::ShareOrPercent { .. });
        (monitor.warnings.iter().any(is_named), monitor.tracks[0].unit)
    };
    let busy = ["0.3", "0.97", "0.96"];
    assert_eq!(warned("cpu_utilization", busy), (true, Unit::Plain));
    assert_eq!(warned("memory_utilization", busy), (true, Unit::Plain));
    // The column has the unit, or a value above 1.
    assert_eq!(warned("cpu_utilization [%]", busy), (false, Unit::Percent));
    assert_eq!(warned("cpu_utilization [percentunit]", busy), (false, Unit::Share));
    assert_eq!(warned("cpu_utilization", ["0.3", "97", "96"]), (false, Unit::Percent));
    assert_eq!(warned("system.cpu.utilization", busy), (false, Unit::Share));
    assert_eq!(warned("CPUUtilization", busy), (false, Unit::Percent));
    // Neither a share nor per cent of this size is near a limit, and cores have no limit here.
    assert_eq!(warned("cpu_utilization", ["0.1", "0.2", "0.3"]), (false, Unit::Plain));
    assert_eq!(warned("cpu", busy), (false, Unit::Plain));
}
