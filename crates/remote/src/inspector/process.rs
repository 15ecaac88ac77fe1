//! Asks a process of this machine to open its inspector, by the signal SIGUSR1.

use super::PORT;
use crate::Error;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The longest wait for the inspector.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest wait after an interruption for an inspector that the signal opens, so that it can be closed.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// An inspector that was found for a process.
pub(crate) struct InspectorPort {
    pub(crate) port: u16,
    /// True when the signal opened the inspector, which was closed before.
    pub(crate) opened: bool,
}

/// Sends SIGUSR1 to a process, and waits for a port on which an inspector answers. When `stop` returns true, it
/// waits at most one second longer, and returns [`Error::Interrupted`] when no inspector answers by then.
///
/// The signal would end a process that does not handle it, and other programs handle it in ways of
/// their own: Bash and programs in Go end. It is therefore only sent to a Node process that handles
/// it.
#[cfg(unix)]
pub(crate) fn open(pid: u32, stop: &dyn Fn() -> bool) -> Result<InspectorPort, Error> {
    use rustix::process::{Pid, Signal, kill_process};
    let refused = |why| Error::NoProcess { pid, why };
    // Process 1 of a container can be the application.
    let id = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let id = id.ok_or(refused("not a number of a process"))?;
    handles_signal(pid).map_err(refused)?;
    let before = linux::ports(pid);
    // When the inspector is already open, no signal is sent.
    if let Some(port) = before.iter().flatten().copied().find(|port| *port == PORT)
        && answers(port)
    {
        return Ok(InspectorPort { port, opened: false });
    }
    kill_process(id, Signal::USR1).map_err(|_| {
        refused("it cannot be signalled; run as its user, or start it as `node --inspect`")
    })?;
    let mut until = Instant::now() + PATIENCE;
    let mut is_stopped = false;
    while Instant::now() < until {
        if !is_stopped && stop() {
            is_stopped = true;
            until = until.min(Instant::now() + LAST_WAIT);
        }
        let now = linux::ports(pid);
        let new = match (&before, &now) {
            (Some(before), Some(now)) => now.difference(before).copied().collect(),
            _ => BTreeSet::from([PORT]),
        };
        if let Some(port) = new.into_iter().find(|port| answers(*port)) {
            return Ok(InspectorPort { port, opened: true });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    if is_stopped {
        return Err(Error::Interrupted);
    }
    // The signal does nothing when the inspector was open at another port.
    if let Some(port) = before.into_iter().flatten().find(|port| answers(*port)) {
        return Ok(InspectorPort { port, opened: false });
    }
    Err(refused(
        "it opened no inspector that answers here: the program may handle SIGUSR1 itself, another \
         process may have port 9229, or it runs in a container (name its inspector as HOST:PORT); when its event \
         loop is blocked, the inspector opens later, and stays open",
    ))
}

/// Waits until the inspector of a process has moved to another port, also after an interruption: the inspector
/// is closed there.
#[cfg(unix)]
pub(crate) fn moved(pid: u32, from: u16) -> Result<InspectorPort, Error> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let ports = linux::ports(pid).unwrap_or_default();
        if !ports.contains(&from)
            && let Some(port) = ports.into_iter().find(|port| answers(*port))
        {
            return Ok(InspectorPort { port, opened: true });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let why = "its inspector does not make room at port 9229 for the next process; attach to one process \
               after the other";
    Err(Error::NoProcess { pid, why })
}

#[cfg(not(unix))]
pub(crate) fn moved(pid: u32, _from: u16) -> Result<InspectorPort, Error> {
    Err(Error::NoProcess { pid, why: "this system has no SIGUSR1" })
}

#[cfg(not(unix))]
pub(crate) fn open(pid: u32, _stop: &dyn Fn() -> bool) -> Result<InspectorPort, Error> {
    let why = "this system has no SIGUSR1; start it as `node --inspect`, and name its inspector as HOST:PORT";
    Err(Error::NoProcess { pid, why })
}

#[cfg(unix)]
fn answers(port: u16) -> bool {
    super::find(super::LOCALHOST, port, Duration::from_secs(1)).is_ok()
}

/// Checks that a process is one of Node, and handles SIGUSR1.
#[cfg(unix)]
fn handles_signal(pid: u32) -> Result<(), &'static str> {
    if cfg!(not(target_os = "linux")) {
        return is_named_node(pid);
    }
    let Some(status) = linux::status(pid) else {
        return Err("there is no such process");
    };
    if !linux::is_node(pid) {
        return Err(
            "it is no Node process, and SIGUSR1 could end it; give the number of the `node` \
             process that it started",
        );
    }
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
    match caught {
        // SIGUSR1 has the number 10 on every processor that Node supports.
        Some(mask) if mask >> 9 & 1 == 1 => Ok(()),
        _ => Err(
            "it does not handle SIGUSR1, and the signal would end it (`--disable-sigusr1`, or it \
             only just began); start it as `node --inspect`",
        ),
    }
}

/// Checks the name of a process where there is no `/proc`.
#[cfg(unix)]
fn is_named_node(pid: u32) -> Result<(), &'static str> {
    let mut list = std::process::Command::new("ps");
    let output = list.args(["-o", "comm=", "-p", &pid.to_string()]).output();
    let name = output.map(|output| output.stdout).unwrap_or_default();
    match String::from_utf8_lossy(&name).trim().rsplit('/').next() {
        Some("node") => Ok(()),
        Some("") | None => Err("there is no such process"),
        Some(_) => Err("it is not called node, and SIGUSR1 would end another program"),
    }
}

/// Returns the numbers of a process in the namespaces that contain it, from the outermost. Without
/// `/proc` it returns only the number `pid`.
pub(crate) fn numbers(pid: u32) -> Vec<u32> {
    let mut numbers = vec![pid];
    if let Some(status) = linux::status(pid)
        && let Some(line) = status.lines().find_map(|line| line.strip_prefix("NSpid:"))
    {
        numbers.extend(line.split_whitespace().filter_map(|number| number.parse::<u32>().ok()));
    }
    numbers
}

/// Reads files of `/proc`.
mod linux {
    use std::collections::{BTreeSet, HashSet};
    use std::fs;
    use std::io::Read;
    use std::path::{Path, PathBuf};

    fn proc(pid: u32, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{pid}/{name}"))
    }

    pub(super) fn status(pid: u32) -> Option<String> {
        fs::read_to_string(proc(pid, "status")).ok()
    }

    /// The text that every binary of Node 20 and newer contains, so that an application can be packed
    /// into it.
    const MARK: &[u8] = b"NODE_SEA_FUSE_";

    /// Returns true for a process of Node, also when its title, its library or its binary is another.
    pub(super) fn is_node(pid: u32) -> bool {
        let Ok(binary) = fs::read_link(proc(pid, "exe")) else {
            // The binary of another user's process cannot be seen, nor that of a binary with
            // capabilities. Its first argument can.
            let line = fs::read(proc(pid, "cmdline")).unwrap_or_default();
            let first = line.split(|byte| *byte == 0).next().unwrap_or_default();
            return is_name(Path::new(&*String::from_utf8_lossy(first)));
        };
        let maps = || fs::read_to_string(proc(pid, "maps")).unwrap_or_default();
        is_name(&binary) || maps().contains("/libnode.so") || has_mark(&proc(pid, "exe"))
    }

    /// Returns true for a path whose last part is the name of a program with Node in it.
    fn is_name(path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("node") || name.starts_with("electron")
    }

    /// Returns true when a file contains [`MARK`].
    fn has_mark(path: &Path) -> bool {
        let Ok(mut file) = fs::File::open(path) else { return false };
        let mut block = vec![0; 1 << 20];
        let mut kept = 0;
        while let Some(room) = block.get_mut(kept..)
            && let Ok(read) = file.read(room)
            && read > 0
        {
            let end = kept + read;
            let seen = block.get(..end).unwrap_or_default();
            if memchr::memmem::find(seen, MARK).is_some() {
                return true;
            }
            // The mark may lie across two blocks.
            kept = end.min(MARK.len() - 1);
            block.copy_within(end - kept..end, 0);
        }
        false
    }

    /// Returns the ports on which a process listens; `None` when they are not visible.
    pub(super) fn ports(pid: u32) -> Option<BTreeSet<u16>> {
        let entries = fs::read_dir(proc(pid, "fd")).ok()?.flatten();
        let links = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
        let sockets: HashSet<String> = links
            .filter_map(|link| {
                let name = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
                Some(name.to_owned())
            })
            .collect();
        let tables = ["net/tcp", "net/tcp6"].map(|name| fs::read_to_string(proc(pid, name)));
        let mut ports = BTreeSet::new();
        for line in tables.iter().flatten().flat_map(|table| table.lines().skip(1)) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // State 0A is that of a socket that listens.
            if let [_, place, _, "0A", _, _, _, _, _, inode, ..] = fields.as_slice()
                && sockets.contains(*inode)
                && let Some((_, port)) = place.rsplit_once(':')
            {
                ports.extend(u16::from_str_radix(port, 16));
            }
        }
        Some(ports)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::open;
    use crate::Error;
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    /// The error was: after an interruption, the message said that no inspector answered.
    #[test]
    fn an_interruption_is_no_fault_of_the_process() {
        let script = "process.on('SIGUSR1', () => {}); setInterval(() => {}, 9); console.log('up')";
        let node = Command::new("node").args(["-e", script]).stdout(Stdio::piped()).spawn();
        let Ok(mut node) = node else { return };
        let mut line = String::new();
        BufReader::new(node.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let stopped = open(node.id(), &|| true).err();
        let never = open(node.id(), &|| false).err();
        node.kill().unwrap();
        node.wait().unwrap();
        assert!(matches!(stopped, Some(Error::Interrupted)), "{stopped:?}");
        assert!(matches!(never, Some(Error::NoProcess { .. })), "{never:?}");
    }
}
