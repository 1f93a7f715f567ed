//! The command `audit usage`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::audit::{self, check_folder, time, usual_folder};
use super::output::{Failure, print};
use super::unknown_word::unknown;
use crate::auth::LocalSource;
use crate::control::audit::usage::{UsageQuery, usage};

const USAGE: &str = "audit usage [--since TIME] [--agent NAME] [--json] [--folder PATH]";
const OPTIONS: [&str; 4] = ["--since", "--agent", "--json", "--folder"];

/// Runs an `audit` command.
pub(super) fn run_audit(words: &[&str], local: &LocalSource) -> Result<ExitCode, Failure> {
    match words {
        ["usage", rest @ ..] => run(rest, local),
        _ => audit::run(words, local),
    }
}

/// Prints the number of calls, errors, refusals and tokens of each caller.
fn run(words: &[&str], local: &LocalSource) -> Result<ExitCode, Failure> {
    let (mut query, mut folder, mut as_json) = (UsageQuery::default(), None, false);
    let mut words = words.iter();
    while let Some(&option) = words.next() {
        if option == "--json" {
            as_json = true;
            continue;
        }
        if !OPTIONS.contains(&option) {
            return Err(unknown(&format!("`audit usage` does not take `{option}`"), option, OPTIONS, USAGE));
        }
        let Some(&value) = words.next() else {
            return Err(Failure::usage(format!("`{option}` needs a value")));
        };
        match option {
            "--since" => query.since = Some(time(value)?),
            "--agent" => query.agent = Some(value.to_owned()),
            _ => folder = Some(PathBuf::from(value)),
        }
    }
    let folder = match folder {
        Some(folder) => folder,
        None => usual_folder(local)?,
    };
    check_folder(&folder)?;
    let failed = |error| Failure::failed(format!("cannot read {}: {error}", folder.display()));
    let usage = usage(&folder, &query).map_err(failed)?;
    print(&match as_json {
        true => format!("{}\n", usage.to_json()),
        false => usage.to_text(),
    })?;
    Ok(ExitCode::SUCCESS)
}
