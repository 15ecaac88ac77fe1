//! All tests of this crate are one program, because a program for each file takes longer to build.

mod clocks;
mod common;
mod facts;
mod kernel;
#[path = "../../../tests/common/marks.rs"]
mod marks;
mod verdict;
