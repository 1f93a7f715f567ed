//! Prints the results of a run, and the next steps.

use std::path::Path;
use std::process::ExitCode;

use jackfield_build::model::text::toml_text;
use jackfield_build::model::visible_line;
use jackfield_build::{Job, model_of};

use super::asking::Answers;
use super::overlay_file::{FILE, OverlayFile};
use super::plan::{Drift, Plan};
use crate::suggest::{SuggestedLine, added_lines};
use crate::{Failure, paint};

/// The maximum number of tools that a list shows.
const SHOWN: usize = 20;

/// Prints the tools that are not described.
pub(super) fn left_out(tools: &[(String, String)], beyond: usize) {
    for (tool, reason) in tools.iter().take(SHOWN) {
        paint::note(&format!("{tool} is not described: {}", visible_line(reason)));
    }
    if tools.len() > SHOWN {
        paint::note(&format!("… and {} more tools are not described", tools.len() - SHOWN));
    }
    if beyond > 0 {
        paint::note(&format!("{beyond} more tools are left for a later run, because of --limit"));
    }
}

/// Prints whether the texts are up to date.
pub(super) fn check(plan: &Plan, path: &Path) -> ExitCode {
    let drifts = plan.drifts();
    for (route, drift) in drifts.iter().take(SHOWN) {
        paint::warn(&format!("{} {}", visible_line(route), drift.as_str()));
    }
    if drifts.len() > SHOWN {
        paint::note(&format!("… and {} more", drifts.len() - SHOWN));
    }
    match drifts.len() {
        0 => {
            paint::say(&format!("{} is up to date", path.display()));
            ExitCode::SUCCESS
        }
        _ => {
            paint::note(&format!("run `jackfield describe` to update {}", path.display()));
            ExitCode::FAILURE
        }
    }
}

/// Prints the written and the refused texts.
pub(super) fn done(plan: &Plan, file: &OverlayFile, answers: &Answers, path: &Path, is_written: bool) {
    for (text, reason) in &answers.refused {
        paint::warn(&format!("refused {}: {}", visible_line(text), visible_line(reason)));
    }
    for (route, drift) in plan.drifts() {
        if matches!(drift, Drift::Edited | Drift::Gone) {
            let what = if drift == Drift::Edited {
                "its texts are kept; review them"
            } else {
                "its texts are removed"
            };
            paint::note(&format!("{} {}: {what}", visible_line(route), drift.as_str()));
        }
    }
    let without = answers.tools.iter().filter(|tool| tool.texts.is_empty() && tool.refused == 0).count();
    if without > 0 {
        paint::note(&format!("the command gave no text for {without} tools"));
    }
    let texts = file.count();
    let earlier: u64 = file.tools().map(|tool| tool.refused).sum();
    if answers.tools.is_empty() && earlier > 0 {
        paint::note(&format!("{earlier} texts were refused in earlier runs; --again requests new texts"));
    }
    let state = if is_written { "written" } else { "unchanged" };
    if file.tools().next().is_none() && !is_written {
        // After a failure, the error message is enough.
        if answers.failure.is_none() {
            paint::say("no tool needs a text");
        }
        return;
    }
    paint::say(&format!(
        "{} {state}: {texts} texts of {} tools, {} new, {} kept",
        path.display(),
        file.tools().filter(|tool| !tool.texts.is_empty()).count(),
        answers.tools.len(),
        plan.kept
    ));
}

/// Adds the overlay to connector.toml, or prints the line to add.
///
/// # Errors
/// Returns an error if connector.toml cannot be changed, or is not valid with the overlay.
pub(super) fn apply(manifest: &Path, job: &Job, file: &OverlayFile, is_applied: bool) -> Result<(), Failure> {
    let overlay = toml_text(FILE);
    let line = SuggestedLine {
        table: String::new(),
        line: format!("overlays = [{overlay}]"),
        reason: "texts written by `jackfield describe`".to_owned(),
    };
    let shown = manifest.display();
    let unreadable = |error: std::io::Error| Failure::Other(format!("cannot read {shown}: {error}"));
    let text = std::fs::read_to_string(manifest).map_err(unreadable)?;
    let Some(text) = added_lines(&text, std::slice::from_ref(&line)) else {
        paint::note(&format!("add {overlay} to the end of `overlays` in {shown}"));
        return Ok(());
    };
    if !is_applied {
        let list = text.lines().find(|line| line.starts_with("overlays = [")).unwrap_or(&line.line);
        paint::note(&format!(
            "review {FILE}, then put this line into {shown}, or run this command with --apply:\n\n  {list}\n"
        ));
        return Ok(());
    }
    // connector.toml is written only if it is valid, and if the document can be read with the overlay.
    let changed = job.manifest.with_text(&text)?;
    let mut job = job.clone();
    job.manifest = changed.without_overlay(&crate::manifest_path::folder_of(manifest).join(FILE));
    model_of(&job.overlaid(FILE, file.print()))?;
    std::fs::write(manifest, text)
        .map_err(|error| Failure::Other(format!("cannot write {shown}: {error}")))?;
    paint::say(&format!("added {FILE} to {shown}; run `jackfield gen` to use it"));
    Ok(())
}
