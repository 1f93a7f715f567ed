//! `jackfield suggest`: prints lines of connector.toml that correct the findings of `jackfield lint`, each with its reason.
#![allow(clippy::print_stdout, reason = "this command prints lines of connector.toml")]

mod line;
mod paste;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::println;
use jackfield_build::model::{Code, Fix, visible_line};
use jackfield_build::{Job, Shown, model_of};
use serde_json::json;

use crate::document_options::DocumentOptions;
use crate::lint::{Profile, lint};
use crate::progress::Progress;
use crate::{Failure, manifest_path, paint};
pub use line::SuggestedLine;
use paste::{Pasted, paste};

/// The assumed maximum number of tokens in the list of the search surface.
const SEARCH_TOKENS: usize = 1_500;
/// The maximum number of rounds that remove contradicting lines.
const MOST_REPAIRS: usize = 5;

/// Arguments of `jackfield suggest`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jackfield suggest\n  jackfield suggest bookshop --profile small-context --apply"
)]
pub(crate) struct Arguments {
    /// The connector.toml or its folder, or an OpenAPI document [default: the connector.toml here]
    spec: Option<PathBuf>,
    /// Also follow the rules of a client or model API; may be repeated
    #[arg(long, value_enum)]
    profile: Vec<Profile>,
    /// Suggest only lines for findings of a code; may be repeated
    #[arg(long, value_name = "CODE", value_parser = crate::lint::code)]
    only: Vec<Code>,
    /// Write the lines to connector.toml, each after a comment with its reason
    #[arg(long, conflicts_with = "json")]
    apply: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    document: DocumentOptions,
}

/// The lines that correct the findings of one code.
#[derive(Debug)]
pub struct Suggestion {
    /// The code of the findings.
    pub code: Code,
    /// The lines, each with its table and its reason.
    pub lines: Vec<SuggestedLine>,
    /// The number of tokens that the lines save in the list of tools. Negative if the list becomes longer.
    pub saving: Option<i64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let spec = crate::spec::spec_or_here(arguments.spec.as_deref(), "suggest")?;
    let job = arguments.document.job("suggest", &spec, None)?;
    let file = job.manifest.path().map(Path::to_path_buf);
    let applied_to = job.clone();
    let suggestions = Progress::during(job, |job| suggest(job, &arguments.profile, &arguments.only))?;
    if arguments.json {
        println!("{}", as_json(&suggestions));
    } else if arguments.apply {
        let Some(file) = file else {
            return Err(Failure::Other(
                "--apply needs a connector.toml, but this is a document: run `jackfield gen` first"
                    .to_owned(),
            ));
        };
        manifest_path::check(&file)?;
        apply(applied_to, &file, &suggestions)?;
    } else {
        print(&suggestions);
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the suggestions for a connector, in the order of their codes.
///
/// # Errors
/// Returns an error if the connector cannot be read.
pub fn suggest(job: &Job, profiles: &[Profile], only: &[Code]) -> Result<Vec<Suggestion>, Failure> {
    let found = lint(job, profiles, &[])?;
    let mut suggestions: Vec<Suggestion> = Vec::new();
    for Shown { diagnostic, .. } in &found {
        let Some(Fix::Manifest { table, line }) = &diagnostic.fix else { continue };
        if !only.is_empty() && !only.contains(&diagnostic.code) {
            continue;
        }
        let line =
            SuggestedLine { table: table.clone(), line: line.clone(), reason: diagnostic.problem.clone() };
        match suggestions.iter_mut().find(|known| known.code == diagnostic.code) {
            Some(known)
                if known.lines.iter().any(|old| (&old.table, &old.line) == (&line.table, &line.line)) => {}
            Some(known) => known.lines.push(line),
            None => suggestions.push(Suggestion { code: diagnostic.code, lines: vec![line], saving: None }),
        }
    }
    keep_valid(job, &mut suggestions);
    if !suggestions.is_empty() {
        let tokens = model_of(&job.clone().telling_added_origins())?.tokens();
        for suggestion in &mut suggestions {
            suggestion.saving = saving(job, tokens, &suggestion.lines);
        }
    }
    Ok(suggestions)
}

/// Adds the lines of suggestions to the text of a connector.toml, each after a comment with its reason.
pub fn with_suggestions(text: &str, suggestions: &[Suggestion]) -> String {
    let lines: Vec<SuggestedLine> = suggestions.iter().flat_map(|it| it.lines.iter().cloned()).collect();
    paste(text, &lines).text
}

/// Removes lines that would make connector.toml invalid, because they contradict the document or other entries. The error about the invalid
/// text names the line to remove.
fn keep_valid(job: &Job, suggestions: &mut Vec<Suggestion>) {
    for _ in 0..MOST_REPAIRS {
        let text = with_suggestions(job.manifest.text(), suggestions);
        let mut changed = job.clone().telling_added_origins();
        let error = match job.manifest.with_text(&text) {
            Ok(manifest) => {
                changed.manifest = manifest;
                model_of(&changed).err()
            }
            Err(error) => Some(error),
        };
        let Some(error) = error else { return };
        let refused: Vec<&str> =
            error.findings().iter().filter_map(|shown| refused_line(shown, &text)).collect();
        let count = |all: &[Suggestion]| all.iter().map(|it| it.lines.len()).sum::<usize>();
        let before = count(suggestions);
        for suggestion in suggestions.iter_mut() {
            suggestion.lines.retain(|line| !refused.contains(&line.line.as_str()));
        }
        suggestions.retain(|suggestion| !suggestion.lines.is_empty());
        if count(suggestions) == before {
            return;
        }
    }
}

/// Returns the line of connector.toml to which an error refers.
fn refused_line<'t>(shown: &Shown, text: &'t str) -> Option<&'t str> {
    let place = shown.diagnostic.place.as_ref()?;
    let number: usize = place.file.rsplit(':').nth(1)?.parse().ok()?;
    // If there is no connector.toml, a line with the document precedes the text.
    let lines: Vec<&str> = text.lines().collect();
    let at = |number: usize| number.checked_sub(1).and_then(|at| lines.get(at).copied());
    let quoted = shown.diagnostic.problem.split('`').nth(1)?;
    [at(number), number.checked_sub(1).and_then(at)].into_iter().flatten().find(|line| line.contains(quoted))
}

/// Adds lines to the text of a connector.toml. Returns None if the text already sets one of the keys.
pub(crate) fn added_lines(text: &str, lines: &[SuggestedLine]) -> Option<String> {
    let Pasted { text, left_out, .. } = paste(text, lines);
    left_out.is_empty().then_some(text)
}

/// Returns the number of tokens that the lines save in the list of tools.
fn saving(job: &Job, before: usize, lines: &[SuggestedLine]) -> Option<i64> {
    let signed = |tokens: usize| i64::try_from(tokens).unwrap_or(i64::MAX);
    if lines.iter().any(|line| line.line.starts_with("surface = \"search\"")) {
        return Some(signed(before) - signed(SEARCH_TOKENS));
    }
    let Pasted { text, .. } = paste(job.manifest.text(), lines);
    let mut changed = job.clone().telling_added_origins();
    changed.manifest = job.manifest.with_text(&text).ok()?;
    Some(signed(before) - signed(model_of(&changed).ok()?.tokens()))
}

fn saving_text(saving: Option<i64>) -> String {
    match saving {
        Some(saved) if saved > 0 => format!("saves {saved} tokens of the list"),
        Some(saved) if saved < 0 => format!("costs {} tokens of the list", -saved),
        Some(_) => "changes no tokens of the list".to_owned(),
        None => "the change in the tokens of the list is not known".to_owned(),
    }
}

fn print(suggestions: &[Suggestion]) {
    if suggestions.is_empty() {
        paint::note("no suggestions");
        return;
    }
    for Suggestion { code, lines, saving } in suggestions {
        println!("# {code}: {}; {}", code.plural(), saving_text(*saving));
        let mut table = "";
        for line in lines {
            if line.table != table {
                println!("[{}]", line.table);
                table = &line.table;
            }
            println!("# {}\n{}", paste::comment(&line.reason), visible_line(&line.line));
        }
        println!();
    }
}

fn as_json(suggestions: &[Suggestion]) -> serde_json::Value {
    let suggestions = suggestions.iter().map(|Suggestion { code, lines, saving }| {
        let lines =
            lines.iter().map(|line| json!({ "table": line.table, "line": line.line, "reason": line.reason }));
        json!({ "code": code.as_str(), "saving": saving, "lines": lines.collect::<Vec<_>>() })
    });
    suggestions.collect()
}

/// Writes the lines to connector.toml, if the file is still valid with them.
fn apply(job: Job, file: &Path, suggestions: &[Suggestion]) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Other(format!("cannot read {}: {error}", file.display())))?;
    let lines: Vec<SuggestedLine> = suggestions.iter().flat_map(|it| it.lines.iter().cloned()).collect();
    let Pasted { text, added, left_out } = paste(&text, &lines);
    let mut changed = job.telling_added_origins();
    changed.manifest = changed.manifest.with_text(&text)?;
    model_of(&changed)?;
    std::fs::write(file, text)
        .map_err(|error| Failure::Other(format!("cannot write {}: {error}", file.display())))?;
    let count = if added == 1 { "1 line".to_owned() } else { format!("{added} lines") };
    paint::say(&format!("added {count} to {}", file.display()));
    for line in left_out {
        paint::note(&format!(
            "not added, because {} already has the key of this line: {}",
            file.display(),
            line.line
        ));
    }
    Ok(())
}
