//! Folded stacks: counts, and lines that have none.

use crate::model::{fold, read};
use spikeflame_profile::{
    CallTree, Frame, Idle, Kind, Profile, Sample, Samples, Selection, StackId, Thread, Tier,
    VmState, folded,
};

/// Returns the weights by stack, the unit, the warnings and the reasons for losses.
pub(crate) fn oddities(
    text: &str,
    column: Option<&str>,
) -> (Vec<String>, String, String, Vec<u64>) {
    let profile = folded::read(&mut text.as_bytes(), "x", column).unwrap();
    let keep = Selection { idle: Idle::Keep, ..Selection::default() };
    let lines = fold(&profile, &keep).lines().map(str::to_owned).collect();
    let losses = profile.losses.iter().map(|loss| loss.first).collect();
    let told: Vec<String> = profile.warnings.iter().map(ToString::to_string).collect();
    (lines, profile.sources[0].unit.clone(), told.join("\n"), losses)
}

#[test]
fn counts_with_fractions_are_exact() {
    let (lines, unit, warning, losses) = oddities("a;b 1\na;c 0.25\na;b 1.5\n\nd 2.\n", None);
    assert_eq!(lines, ["a;b 250", "a;c 25", "d 200"]);
    assert_eq!(unit, "hundredths of a sample");
    assert_eq!(warning, "x: counts have fractions; they are in hundredths of a sample");
    assert!(losses.is_empty());
    let (lines, unit, warning, _) = oddities("a 0.0000004\nb 0.0000006\n", None);
    assert_eq!((lines, unit.as_str()), (vec!["b 1".to_owned()], "millionths of a sample"));
    assert!(warning.ends_with("rounded"), "{warning}");
    let (lines, unit, warning, _) = oddities("a 1.0\nb 2.000\n", None);
    assert_eq!(
        (lines.join(" "), unit.as_str(), warning.as_str()),
        ("a 1 b 2".into(), "samples", "")
    );
}

#[test]
fn differential_stacks_are_read_by_column() {
    let text = "# difffolded\na;b 10 12\na;c 0 3\r\nd 1.5 0  \ne 7\n";
    let (lines, unit, warning, losses) = oddities(&text.replace("e 7", "e 7 7"), None);
    assert_eq!((lines.join(", "), unit.as_str()), ("a;b 12, a;c 3, e 7".into(), "samples"));
    assert!(warning.contains("the second (after) is read"), "{warning}");
    assert!(losses.is_empty());
    let (lines, unit, ..) = oddities(&text.replace("e 7", "e 7 7"), Some("before"));
    assert_eq!(lines.join(", "), "a;b 100, d 15, e 70");
    assert_eq!(unit, "tenths of a sample");
    // One line of the head has one count, so it is a plain file.
    let (lines, ..) = oddities(text, Some("before"));
    assert_eq!(lines.join(", "), "a;b 10 12, a;c 0 3, e 7");
    // After the head, such a line is lost.
    let long = format!("{}e 7\n", "a;b 1 2\n".repeat(3000));
    let (lines, _, _, losses) = oddities(&long, None);
    assert_eq!((lines, losses), (vec!["a;b 6000".to_owned()], vec![3001]));
    let error = folded::read(&mut &b"a 1 2\n"[..], "x", Some("cpu")).unwrap_err().to_string();
    assert!(error.contains("`cpu`") && error.contains("before and after"), "{error}");
}

#[test]
fn what_is_no_count_is_a_loss() {
    let text = "a;b 1e3\na;b -1\na;b\na\t4\nb 0\n# no count\na 99999999999999999999\nc 1\n";
    let (lines, _, _, losses) = oddities(text, None);
    assert_eq!((lines.join(", "), losses), ("a 4, c 1".into(), vec![1, 2, 7]));
    let huge = format!("a {0}\nb {0}\nc 0.000001\nd 1\n", (1u64 << 60) - 1);
    let (lines, _, _, losses) = oddities(&huge, None);
    assert_eq!((lines.join(", "), losses), (format!("a {}, d 1", (1u64 << 60) - 1), vec![2]));
}

/// The error was: frames of spaces were functions of their own, and a stack of spaces was read back as another one.
#[test]
fn a_blank_frame_of_folded_text_has_no_name() {
    let text = fold(&read("main; ;leaf 1\nmain;\t 2\nmain;;leaf 4\n   8\n"), &Selection::default());
    assert_eq!(text, "(program) 8\nmain; 2\nmain;;leaf 5\n");
    // They were called code of the kernel.
    let profile = read("main;;leaf 1\nmain;\u{a0};leaf 1\nmain;f_[k] 1\n");
    let tree = CallTree::build(&profile, &Selection::default());
    let kind = |label: &str| tree.entries().iter().find(|of| of.label == label).map(|of| of.kind);
    assert_eq!(kind("(nameless)"), Some(Kind::Native));
    assert_eq!(kind("f"), Some(Kind::Kernel));
    assert_eq!(fold(&read(&text), &Selection::default()), text);
}

#[test]
fn a_name_that_looks_like_a_comment_is_read_back() {
    for name in ["# x", "#"] {
        let mut profile = Profile::default();
        let function = profile.frames.named(name, Kind::Native);
        let frame = profile.frames.frame(Frame { function, tier: Tier::None, inlined: false });
        let stack = profile.stacks.child(StackId::ROOT, frame);
        let mut samples = Samples::default();
        samples.push(Sample { time_us: 0, stack, state: VmState::UNKNOWN });
        profile.threads.push(Thread { name: "one".into(), samples, source: 0 });
        let text = fold(&profile, &Selection::default());
        assert_eq!(read(&text).total(), 1, "{text}");
    }
}
