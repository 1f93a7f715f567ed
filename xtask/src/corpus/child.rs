//! `cargo xtask corpus-one`: processes one document, in the process that `corpus` watches.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use jackfield_build::model::{Connector, Operation, Place, Requirement, SchemeKind};
use jackfield_build::{
    Error, Job, Layout, Manifest, Report, Wording, input_text, is_list_operation, model_of,
};
use jackfield_testkit::{disagreements, reached, schema_faults};
use serde_json::Value;

use super::outcome::{Record, Skipped};
use crate::failure::Failure;
use crate::memory;

#[derive(clap::Args, Debug)]
pub(crate) struct One {
    folder: PathBuf,
    /// The path, relative to the folder.
    path: String,
    /// Also validate the same arguments with both wordings
    #[arg(long)]
    wordings: bool,
}

/// Prints the record on one line, and the peak memory of this process in KiB on the next line.
pub(crate) fn run(one: &One) -> Result<ExitCode, Failure> {
    let record = serde_json::to_string(&record_of(one)).map_err(Failure::while_("printing JSON"))?;
    println!("{record}");
    if let Some(peak) = memory::peak_kib("self") {
        println!("{peak}");
    }
    Ok(ExitCode::SUCCESS)
}

fn record_of(one: &One) -> Record {
    let manifest = Manifest::for_document(&one.folder.join(&one.path), None);
    let mut job = Job::new(manifest);
    job.shown_as.clone_from(&one.path);
    let started = Instant::now();
    let generated = model_of(&job).map(|modelled| modelled.generate(&Layout::Crate));
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut record = match &generated {
        Ok(generated) => {
            let faults = faults(&generated.connector);
            let disagreements = if one.wordings { unlike(one, &generated.connector) } else { Vec::new() };
            let (credentialed, usable) = credentialed(&generated.connector);
            let mut record = of_report(&one.path, &generated.report);
            count_pages(&generated.connector, &mut record);
            count_jobs(&generated.connector, &mut record);
            Record { faults, disagreements, credentialed, usable, ..record }
        }
        Err(error) => of_error(error),
    };
    record.path.clone_from(&one.path);
    record.millis = millis;
    record
}

/// Returns arguments that only one wording accepts, either the lean or the full wording.
fn unlike(one: &One, lean: &Connector) -> Vec<String> {
    let manifest = Manifest::for_document(&one.folder.join(&one.path), None).worded(Some(Wording::Full));
    match model_of(&Job::new(manifest)) {
        Ok(full) => disagreements(&full.connector, lean),
        Err(error) => vec![format!("the document cannot be read with the full wording: {error}")],
    }
}

fn of_report(path: &str, report: &Report) -> Record {
    let pointer = |place: &Place| match &*place.file == path {
        true => place.pointer.as_str().to_owned(),
        false => place.to_string(),
    };
    let skipped = report.skips.iter().map(|skip| {
        let method = skip.method.as_ref().map_or_else(String::new, |method| format!("{method} "));
        Skipped {
            code: skip.reason.code.to_string(),
            pointer: skip.reason.place.as_ref().map(pointer).unwrap_or_default(),
            reason: format!("{method}{}: {}", skip.path, skip.reason.problem),
        }
    });
    let mut record = Record {
        dialect: Some(report.dialect().to_owned()),
        operations: report.count.operations,
        emitted: report.count.emitted,
        skipped: skipped.collect(),
        undeclared: report.count.undeclared,
        ..Record::default()
    };
    for finding in &report.diagnostics {
        *record.diagnostics.entry(finding.code.to_string()).or_default() += 1;
    }
    record
}

/// Counts the operations that require a declared scheme. Also counts those of them that have an alternative that can be sent: its schemes
/// set different slots, and none of them needs a signer.
fn credentialed(connector: &Connector) -> (usize, usize) {
    let kinds: BTreeMap<&str, &SchemeKind> =
        connector.schemes.iter().map(|scheme| (scheme.name.as_str(), &scheme.kind)).collect();
    let can_be_sent = |requirement: &Requirement| {
        let mut slots = BTreeSet::new();
        requirement.needs.iter().all(|need| {
            kinds
                .get(need.scheme.as_str())
                .is_some_and(|kind| !matches!(kind, SchemeKind::Http(_)) && slots.insert(kind.slot()))
        })
    };
    let asking = connector.operations().filter(|it| it.security.iter().any(|one| !one.needs.is_empty()));
    let asking: Vec<&Operation> = asking.collect();
    let usable = asking.iter().filter(|it| it.security.iter().any(can_be_sent)).count();
    (asking.len(), usable)
}

/// Counts the operations whose pagination was detected.
fn count_pages(connector: &Connector, record: &mut Record) {
    for operation in connector.operations() {
        let is_list = is_list_operation(operation, &connector.pool.receive);
        record.lists += usize::from(is_list);
        let Some(paging) = &operation.paging else { continue };
        record.paged_lists += usize::from(is_list);
        *record.styles.entry(paging.style.as_str().to_owned()).or_default() += 1;
        let mut line = format!("{}: {}", operation.route(), paging.style.as_str());
        let position = paging.position.as_ref().map(|it| it.as_str());
        for (word, value) in [
            ("by", position),
            ("next", paging.next.as_deref()),
            ("items", paging.items.as_deref()),
            ("total", paging.total.as_deref()),
            ("pages", paging.pages.as_deref()),
            ("more", paging.more.as_deref()),
            ("last", paging.last.as_deref()),
        ] {
            line.extend(value.map(|value| format!(" {word}={value}")));
        }
        record.pages.push(line);
    }
}

/// Counts the operations that were detected to start a job.
fn count_jobs(connector: &Connector, record: &mut Record) {
    for operation in connector.operations() {
        let Some(job) = &operation.job else { continue };
        *record.job_styles.entry(job.style().to_owned()).or_default() += 1;
        let mut line = format!("{}: {}", operation.route(), job.style());
        if let Some((id, reader)) = &job.id {
            line.push_str(&format!(" {id} {}({})", reader.tool, reader.argument));
        }
        for (word, value) in [("at", &job.address), ("state", &job.state), ("result", &job.result)] {
            line.extend(value.as_ref().map(|value| format!(" {word}={value}")));
        }
        record.jobs.push(line);
    }
}

/// Returns the problems of generated input schemas that cause clients to refuse the tools.
fn faults(connector: &Connector) -> Vec<String> {
    let in_operation = |operation: &Operation| {
        let faults = match serde_json::from_str::<Value>(&input_text(operation)) {
            Ok(mut schema) => {
                schema["$defs"] = reached(operation, &connector.pool.send).into();
                schema_faults(&schema)
            }
            Err(error) => vec![format!("/: the text of the schema is not JSON: {error}")],
        };
        faults.into_iter().map(move |fault| format!("{} {fault}", operation.route())).collect::<Vec<_>>()
    };
    connector.operations().flat_map(in_operation).collect()
}

fn of_error(error: &Error) -> Record {
    let mut record = Record { error: Some(error.to_string()), ..Record::default() };
    for finding in error.findings() {
        *record.diagnostics.entry(finding.diagnostic.code.to_string()).or_default() += 1;
    }
    record
}
