//! Arguments of `spikeflame flame`.

use super::{InputArgs, PathsArgs, SelectionArgs};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame flame isolate-*-v8.log                 writes the picture here
  spikeflame flame isolate-*-v8.log --open          opens it in the browser
  spikeflame flame runs/before-1 -o before.svg      every log of a folder
  spikeflame flame app.log --from 20s --to 45s      a window of it
  spikeflame flame app.log --focus typeorm          only stacks through typeorm
  spikeflame flame app.log --reverse --inverted     callees first, then their callers
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

/// The look of the picture.
#[derive(Debug, Args)]
#[command(next_help_heading = "Picture")]
pub(crate) struct PictureArgs {
    /// File to write; `-` for standard output [default: the names of input and window with .svg, in
    /// the current folder]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Title of the picture
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) title: String,
    /// Width in pixels [default: the width of the browser's window]
    #[arg(long, value_name = "PX", value_parser = clap::value_parser!(u32).range(200..=20_000))]
    pub(crate) width: Option<u32>,
    /// Width in pixels below which neighbouring frames are drawn as one
    #[arg(long, value_name = "PX", default_value_t = 0.5, value_parser = pixels)]
    pub(crate) min_width: f64,
    /// Meaning of the colours
    #[arg(long, value_name = "BY", default_value = "kind")]
    pub(crate) colors: Colors,
    /// Merge stacks from the leaf: callees first, then their callers
    #[arg(long)]
    pub(crate) reverse: bool,
    /// Draw the root at the top (icicle graph)
    #[arg(long)]
    pub(crate) inverted: bool,
    #[command(flatten)]
    pub(crate) paths: PathsArgs,
    /// Write shapes and tooltips only, without script and style: for pull requests
    #[arg(long = "static")]
    pub(crate) fixed: bool,
    /// Write a PNG beside the SVG, in a build with --features png; `-o FILE.png` writes only the
    /// PNG
    #[arg(long)]
    pub(crate) png: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Colors {
    /// By origin of the code; less optimised JavaScript is paler
    Kind,
    /// JavaScript by tier
    Tier,
    /// A colour for each npm package
    Package,
    /// Warm colours, by the name of the function
    Classic,
}

fn pixels(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|px: &f64| px.is_finite() && *px >= 0.0);
    value.ok_or_else(|| "expected a number of pixels, like 0.5".to_owned())
}
