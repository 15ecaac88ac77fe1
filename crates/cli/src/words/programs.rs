//! Converts errors of running or connecting to other programs to messages, with the options that help.

/// Returns the message for an error of a recording, with the options that help.
#[cfg(unix)]
pub(crate) fn recorder(error: &spikeflame_record::Error) -> String {
    match error {
        spikeflame_record::Error::NoAnswer { .. } => {
            format!("{error}: --wait names the sign, --patience the time")
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
