//! All tests of this crate are one program, because a program for each file takes longer to build.

mod deep;
mod diff;
mod export;
mod export_back;
mod fixed;
mod inert;
mod known_errors;
mod made;
mod svg;
