//! The common end of two texts.

/// Returns the number of equal bytes at the ends of both.
pub(super) fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 32;
    // Blocks of a fixed length are compared without a call.
    let (a_blocks, b_blocks) = (a.as_rchunks::<STEP>().1, b.as_rchunks::<STEP>().1);
    let blocks = a_blocks.iter().rev().zip(b_blocks.iter().rev());
    let same = blocks.take_while(|(a, b)| a == b).count() * STEP;
    let rest = |text: &[u8]| text.len() - same;
    let (a, b) = (a.get(..rest(a)), b.get(..rest(b)));
    let bytes = a.unwrap_or_default().iter().rev().zip(b.unwrap_or_default().iter().rev());
    same + bytes.take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn common_suffixes_are_found(a: Vec<u8>, b: Vec<u8>, tail in "[ab]{0,100}") {
            let join = |head: &[u8]| [head, tail.as_bytes()].concat();
            let (a, b) = (join(&a), join(&b));
            let slow = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
            prop_assert_eq!(common_suffix(&a, &b), slow);
        }
    }
}
