//! Arguments of `spikeflame push` and `spikeflame pull`.

use super::{InputArgs, KeepArgs, LoadArgs, time};
use clap::{Args, ValueEnum};
use spikeflame_profile::Selection;
use spikeflame_remote::{Protocol, Query, Retry, Server};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame push runs/before-1 --to http://127.0.0.1:4040 --service shop
  spikeflame push runs/before-1 --to http://127.0.0.1:4040 --service shop --label version=1.4.2
  spikeflame push runs/before-1 --to http://127.0.0.1:4040 --service shop --window plateau
  spikeflame push runs/before-1 --to http://127.0.0.1:4318 --protocol otlp --service shop

The run is sent in pieces of the length --chunk. A journal in the run folder lists the pieces
that the server has taken, so that the same command goes on after an interruption.")]
// Profiles on a server have no marks of frames.
#[command(mut_arg("annotate", |arg| arg.hide(true)))]
pub(crate) struct PushArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Address of the server or collector
    #[arg(long, value_name = "URL", help_heading = "Server")]
    to: String,
    /// Protocol of the server
    #[arg(long, value_name = "NAME", default_value = "pyroscope", help_heading = "Server")]
    protocol: ProtocolName,
    /// Name of the service: the label service_name, in OTLP service.name
    #[arg(long, value_name = "NAME", help_heading = "Server")]
    pub(crate) service: String,
    /// Further label; may be given several times. The label `host` is the run's host, unless it is
    /// given here
    #[arg(long, value_name = "NAME=VALUE", value_parser = label, help_heading = "Server")]
    pub(crate) label: Vec<(String, String)>,
    /// Length of a piece; the server cannot show a shorter window
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time, help_heading = "Server")]
    pub(crate) chunk: u64,
    /// Number of further tries for a piece that the server did not take
    #[arg(long, value_name = "N", default_value_t = 5, help_heading = "Server")]
    retries: u32,
    #[command(flatten, next_help_heading = "Server")]
    access: AccessArgs,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    keep: KeepArgs,
}

#[derive(Debug, Args)]
#[command(after_help = r#"Examples:
  spikeflame pull --from http://127.0.0.1:4040 \
    --query '{service_name="shop"}' --from-time 2026-11-23T01:24:45Z \
    --until 2026-11-23T01:26:45Z -o runs/pulled-1
  spikeflame diff --before runs/pulled-1 --after runs/pulled-2   compares two of them"#)]
pub(crate) struct PullArgs {
    /// Address of the server
    #[arg(long, value_name = "URL")]
    from: String,
    /// Labels of the profiles; the server adds up all profiles that have them
    #[arg(long, value_name = "LABELS")]
    query: String,
    /// Start of the period: 2026-11-23T01:24:45Z, or Unix time
    #[arg(long, value_name = "TIME", value_parser = super::load::wall)]
    from_time: i64,
    /// End of the period
    #[arg(long, value_name = "TIME", value_parser = super::load::wall)]
    until: i64,
    /// Type of the profiles
    #[arg(long = "type", value_name = "TYPE", default_value = CPU)]
    profile_type: String,
    /// Run folder to make; it must be empty or must not exist
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    access: AccessArgs,
}

/// The type that CPU profiles of most agents have, and those that `push` sends.
const CPU: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

/// The way into a server.
#[derive(Debug, Args)]
struct AccessArgs {
    /// Tenant, for servers that have several
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Environment variable with the value of the header `Authorization`: `Bearer ...`
    #[arg(long, value_name = "VARIABLE")]
    auth_env: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProtocolName {
    /// Grafana Pyroscope, and servers with its interface
    Pyroscope,
    /// OTLP over HTTP, for OpenTelemetry collectors
    Otlp,
}

impl AccessArgs {
    fn server(&self, url: &str, protocol: Protocol) -> Result<Server, String> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(format!("{url:?} is no address; expected one like http://127.0.0.1:4040"));
        }
        let read = |name: &String| {
            std::env::var(name).map_err(|_| format!("--auth-env: the variable {name} is not set"))
        };
        Ok(Server {
            url: url.to_owned(),
            protocol,
            tenant: self.tenant.clone(),
            authorization: self.auth_env.as_ref().map(read).transpose()?,
        })
    }
}

impl PushArgs {
    pub(crate) fn server(&self) -> Result<Server, String> {
        self.access.server(&self.to, self.protocol())
    }

    pub(crate) fn protocol(&self) -> Protocol {
        match self.protocol {
            ProtocolName::Pyroscope => Protocol::Pyroscope,
            ProtocolName::Otlp => Protocol::Otlp,
        }
    }

    pub(crate) fn retry(&self) -> Retry {
        Retry { times: self.retries, pause: Duration::from_millis(500) }
    }

    pub(crate) fn selection(&self) -> Selection {
        self.keep.selection()
    }
}

impl PullArgs {
    pub(crate) fn server(&self) -> Result<Server, String> {
        self.access.server(&self.from, Protocol::Pyroscope)
    }

    pub(crate) fn query(&self) -> Result<Query, String> {
        if self.until <= self.from_time {
            return Err("--until must be later than --from-time".to_owned());
        }
        Ok(Query {
            profile_type: self.profile_type.clone(),
            labels: self.query.clone(),
            from_ms: self.from_time.div_euclid(1000),
            until_ms: self.until.div_euclid(1000),
        })
    }
}

/// Reads a label. Servers refuse other names.
fn label(text: &str) -> Result<(String, String), String> {
    let wrong = || "expected NAME=VALUE, with letters, digits, _ and . in NAME".to_owned();
    let (name, value) = text.split_once('=').ok_or_else(wrong)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && name.chars().all(fits) && !value.is_empty() && name != "__name__" {
        return Ok((name.to_owned(), value.to_owned()));
    }
    Err(wrong())
}
