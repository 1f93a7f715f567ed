//! Runs the `audit` commands, and opens the audit of a server.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use jackfield_recipe::{hex_decode, hex_encode};
use serde_json::json;

use super::output::{Failure, print};
use super::serve_options::ServeOptions;
use super::state;
use super::unknown_word::unknown;
use crate::auth::LocalSource;
use crate::call::held_rows::ConnectorRows;
use crate::common::environment::Environment;
use crate::common::random::random_bytes;
use crate::common::secret::Secret;
use crate::common::timestamp::Timestamp;
use crate::control::audit::chain::AuditKey;
use crate::control::audit::journal::AuditJournal;
use crate::control::audit::log::Retention;
use crate::control::audit::query::{AuditQuery, MEMBERS, records};
use crate::control::audit::verify::{heads, verify};
use crate::engine::policy::audit::AuditError;

const COMMANDS: [&str; 5] = ["verify", "tail", "query", "export", "usage"];
const USAGE: &str = "audit verify|tail|query|export|usage [--folder PATH]; `help audit` shows more";

/// Runs an `audit` command.
pub(super) fn run(words: &[&str], local: &LocalSource) -> Result<ExitCode, Failure> {
    let [command, rest @ ..] = words else { return Err(Failure::usage(USAGE)) };
    if !COMMANDS.contains(command) {
        return Err(unknown(&format!("there is no command `audit {command}`"), command, COMMANDS, USAGE));
    }
    let (query, folder) = parse(rest)?;
    let folder = match folder {
        Some(folder) => folder,
        None => usual_folder(local)?,
    };
    let failed =
        |error: std::io::Error| Failure::failed(format!("cannot read {}: {error}", folder.display()));
    check_folder(&folder)?;
    match *command {
        "verify" => {
            let report = verify(&folder, &key(local)?).map_err(failed)?;
            let mut text: String = report.problems.iter().map(|problem| format!("{problem}\n")).collect();
            text += &format!(
                "{} records in {} chains: {}\n",
                report.records,
                report.chains,
                if report.problems.is_empty() { "unchanged" } else { "CHANGED" }
            );
            if report.torn > 0 {
                text += &format!(
                    "{} files end with an incomplete record, which was never synced to disk\n",
                    report.torn
                );
            }
            print(&text)?;
            Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        "export" => {
            // The last record of each chain is printed first, so that a reader of the export notices missing records.
            let heads = heads(&folder, &key(local)?).map_err(failed)?;
            print_lines(
                std::iter::once(json!({ "heads": heads }).to_string())
                    .chain(records(&folder, &query).map_err(failed)?),
            )
        }
        "tail" => {
            let last = Some(query.last.unwrap_or(20));
            print_lines(records(&folder, &AuditQuery { last, ..query }).map_err(failed)?.into_iter())
        }
        _ => print_lines(records(&folder, &query).map_err(failed)?.into_iter()),
    }
}

/// Checks that the folder of the audit exists.
pub(super) fn check_folder(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    let shown = folder.display();
    Err(Failure::failed(format!("there is no audit in {shown}: start a server with `serve --audit on`")))
}

fn print_lines(lines: impl Iterator<Item = String>) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    for line in lines {
        // A closed pipe, as in `| head`, is not an error.
        if writeln!(out, "{line}").is_err() {
            return Ok(ExitCode::SUCCESS);
        }
    }
    let _ = out.flush();
    Ok(ExitCode::SUCCESS)
}

fn parse(words: &[&str]) -> Result<(AuditQuery, Option<PathBuf>), Failure> {
    let (mut query, mut folder) = (AuditQuery::default(), None);
    let mut words = words.iter();
    while let Some(&option) = words.next() {
        let name = option.strip_prefix("--").unwrap_or_default();
        let Some(&value) = words.next() else {
            return Err(Failure::usage(format!("`{option}` needs a value")));
        };
        let time = || time(value);
        match name {
            "folder" => folder = Some(PathBuf::from(value)),
            "since" => query.since = Some(time()?),
            "until" => query.until = Some(time()?),
            "last" => {
                let count = value
                    .parse()
                    .map_err(|_| Failure::usage(format!("`--last` takes a number, not `{value}`")))?;
                query.last = Some(count);
            }
            _ => match MEMBERS.iter().find(|member| **member == name) {
                Some(member) => _ = query.members.insert(member, value.to_owned()),
                None => {
                    let known = ["folder", "since", "until", "last"].iter().chain(&MEMBERS).copied();
                    let known: Vec<String> = known.map(|name| format!("--{name}")).collect();
                    let problem = format!("`audit` does not take `{option}`");
                    return Err(unknown(&problem, option, known.iter().map(String::as_str), USAGE));
                }
            },
        }
    }
    Ok((query, folder))
}

/// Parses the time in the value of an option.
pub(super) fn time(value: &str) -> Result<Timestamp, Failure> {
    let parsed = Timestamp::parse(value);
    parsed.ok_or_else(|| {
        Failure::usage(format!("`{value}` is not a time: write 2026-11-29 or 2026-11-29T08:30:00Z"))
    })
}

/// Opens the audit that `--audit` chooses. Returns `None` if the option is `off` or not given.
pub(super) fn journal(options: &ServeOptions, local: &LocalSource) -> Result<Option<AuditJournal>, Failure> {
    let Some(audit) = &options.audit else { return Ok(None) };
    let day = Duration::from_secs(86_400);
    let keep = options.audit_keep.map(|days| day.saturating_mul(days));
    let journal = begin(audit, Retention { keep, ..Retention::default() }, local)?;
    Ok(journal.map(|it| if options.audit_arguments { it.showing_arguments() } else { it }))
}

/// Begins a chain of records for a command of the connector. `audit` has the values of the option `--audit`. Returns `None` for `off`.
///
/// # Errors
/// Returns an error if the audit or its key in the vault cannot be used.
pub fn open_audit(
    rows: impl Into<ConnectorRows>,
    environment: &Environment,
    audit: &str,
) -> Result<Option<AuditJournal>, AuditError> {
    let local = LocalSource::new(rows, environment.clone());
    begin(audit, Retention::default(), &local).map_err(|failure| AuditError::new(failure.text))
}

fn begin(audit: &str, retention: Retention, local: &LocalSource) -> Result<Option<AuditJournal>, Failure> {
    let connector = local.connector().name;
    let folder = match audit {
        "off" => return Ok(None),
        "on" => usual_folder(local)?,
        path if PathBuf::from(path).is_absolute() => PathBuf::from(path),
        path => {
            return Err(Failure::usage(format!("`--audit` takes on, off or an absolute path, not `{path}`")));
        }
    };
    let journal = AuditJournal::begin(&folder, key_or_new(local)?, retention, connector);
    journal.map(Some).map_err(|error| Failure::failed(error.to_string()))
}

pub(super) fn usual_folder(local: &LocalSource) -> Result<PathBuf, Failure> {
    Ok(state::folder(local)?.join("audit"))
}

/// Returns the key of an existing audit. Only a server creates a key, because existing records cannot be verified
/// with a new one.
fn key(local: &LocalSource) -> Result<AuditKey, Failure> {
    let key = stored_key(local)?;
    key.ok_or_else(|| Failure::failed("the vault has no audit key, so no record can be verified"))
}

/// Returns the key for new records, and creates it in the vault at the first use. Servers that start at the same
/// time get the same key, because all records of one folder are verified with one key.
fn key_or_new(local: &LocalSource) -> Result<AuditKey, Failure> {
    if let Some(key) = stored_key(local)? {
        return Ok(key);
    }
    let bytes = random_bytes::<32>().map_err(no_key)?;
    let (name, made) = (key_name(local), Secret::new(hex_encode(bytes.as_ref())));
    let stored = local.store().records().put_if_absent(&name, &made).map_err(no_key)?;
    key_of(&name, &stored)
}

fn stored_key(local: &LocalSource) -> Result<Option<AuditKey>, Failure> {
    let name = key_name(local);
    let stored = local.store().records().get(&name).map_err(no_key)?;
    stored.map(|stored| key_of(&name, &stored)).transpose()
}

fn key_of(name: &str, text: &Secret) -> Result<AuditKey, Failure> {
    let bytes = hex_decode(text.expose());
    let bytes = bytes.ok_or_else(|| no_key(format!("the record `{name}` is not 64 hexadecimal digits")))?;
    Ok(AuditKey::new(&bytes))
}

fn key_name(local: &LocalSource) -> String {
    format!("{}/audit-key", local.connector().name)
}

fn no_key(error: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("the audit needs a key in the vault: {error}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::call::rows::Connector;

    #[test]
    fn servers_that_start_concurrently_share_one_audit_key() {
        static SHOP: Connector<'static> = Connector::new("shop");
        const SERVERS: usize = 8;
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("vault").display().to_string();
        let local = || LocalSource::new(&SHOP, Environment::of([("JACKFIELD_VAULT", vault.as_str())]));
        let start = Barrier::new(SERVERS);
        let keys: Vec<String> = std::thread::scope(|scope| {
            let server = || {
                // Each thread opens the vault itself, as another process would.
                let local = local();
                start.wait();
                key_or_new(&local).unwrap().id()
            };
            let servers: Vec<_> = (0..SERVERS).map(|_| scope.spawn(server)).collect();
            servers.into_iter().map(|server| server.join().unwrap()).collect()
        });
        let stored = stored_key(&local()).unwrap().unwrap().id();
        assert!(keys.iter().all(|key| *key == stored), "{keys:?} {stored}");
    }
}
