//! Records onto disks without room. A disk is a file system in memory, in a mount namespace of its own.
//! Without `node`, or where no file system may be mounted, the tests print SKIPPED.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may fail")]

use spikeflame_record::{Options, Stop, record};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Records `main.js` beside the folder `RECORDER_RUN`, when this test is started as a program of its own.
#[test]
fn recorder() {
    let Some(run) = std::env::var_os("RECORDER_RUN").map(PathBuf::from) else { return };
    let main = run.with_file_name("main.js").into_os_string();
    let mut options = Options::new(run, vec!["node".into(), main]);
    options.load = std::env::var("RECORDER_LOAD").ok();
    let patience = std::env::var("RECORDER_PATIENCE").ok();
    options.patience =
        Duration::from_secs(patience.and_then(|text| text.parse().ok()).unwrap_or(120));
    let mut words = Vec::new();
    let result = record(&options, &Stop::default(), &mut |event| words.push(format!("{event:?}")));
    match result {
        Ok(outcome) => eprintln!("{} Ok({outcome:?})", words.join(" ")),
        Err(why) => eprintln!("{} Err({why})", words.join(" ")),
    }
}

/// Records `script` on a disk with `kib` kibibytes. Returns the recorder's words, and the output of
/// the program followed by run.json and the names in the folder. Returns `None` where that is not possible.
fn on_a_disk(kib: u32, script: &str, variables: &[(&str, &str)]) -> Option<(String, String)> {
    if Command::new("node").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no node");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    std::fs::write(folder.path().join("main.js"), script).unwrap();
    let mount = "mount -t tmpfs -o \"size=$1k\" none \"$2\" && cd \"$2\" && cp ../main.js . && shift 2 && \
                 { \"$@\"; cat run/run.json; ls -A run; }";
    let mut outer = Command::new("unshare");
    outer.args(["--mount", "--map-root-user", "sh", "-c", mount, "sh", &kib.to_string()]);
    outer.arg(&disk).arg(std::env::current_exe().unwrap());
    outer.args(["--exact", "recorder", "--nocapture"]).env("RECORDER_RUN", disk.join("run"));
    outer.envs(variables.iter().copied());
    let Ok(output) = outer.output() else {
        eprintln!("SKIPPED: no unshare");
        return None;
    };
    let [words, shown] =
        [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    if !words.contains("Ok(") && !words.contains("Err(") {
        eprintln!("SKIPPED: no mount here: {words}");
        return None;
    }
    Some((words, shown))
}

/// Fills the disk to its last byte.
const FILL: &str = "const fs = require('fs'), at = fs.openSync('fill', 'a');
    for (let size = 1 << 20; size > 0; size >>= 1) try { for (;;) fs.writeSync(at, Buffer.alloc(size)); } catch (error) {}";

#[test]
fn a_full_disk_is_named_and_the_program_goes_on() {
    let script =
        "for (let i = 0; i < 3000; i++) console.log('x'.repeat(1000)); console.log('end');";
    let Some((words, shown)) = on_a_disk(1024, script, &[]) else { return };
    assert!(words.contains("LogLost(\"No space left"), "{words}");
    assert!(words.contains("Ok(Outcome"), "{words}");
    // The output goes on to its reader.
    assert!(shown.contains("\nend\n"));
    // The error was: run.json had no end, as if the recorder had been killed.
    assert!(shown.contains("\"exit\": \"exit code 0\"") && !words.contains("FactsLost"), "{words}");
}

/// The error was: V8 writes nothing more into its log after a write that failed, and a disk that had room
/// again at the end left no word of it. The program of this test prints nothing while the disk is full.
#[test]
fn a_disk_that_was_full_for_a_time_is_noted() {
    let script = "const fs = require('fs'), run = process.env.SPIKEFLAME_RUN, began = Date.now();
        const noted = () => fs.readdirSync(run + '/.spikeflame').some((name) => name.startsWith('lost-'));
        try { fs.writeFileSync('fill', Buffer.alloc(3e6)); } catch (error) {}
        setInterval(() => { if (noted() || Date.now() - began > 60000) { fs.unlinkSync('fill'); process.exit(0); } }, 50);";
    let Some((words, facts)) = on_a_disk(2048, script, &[]) else { return };
    // Node before 18.15 does not show the room on a disk.
    let is_old = facts.contains("\"node\": \"v16");
    let is_noted = words.contains("WriteFailed(") && facts.contains("\"write_failed\": \"");
    assert!(is_old || is_noted, "{words}\n{facts}");
}

/// The error was: the note of the port had no room, so the port "did not come", and no load ran.
#[test]
fn a_full_disk_is_no_port_that_does_not_come() {
    let script = format!("{FILL} require('http').createServer().listen(0, '127.0.0.1');");
    let Some((words, _)) = on_a_disk(2048, &script, &[("RECORDER_LOAD", "true")]) else { return };
    assert!(words.contains("Loading") && words.contains("Ok(Outcome"), "{words}");
}

#[test]
fn an_error_on_a_full_disk_names_the_disk() {
    let script = format!("{FILL} setInterval(() => {{}}, 1000);");
    let (mut words, mut facts) = (String::new(), String::new());
    // On a busy machine, three seconds can pass before the program begins.
    for patience in ["3", "30", "120"] {
        let variables = [("RECORDER_LOAD", "true"), ("RECORDER_PATIENCE", patience)];
        let Some(told) = on_a_disk(2048, &script, &variables) else { return };
        (words, facts) = told;
        assert!(words.contains(&format!("did not come within {patience} s")), "{words}");
        if words.contains("could not be written (") {
            break;
        }
    }
    assert!(
        words.contains("could not be written (") && words.contains("make room there"),
        "{words}"
    );
    assert!(facts.contains("\"failed\": \""), "{facts}");
}

/// The error was: a folder that was full at the start kept files, so that the next recording was refused.
#[test]
fn a_disk_without_room_for_the_start_leaves_the_folder_free() {
    let Some((words, shown)) = on_a_disk(60, "1", &[]) else { return };
    assert!(words.contains("Err(") && words.contains("; make room there"), "{words}");
    // The folder has no file.
    assert!(!shown.contains("process.csv") && !shown.contains(".spikeflame"), "{shown}");
}
