//! The commands of servers that many people use.

use std::process::ExitCode;

use super::output::Failure;
use crate::auth::LocalSource;
use crate::engine::service::Service;

/// The commands. Without the feature `serve` they only say how to get them.
pub(super) const COMMANDS: &[&str] = &["approvals", "audit", "credentials", "rights", "token"];

/// The usage of a command, and what it does.
pub(super) fn help(command: &str) -> (&'static str, &'static str) {
    match command {
        "approvals" => (
            "approvals [list [--all] | show ID | approve ID | deny ID]",
            "Lists the calls that wait for a person, and decides about them at this terminal.\n\n  \
             list [--all]   the waiting calls; with --all, also those of the last day\n  \
             show ID        one call: the tool, its effect, the arguments, the request\n  \
             approve ID     approve the call, once; the caller has to call again\n  \
             deny ID        refuse it until its approval expires, or withdraw an approval that was not used\n",
        ),
        "audit" => (
            "audit verify|tail|query|export [OPTIONS]",
            "Reads the audit of this connector's servers (`serve --audit on`).\n\n  \
             verify              recompute every chain of records, and report each change; exits with 1 if there is one\n  \
             tail                the newest records, 20 or as many as --last says\n  \
             query               the records that fit every option\n  \
             export              the same, after a line with the end of each chain\n  \
             --folder PATH       the folder of the audit, if `--audit` named one\n  \
             --since, --until T  only records of that time: 2026-11-29 or 2026-11-29T08:30:00Z\n  \
             --last N            only the newest\n  \
             --principal, --name, --effect, --event, --outcome, --origin, --approval, --client, --address VALUE\n  \
             \u{20}                   only records with that value\n",
        ),
        "credentials" => (
            "credentials set|show|remove PRINCIPAL [SCHEME]",
            "Stores the credentials with which the server calls for one principal, in the vault. Unless it was started with\n\
             `--credentials service`, a principal without credentials gets an error that says what to type here.\n\n  \
             set PRINCIPAL [SCHEME [CREDENTIAL]] [--origin URL]   store one; it is asked for, or read from stdin\n  \
             show PRINCIPAL                                       show which are set\n  \
             remove PRINCIPAL [SCHEME]                            remove those of a scheme, or all\n\n\
             PRINCIPAL is `token:NAME` or `ISSUER#SUBJECT`.\n",
        ),
        "rights" => (
            "rights apply|show|check|remove [OPTIONS]",
            "Sets which principals may see and call which tools. Running servers follow within a second.\n\n  \
             apply FILE                          replace the rights by those of a TOML file\n  \
             show                                print the rights in force, as they were written\n  \
             check PRINCIPAL [TOOL [ARGUMENTS]]  print the decision about each tool, or one call, and the rule that made it\n  \
             remove                              remove the rights: every authenticated caller may call every tool again\n  \
             --allow-unmatched                   apply rules that choose no tool of this connector\n  \
             --scope SCOPE                       check a caller whose token has this scope; may be repeated\n  \
             --file FILE                         check the rights of a file, without applying them\n",
        ),
        "token" => (
            "token add NAME [--expires DAYS] [--scopes 'SCOPE SCOPE']|list|revoke NAME",
            "Manages the named tokens of this connector's servers, for programs that cannot log in.\n\n  \
             add NAME            create a token, print it once, and store only its digest\n  \
             list                the names, scopes and ends of all tokens\n  \
             revoke NAME         remove a token; running servers refuse it from their next request on\n  \
             --expires DAYS      the days for which a new token is accepted, up to 3650 (90)\n  \
             --scopes SCOPES     the scopes of a new token, separated by spaces\n\n\
             Servers accept them with `serve --http ADDR --http-auth named-tokens`, and with --issuer.\n",
        ),
        _ => ("", ""),
    }
}

/// The commands in the overview.
pub(super) fn usages() -> Vec<(&'static str, &'static str)> {
    match cfg!(feature = "serve") {
        true => vec![
            (
                "approvals [list | show ID | approve ID | deny ID]",
                "decide about calls that wait for a person",
            ),
            ("audit verify|tail|query|export", "verify and read the records of calls"),
            ("credentials set|show|remove PRINCIPAL", "store the credentials of one principal"),
            ("rights apply|show|check|remove", "set which principals may see and call which tools"),
            ("token add|list|revoke", "manage the tokens of programs that call a server"),
        ],
        false => Vec::new(),
    }
}

/// Runs one of the commands.
#[cfg(feature = "serve")]
pub(super) fn run(
    command: &str,
    words: &[String],
    local: &LocalSource,
    service: &Service,
) -> Result<ExitCode, Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match command {
        "approvals" => super::approvals::run(&words, local),
        "audit" => super::audit::run(&words, local),
        "credentials" => super::credentials::run(&words, local),
        "rights" => super::rights::run(&words, local, service),
        "token" => super::token::run(&words, local),
        other => Err(Failure::usage(format!("there is no command `{other}`"))),
    }
}

#[cfg(not(feature = "serve"))]
pub(super) fn run(command: &str, _: &[String], _: &LocalSource, _: &Service) -> Result<ExitCode, Failure> {
    Err(Failure::usage(format!(
        "`{command}` is for servers that many people use: add `features = [\"serve\"]` to jackfield-runtime in Cargo.toml"
    )))
}
