//! The packed samples beside a plain list.
use proptest::prelude::*;
use spikeflame_profile::{Frame, Tier};
use spikeflame_profile::{FrameTable, Kind, Sample, Samples, StackId, StackTree, VmState};
use std::sync::LazyLock;

/// Four stacks. The last one has an index that does not fit into 16 bits.
static STACKS: LazyLock<[StackId; 4]> = LazyLock::new(|| {
    let (mut frames, mut stacks) = (FrameTable::default(), StackTree::default());
    let function = frames.named("a", Kind::Native);
    let frame = frames.frame(Frame { function, tier: Tier::None, inlined: false });
    let mut at = StackId::ROOT;
    let mut deeper = |by: usize| {
        (0..by).for_each(|_| at = stacks.child(at, frame));
        at
    };
    [deeper(1), deeper(1), deeper(65_532), deeper(1)]
});

fn all(samples: &Samples) -> Vec<(Sample, u64)> {
    samples.iter().collect()
}

/// Repeats a few steps of the clock, states and weights, so that chunks become full, and some of
/// them have samples that cannot be packed.
fn recordings() -> impl Strategy<Value = Vec<(Sample, u64)>> {
    let step = prop_oneof![
        8 => 0_i64..2000,
        2 => 50_000_i64..200_000,
        2 => -3000_i64..0,
        1 => (1_i64 << 31)..(1 << 34),
        1 => Just(i64::MIN / 4),
        1 => Just(i64::MAX / 2),
    ];
    let state = prop_oneof![9 => Just(VmState::UNKNOWN), 1 => Just(VmState::GC)];
    let stack = prop_oneof![30 => 0_usize..3, 1 => Just(3)];
    let part = (step, stack, state, prop_oneof![9 => Just(1_u64), 1 => 0_u64..9]);
    let parts =
        prop::collection::vec((part, prop_oneof![30 => 1_usize..4, 1 => Just(70_000)]), 0..9);
    parts.prop_map(|parts| {
        let (mut list, mut time) = (Vec::new(), 0_u64);
        for ((step, stack, state, weight), times) in parts {
            for _ in 0..times {
                time = time.saturating_add_signed(step);
                list.push((Sample { time_us: time, stack: STACKS[stack], state }, weight));
            }
        }
        list
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn samples_are_kept_as_they_were_added(list in recordings()) {
        let mut samples = Samples::default();
        list.iter().for_each(|&(sample, weight)| samples.push_weighted(sample, weight));
        prop_assert!(all(&samples) == list);
        prop_assert_eq!(samples.len(), list.len());
        prop_assert_eq!(samples.is_empty(), list.is_empty());
        prop_assert_eq!(samples.last(), list.last().map(|(sample, _)| *sample));
        prop_assert_eq!(samples.total(), list.iter().map(|(_, weight)| weight).sum::<u64>());
        // A loop takes another way through the list than `collect`.
        for (at, one) in samples.iter().enumerate() {
            prop_assert!(list[at] == one);
        }

        let mut together = Samples::default();
        let (mut rest, mut ended) = (list.iter(), false);
        together.extend(std::iter::from_fn(|| {
            assert!(!ended, "asked again after its end");
            let next = rest.next().map(|(sample, _)| *sample);
            ended = next.is_none();
            next
        }));
        prop_assert!(together.iter().map(|(sample, _)| sample).eq(list.iter().map(|(one, _)| *one)));
        prop_assert_eq!(together.total(), list.len() as u64);

        let (mut sums, mut wanted) = (vec![0; 65_537], vec![0; 65_537]);
        samples.add_weights(&mut sums);
        list.iter().for_each(|(sample, weight)| wanted[sample.stack.index()] += weight);
        prop_assert!(sums == wanted);

        let mut sorted = list;
        sorted.sort_by_key(|(sample, _)| sample.time_us);
        samples.sort();
        prop_assert!(all(&samples) == sorted);

        let [first, .., last] = *STACKS;
        samples.map_stacks(|stack| if stack == first { last } else { stack });
        sorted.iter_mut().filter(|one| one.0.stack == first).for_each(|one| one.0.stack = last);
        prop_assert!(all(&samples) == sorted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn times_are_counted_from_any_moment(list in recordings(), us in prop_oneof![0..9000_u64, any::<u64>()]) {
        let mut samples = Samples::default();
        list.iter().for_each(|&(sample, weight)| samples.push_weighted(sample, weight));
        samples.count_from(us);
        let since = |sample: Sample| Sample { time_us: sample.time_us.saturating_sub(us), ..sample };
        let expected: Vec<_> = list.iter().map(|&(sample, weight)| (since(sample), weight)).collect();
        prop_assert!(all(&samples) == expected);
    }
}
