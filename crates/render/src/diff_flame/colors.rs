//! Colours for a change: the ratio of the cost after to the cost before.

use super::tree::Cost;
use crate::colors::Rgb;
use crate::picture::Fill;

/// Two hues, for less and for more, with a pale colour between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DiffPalette {
    /// Blue for less, orange for more, which readers with colour blindness can distinguish.
    #[default]
    BlueOrange,
    /// Blue for less, red for more.
    BlueRed,
}

/// Limits between colours: the binary logarithm of the ratio, and the words for the colour that
/// begins there.
const STEPS: [(f64, &str); 4] =
    [(0.1375, "1.1–1.4"), (0.5, "1.4–2"), (1.0, "2–4"), (2.0, "4 or more")];

/// Colour of boxes whose change is not resolved.
const GREY: Rgb = (205, 205, 205);
/// Colour of boxes that changed by less than a tenth.
const STILL: Rgb = (246, 241, 222);
const BLUES: [Rgb; 4] = [(208, 228, 245), (160, 202, 238), (110, 172, 226), (66, 142, 210)];
const ORANGES: [Rgb; 4] = [(252, 224, 190), (249, 196, 132), (241, 163, 76), (226, 126, 26)];
const REDS: [Rgb; 4] = [(255, 218, 214), (255, 180, 172), (252, 134, 124), (240, 88, 78)];

impl DiffPalette {
    const fn more(self) -> [Rgb; 4] {
        match self {
            Self::BlueOrange => ORANGES,
            Self::BlueRed => REDS,
        }
    }

    /// Returns the filling of a box with this cost. It is grey unless `resolved` is true, and hatched
    /// where nothing is left of a cost.
    pub(crate) fn fill(self, Cost { before, after }: Cost, resolved: bool) -> Fill {
        // The logarithm is infinite for functions that are new or gone.
        let log = (after / before).log2();
        let hues = if log < 0.0 { BLUES } else { self.more() };
        let reached = STEPS.iter().zip(hues).rev().find(|((from, _), _)| log.abs() >= *from);
        let color = match reached {
            _ if !resolved => GREY,
            Some((_, color)) => color,
            None => STILL,
        };
        if after > 0.0 || before <= 0.0 { Fill::Flat(color) } else { Fill::Hatched(color) }
    }

    /// Explains the colours: the whole scale, and the other fillings that are shown.
    pub(crate) fn legend(self, is_shown: impl Fn(Fill) -> bool) -> Vec<(String, Fill)> {
        let mut legend: Vec<_> = steps(BLUES, '÷').collect();
        legend.reverse();
        legend.push(("within 10 %".to_owned(), Fill::Flat(STILL)));
        legend.extend(steps(self.more(), '×'));
        let [.., least] = BLUES;
        let rest = [
            ("function as a whole not resolved", Fill::Flat(GREY)),
            ("gone", Fill::Hatched(least)),
            ("gone, not resolved", Fill::Hatched(GREY)),
        ];
        let rest = rest.into_iter().filter(|(_, fill)| is_shown(*fill));
        legend.extend(rest.map(|(word, fill)| (word.to_owned(), fill)));
        legend
    }
}

/// Returns the steps of one half of the scale, each with its words: `×2–4`.
fn steps(hues: [Rgb; 4], sign: char) -> impl Iterator<Item = (String, Fill)> {
    let steps = STEPS.into_iter().zip(hues);
    steps.map(move |((_, words), color)| (format!("{sign}{words}"), Fill::Flat(color)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_say_how_many_times_the_cost_is() {
        let fill = |before, after| DiffPalette::BlueOrange.fill(Cost { before, after }, true);
        let cases = [
            (1.0, 1.09, Fill::Flat(STILL)),
            (1.09, 1.0, Fill::Flat(STILL)),
            (1.0, 1.2, Fill::Flat(ORANGES[0])),
            (1.2, 1.0, Fill::Flat(BLUES[0])),
            (1.0, 3.0, Fill::Flat(ORANGES[2])),
            (3.0, 1.0, Fill::Flat(BLUES[2])),
            (1.0, 4.0, Fill::Flat(ORANGES[3])),
            (0.0, 1.0, Fill::Flat(ORANGES[3])),
            (1.0, 0.0, Fill::Hatched(BLUES[3])),
            (0.0, 0.0, Fill::Flat(STILL)),
        ];
        for (before, after, expected) in cases {
            assert_eq!(fill(before, after), expected, "{before} to {after}");
        }
    }

    #[test]
    fn unresolved_boxes_are_grey_and_hatched_where_gone() {
        for palette in [DiffPalette::BlueOrange, DiffPalette::BlueRed] {
            let fill = |before, after| palette.fill(Cost { before, after }, false);
            assert_eq!(fill(1.0, 9.0), Fill::Flat(GREY));
            assert_eq!(fill(1.0, 0.0), Fill::Hatched(GREY));
        }
    }
}
