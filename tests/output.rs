//! Commands write whole files or none, and never over files that they read.

use crate::common;

use common::{command, failure, root, run, stderr, stdout};
use std::fs::{self, File};
use std::path::Path;

const LOG: &str = "v8/nested-on-node24.log.zst";

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A copy of a recording in a folder of its own.
fn copy(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("v.log.zst");
    fs::copy(root("samples").join(LOG), &path).unwrap();
    path
}

#[test]
fn an_output_that_is_an_input_is_refused_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let log = copy(folder.path());
    let before = fs::read(&log).unwrap();
    let hard = folder.path().join("hard");
    fs::hard_link(&log, &hard).unwrap();
    let mut names = vec![log.clone(), folder.path().join("./v.log.zst")];
    if cfg!(unix) {
        names.push(hard);
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&log, &link).unwrap();
            names.push(link);
        }
    }
    let run_folder = tempfile::tempdir().unwrap();
    let within = copy(run_folder.path());
    for name in &names {
        let name = text(name);
        for command in ["fold", "top", "flame"] {
            let wrong = failure(&["-q", command, text(&log), "-o", name]);
            assert!(wrong.contains("would be overwritten"), "{command} {name}: {wrong}");
        }
        let wrong = failure(&["-q", "export", text(&log), "--to", "pprof", "-o", name]);
        assert!(wrong.contains("would be overwritten"), "{wrong}");
    }
    // The file lies in a folder that was named as input.
    let wrong = failure(&["-q", "fold", text(run_folder.path()), "-o", text(&within)]);
    assert!(wrong.contains("would be overwritten"), "{wrong}");
    // Load tests and logs are inputs too.
    let load = folder.path().join("k6.json.gz");
    fs::copy(root("samples/load/k6.json.gz"), &load).unwrap();
    let load = text(&load);
    for args in [
        &["plateau", load][..],
        &["capacity", "--load", load],
        &["top", "spike/before-1", "--window", "plateau", "--load", load],
    ] {
        let wrong = failure(&[&["-q"], args, &["-o", load]].concat());
        assert!(wrong.contains("would be overwritten"), "{args:?}: {wrong}");
    }
    let app = folder.path().join("app.log");
    fs::write(&app, "2026-11-23T01:24:45Z Error: x\n    at f (/srv/a.js:1:2)\n").unwrap();
    let wrong = failure(&["-q", "errors", text(&app), "-o", text(&app)]);
    assert!(wrong.contains("would be overwritten"), "{wrong}");
    // An exported recording has the ending that `merge` asks for, and a folder of a comparison may
    // hold an input.
    let merged = folder.path().join("in.pb.gz");
    let args = ["-q", "export", text(&log), "--to", "pprof", "-o", text(&merged)];
    assert!(run(&args).status.success());
    let folded = folder.path().join("diff.txt");
    fs::write(&folded, stdout(&["-q", "fold", text(&log)])).unwrap();
    let slow = folder.path().join("slow.log");
    fs::copy(root("samples/queries/mariadb-slow.log"), &slow).unwrap();
    let watched = folder.path().join("cpu.csv");
    fs::write(&watched, "time,cpu\n2026-11-23T01:24:45Z,0.5\n2026-11-23T01:25:45Z,0.9\n").unwrap();
    let page = folder.path().join("in.md");
    fs::copy(&folded, &page).unwrap();
    for (args, output) in [
        (&["merge", text(&merged), text(&log)][..], &merged),
        (&["queries", text(&slow)], &slow),
        (&["doctor", text(&log)], &log),
        (&["report", text(&page)], &page),
        (&["report", "v8/mix-node20.log.zst", "--before", text(&page)], &page),
        (&["top", text(&log), "--lines", "x"], &log),
        (&["plateau", load, "--with", text(&watched)], &watched),
    ] {
        let before = fs::read(output).unwrap();
        let wrong = failure(&[&["-q"], args, &["-o", text(output)]].concat());
        assert!(wrong.contains("would be overwritten"), "{args:?}: {wrong}");
        assert_eq!(fs::read(output).unwrap(), before, "{args:?}");
    }
    let args = ["-q", "diff", "--before", text(&folded), "--after", "v8/mix-node20.log.zst"];
    let wrong = failure(&[&args[..], &["-o", text(folder.path())]].concat());
    assert!(wrong.contains("would be overwritten"), "{wrong}");
    assert_eq!(fs::read(&log).unwrap(), before);
    assert_eq!(fs::read(&within).unwrap(), before);
}

/// The error was: `File exists (os error 17)`, and `pull` asked the server first.
#[test]
fn commands_that_write_a_folder_refuse_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let log = copy(folder.path());
    let before = fs::read(&log).unwrap();
    let sides = ["diff", "--before", text(&log), "--after", text(&log)];
    let times = ["--from-time", "2026-01-01T00:00:00Z", "--until", "2026-01-01T00:01:00Z"];
    let pull = ["pull", "--from", "http://127.0.0.1:9", "--query", "x{}"];
    let pull = [&pull[..], &times].concat();
    let mut commands = vec![&sides[..], &pull, &["attach", "--pid", "1"]];
    if cfg!(unix) {
        commands.push(&["ab", "--a", "x", "--b", "y", "--load", "true"]);
        commands.push(&["record"]);
    }
    for args in commands {
        let program: &[&str] =
            if ["ab", "record"].contains(&args[0]) { &["--", "node", "x.js"] } else { &[] };
        let wrong = failure(&[&["-q"], args, &["-o", text(&log)], program].concat());
        assert!(wrong.contains("this is a file, and -o names the folder"), "{args:?}: {wrong}");
    }
    assert_eq!(fs::read(&log).unwrap(), before);
}

/// The error was: only the files that a command itself reads were spared, so that `flame RUN -o
/// RUN/k6.json.gz` replaced the load test.
#[test]
fn a_part_of_a_run_is_never_replaced_and_an_earlier_output_is() {
    let folder = tempfile::tempdir().unwrap();
    let within = |name: &str| folder.path().join(name);
    let log = copy(folder.path());
    fs::copy(root("samples/load/k6.json.gz"), within("k6.json.gz")).unwrap();
    fs::write(within("run.json"), "{\"schema\":\"spikeflame.run/1\"}").unwrap();
    fs::write(within("app.log"), "Nest is ready\n").unwrap();
    fs::write(within("process.csv"), "time,pid,cpu_cores,rss\n2026-11-23T01:24:45Z,1,0.5,9\n")
        .unwrap();
    fs::write(within("maps-1.txt"), "7f00-7f01 r-xp 00000000 08:01 42 /x\n").unwrap();
    fs::write(within("db.csv"), "time,cpu\n2026-11-23T01:24:45Z,0.5\n2026-11-23T01:25:45Z,0.9\n")
        .unwrap();
    let outer = text(folder.path());
    let other = "v8/mix-node20.log.zst";
    let load = within("k6.json.gz");
    for (name, args) in [
        ("k6.json.gz", &["flame", outer][..]),
        ("app.log", &["fold", outer]),
        ("process.csv", &["export", outer, "--to", "pprof"]),
        ("run.json", &["top", outer, "--format", "json"]),
        ("maps-1.txt", &["capacity", "--load", text(&load)]),
        ("db.csv", &["plateau", text(&load)]),
        ("v.log.zst", &["top", other]),
    ] {
        let before = fs::read(within(name)).unwrap();
        let wrong = failure(&[&["-q"], args, &["-o", text(&within(name))]].concat());
        assert!(wrong.contains("would be overwritten"), "{name}: {wrong}");
        assert_eq!(fs::read(within(name)).unwrap(), before, "{name}");
    }
    // The error was: folded stacks of the run itself were replaced.
    fs::write(within("stacks.folded"), "main;work 3\n").unwrap();
    let wrong = failure(&["-q", "fold", text(&log), "-o", text(&within("stacks.folded"))]);
    assert!(wrong.contains("a recording of this run and would be overwritten"), "{wrong}");
    let wrong = failure(&["-q", "diff", "--before", text(&log), "--after", other, "-o", outer]);
    assert!(wrong.contains("the folder of a run"), "{wrong}");
    let apart = tempfile::tempdir().unwrap();
    let native = apart.path().join("native.folded");
    fs::write(&native, "main;work 3\n").unwrap();
    for (name, args) in [
        ("a.cpuprofile", &["export", other][..]),
        ("a.pb.gz", &["export", other]),
        ("a.speedscope.json", &["export", other]),
        ("a.firefox.json", &["export", other, "--to", "firefox"]),
        // The error was: without a function of Node, this was taken for a recording.
        ("b.firefox.json", &["export", text(&native), "--to", "firefox"]),
        ("a.otlp", &["export", other]),
        ("a.folded", &["fold", other]),
        ("a.txt", &["top", other]),
        ("a.json", &["top", other, "--format", "json"]),
        ("a.html", &["flame", other]),
        ("capacity.txt", &["capacity", "--load", text(&load)]),
        ("plateau.json", &["plateau", text(&load), "--format", "json"]),
        ("doctor.txt", &["doctor", outer]),
    ] {
        let path = apart.path().join(name);
        for _ in 0..2 {
            let output = run(&[&["-q"], args, &["-o", text(&path)]].concat());
            assert!(output.status.success(), "{name}: {}", stderr(&output));
        }
    }
}

#[cfg(unix)]
#[test]
fn standard_output_into_an_input_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = copy(folder.path());
    let before = fs::read(&log).unwrap();
    let append = File::options().append(true).open(&log).unwrap();
    let output = command(&["-q", "fold", text(&log)]).stdout(append).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("standard output goes to this file"), "{}", stderr(&output));
    let stdin = File::open(&log).unwrap();
    let output = command(&["-q", "fold", "-", "-o", text(&log)]).stdin(stdin).output().unwrap();
    assert!(stderr(&output).contains("would be overwritten"), "{}", stderr(&output));
    assert_eq!(fs::read(&log).unwrap(), before);
}

#[test]
fn a_file_that_is_no_input_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let log = copy(folder.path());
    let out = folder.path().join("out.folded");
    fs::write(&out, "old").unwrap();
    let expected = stdout(&["-q", "fold", text(&log)]);
    assert!(run(&["-q", "fold", text(&log), "-o", text(&out)]).status.success());
    assert_eq!(fs::read_to_string(&out).unwrap(), expected);
    // No other file is left in the folder.
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["out.folded", "v.log.zst"]);
    let nowhere = folder.path().join("nowhere/x.folded");
    let why = failure(&["-q", "fold", text(&log), "-o", text(&nowhere)]);
    assert!(why.contains("nowhere") && why.contains("does not exist"), "{why}");
}

#[cfg(unix)]
#[test]
fn links_permissions_and_devices_stay_what_they_are() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let log = copy(folder.path());
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    fs::write(&real, "old").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real", &link).unwrap();
    assert!(run(&["-q", "fold", text(&log), "-o", text(&link)]).status.success());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::metadata(&real).unwrap().len() > 3);
    // A new file has the usual permissions, and not those of a temporary file.
    let (ours, any) = (folder.path().join("ours"), folder.path().join("any"));
    assert!(run(&["-q", "fold", text(&log), "-o", text(&ours)]).status.success());
    fs::write(&any, "").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&ours), mode(&any));
    // A link to a file that does not exist yet.
    let ahead = folder.path().join("ahead");
    symlink("later", &ahead).unwrap();
    assert!(run(&["-q", "fold", text(&log), "-o", text(&ahead)]).status.success());
    assert!(folder.path().join("later").is_file());
    assert!(run(&["-q", "fold", text(&log), "-o", "/dev/null"]).status.success());
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_the_old_file_and_names_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let log = copy(folder.path());
    let out = folder.path().join("out.svg");
    fs::write(&out, "old").unwrap();
    // A limit on the size of files fails a write as a full disk does.
    let script = "ulimit -f 8; trap '' XFSZ; exec \"$0\" \"$@\"";
    let output = std::process::Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_spikeflame")])
        .args(["-q", "flame", text(&log), "-o", text(&out)])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("out.svg"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&out).unwrap(), "old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    if Path::new("/dev/full").exists() {
        let full = failure(&["-q", "fold", text(&log), "-o", "/dev/full"]);
        assert!(full.contains("/dev/full"), "{full}");
    }
}

#[test]
fn a_picture_of_a_window_has_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let samples = root("samples").canonicalize().unwrap();
    let spike = samples.join("spike/before-1");
    for (window, name) in [
        ("all", "before-1.svg"),
        ("plateau", "before-1-plateau.svg"),
        ("before", "before-1-before.svg"),
        ("load", "before-1-load.svg"),
        ("12s..31.5s", "before-1-12s-31.5s.svg"),
    ] {
        let args = ["-q", "flame", text(&spike), "--window", window];
        let output = command(&args).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{window}: {}", stderr(&output));
        assert!(folder.path().join(name).is_file(), "{window}");
    }
}

/// A stack of 30,000 functions with a sample at each level, as a CPU profile. Its folded text has
/// gigabytes, so that a signal always comes before its end.
fn deep_profile(path: &Path, levels: usize) {
    let node = |id: usize| {
        let child = if id < levels { format!(",\"children\":[{}]", id + 1) } else { String::new() };
        format!(
            "{{\"id\":{id},\"callFrame\":{{\"functionName\":\"f\",\"scriptId\":\"1\",\"url\":\"file:///a.js\",\
             \"lineNumber\":1,\"columnNumber\":1}},\"hitCount\":1{child}}}"
        )
    };
    let nodes: Vec<String> = (1..=levels).map(node).collect();
    let samples: Vec<String> = (1..=levels).map(|id| id.to_string()).collect();
    let text = format!(
        "{{\"nodes\":[{}],\"startTime\":0,\"endTime\":{levels}000,\"samples\":[{}],\"timeDeltas\":[{}]}}",
        nodes.join(","),
        samples.join(","),
        vec!["1000"; levels].join(",")
    );
    fs::write(path, text).unwrap();
}

/// Ctrl-C left `.out.folded.XXXXXX.part` beside the output, with gigabytes of a large recording.
#[cfg(unix)]
#[test]
fn a_signal_leaves_no_part_of_a_file() {
    use std::os::unix::process::ExitStatusExt;
    use std::time::{Duration, Instant};
    let until = Instant::now() + Duration::from_secs(240);
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("deep.cpuprofile"), folder.path().join("out.folded"));
    deep_profile(&input, 30_000);
    let files = || fs::read_dir(folder.path()).unwrap().count();
    let args = ["-q", "fold", text(&input), "-o", text(&out)];
    // This test can be so late that the program has ended by itself: then it tries again.
    loop {
        assert!(Instant::now() < until, "the program always ended before the signal");
        let mut child = command(&args).spawn().unwrap();
        while files() == 1 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let sent = std::process::Command::new("kill").arg(child.id().to_string()).status();
        assert!(sent.unwrap().success());
        let status = child.wait().unwrap();
        if status.success() {
            fs::remove_file(&out).unwrap();
            continue;
        }
        assert_eq!(status.signal(), Some(15));
        assert_eq!(files(), 1);
        break;
    }
}

#[test]
fn stacks_that_would_fill_the_disk_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("deep.cpuprofile");
    deep_profile(&input, 50_000);
    let input = text(&input);
    for args in [
        &["fold", input][..],
        &["export", input, "--to", "folded", "-o", "-"],
        &["export", input, "--to", "pprof", "-o", "-"],
        &["export", input, "--to", "otlp", "-o", "-"],
    ] {
        let wrong = failure(&[&["-q"], args].concat());
        assert!(wrong.contains("too deep") && wrong.contains("--to firefox"), "{args:?}: {wrong}");
    }
}
