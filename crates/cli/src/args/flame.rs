//! Arguments of `spikeflame flame`.

use super::{InputArgs, SelectionArgs};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame flame isolate-*-v8.log                 writes the picture here
  spikeflame flame isolate-*-v8.log --open          and opens it
  spikeflame flame runs/before-1 -o before.svg      every log of a folder
  spikeflame flame app.log --from 20s --to 45s      a window of it
  spikeflame flame app.log --focus typeorm          only stacks through typeorm
  spikeflame flame app.log --reverse --inverted     callees first: who calls the hot ones
  spikeflame flame app.log --static                 an SVG that a pull request shows
  spikeflame flame app.log -o app.png               a PNG, in a build with --features png")]
pub(crate) struct FlameArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    /// Open the picture in the browser
    #[arg(long, help_heading = "Picture")]
    pub(crate) open: bool,
}

/// How the picture looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Picture")]
pub(crate) struct PictureArgs {
    /// Where to write it; `-` for standard output [default: the input's name and the
    /// window's with .svg, here]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Title of the picture
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) title: String,
    /// Width in pixels [default: that of the window]
    #[arg(long, value_name = "PX", value_parser = clap::value_parser!(u32).range(200..=20_000))]
    pub(crate) width: Option<u32>,
    /// Prune frames narrower than this
    #[arg(long, value_name = "PX", default_value_t = 0.5, value_parser = pixels)]
    pub(crate) min_width: f64,
    /// What colours mean
    #[arg(long, value_name = "BY", default_value = "kind")]
    pub(crate) colors: Colors,
    /// Merge from the leaf: callees first, then their callers
    #[arg(long)]
    pub(crate) reverse: bool,
    /// Grow downwards, as icicles
    #[arg(long)]
    pub(crate) inverted: bool,
    /// Do not shorten paths
    #[arg(long)]
    pub(crate) full_paths: bool,
    /// Shapes and tooltips only, as pull requests want it: no script, no style, nothing to load
    #[arg(long = "static")]
    pub(crate) fixed: bool,
    /// Write a PNG as well, beside the SVG; `-o FILE.png` writes nothing else
    #[arg(long)]
    pub(crate) png: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Colors {
    /// Whose code it is; JavaScript paler the less it was optimised
    Kind,
    /// JavaScript by tier
    Tier,
    /// Each npm package its own
    Package,
    /// Warm colours by name
    Classic,
}

fn pixels(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|px: &f64| px.is_finite() && *px >= 0.0);
    value.ok_or_else(|| "expected a number of pixels, like 0.5".to_owned())
}
