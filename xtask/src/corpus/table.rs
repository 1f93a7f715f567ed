//! Prints the results of all documents as a table.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::documents::Listed;
use super::outcome::{Fate, Outcome};
use crate::paint::{self, BOLD, RED};
use crate::release;

const COLUMNS: usize = 11;
const HEADINGS: [&str; COLUMNS] = [
    "path",
    "dialect",
    "operations",
    "emitted",
    "skipped by code",
    "credential",
    "usable",
    "undeclared",
    "diagnostics",
    "millis",
    "peak MiB",
];
/// The indices of the text columns. All other columns contain numbers and are right-aligned.
const TEXTS: [usize; 3] = [0, 1, 4];
/// The maximum number of characters of a read error.
const LINES: usize = 8;

pub(super) fn print(documents: &[Listed], outcomes: &[Outcome]) {
    let rows: Vec<[String; COLUMNS]> = outcomes.iter().map(row).collect();
    let total = total(outcomes);
    let mut widths = HEADINGS.map(str::len);
    for row in rows.iter().chain([&total]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    paint::line(BOLD, line(&HEADINGS.map(str::to_owned), &widths));
    rows.iter().for_each(|row| println!("{}", line(row, &widths)));
    paint::line(BOLD, line(&total, &widths));
    print_totals(documents, outcomes);
    print_trouble(outcomes);
}

fn line(cells: &[String; COLUMNS], widths: &[usize; COLUMNS]) -> String {
    let mut out = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let padded = if TEXTS.contains(&at) { format!("{cell:width$}") } else { format!("{cell:>width$}") };
        out.push_str(&padded);
        out.push_str("  ");
    }
    out.trim_end().to_owned()
}

fn row(outcome: &Outcome) -> [String; COLUMNS] {
    let record = &outcome.record;
    let read = record.dialect.is_some();
    let count = |count: usize| if read { count.to_string() } else { "-".to_owned() };
    let skipped = match (outcome.fate, read) {
        (Fate::Ended, true) => by_code(&record.skipped_by_code()),
        (Fate::Ended, false) => "cannot be read".to_owned(),
        (fate, _) => fate.as_str().to_owned(),
    };
    [
        record.path.clone(),
        record.dialect.clone().unwrap_or_else(|| "-".to_owned()),
        count(record.operations),
        count(record.emitted),
        skipped,
        count(record.credentialed),
        count(record.usable),
        count(record.undeclared),
        record.diagnostics.values().sum::<usize>().to_string(),
        record.millis.to_string(),
        mebibytes(outcome.peak_kib),
    ]
}

fn total(outcomes: &[Outcome]) -> [String; COLUMNS] {
    let sum = |of: fn(&Outcome) -> usize| outcomes.iter().map(of).sum::<usize>().to_string();
    [
        format!("{} documents", outcomes.len()),
        String::new(),
        sum(|outcome| outcome.record.operations),
        sum(|outcome| outcome.record.emitted),
        sum(|outcome| outcome.record.skipped.len()),
        sum(|outcome| outcome.record.credentialed),
        sum(|outcome| outcome.record.usable),
        sum(|outcome| outcome.record.undeclared),
        sum(|outcome| outcome.record.diagnostics.values().sum()),
        outcomes.iter().map(|outcome| outcome.record.millis).sum::<u64>().to_string(),
        mebibytes(outcomes.iter().filter_map(|outcome| outcome.peak_kib).max()),
    ]
}

fn mebibytes(kib: Option<u64>) -> String {
    kib.map_or_else(|| "-".to_owned(), |kib| kib.div_ceil(1024).to_string())
}

fn by_code<K: Display>(counts: &BTreeMap<K, usize>) -> String {
    if counts.is_empty() {
        return "-".to_owned();
    }
    counts.iter().map(|(code, count)| format!("{code} {count}")).collect::<Vec<_>>().join(", ")
}

fn print_totals(documents: &[Listed], outcomes: &[Outcome]) {
    println!();
    let mut kinds: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for (document, outcome) in documents.iter().zip(outcomes) {
        if let Some(kind) = &document.kind {
            let (documents, operations, emitted) = kinds.entry(kind).or_default();
            *documents += 1;
            *operations += outcome.record.operations;
            *emitted += outcome.record.emitted;
        }
    }
    for (kind, (documents, operations, emitted)) in kinds {
        println!(
            "{kind}: {emitted} of {operations} operations of {documents} documents{}",
            share(emitted, operations)
        );
    }
    let (mut skipped, mut diagnostics) = (BTreeMap::new(), BTreeMap::new());
    for outcome in outcomes {
        for (code, count) in outcome.record.skipped_by_code() {
            *skipped.entry(code).or_default() += count;
        }
        for (code, count) in &outcome.record.diagnostics {
            *diagnostics.entry(code).or_default() += count;
        }
    }
    let sum = |of: fn(&Outcome) -> usize| outcomes.iter().map(of).sum::<usize>();
    let (credentialed, usable) = (sum(|it| it.record.credentialed), sum(|it| it.record.usable));
    let undeclared = sum(|it| it.record.undeclared);
    println!(
        "operations with declared schemes: {credentialed}, of these usable: {usable}{}; \
         with undeclared schemes: {undeclared}",
        share(usable, credentialed)
    );
    let (lists, paged) = (sum(|it| it.record.lists), sum(|it| it.record.paged_lists));
    let mut styles = BTreeMap::new();
    for (style, count) in outcomes.iter().flat_map(|outcome| &outcome.record.styles) {
        *styles.entry(style.as_str()).or_default() += count;
    }
    println!("list operations: {lists}, of these paginated: {paged}{}", share(paged, lists));
    println!("pagination styles: {}", by_code(&styles));
    let mut jobs = BTreeMap::new();
    for (style, count) in outcomes.iter().flat_map(|outcome| &outcome.record.job_styles) {
        *jobs.entry(style.as_str()).or_default() += count;
    }
    println!("job styles: {}", by_code(&jobs));
    println!("skipped: {}", by_code(&skipped));
    println!("diagnostics: {}", by_code(&diagnostics));
    if !release::is_this() {
        println!("The times were measured in a dev build.");
    }
}

fn share(part: usize, all: usize) -> String {
    if all == 0 { String::new() } else { format!(" ({:.2}%)", part as f64 * 100.0 / all as f64) }
}

/// Prints the documents without a complete result.
fn print_trouble(outcomes: &[Outcome]) {
    for outcome in outcomes {
        let record = &outcome.record;
        let word = match outcome.fate {
            Fate::Ended if record.broke_the_count() => "OPERATIONS LOST",
            Fate::Ended if record.error.is_some() => "cannot be read",
            Fate::Ended if !record.faults.is_empty() => "SCHEMAS THAT CLIENTS MAY REFUSE",
            Fate::Ended if !record.disagreements.is_empty() => "WORDINGS THAT ACCEPT DIFFERENT ARGUMENTS",
            Fate::Ended => continue,
            fate => fate.as_str(),
        };
        println!();
        paint::line(RED, format!("{}: {word}", record.path));
        let count = format!(
            "{} operations, {} emitted, {} skipped",
            record.operations,
            record.emitted,
            record.skipped.len()
        );
        let faults = [record.faults.as_slice(), &record.disagreements].concat().join("\n");
        let text = record.error.as_deref().unwrap_or(if faults.is_empty() { &count } else { &faults });
        text.lines().take(LINES).for_each(|line| println!("  {line}"));
    }
}
