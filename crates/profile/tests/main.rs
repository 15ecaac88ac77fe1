//! All tests of this crate are one program, because a program for each file takes longer to build.

mod model;
mod samples;
mod selection;
