//! Parts that all flame graphs share: layout by `inferno`, boxes with names and colours of our own,
//! a legend, and the two ways to write them.
//!
//! `inferno` gets an ordered tree with plain numbers as names, because it would sort and split V8's
//! names (`docs/architecture.md`). Its result is then rewritten with names, colours, tooltips and a
//! legend.

mod fixed;
mod interactive;
mod layout;
mod legend;

pub(crate) use layout::{LayoutBox, Place};

use crate::colors::Rgb;
use inferno::flamegraph::color::{BackgroundColor, Color, StrokeColor};
use std::borrow::Cow;
use std::io::{self, Write};

/// Direction in which a flame graph grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    /// Callers are below and callees above, like flames.
    #[default]
    Flames,
    /// Callers are above and callees below, like icicles.
    Icicles,
}

/// Reasons why a flame graph could not be drawn as SVG or PNG, or a page not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The tree has no samples, or no cost on the side that gives boxes their width.
    #[error("no samples are left to draw")]
    Empty,
    /// `inferno` or the output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The SVG of `inferno` could not be read back.
    #[error("the SVG of the renderer cannot be read: {0}")]
    Xml(#[from] quick_xml::Error),
    /// `resvg` refuses the SVG.
    #[cfg(feature = "png")]
    #[error("the SVG cannot be made a PNG: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// The SVG is too large for a PNG.
    #[cfg(feature = "png")]
    #[error("a picture of {width} x {height} is too large for a PNG")]
    TooLarge {
        /// Width of the SVG in its own units.
        width: u32,
        /// Height of the SVG in its own units.
        height: u32,
    },
}

/// Width of a picture of fixed size, in pixels: the one that inferno and flamegraph.pl have.
const WIDTH: f64 = 1200.0;
/// Size of names in pixels, also that of inferno.
const FONT_SIZE: f64 = 12.0;
/// Width of the widest character in a monospace font, as a part of the font's size.
const FONT_WIDTH: f64 = 0.61;
/// Width of a character in pixels.
const CHARACTER: f64 = FONT_SIZE * FONT_WIDTH;
/// Pixels that stay empty on both sides of a name together.
const PADDING: f64 = 6.0;
/// Pixels that `inferno` leaves on each side of the frames.
const SIDE: f64 = 10.0;
/// Colour behind the boxes.
const BACKGROUND: Rgb = (250, 250, 250);
/// Colour of the root.
pub(crate) const ROOT: Rgb = (200, 200, 200);
/// Colour of narrow boxes that were merged.
pub(crate) const PRUNED: Rgb = (235, 235, 235);

/// Filling of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    Flat(Rgb),
    Hatched(Rgb),
}

impl Fill {
    fn attribute(self) -> String {
        match self {
            Self::Flat((r, g, b)) => format!("rgb({r},{g},{b})"),
            Self::Hatched((r, g, b)) => format!("url(#hatch-{r}-{g}-{b})"),
        }
    }
}

/// Text and filling of a box. Name and title have passed [`clean::xml`](crate::clean::xml).
pub(crate) struct Face {
    pub(crate) name: String,
    /// The tooltip: the name, and one pair of parentheses at the end, which the script of `inferno`
    /// removes.
    pub(crate) title: String,
    pub(crate) fill: Fill,
}

impl Face {
    /// Returns the part of the name that fits into `width` pixels.
    fn fitted(&self, width: f64) -> Cow<'_, str> {
        fitted(&self.name, ((width - PADDING) / CHARACTER) as usize)
    }
}

/// Gives the boxes of one kind of flame graph their faces.
pub(crate) trait Faces {
    fn face(&self, shown: LayoutBox) -> Face;

    /// Explains the colours of these boxes.
    fn legend(&self, shown: &[LayoutBox]) -> Vec<(String, Fill)>;
}

/// Settings that all flame graphs share.
pub(crate) struct Look {
    pub(crate) width: Option<u32>,
    pub(crate) min_width: f64,
    pub(crate) direction: Direction,
    pub(crate) fixed: bool,
    /// True for lines between boxes, when neighbours may have the same colour.
    pub(crate) lines: bool,
}

impl Look {
    fn width(&self) -> f64 {
        self.width.map_or(WIDTH, f64::from)
    }

    /// Returns the width of the root in pixels.
    fn inner(&self) -> f64 {
        (self.width() - 2.0 * SIDE).max(1.0)
    }

    /// Returns the number of characters in a line across the picture.
    pub(crate) fn characters(&self) -> usize {
        (self.width() / CHARACTER) as usize
    }

    /// Returns the width under which places are pruned, in the unit of their widths.
    pub(crate) fn least(&self, total: u64) -> f64 {
        self.min_width * total as f64 / self.inner()
    }
}

/// A flame graph to be drawn. All its texts have passed [`clean::xml`](crate::clean::xml).
pub(crate) struct Picture<'a> {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    /// Unit of the widths.
    pub(crate) unit: &'a str,
    pub(crate) look: Look,
    /// Places in pre-order, the root first.
    pub(crate) places: &'a [Place],
    pub(crate) faces: &'a dyn Faces,
}

impl Picture<'_> {
    pub(crate) fn draw(&self, out: impl Write) -> Result<(), RenderError> {
        let total = self.places.first().map_or(0, |root| root.width);
        if total == 0 {
            return Err(RenderError::Empty);
        }
        let (shown, lines) = layout::fold(self.places, self.look.least(total));
        let mut settings = inferno::flamegraph::Options::default();
        settings.title.clone_from(&self.title);
        settings.subtitle = Some(self.subtitle.clone());
        settings.image_width = self.look.width.map(|width| width as usize);
        settings.count_name = self.unit.to_owned();
        settings.min_width = 0.0;
        settings.text_truncate_direction = inferno::flamegraph::TextTruncateDirection::Right;
        let (r, g, b) = BACKGROUND;
        let background = Color { r, g, b };
        settings.bgcolors = Some(BackgroundColor::Flat(background));
        if self.look.lines {
            settings.stroke_color = StrokeColor::Color(background);
        }
        settings.flame_chart = true;
        settings.direction = match self.look.direction {
            Direction::Flames => inferno::flamegraph::Direction::Straight,
            Direction::Icicles => inferno::flamegraph::Direction::Inverted,
        };
        let mut svg = Vec::new();
        // With `flame_chart` set, inferno takes the lines in reverse order and does not sort them.
        let lines = lines.iter().rev().map(String::as_str);
        inferno::flamegraph::from_lines(&mut settings, lines, &mut svg)?;
        let legend = legend::Legend::new(self.faces.legend(&shown), self.look.width());
        match self.look.fixed {
            true => fixed::write(self, &shown, &legend, &svg, out),
            false => interactive::write(self, &shown, &legend, &svg, out),
        }
    }

    /// Returns the face of a box. The title that `inferno` wrote contains its number.
    fn face_of(&self, shown: &[LayoutBox], title: &str) -> Face {
        let number = title.strip_prefix('n').and_then(|rest| rest.split(' ').next()?.parse().ok());
        let at = number.and_then(|at: usize| shown.get(at).copied());
        self.faces.face(at.unwrap_or(LayoutBox::Node(0)))
    }
}

/// Returns the part of a text that fits into a line of `room` characters.
fn fitted(text: &str, room: usize) -> Cow<'_, str> {
    if room < 3 {
        return Cow::Borrowed("");
    }
    if text.chars().map(places).sum::<usize>() <= room {
        return Cow::Borrowed(text);
    }
    let mut fitted = String::with_capacity(text.len());
    let mut left = room - 2;
    for c in text.chars() {
        let Some(rest) = left.checked_sub(places(c)) else { break };
        fitted.push(c);
        left = rest;
    }
    Cow::Owned(fitted + "..")
}

/// Returns the width of a character: those of East Asia are twice as wide.
fn places(c: char) -> usize {
    if c < '\u{1100}' { 1 } else { 2 }
}

/// Returns words for a number of calls that are too narrow or too deep to be drawn.
pub(crate) fn pruned_name(calls: usize, deep: bool) -> String {
    let too = if deep { "deep" } else { "narrow" };
    match calls {
        1 => format!("(1 call too {too} to draw)"),
        calls => format!("({} calls too {too} to draw)", crate::number::count(calls as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::fitted;

    #[test]
    fn names_end_where_their_boxes_do() {
        let cases = [
            ("parse", 5, "parse"),
            ("parse", 4, "pa.."),
            ("parse", 2, ""),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日.."),
        ];
        for (name, room, shown) in cases {
            assert_eq!(fitted(name, room), shown, "{name} in {room}");
        }
    }
}
