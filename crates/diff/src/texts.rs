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
    /// The places of functions whose name is on one side only, for each side.
    alone: [Vec<(u32, u32)>; 2],
    /// The number of functions that moved like one beside them, once it is known.
    in_order: OnceCell<usize>,
    /// Whether each name can stand for the next function on the other side, once it is known.
    is_shifted: OnceCell<bool>,
    /// The lengths of the functions of each side in their order, once they are known.
    lengths: OnceCell<[Vec<(i64, i64)>; 2]>,
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

    /// Adds a function whose name is on one side only.
    pub(crate) fn add_alone(&mut self, side: usize, place: (u32, u32)) {
        self.alone.get_mut(side).into_iter().for_each(|places| places.push(place));
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
    /// moved each by another distance. Functions of one length also move alike when each has the name of
    /// the next one, so no function is in its place when functions were added or removed. In one text with
    /// another end, only the last function is not.
    pub(crate) fn has_in_place(&self, places: Places) -> bool {
        if self.is_same() {
            return self.places.last() != Some(&places) || !self.has_other_end();
        }
        self.is_mostly_in_order() && self.follows(&places)
    }

    /// Returns true when all functions are in their places, and none is below them on one side only.
    pub(crate) fn is_kept(&self) -> bool {
        match self.is_same() {
            true => !self.has_other_end(),
            false => !self.is_shifted() && self.in_order() == self.places.len(),
        }
    }

    /// Returns true when one side has a function below all that have one name on both sides. A function
    /// that was put before the last one has the name that this one had.
    pub(crate) fn has_other_end(&self) -> bool {
        self.alone.iter().enumerate().any(|(side, alone)| {
            let last = self.places.iter().map(|of| from(side, of)[0]).max();
            alone.iter().any(|place| last.is_some_and(|last| *place > last))
        })
    }

    fn is_mostly_in_order(&self) -> bool {
        !self.is_shifted() && self.in_order() * 2 >= self.places.len()
    }

    /// Returns true when functions were added or removed, so that a minifier can have given each name to the
    /// next function.
    fn is_shifted(&self) -> bool {
        *self.is_shifted.get_or_init(|| {
            let sides = [0, 1].map(|side| self.seen_from(side));
            let of_alone = self.alone.iter().zip(&sides);
            let mut of_alone =
                of_alone.flat_map(|(alone, all)| alone.iter().map(move |place| (place, all)));
            of_alone.any(|(place, all)| is_in_edit(*place, all))
                || has_shifted_lengths(self.lengths())
        })
    }

    /// Returns the places in the order of a side; the place on this side is the first one.
    fn seen_from(&self, side: usize) -> Vec<Places> {
        let mut places: Vec<Places> = self.places.iter().map(|of| from(side, of)).collect();
        places.sort_unstable();
        places
    }

    fn lengths(&self) -> &[Vec<(i64, i64)>; 2] {
        self.lengths.get_or_init(|| [0, 1].map(|side| lengths(&self.seen_from(side))))
    }

    /// Returns true when a function and another one have each the length of the other one on the other side: the
    /// two were swapped, and each has the name that the other one had.
    fn is_swapped(&self, at: usize) -> bool {
        let [before, after] = self.lengths();
        let (Some(own), Some(other)) = (before.get(at), after.get(at)) else { return false };
        let is_other = |(one, two): (&(i64, i64), &(i64, i64))| one == other && two == own;
        own != other && before.iter().zip(after).any(is_other)
    }

    /// Returns the number of functions that moved like a function beside them.
    fn in_order(&self) -> usize {
        let count = || self.places.iter().filter(|places| self.follows(places)).count();
        *self.in_order.get_or_init(count)
    }

    /// Returns true when a function moved like one of the two before it or of the two after it, or is the first
    /// one and did not move, and was not swapped with another one.
    fn follows(&self, places: &Places) -> bool {
        let at = self.places.partition_point(|other| other < places);
        let own = usize::from(self.places.get(at) == Some(places));
        let above = self.places.iter().take(at).rev().take(BESIDE);
        let mut beside = above.chain(self.places.iter().skip(at + own).take(BESIDE));
        // The start of the file is beside the first one.
        let is_first = at == 0 && moved(places) == (0, 0);
        (is_first || beside.any(|other| moved_alike(places, other))) && !self.is_swapped(at)
    }
}

/// Returns the places of a function as they are seen from a side: the place on this side is the first one.
fn from(side: usize, places: &Places) -> Places {
    let [before, after] = *places;
    if side == 0 { [before, after] } else { [after, before] }
}

/// Returns true when the text around a place is another one on the other side, or is not known because all
/// functions on both sides are before it. The functions are seen from the side of the place, in order.
fn is_in_edit(place: (u32, u32), all: &[Places]) -> bool {
    let at = all.partition_point(|[own, _]| *own < place);
    let Some(next) = all.get(at) else { return true };
    match at.checked_sub(1).and_then(|at| all.get(at)) {
        Some(last) => !moved_alike(last, next),
        None => moved(next) != (0, 0),
    }
}

/// Returns the lines and the columns from each function to the next one of a side.
fn lengths(places: &[Places]) -> Vec<(i64, i64)> {
    let length = |(one, next): (&Places, &Places)| {
        let (lines, columns) = moved(&[one[0], next[0]]);
        (lines, if lines == 0 { columns } else { i64::from(next[0].1) })
    };
    places.iter().zip(places.iter().skip(1)).map(length).collect()
}

/// Returns true when the lengths of functions, in their order, fit better when each function is compared with
/// one that has another number on the other side. An edit changes the length of one function, and its number
/// stays.
fn has_shifted_lengths([before, after]: &[Vec<(i64, i64)>; 2]) -> bool {
    let is_equal = |(one, other): &(&(i64, i64), &(i64, i64))| one == other;
    let kept = before.iter().zip(after).filter(is_equal).count();
    let mut row = vec![0; after.len() + 1];
    // The longest sequence of lengths that both sides have.
    for one in before {
        let mut corner = 0;
        for (at, other) in after.iter().enumerate() {
            let (left, above) = (row.get(at).copied(), row.get(at + 1).copied());
            let best = if one == other { Some(corner + 1) } else { left.max(above) };
            corner = above.unwrap_or(0);
            row.iter_mut().skip(at + 1).take(1).for_each(|cell| *cell = best.unwrap_or(0));
        }
    }
    row.last().is_some_and(|longest| *longest > kept)
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
