//! The text of a file on each side, as far as the places of its functions show it.

use std::cell::OnceCell;

/// Two recordings of one file have nearly all functions at the same places: at least this part of them, in
/// tenths. A name that a minifier gave to several functions can stand for another one on each side.
const IN_PLACE_TENTHS: usize = 9;

/// The number of functions on each side of another one that are beside it. One of them can have had its name
/// from another function.
const BESIDE: usize = 2;

/// The line and the column of a function before, and those after.
type Places = [(u32, u32); 2];

/// The places of the functions of a file that have one name on both sides.
#[derive(Default)]
pub(crate) struct Text {
    /// The places in the order before.
    places: Vec<Places>,
    /// The number of functions that moved like one beside them, once it is known.
    in_order: OnceCell<usize>,
}

/// The lines and the columns by which a function moved.
fn moved([before, after]: &Places) -> (i64, i64) {
    let by = |one: u32, two: u32| i64::from(two) - i64::from(one);
    (by(before.0, after.0), by(before.1, after.1))
}

impl Text {
    /// Adds a function. All are added before the first question about the text.
    pub(crate) fn add(&mut self, places: Places) {
        let at = self.places.partition_point(|other| *other < places);
        self.places.insert(at, places);
    }

    /// Returns true when both sides ran the same text, which lines above may have moved as a whole.
    pub(crate) fn is_same(&self) -> bool {
        let kept = self.places.iter().filter(|places| moved(places) == (0, 0)).count();
        // An edit moves all functions below it.
        let is_last_kept = self.places.last().is_none_or(|last| moved(last) == (0, 0));
        let mut all = self.places.iter().map(moved);
        let first = all.next();
        is_last_kept && kept * 10 >= self.places.len() * IN_PLACE_TENTHS
            || first.is_none_or(|by| by.1 == 0 && all.all(|other| other == by))
    }

    /// Returns true when most functions, and the one with these places, moved as a function beside them did: an edit
    /// in a body moves all functions below it alike. Where a build gave names anew, functions of one name
    /// moved each by another distance.
    pub(crate) fn has_in_place(&self, places: Places) -> bool {
        self.is_same() || self.is_mostly_in_order() && self.follows(&places)
    }

    /// Returns true when all functions are in their places.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_same() || self.in_order() == self.places.len()
    }

    fn is_mostly_in_order(&self) -> bool {
        self.in_order() * 2 >= self.places.len()
    }

    /// Returns the number of functions that moved like a function beside them.
    fn in_order(&self) -> usize {
        let count = || self.places.iter().filter(|places| self.follows(places)).count();
        *self.in_order.get_or_init(count)
    }

    /// Returns true when a function moved like one of the two before it or of the two after it.
    fn follows(&self, places: &Places) -> bool {
        let at = self.places.partition_point(|other| other < places);
        let own = usize::from(self.places.get(at) == Some(places));
        let above = self.places.iter().take(at).rev().take(BESIDE);
        let mut beside = above.chain(self.places.iter().skip(at + own).take(BESIDE));
        beside.any(|other| moved_alike(places, other))
    }
}

/// Returns true when two functions moved by as many lines, and by as many columns where they share a line.
fn moved_alike(one: &Places, other: &Places) -> bool {
    let (by, other_by) = (moved(one), moved(other));
    let [share_before, share_after] = [0, 1].map(|side| {
        let line = |of: &Places| of.get(side).map(|(line, _)| *line);
        line(one) == line(other)
    });
    let columns = if share_before { other_by.1 } else { 0 };
    share_before == share_after && by == (other_by.0, columns)
}
