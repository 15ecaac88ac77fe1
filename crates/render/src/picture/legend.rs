//! The legend of a picture, and the hatching patterns of its boxes.

use super::{CHARACTER, Fill, RenderError, SIDE};
use crate::colors::towards_white;
use quick_xml::Writer;
use quick_xml::events::BytesText;
use std::io::{self, Write};

/// Height of a row of words.
const ROW: f64 = 20.0;
/// Size of the colour box before a word.
const SWATCH: f64 = 12.0;
/// Distance of the box from its word.
const GAP: f64 = 5.0;

pub(super) struct Legend {
    entries: Vec<(String, Fill)>,
    /// Row and horizontal position of each word.
    places: Vec<(usize, f64)>,
}

impl Legend {
    pub(super) fn new(entries: Vec<(String, Fill)>, width: f64) -> Self {
        let (mut row, mut x) = (0, SIDE);
        let mut places = Vec::new();
        for (word, _) in &entries {
            let wide = SWATCH + GAP + (word.chars().count() + 2) as f64 * CHARACTER;
            // The width of a word includes two characters of distance, which may stick out.
            if x > SIDE && x + wide - 2.0 * CHARACTER > width - SIDE {
                (row, x) = (row + 1, SIDE);
            }
            places.push((row, x));
            x += wide;
        }
        Self { entries, places }
    }

    /// Returns the legend's height in pixels.
    pub(super) fn height(&self) -> f64 {
        self.places.last().map_or(0.0, |(row, _)| (row + 1) as f64 * ROW)
    }

    /// Writes the patterns and the legend. The legend's upper edge is at `top`.
    pub(super) fn write(&self, svg: &mut Writer<impl Write>, top: f64) -> Result<(), RenderError> {
        self.write_patterns(svg)?;
        let group = svg.create_element("g").with_attribute(("id", "legend"));
        group.write_inner_content(|svg| self.write_entries(svg, top))?;
        Ok(())
    }

    fn write_entries(&self, svg: &mut Writer<impl Write>, top: f64) -> io::Result<()> {
        for ((word, fill), (row, x)) in self.entries.iter().zip(&self.places) {
            let y = top + *row as f64 * ROW;
            svg.create_element("rect")
                .with_attributes([
                    ("x", &*format!("{x:.0}")),
                    ("y", &*format!("{y:.0}")),
                    ("width", &*format!("{SWATCH}")),
                    ("height", &*format!("{SWATCH}")),
                    ("fill", &*fill.attribute()),
                ])
                .write_empty()?;
            svg.create_element("text")
                .with_attributes([
                    ("x", &*format!("{:.0}", x + SWATCH + GAP)),
                    ("y", &*format!("{:.0}", y + 10.0)),
                ])
                .write_text_content(BytesText::new(word))?;
        }
        Ok(())
    }

    fn write_patterns(&self, svg: &mut Writer<impl Write>) -> Result<(), RenderError> {
        for (_, fill) in &self.entries {
            let Fill::Hatched(rgb) = fill else { continue };
            let base = Fill::Flat(*rgb).attribute();
            // The stripes are pale, so that black letters stay readable.
            let stripe = Fill::Flat(towards_white(*rgb, 55)).attribute();
            let id = fill.attribute();
            let id = id.trim_start_matches("url(#").trim_end_matches(')');
            let pattern = svg.create_element("pattern").with_attributes([
                ("id", id),
                ("width", "6"),
                ("height", "6"),
                ("patternUnits", "userSpaceOnUse"),
                ("patternTransform", "rotate(45)"),
            ]);
            pattern.write_inner_content(|svg| {
                for (width, color) in [("6", &*base), ("3", &*stripe)] {
                    svg.create_element("rect")
                        .with_attributes([("width", width), ("height", "6"), ("fill", color)])
                        .write_empty()?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
