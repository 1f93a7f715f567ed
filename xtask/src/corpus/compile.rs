//! Checks that the generated code compiles without warnings.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jackfield_build::model::ConnectorName;

use super::outcome::{Outcome, Record};
use crate::failure::Failure;
use crate::krate;
use crate::paint::{self, BOLD, RED};
use crate::place;

/// The maximum number of lines of compiler output that are shown for a crate.
const LINES: usize = 20;

/// Compiles the code of the `largest` documents and of the documents in `named`. Returns whether all of the code compiles.
pub(super) fn run(
    corpus: &Path,
    outcomes: &[Outcome],
    largest: usize,
    named: &[String],
) -> Result<bool, Failure> {
    let records = chosen(outcomes, largest, named)?;
    if records.is_empty() {
        return Ok(true);
    }
    let folder = place::target().join("corpus/compile");
    fs::create_dir_all(&folder).map_err(Failure::while_("creating the folder of the connectors"))?;
    let folder = fs::canonicalize(folder).map_err(Failure::while_("finding the folder of the connectors"))?;
    warm_up(&folder)?;
    println!();
    paint::line(BOLD, format!("{:36}  {:>10}  {:>8}  {:>8}", "compiled", "operations", "KB", "seconds"));
    let mut all = true;
    let mut taken = BTreeSet::new();
    for record in records {
        let name = name(&record.path, &mut taken)?;
        let (krate, kilobytes) = generate(&corpus.join(&record.path), &folder, &name)?;
        let checked = check(&krate, &folder)?;
        let word = if checked.errors.is_none() { "ok" } else { "FAILED" };
        println!(
            "{:36}  {:>10}  {kilobytes:>8}  {:>8.2}  {word}",
            record.path,
            record.emitted,
            checked.time.as_secs_f64(),
        );
        if let Some(errors) = checked.errors {
            all = false;
            errors.lines().take(LINES).for_each(|line| paint::line(RED, format!("  {line}")));
        }
    }
    Ok(all)
}

/// Selects the documents to compile: first the documents with the most operations, then the named documents.
fn chosen<'o>(outcomes: &'o [Outcome], largest: usize, named: &[String]) -> Result<Vec<&'o Record>, Failure> {
    let mut able: Vec<&Record> =
        outcomes.iter().map(|outcome| &outcome.record).filter(|record| record.error.is_none()).collect();
    able.sort_by_key(|record| std::cmp::Reverse(record.emitted));
    let mut chosen: Vec<&Record> = able.iter().take(largest).copied().collect();
    for name in named {
        let mut hits = able.iter().filter(|record| stem(&record.path) == name.as_str()).peekable();
        if hits.peek().is_none() {
            return Err(Failure::new(format!("no readable document has the name {name}")));
        }
        for hit in hits {
            if !chosen.iter().any(|known| known.path == hit.path) {
                chosen.push(hit);
            }
        }
    }
    Ok(chosen)
}

fn stem(path: &str) -> &str {
    Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or(path)
}

/// Makes the connector's name from the file name, or from the whole path if two files have the same name.
fn name(path: &str, taken: &mut BTreeSet<String>) -> Result<ConnectorName, Failure> {
    let names = [stem(path), path].into_iter().filter_map(ConnectorName::from_text);
    let mut free = names.filter(|name| !taken.contains(name.as_str()));
    let name =
        free.next().ok_or_else(|| Failure::new(format!("no connector name can be made from {path}")))?;
    taken.insert(name.as_str().to_owned());
    Ok(name)
}

/// Writes the crate, and returns the size of its generated text in KB.
fn generate(document: &Path, folder: &Path, name: &ConnectorName) -> Result<(PathBuf, usize), Failure> {
    let folder = folder.join(name.as_str());
    if folder.is_dir() {
        fs::remove_dir_all(&folder).map_err(Failure::while_("removing the files of the last run"))?;
    }
    let generated = krate::write_alone(document.to_path_buf(), name, &folder)?;
    let code = generated.files.iter().filter(|(path, _)| path.starts_with("src/generated/"));
    let bytes: usize = code.map(|(_, file)| file.text.len()).sum();
    Ok((folder, bytes / 1000))
}

/// Builds the dependencies of all connectors first, so that they are not part of the measured times.
fn warm_up(folder: &Path) -> Result<(), Failure> {
    let name =
        ConnectorName::new("warm-up").map_err(Failure::while_("choosing the name of the connector"))?;
    let (krate, _) = generate(&place::root().join("specs/bookshop.yaml"), folder, &name)?;
    match check(&krate, folder)?.errors {
        None => Ok(()),
        Some(errors) => Err(Failure::new(format!("the runtime does not compile:\n{errors}"))),
    }
}

struct Checked {
    time: Duration,
    /// The compiler errors, if the crate does not compile.
    errors: Option<String>,
}

fn check(krate: &Path, folder: &Path) -> Result<Checked, Failure> {
    let started = Instant::now();
    let output = jackfield_testkit::cargo()
        .args(["check", "--quiet", "--color", "never"])
        .current_dir(krate)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("RUSTFLAGS", "-Dwarnings")
        .output()
        .map_err(Failure::while_("starting cargo"))?;
    let errors = (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned());
    Ok(Checked { time: started.elapsed(), errors })
}
