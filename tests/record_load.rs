//! Messages of `spikeflame record` about the load test. Without `node`, they print SKIPPED.

#![cfg(unix)]

use crate::record::{has, root, spikeflame, text};

/// The error was: nothing said that the load test had left no result, so no window could be cut.
#[test]
fn a_load_without_a_result_is_named() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = "require('http').createServer().listen(process.env.PORT);\n\
                  let x = 0; for (let i = 0; i < 2e8; i++) x += Math.sqrt(i);";
    std::fs::write(folder.path().join("main.js"), script).unwrap();
    let record = |name: &str, load: &str| {
        let words = ["record", "-o", name, "--load", load, "--", "node", "main.js"];
        let output = spikeflame(folder.path(), &words);
        text(&output);
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(record("a", "true").contains("left no result in "));
    let sample = root().join("samples/load/k6-summary.txt");
    let copy = format!("cp {} $RUN/summary.txt", sample.display());
    // The error was: "no load test was found" about a result without seconds.
    let told = record("b", &copy);
    assert!(told.contains("has totals only (summary.txt: k6 summary (text))"), "{told}");
    assert!(!told.contains("left no result"), "{told}");
    // The program asks its parent, the recorder, for the end before it answers: then no load has run.
    let script = "process.kill(process.ppid, 'SIGINT'); setTimeout(() => {}, 600000);";
    std::fs::write(folder.path().join("main.js"), script).unwrap();
    let told = record("c", "true");
    assert!(told.contains("the load was not run") && !told.contains("left no result"), "{told}");
}

/// The error was: a load test that was cut by Ctrl-C had its plateau judged without a word.
#[test]
fn a_load_that_the_user_has_stopped_is_named() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = "require('http').createServer().listen(process.env.PORT);
        setInterval(() => { if (require('fs').existsSync(process.env.SPIKEFLAME_RUN + '/mark'))
          process.kill(process.ppid, 'SIGINT'); }, 50);
        let x = 0; for (let i = 0; i < 2e8; i++) x += Math.sqrt(i);";
    std::fs::write(folder.path().join("main.js"), script).unwrap();
    let row = "printf 'time,requests,p95_ms,users\\n2026-11-27T19:00:03Z,9,2,1\\n' > $RUN/load.csv";
    for (name, then, is_stopped) in
        [("a", "touch $RUN/mark; sleep 600", true), ("b", "true", false)]
    {
        let load = &format!("{row}; {then}");
        let words = ["record", "-o", name, "--load", load, "--", "node", "main.js"];
        let output = spikeflame(folder.path(), &words);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            told.matches("stopped before its end").count(),
            usize::from(is_stopped),
            "{told}"
        );
        // The error was: the folder's later readers did not state it.
        let later = spikeflame(folder.path(), &["plateau", name]);
        let told = String::from_utf8_lossy(&later.stderr).into_owned();
        assert_eq!(told.contains("stopped before its end"), is_stopped, "{told}");
    }
}

/// The error was: V8's CPU profiler in the program stopped nearly all ticks, and nothing stated the reason.
#[test]
fn a_profiler_of_the_program_itself_is_named_before_it_starts() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.js"), "console.log('done')").unwrap();
    for (flag, is_named) in [("--cpu-prof", true), ("--no-warnings", false)] {
        let words = ["record", "-o", flag.trim_start_matches('-'), "--", "node", flag, "main.js"];
        let told = spikeflame(folder.path(), &words).stderr;
        let told = String::from_utf8_lossy(&told);
        assert_eq!(told.contains("which stops the ticks of --prof"), is_named, "{told}");
    }
}
