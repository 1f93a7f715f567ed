//! Tests of the command. All files are one test program, because linking a program for each file would take minutes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod catalogue;
#[cfg(unix)]
mod ci;
mod command;
#[cfg(unix)]
mod config;
#[cfg(unix)]
mod describe;
mod destinations;
mod diff;
mod explain;
mod first_contact;
mod git;
mod help;
mod inspect;
mod lint;
mod manifest_schema;
mod merged;
mod mock;
mod new;
mod packaged;
mod published;
mod readme;
#[cfg(unix)]
mod reload;
mod renewing;
mod review;
mod running;
mod serve;
mod server;
#[cfg(unix)]
mod serving_docs;
#[cfg(unix)]
mod ship;
mod ship_programs;
#[cfg(unix)]
mod ship_readers;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod shipping_docs;
mod shown;
mod suggest;
#[cfg(unix)]
mod tutorial;

/// Returns a value of PATH with which a shell finds the command by its name.
fn path_of_shell() -> String {
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_jackfield")).parent().unwrap();
    format!("{}:{}", programs.display(), std::env::var("PATH").unwrap())
}
