//! Long lists of floats.

use crate::json::Amount;
use std::ops::Range;

/// A list of floats. It takes 2 bytes for each while all of them are whole numbers of 16 bits, as
/// the steps between samples mostly are, and 4 bytes while they are whole numbers of 32 bits.
#[derive(Clone, Debug)]
pub(crate) enum Floats {
    Short(Vec<i16>),
    Whole(Vec<i32>),
    Any(Vec<f64>),
}

impl Default for Floats {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

#[inline]
fn of_whole(whole: i32) -> Amount {
    u64::try_from(whole).map_or(Amount::Other(f64::from(whole)), Amount::Natural)
}

impl Floats {
    #[inline]
    pub(crate) fn push(&mut self, value: f64) {
        // The cast saturates, and makes 0 of NaN.
        let whole = value as i32;
        if f64::from(whole) == value { self.push_whole(whole) } else { self.push_any(value) }
    }

    #[inline]
    fn push_whole(&mut self, whole: i32) {
        match (i16::try_from(whole), self) {
            (Ok(short), Self::Short(list)) => list.push(short),
            (_, Self::Whole(list)) => list.push(whole),
            (_, floats) => floats.push_wide(whole),
        }
    }

    #[inline(never)]
    fn push_wide(&mut self, whole: i32) {
        match self {
            Self::Short(list) => {
                *self = Self::Whole(list.iter().copied().map(i32::from).chain([whole]).collect());
            }
            Self::Whole(list) => list.push(whole),
            Self::Any(list) => list.push(f64::from(whole)),
        }
    }

    #[inline(never)]
    fn push_any(&mut self, value: f64) {
        match self {
            Self::Short(list) => *self = Self::Any(list.iter().copied().map(f64::from).collect()),
            Self::Whole(list) => *self = Self::Any(list.iter().copied().map(f64::from).collect()),
            Self::Any(_) => {}
        }
        if let Self::Any(list) = self {
            list.push(value);
        }
    }

    #[inline]
    pub(crate) fn push_amount(&mut self, amount: Amount) {
        match (amount, self) {
            (Amount::Natural(value @ ..=0x7fff_ffff), floats) => floats.push_whole(value as i32),
            (Amount::Natural(value), floats) => floats.push(value as f64),
            (Amount::Other(value), floats) => floats.push(value),
        }
    }

    /// Adds amounts at the end, which for many of them is faster than [`Floats::push_amount`].
    #[inline]
    pub(crate) fn extend(&mut self, mut amounts: impl ExactSizeIterator<Item = Amount>) {
        if let Self::Short(list) = self {
            list.reserve(amounts.len());
            for amount in amounts.by_ref() {
                match amount {
                    Amount::Natural(value @ ..=0x7fff) => list.push(value as i16),
                    _ => return self.extend_wide(amount, amounts),
                }
            }
        } else {
            amounts.for_each(|amount| self.push_amount(amount));
        }
    }

    #[inline(never)]
    fn extend_wide(&mut self, first: Amount, rest: impl Iterator<Item = Amount>) {
        self.push_amount(first);
        rest.for_each(|amount| self.push_amount(amount));
    }

    /// Replaces the amounts of `to` with those at these places.
    pub(crate) fn copy(&self, places: Range<usize>, to: &mut Vec<Amount>) {
        to.clear();
        match self {
            Self::Short(list) => {
                let amounts = list.get(places).unwrap_or_default().iter();
                to.extend(amounts.map(|&whole| of_whole(whole.into())));
            }
            _ => to.extend(places.map_while(|at| self.amount(at))),
        }
    }

    #[inline]
    pub(crate) fn amount(&self, at: usize) -> Option<Amount> {
        let whole = match self {
            Self::Short(list) => list.get(at).copied().map(i32::from)?,
            Self::Whole(list) => list.get(at).copied()?,
            Self::Any(list) => return list.get(at).copied().map(Amount::Other),
        };
        Some(of_whole(whole))
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<f64> {
        match self {
            Self::Short(list) => list.get(at).copied().map(f64::from),
            Self::Whole(list) => list.get(at).copied().map(f64::from),
            Self::Any(list) => list.get(at).copied(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Short(list) => list.len(),
            Self::Whole(list) => list.len(),
            Self::Any(list) => list.len(),
        }
    }

    pub(crate) fn pop(&mut self) {
        match self {
            Self::Short(list) => drop(list.pop()),
            Self::Whole(list) => drop(list.pop()),
            Self::Any(list) => drop(list.pop()),
        }
    }

    /// Adds zeros up to a length.
    pub(crate) fn fill(&mut self, length: usize) {
        match self {
            Self::Short(list) => list.resize(length.max(list.len()), 0),
            Self::Whole(list) => list.resize(length.max(list.len()), 0),
            Self::Any(list) => list.resize(length.max(list.len()), 0.0),
        }
    }

    /// Returns the floats with a fraction, and those that are no numbers.
    pub(crate) fn fractions(&self) -> impl Iterator<Item = f64> + '_ {
        let list: &[f64] = match self {
            Self::Short(_) | Self::Whole(_) => &[],
            Self::Any(list) => list,
        };
        list.iter().copied().filter(|value| value.fract() != 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn floats_are_those_that_were_added(
            list in prop::collection::vec(prop_oneof![
                50 => any::<i16>().prop_map(f64::from),
                2 => any::<i32>().prop_map(f64::from),
                1 => any::<f64>(),
                1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, 0.5, 2147483648.0, -2147483649.0]),
            ], 0..60),
            more in 0_usize..4,
        ) {
            let mut floats = Floats::default();
            for &value in &list {
                match value.fract() == 0.0 && (0.0..1e15).contains(&value) {
                    true => floats.push_amount(Amount::Natural(value as u64)),
                    false => floats.push(value),
                }
            }
            floats.fill(list.len() + more);
            prop_assert_eq!(floats.len(), list.len() + more);
            for at in 0..=floats.len() {
                let expected = match list.get(at) {
                    Some(&value) => Some(value),
                    None => (at < floats.len()).then_some(0.0),
                };
                let same = |(a, b): (f64, f64)| a == b || a.is_nan() && b.is_nan();
                prop_assert!(floats.get(at).zip(expected).map_or(at == floats.len(), same));
                let amount = floats.amount(at).map(|amount| match amount {
                    Amount::Natural(value) => value as f64,
                    Amount::Other(value) => value,
                });
                prop_assert!(amount.zip(expected).map_or(at == floats.len(), same));
            }
            let fractions = list.iter().filter(|value| value.fract() != 0.0).count();
            prop_assert_eq!(floats.fractions().count(), fractions);
        }
    }
}
