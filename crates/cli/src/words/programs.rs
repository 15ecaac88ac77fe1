//! Converts errors of running or connecting to other programs to messages, with the options that help.

#[cfg(unix)]
use std::path::Path;

/// Returns the message for an error of a recording, with the options that help.
#[cfg(unix)]
pub(crate) fn recorder(error: &spikeflame_record::Error) -> String {
    match error {
        spikeflame_record::Error::NoAnswer { .. } => {
            format!("{error}: --wait names the sign, --patience the time")
        }
        // The exit codes of a shell for a program that it did not find or could not start.
        spikeflame_record::Error::NoLoad { status } if status.ends_with("127") => {
            format!("{error}; install the program, or give its path")
        }
        spikeflame_record::Error::NoLoad { status } if status.ends_with("126") => {
            format!("{error}; `chmod +x FILE` makes a script executable")
        }
        spikeflame_record::Error::EndedEarly { status, .. } if status == "exit code 0" => format!(
            "{error}; a program that goes into the background (a daemon, pm2) must stay in the foreground here \
             (pm2: --no-daemon), and one that does its work and ends needs no --load"
        ),
        spikeflame_record::Error::NoPlace { why, .. } if why.contains("not a git repository") => {
            format!(
                "{error}; run this in the repository, or name two folders: --a ../before --b ../after"
            )
        }
        spikeflame_record::Error::NoPlace { place, .. }
            if !place.starts_with("git:") && !Path::new(place).exists() =>
        {
            format!(
                "{place}: no such folder; a commit, branch or tag has git: before its name (git:{place})"
            )
        }
        other => other.to_string(),
    }
}

/// Returns the message for an error of another program, with the next step for the user.
pub(crate) fn remote(error: &spikeflame_remote::Error) -> String {
    use spikeflame_remote::Error as Remote;
    match error {
        Remote::NoTls(_) => format!(
            "{error}: install one for https with `cargo install spikeflame --features https`"
        ),
        Remote::NoConnection { address, .. } if !address.contains("://") => format!(
            "{error}; `node --inspect={} main.js` starts a program with its inspector there",
            address.rsplit(':').next().unwrap_or(address)
        ),
        Remote::NoProcess { why, .. } if why.contains("no such process") => {
            format!("{error}; `pgrep -a node` lists the processes of Node")
        }
        other => other.to_string(),
    }
}
