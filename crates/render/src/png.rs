//! Draws static SVGs as PNG through `resvg`, with a font of our own, because CI machines often have
//! no fonts.

use crate::picture::RenderError;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::io::Write;
use std::sync::Arc;

/// Pixels for each unit of the SVG. With 2, letters stay sharp on today's screens.
const SCALE: f32 = 2.0;
/// Largest number of pixels. Larger pictures get fewer pixels for each unit, down to 1. A pixel
/// takes 4 bytes of memory.
const MOST_PIXELS: f32 = 64e6;

/// Draws an SVG as a PNG with two pixels for each unit of its width and of its height. A very large
/// picture has fewer pixels for each unit; one with room for less than one pixel is an error. The SVG
/// must be one without script and style, as [`flame`](crate::flame()) writes it when
/// [`FlameOptions::fixed`](crate::FlameOptions::fixed) is true. Another SVG is drawn without its
/// scripts, and may look wrong.
///
/// # Errors
///
/// Returns an error when `svg` is not an SVG or is too large, or when writing fails.
pub fn png(svg: &[u8], mut out: impl Write) -> Result<(), RenderError> {
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_font_source(resvg::usvg::fontdb::Source::Binary(Arc::new(
        epaint_default_fonts::HACK_REGULAR,
    )));
    fonts.set_monospace_family("Hack");
    let tree = Tree::from_data(svg, &options)?;
    let size = tree.size();
    let scale = (MOST_PIXELS / (size.width() * size.height())).sqrt().min(SCALE);
    let too_large =
        RenderError::TooLarge { width: size.width() as u32, height: size.height() as u32 };
    if scale < 1.0 {
        return Err(too_large);
    }
    let pixels = |length: f32| (length * scale) as u32;
    let mut picture = Pixmap::new(pixels(size.width()), pixels(size.height())).ok_or(too_large)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut picture.as_mut());
    let png = picture.encode_png().map_err(std::io::Error::other)?;
    out.write_all(&png)?;
    Ok(())
}
