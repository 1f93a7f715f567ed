//! Prints findings as JSON, one per line, for editors and CI.
#![allow(clippy::print_stdout, reason = "`--message-format json` prints to stdout")]

use jackfield_build::model::Fix;
use jackfield_build::{Report, Shown};
use serde_json::json;

/// Prints one finding.
pub(crate) fn finding(shown: &Shown) {
    let finding = &shown.diagnostic;
    let place = finding.place.as_ref();
    let line = shown.line.as_ref();
    println!(
        "{}",
        json!({
            "code": finding.code.as_str(),
            "severity": shown.severity(),
            "file": place.map(|place| place.file.as_ref()),
            "pointer": place.map(|place| place.pointer.as_str()),
            "line": line.map(|line| line.number),
            "column": line.map(|line| line.column),
            "excerpt": line.map(|line| line.text.as_str()),
            "problem": shown.problem(),
            "consequence": finding.consequence,
            "remedy": finding.remedy,
            "fix": finding.fix.as_ref().map(|fix| json!({
                "file": fix.file(),
                "table": match fix {
                    Fix::Manifest { table, .. } | Fix::ManifestRemoval { table, .. } => Some(table),
                    Fix::Overlay { .. } => None,
                },
                "text": match fix {
                    Fix::Manifest { line, .. } => line.clone(),
                    Fix::ManifestRemoval { key, .. } => format!("# without {key}"),
                    Fix::Overlay { action } => action.clone(),
                },
            })),
        })
    );
}

/// Prints every finding of a run, and then the numbers of operations.
pub(crate) fn report(report: &Report) {
    report.findings().iter().for_each(finding);
    let count = &report.count;
    println!(
        "{}",
        json!({
            "operations": count.operations,
            "emitted": count.emitted,
            "skipped": count.skipped,
            "excluded": count.excluded,
            "webhooks": count.webhooks,
            "callbacks": count.callbacks,
        })
    );
}
