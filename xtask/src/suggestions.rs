//! `cargo xtask suggestions DIR`: counts the findings of `lint` before and after applying the lines that `suggest` prints.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use jackfield_build::{Job, Manifest, Shown};
use jackfield_cli::Failure as CommandFailure;
use jackfield_cli::lint::{Profile, lint};
use jackfield_cli::suggest::{suggest, with_suggestions};

use crate::corpus::documents::{self, Listed, Which};
use crate::failure::Failure;
use crate::release;

/// The maximum share of the findings that may remain.
const MOST_LEFT: f64 = 0.5;

/// Arguments of `cargo xtask suggestions`.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder; if it has a MANIFEST.csv, only the documents listed in it are used
    folder: PathBuf,
    /// Also check the rules of this client or model API; may be repeated
    #[arg(long, value_enum)]
    profile: Vec<Profile>,
    /// Use only documents whose path contains this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Print the findings that remain
    #[arg(long)]
    left: bool,
    /// Use the dev build, which is many times slower
    #[arg(long)]
    dev: bool,
}

/// The number of findings of each code.
type Counts = BTreeMap<&'static str, usize>;

/// The findings of a document.
struct Counted {
    before: Counts,
    after: Counts,
    left: Vec<Shown>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if !arguments.dev && !release::is_this() {
        return release::run_again();
    }
    let documents = documents::below(&arguments.folder, Which::Documents)?;
    let (mut before, mut after, mut failed) = (Counts::new(), Counts::new(), 0_usize);
    for Listed { path, .. } in documents.iter().filter(|it| it.path.contains(&arguments.only)) {
        match counted(arguments, path) {
            Ok(counted) => {
                println!("{path}  {} → {}", sum(&counted.before), sum(&counted.after));
                add(&mut before, &counted.before);
                add(&mut after, &counted.after);
                if arguments.left {
                    counted.left.iter().for_each(|shown| {
                        println!("  {}: {}", shown.diagnostic.code, shown.problem());
                    });
                }
            }
            Err(CommandFailure::Build(error)) => {
                let first = error.findings().first().map(Shown::problem).unwrap_or_default();
                println!("{path}  cannot be read: {first}");
                failed += 1;
            }
            Err(CommandFailure::Other(why)) => {
                println!("{path}  cannot be read: {why}");
                failed += 1;
            }
        }
    }
    println!();
    for (code, count) in &before {
        println!("{code}  {count} → {}", after.get(code).copied().unwrap_or_default());
    }
    let added = after.iter().filter(|(code, _)| !before.contains_key(*code));
    added.for_each(|(code, count)| println!("{code}  0 → {count}"));
    let (all, left) = (sum(&before), sum(&after));
    let share = if all == 0 { 0.0 } else { ratio(left, all) };
    println!("all  {all} → {left}  ({:.1}% remain, at most {:.0}%)", share * 100.0, MOST_LEFT * 100.0);
    Ok(if share <= MOST_LEFT && failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Counts the findings of a document before and after applying the lines that `suggest` prints.
fn counted(arguments: &Arguments, path: &str) -> Result<Counted, CommandFailure> {
    let manifest = Manifest::for_document(&arguments.folder.join(path), None);
    let mut job = Job::new(manifest);
    path.clone_into(&mut job.shown_as);
    let before = counts(&lint(&job, &arguments.profile, &[])?);
    let suggestions = suggest(&job, &arguments.profile, &[])?;
    job.manifest = job.manifest.with_text(&with_suggestions("", &suggestions))?;
    let left = lint(&job, &arguments.profile, &[])?;
    Ok(Counted { before, after: counts(&left), left })
}

fn counts(findings: &[Shown]) -> Counts {
    let mut counts = Counts::new();
    for shown in findings {
        *counts.entry(shown.diagnostic.code.as_str()).or_default() += 1;
    }
    counts
}

fn add(all: &mut Counts, some: &Counts) {
    some.iter().for_each(|(code, count)| *all.entry(code).or_default() += count);
}

fn sum(counts: &Counts) -> usize {
    counts.values().sum()
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(part) / number(whole)
}
