//! `cargo xtask corpus`: runs the whole pipeline over every document of a folder, each in a separate process.

mod arguments;
mod child;
mod compile;
pub(crate) mod documents;
mod outcome;
mod process;
mod table;

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(crate) use arguments::Arguments;
pub(crate) use child::{One, run as run_one};

use crate::failure::Failure;
use crate::release;
use documents::{Listed, Which};
use outcome::{Fate, Outcome, Record};
use process::Limits;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if !arguments.dev && !release::is_this() {
        return release::run_again();
    }
    let which = if arguments.every_file { Which::EveryFile } else { Which::Documents };
    let documents = documents::below(&arguments.dir, which)?;
    if documents.is_empty() {
        return Err(Failure::new(format!("{} contains no documents", arguments.dir.display())));
    }
    let limits = Limits { time: Duration::from_secs(arguments.seconds), mebibytes: arguments.memory };
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = arguments.jobs.map_or(cores, NonZeroUsize::get);
    let outcomes = run_all(arguments, &documents, &limits, jobs)?;
    table::print(&documents, &outcomes);
    if arguments.wordings {
        let count: usize = outcomes.iter().map(|outcome| outcome.record.disagreements.len()).sum();
        println!("arguments that only one of the two wordings accepts: {count}");
    }
    if let Some(path) = &arguments.json {
        write_json(path, &outcomes)?;
    }
    let fatal = |outcome: &Outcome| {
        outcome.fate != Fate::Ended
            || outcome.record.broke_the_count()
            || !outcome.record.faults.is_empty()
            || !outcome.record.disagreements.is_empty()
            || (which == Which::Documents && outcome.record.error.is_some())
    };
    let ended_well = !outcomes.iter().any(fatal);
    let compiled = compile::run(&arguments.dir, &outcomes, arguments.compile, &arguments.also)?;
    Ok(if ended_well && compiled { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the documents, several at a time. The outcomes are in the order of the documents.
fn run_all(
    arguments: &Arguments,
    documents: &[Listed],
    limits: &Limits,
    jobs: usize,
) -> Result<Vec<Outcome>, Failure> {
    let program = std::env::current_exe().map_err(Failure::while_("finding the path of this program"))?;
    let told = std::io::stderr().is_terminal();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(documents.len()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(documents.len()) {
            scope.spawn(|| {
                while let Some((at, document)) = take(&next, documents) {
                    let outcome = process::run(&program, arguments, &document.path, limits);
                    let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    if told {
                        let count = done.len() + 1;
                        eprintln!("[{count}/{}] {}", documents.len(), outcome.in_a_line());
                    }
                    done.push((at, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, outcome)| outcome).collect())
}

fn take<'d>(next: &AtomicUsize, documents: &'d [Listed]) -> Option<(usize, &'d Listed)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    Some((at, documents.get(at)?))
}

fn write_json(path: &Path, outcomes: &[Outcome]) -> Result<(), Failure> {
    let records: Vec<&Record> = outcomes.iter().map(|outcome| &outcome.record).collect();
    let mut text = serde_json::to_string_pretty(&records).map_err(Failure::while_("printing JSON"))?;
    text.push('\n');
    std::fs::write(path, text).map_err(Failure::while_("writing the JSON file"))
}
