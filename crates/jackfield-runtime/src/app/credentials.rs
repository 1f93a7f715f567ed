//! The `credentials` commands, which manage the credentials of principals other than the local user.

use std::process::ExitCode;

use super::auth;
use super::auth_command::{Auth, take_origins};
use super::output::Failure;
use super::start_runtime::start_runtime;
use super::unknown_word::unknown;
use crate::auth::LocalSource;
use crate::common::caller::Principal;

const COMMANDS: [&str; 3] = ["set", "show", "remove"];
const USAGE: &str = "credentials set PRINCIPAL [SCHEME [CREDENTIAL]] [--origin URL]... | show PRINCIPAL | remove PRINCIPAL \
                     [SCHEME]; a credential is prompted for, or read from stdin: other users can read command lines";

/// Runs a `credentials` command.
pub(super) fn run(words: &[&str], local: &LocalSource) -> Result<ExitCode, Failure> {
    let [command, rest @ ..] = words else { return Err(Failure::usage(USAGE)) };
    if !COMMANDS.contains(command) {
        let problem = format!("there is no command `credentials {command}`");
        return Err(unknown(&problem, command, COMMANDS, USAGE));
    }
    let usage = || Failure::usage(USAGE);
    let (rest, origins) = take_origins(rest).ok_or_else(usage)?;
    let [principal, rest @ ..] = rest.as_slice() else { return Err(usage()) };
    if rest.iter().any(|word| word.starts_with('-')) || (*command != "set" && !origins.is_empty()) {
        return Err(usage());
    }
    let own = match Principal::parse(principal) {
        Some(Principal::Local) => {
            let called = local.store().called();
            return Err(Failure::usage(format!(
                "the credentials of `local` are set with `{called} auth set`"
            )));
        }
        Some(principal) => local.of_principal(&principal),
        None => {
            let problem = format!("`{principal}` is not a principal: write `token:NAME` or `ISSUER#SUBJECT`");
            return Err(Failure::usage(problem));
        }
    };
    let word = |at: usize| rest.get(at).map(|word| (*word).to_owned());
    let command = match (*command, rest.len()) {
        ("set", 0..=2) => Auth::Set { scheme: word(0), field: word(1), origins },
        ("show", 0) => Auth::Status { json: false },
        ("remove", 0..=1) => Auth::Logout { scheme: word(0) },
        _ => return Err(usage()),
    };
    start_runtime()?.block_on(auth::run(command, &own))
}
