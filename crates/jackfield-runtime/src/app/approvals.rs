//! The command `approvals`: shows the waiting calls to a person at the terminal, and asks the person to approve or refuse each call.

use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal as _, Write};
use std::process::ExitCode;

use jackfield_recipe::{visible, visible_line};

use super::approvals_command::ApprovalsCommand;
use super::output::{Failure, print};
use super::state::failed;
use crate::auth::LocalSource;
use crate::common::environment::Environment;
use crate::control::approvals::Approvals;
use crate::control::store::folder::folder_of;
use crate::control::store::sqlite::SqliteStore;
use crate::engine::approval::record::{ApprovalRecord, ApprovalState};

/// Runs a command of `approvals`.
pub(super) fn run(words: &[&str], local: &LocalSource) -> Result<ExitCode, Failure> {
    let command = ApprovalsCommand::parse(words)?;
    perform(&command, local.connector().name, local.store().environment())
}

fn perform(
    command: &ApprovalsCommand,
    connector: &str,
    environment: &Environment,
) -> Result<ExitCode, Failure> {
    let approvals = || -> Result<Approvals, Failure> {
        let store = folder_of(connector, environment).and_then(|folder| SqliteStore::open(&folder));
        store.map(Approvals::new).map_err(|error| Failure::failed(error.to_string()))
    };
    match command {
        ApprovalsCommand::List { all } => print(&list(&approvals()?, *all)?),
        ApprovalsCommand::Show { id } => {
            let approvals = approvals()?;
            print(&described(&approvals, &found(&approvals, id)?))
        }
        ApprovalsCommand::Decide { id, approves } => {
            let (stdin, mut stdout) = (std::io::stdin(), std::io::stdout());
            if !stdin.is_terminal() || !stdout.is_terminal() {
                return Err(Failure::usage(
                    "this command needs a terminal: neither stdin nor stdout may be a pipe or a file",
                ));
            }
            decide(&approvals()?, id, *approves, &user(), &mut stdin.lock(), &mut stdout)
        }
    }
}

fn found(approvals: &Approvals, id: &str) -> Result<ApprovalRecord, Failure> {
    let record = approvals.get(id).map_err(failed)?;
    record.ok_or_else(|| {
        Failure::usage(format!(
            "there is no approval `{}`: `approvals list` shows all approvals",
            visible_line(id)
        ))
    })
}

/// Returns a name for the person at the terminal, with the user id of the operating system.
fn user() -> String {
    #[cfg(unix)]
    {
        format!("user {} at a terminal", rustix::process::getuid().as_raw())
    }
    #[cfg(not(unix))]
    {
        "a person at a terminal".to_owned()
    }
}

fn list(approvals: &Approvals, all: bool) -> Result<String, Failure> {
    let records = approvals.list(all).map_err(failed)?;
    if records.is_empty() {
        return Ok("no call waits for an approval\n".to_owned());
    }
    let mut text = String::new();
    for record in &records {
        let request = record.summary.lines().find(|line| line.starts_with("request"));
        let first = record.summary.lines().next().unwrap_or_default();
        let _ = writeln!(text, "{}  {}  {first}", record.id, when(approvals, record));
        if let Some(request) = request {
            let _ = writeln!(text, "{:16}  {request}", "");
        }
    }
    Ok(text)
}

/// Describes the state of an approval and the remaining time.
fn when(approvals: &Approvals, record: &ApprovalRecord) -> String {
    match (&record.state, approvals.left(record)) {
        (ApprovalState::Spent, _) => "spent".to_owned(),
        (state, 0) => format!("{state}, expired"),
        (state, seconds) if seconds < 120 => format!("{state}, {seconds} s left"),
        (state, seconds) => format!("{state}, {} min left", seconds / 60),
    }
}

fn described(approvals: &Approvals, record: &ApprovalRecord) -> String {
    format!("{}\n\napproval {}: {}\n", record.summary, record.id, when(approvals, record))
}

/// Shows a call, asks the person, and stores the decision.
fn decide(
    approvals: &Approvals,
    id: &str,
    approves: bool,
    user: &str,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let record = found(approvals, id)?;
    let question = if approves { "approve this call, once?" } else { "refuse this call?" };
    let text = visible(&described(approvals, &record)).into_owned();
    write!(output, "{text}\n{question} [y/N] ").and_then(|()| output.flush()).map_err(failed)?;
    let mut answer = String::new();
    input.read_line(&mut answer).map_err(failed)?;
    if !matches!(answer.trim(), "y" | "Y" | "yes") {
        return Err(Failure::failed("nothing was changed"));
    }
    let decided = approvals.decide(id, approves, user).map_err(failed)?;
    decided.map_err(|problem| Failure::failed(format!("approval `{id}` was not changed: {problem}")))?;
    let done = if approves { "approved: the caller may call again" } else { "refused" };
    writeln!(output, "{done}").map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests;
