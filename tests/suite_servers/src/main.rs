//! Runs a server for the official MCP conformance suite.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let form = words.next().unwrap_or_default();
    jackfield_suite_servers::run(&form, words)
}
