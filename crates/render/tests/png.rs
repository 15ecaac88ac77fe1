//! A PNG shows boxes in their colours, and letters where no font is installed.

#![cfg(feature = "png")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use resvg::tiny_skia::{Pixmap, PremultipliedColorU8};
use spikeflame_render::{RenderError, png};

fn draw(svg: &str) -> Pixmap {
    let mut bytes = Vec::new();
    png(svg.as_bytes(), &mut bytes).unwrap();
    Pixmap::decode_png(&bytes).unwrap()
}

fn svg(width: u32, height: u32, inside: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"monospace\" font-size=\"12\">{inside}</svg>"
    )
}

#[test]
fn boxes_and_letters_are_drawn_twice_as_fine() {
    let picture = draw(&svg(
        40,
        20,
        "<rect width=\"20\" height=\"20\" fill=\"rgb(240,222,90)\"/><text x=\"22\" y=\"15\">M</text>",
    ));
    assert_eq!((picture.width(), picture.height()), (80, 40));
    assert_eq!(picture.pixel(10, 10), PremultipliedColorU8::from_rgba(240, 222, 90, 255));
    let inked = |x: u32| (0..40).filter(|y| picture.pixel(x, *y).unwrap().alpha() > 128).count();
    assert!((44..60).map(inked).sum::<usize>() > 20, "no letter");
    assert_eq!((64..80).map(inked).sum::<usize>(), 0);
}

#[test]
fn large_pictures_have_fewer_pixels_and_too_large_ones_are_refused() {
    let rect = "<rect width=\"1\" height=\"1\"/>";
    assert_eq!(draw(&svg(1000, 30_000, rect)).width(), 1460);
    let refused = png(svg(1200, 3_000_000, rect).as_bytes(), Vec::new());
    assert!(matches!(refused, Err(RenderError::TooLarge { .. })));
    assert!(png(b"no svg", Vec::new()).is_err());
}
