//! The commands that manage servers with several users.

use std::process::ExitCode;

use super::output::Failure;
use crate::auth::LocalSource;
use crate::engine::service::Service;

/// A command that manages servers with several users. Without the feature `serve`, it only prints how to enable
/// the feature.
pub(super) struct ControlCommand {
    pub(super) name: &'static str,
    /// The arguments and the summary of the command in the overview.
    overview: (&'static str, &'static str),
    /// The arguments in the help of the command.
    pub(super) usage: &'static str,
    /// The help text of the command.
    pub(super) about: &'static str,
}

/// All commands.
pub(super) static COMMANDS: [ControlCommand; 5] = [
    ControlCommand {
        name: "approvals",
        overview: (
            "approvals [list | show ID | approve ID | deny ID]",
            "decide about calls that wait for a person",
        ),
        usage: "approvals [list [--all] | show ID | approve ID | deny ID]",
        about: "Lists the calls that wait for a person, and decides about them at this terminal.\n\n  \
             list [--all]   the waiting calls; with --all, also the calls whose approval ended in the last day\n  \
             show ID        one call: the tool, its effect, the arguments, the request\n  \
             approve ID     approve the call once; the caller has to call the tool again\n  \
             deny ID        refuse the call until its approval expires, or withdraw an unused approval\n",
    },
    ControlCommand {
        name: "audit",
        overview: ("audit verify|tail|query|export|usage", "verify, read and sum the records of calls"),
        usage: "audit verify|tail|query|export|usage [OPTIONS]",
        about: "Reads the audit of this connector's servers (`serve --audit on`).\n\n  \
             verify              recompute every chain of records, and report each change; exits with 1 if there is one\n  \
             tail                the newest records, 20 or as many as --last says\n  \
             query               the records that match all options\n  \
             export              the same records, after the last record of each chain\n  \
             usage               calls, errors, refusals and tokens of each caller; takes --since, --agent NAME and --json\n  \
             --folder PATH       the folder of the audit, if `--audit` named one\n  \
             --since, --until T  only records from or until this time: 2026-11-29 or 2026-11-29T08:30:00Z\n  \
             --last N            only the newest N records\n  \
             --principal, --name, --operation, --effect, --event, --action, --outcome, --origin, --approval, --client, --address, --connector, --tool, --trace VALUE\n  \
             \u{20}                   only records with this value\n",
    },
    ControlCommand {
        name: "credentials",
        overview: ("credentials set|show|remove PRINCIPAL", "store the credentials of one principal"),
        usage: "credentials set|show|remove PRINCIPAL [SCHEME]",
        about: "Stores in the vault the credentials that the server uses for calls of one principal. Unless it was started with\n\
             `--credentials service`, a principal without credentials gets an error that says what to type here.\n\n  \
             set PRINCIPAL [SCHEME [CREDENTIAL]] [--origin URL]   store a credential; it is prompted for, or read from stdin\n  \
             show PRINCIPAL                                       show which credentials are set\n  \
             remove PRINCIPAL [SCHEME]                            remove the credentials of a scheme, or of all schemes\n\n\
             PRINCIPAL is `token:NAME` or `ISSUER#SUBJECT`.\n",
    },
    ControlCommand {
        name: "rights",
        overview: ("rights apply|show|check|remove", "set which principals may see and call which tools"),
        usage: "rights apply|show|check|remove [OPTIONS]",
        about: "Sets which principals may see and call which tools. Running servers follow within a second.\n\n  \
             apply FILE                          replace the rights with the rules in a TOML file\n  \
             show                                print the rights in force, as they were written\n  \
             check PRINCIPAL [TOOL [ARGUMENTS]]  print the decision about each tool, or one call, and the rule that made it\n  \
             remove                              remove the rights: every authenticated caller may call every tool again\n  \
             --allow-unmatched                   apply the rules even if a rule matches no tool of this connector\n  \
             --scope SCOPE                       check a caller whose token has this scope; may be repeated\n  \
             --file FILE                         check the rights of a file, without applying them\n",
    },
    ControlCommand {
        name: "token",
        overview: ("token add|list|revoke", "manage the tokens of programs that call a server"),
        usage: "token add NAME [--expires DAYS] [--scopes 'SCOPE SCOPE']|list|revoke NAME",
        about: "Manages the named tokens of this connector's servers, for programs that cannot log in.\n\n  \
             add NAME            create a token, print it once, and store only its digest\n  \
             list                the name, scopes and expiry of every token\n  \
             revoke NAME         remove a token; running servers refuse it from their next request on\n  \
             --expires DAYS      the days for which a new token is accepted, up to 3650 (90)\n  \
             --scopes SCOPES     the scopes of a new token, separated by spaces\n\n\
             Servers accept them with `serve --http ADDR --http-auth named-tokens`, and with --issuer.\n",
    },
];

/// Returns the command `name`.
pub(super) fn find(name: &str) -> Option<&'static ControlCommand> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// Returns the arguments and the summary of each command, for the overview. Without the feature `serve`, there are
/// none.
pub(super) fn usages() -> impl Iterator<Item = (&'static str, &'static str)> {
    COMMANDS.iter().filter(|_| cfg!(feature = "serve")).map(|command| command.overview)
}

/// Runs one of the commands.
#[cfg(feature = "serve")]
pub(super) fn run(
    name: &str,
    words: &[String],
    local: &LocalSource,
    service: &Service,
) -> Result<ExitCode, Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match name {
        "approvals" => super::approvals::run(&words, local),
        "audit" => super::usage::run_audit(&words, local),
        "credentials" => super::credentials::run(&words, local),
        "rights" => super::rights::run(&words, local, service),
        "token" => super::token::run(&words, local),
        _ => Err(Failure::usage(format!("there is no command `{name}`"))),
    }
}

#[cfg(not(feature = "serve"))]
pub(super) fn run(name: &str, _: &[String], _: &LocalSource, _: &Service) -> Result<ExitCode, Failure> {
    Err(Failure::needs_serve(name))
}
