//! Ends the processes of a run when the recorder itself is killed.

use rustix::process::Pid;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// The script of the shell. It waits for the end of its input, which comes when the recorder ends
/// in any way. It then asks a group of processes to end, and kills those that are left.
const SCRIPT: &str = "while read -r line; do :; done
kill -s TERM -- \"-$1\" 2>/dev/null || exit 0
for wait in 1 2 3 4 5 6 7 8 9 10; do
  sleep 0.5 2>/dev/null || sleep 1
  kill -s 0 -- \"-$1\" 2>/dev/null || exit 0
done
kill -s KILL -- \"-$1\" 2>/dev/null";

/// A shell that outlives the recorder, and ends a group of processes after it.
pub(crate) struct Guard(Option<Child>);

impl Guard {
    /// Starts a guard for a group. If no shell can be started, there is no guard and the run
    /// continues.
    pub(crate) fn start(group: Pid) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "spikeflame-guard", &group.as_raw_nonzero().to_string()]);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // The shell has its own process group, so that Ctrl-C on a terminal does not end it.
        shell.process_group(0);
        Self(shell.spawn().ok())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(shell) = &mut self.0 {
            // The shell is killed before its input ends, so that it signals nobody.
            let _ = shell.kill();
            let _ = shell.wait();
        }
    }
}
