//! Facts that the recorder wrote about a run are read back.

use spikeflame_run::{ClockStep, Facts, NoFacts, Options, Run, Warning};

const FACTS: &str = r#"{
  "schema": "spikeflame.run/1", "started": "2026-11-27T19:00:00.500Z", "ended": null,
  "profiler": "prof", "load": { "started": "2026-11-27T20:00:03+01:00" },
  "processes": [{ "pid": 12, "node": "v24.1.0" }, { "pid": 13, "node": "v24.1.0" }],
  "git": null, "host": { "name": "a", "cores": 2, "cpu": null, "cgroup_cpu": "max 100000" }
}"#;

#[test]
fn facts_are_read() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Facts::read(folder.path()).unwrap(), None);
    std::fs::write(folder.path().join("run.json"), FACTS).unwrap();
    let facts = Facts::read(folder.path()).unwrap().unwrap();
    assert_eq!(facts.started_us, Some(1_795_806_000_500_000));
    assert_eq!(facts.load_started_us, Some(1_795_806_003_000_000));
    let settings: Vec<(&str, &str)> =
        facts.settings().iter().map(|setting| (setting.name, setting.value.as_str())).collect();
    let expected = [
        ("Node", "v24.1.0"),
        ("profiler", "prof"),
        ("cores", "2"),
        ("CPU limit of the control group", "none"),
    ];
    assert_eq!(settings, expected);
}

#[test]
fn only_damage_of_the_recorders_own_file_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    for text in ["", "{}", "[1, 2]", r#"{ "schema": "other/1" }"#, "no JSON"] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(Facts::read(folder.path()).unwrap(), None, "{text}");
    }
    std::fs::write(&path, FACTS.get(..120).unwrap()).unwrap();
    assert!(matches!(Facts::read(folder.path()), Err(NoFacts::Damaged(_))));
    std::fs::write(&path, FACTS.replace("run/1", "run/2")).unwrap();
    assert!(matches!(Facts::read(folder.path()), Err(NoFacts::OtherSchema(_))));
    let run = Run::read(&[folder.path().to_owned()], Options::default());
    assert!(run.facts().is_none() && run.facts().is_none());
    assert!(matches!(run.take_warnings().as_slice(), [Warning::NoFacts { .. }]));
}

/// A folded recording is enough for a run.
#[test]
fn a_run_that_is_still_recorded_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stacks.folded"), "main;work 3\nmain;wait 1\n").unwrap();
    let warned = |facts: &str| {
        std::fs::write(folder.path().join("run.json"), facts).unwrap();
        let run = Run::read(&[folder.path().to_owned()], Options::default());
        assert_eq!(run.profile().unwrap().total(), 4);
        let warnings = run.take_warnings();
        warnings.iter().any(|warning| matches!(warning, Warning::Unfinished { .. }))
    };
    let with = |end: &str| FACTS.replace(r#""ended": null,"#, end);
    assert!(warned(&with(r#""ended": null,"#)));
    assert!(!warned(&with(r#""ended": "2026-11-27T19:05:00Z","#)));
    // Other programs that write such a file may leave the end out.
    assert!(!warned(&with("")));
}

/// The error was: a tick log that a full disk had cut off, and times after a step of the clock, were
/// shown without a word, although the recorder had noted both.
#[test]
fn a_write_that_failed_and_a_step_of_the_clock_are_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stacks.folded"), "main;work 3\nmain;wait 1\n").unwrap();
    let noted = r#""ended": "2026-11-27T19:05:00Z", "write_failed": "ENOSPC",
        "clock_steps": [{ "at": "2026-11-27T19:01:00Z", "ms": -2500 }],"#;
    let facts = FACTS.replace(r#""ended": null,"#, noted);
    std::fs::write(folder.path().join("run.json"), facts).unwrap();
    let run = Run::read(&[folder.path().to_owned()], Options::default());
    run.profile().unwrap();
    let warnings = run.take_warnings();
    assert!(matches!(&warnings[0], Warning::WriteFailed { why, .. } if why == "ENOSPC"));
    let step = ClockStep { at_us: 1_795_806_060_000_000, ms: -2500 };
    assert!(matches!(&warnings[1], Warning::ClockStepped { steps, .. } if steps == &[step]));
    assert_eq!(warnings.len(), 2, "{warnings:?}");
}

/// The error was: only the recorder itself stated that its load had been stopped, and later commands showed the
/// plateau of the part that ran like that of a whole test.
#[test]
fn a_load_that_was_stopped_is_named_wherever_a_plateau_is_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let load = folder.path().join("load.csv");
    std::fs::write(&load, "time,requests,p95_ms,users\n2026-11-27T19:00:03Z,9,2,1\n").unwrap();
    let warned = |load_fields: &str, inputs: &[std::path::PathBuf]| {
        let text = FACTS.replace(r#""load": {"#, &format!(r#""load": {{ {load_fields}"#));
        std::fs::write(folder.path().join("run.json"), text).unwrap();
        let run = Run::read(inputs, Options { load: Some(load.clone()), ..Options::default() });
        run.found().unwrap();
        let warnings = run.take_warnings();
        warnings
            .iter()
            .any(|warning| matches!(warning, Warning::LoadStopped { why, .. } if why == "x"))
    };
    let both = [folder.path().to_owned()];
    assert!(warned(r#""stopped": "x","#, &both) && warned(r#""stopped": "x","#, &[]));
    assert!(!warned("", &both) && !warned(r#""stopped": null,"#, &both));
}
