//! Prints coloured messages. anstream removes the colours if the output is not a terminal.
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "this module prints to the terminal")]

use std::collections::BTreeMap;

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};
use jackfield_build::model::{Connector, Count, Severity, visible, visible_line};
use jackfield_build::{AddedOrigin, Group, LockChanges, Outcome, Report, Shown};

use crate::Failure;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default().bold();
const BLUE: Style = AnsiColor::BrightBlue.on_default();
pub(crate) const DIM: Style = Style::new().dimmed();

/// The width of a terminal.
const TERMINAL: usize = 80;

/// The maximum width of the origins column.
const WIDEST_ORIGIN: usize = 48;

/// The maximum number of kinds of findings that are shown. Further findings are counted.
const SHOWN: usize = 20;

/// Prints a finding in the layout of rustc.
pub(crate) fn finding(shown: &Shown) {
    paint(shown.diagnostic.severity, &shown.to_string());
}

/// Prints a finding or a group. Control characters are escaped.
fn paint(severity: Severity, text: &str) {
    let colour = match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Note => BLUE,
    };
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let (label, rest) = first.split_once(": ").unwrap_or((first, ""));
    eprintln!("{colour}{label}{colour:#}{BOLD}: {rest}{BOLD:#}");
    for line in lines {
        let plain = line.trim_start();
        if plain.starts_with("--> ") || plain.starts_with('=') {
            let (mark, rest) = plain.split_once(' ').unwrap_or((plain, ""));
            let indent = &line[..line.len() - plain.len()];
            eprintln!("{indent}{BLUE}{mark}{BLUE:#} {rest}");
        } else if plain.starts_with('|') && plain.ends_with('^') {
            eprintln!("{colour}{line}{colour:#}");
        } else {
            eprintln!("{line}");
        }
    }
    eprintln!();
}

/// Prints the findings of a run. If `each` is false, prints one message for each kind of finding, with the first positions.
pub(crate) fn findings(report: &Report, each: bool) {
    shown(&report.findings(), each);
}

/// Prints the number of findings of a check.
pub(crate) fn lint_summary(count: usize) {
    match count {
        0 => eprintln!("{GREEN}no findings{GREEN:#}"),
        1 => eprintln!("{YELLOW}1 finding{YELLOW:#}"),
        count => eprintln!("{YELLOW}{count} findings{YELLOW:#}"),
    }
}

/// Prints findings. If `each` is false, prints one message for each kind of finding, with the first positions.
pub(crate) fn shown(all: &[Shown], each: bool) {
    if each {
        return all.iter().for_each(finding);
    }
    let groups = Group::all(all);
    groups.iter().take(SHOWN).for_each(|group| paint(group.severity(), &group.to_string()));
    if groups.len() > SHOWN {
        let rest: usize = groups.iter().skip(SHOWN).map(|group| group.findings().len()).sum();
        eprintln!("{DIM}… and {rest} more findings of other kinds; --all shows them{DIM:#}\n");
    }
}

/// Prints in one line how many operations became tools.
pub(crate) fn count(count: &Count, connector: &Connector) {
    let mut text = format!("{} of {} operations became tools", count.emitted, count.operations);
    if !connector.merges.is_empty() {
        text = format!(
            "{} of {} operations became {} tools",
            count.emitted,
            count.operations,
            connector.tools()
        );
    }
    if count.skipped > 0 {
        text.push_str(&format!(", {} left out with a reason", count.skipped));
    }
    if count.excluded > 0 {
        text.push_str(&format!(", {} not chosen", count.excluded));
    }
    if count.webhooks + count.callbacks > 0 {
        text.push_str(&format!(
            " ({} webhooks and callbacks do not become tools)",
            count.webhooks + count.callbacks
        ));
    }
    eprintln!("{GREEN}{text}{GREEN:#}");
}

/// Prints every origin that tools can reach, with the reasons, and whether jackfield.lock lists it.
pub(crate) fn origins(reached: &BTreeMap<String, Vec<String>>, added: &[AddedOrigin]) {
    if reached.is_empty() {
        return;
    }
    eprintln!("{BOLD}origins that tools can reach{BOLD:#}");
    let lines = origin_lines(reached, added);
    lines.iter().for_each(|(line, is_new)| match is_new {
        true => eprintln!("{YELLOW}{line}{YELLOW:#}"),
        false => eprintln!("{line}"),
    });
    eprintln!();
}

/// Formats one line for each origin, which also says whether jackfield.lock lists the origin.
pub(crate) fn origin_lines(
    reached: &BTreeMap<String, Vec<String>>,
    added: &[AddedOrigin],
) -> Vec<(String, bool)> {
    let width = reached.keys().map(|origin| origin.chars().count()).max().unwrap_or(0).min(WIDEST_ORIGIN);
    let mut lines = Vec::new();
    for (origin, reasons) in reached {
        let is_new = added.iter().any(|added| added.origin == *origin);
        let mark = if is_new { " (not in jackfield.lock)" } else { "" };
        let whole = format!("  {origin:width$}  {}{mark}", reasons.join("; "));
        if whole.chars().count() <= TERMINAL {
            lines.push((visible_line(&whole).into_owned(), is_new));
            continue;
        }
        lines.push((visible_line(&format!("  {origin}{mark}")).into_owned(), is_new));
        lines.extend(reasons.iter().map(|reason| (format!("    {}", visible_line(reason)), is_new)));
    }
    lines
}

/// Prints the differences from the existing jackfield.lock, destinations first.
pub(crate) fn changes(changes: Option<&LockChanges>) {
    let Some(changes) = changes.filter(|changes| !changes.is_empty()) else { return };
    let text = changes.to_string();
    for (at, line) in text.lines().enumerate() {
        let style = if at < changes.destinations.len() { YELLOW } else { Style::new() };
        println!("{style}{}{style:#}", visible_line(line));
    }
}

/// Prints which files were written.
pub(crate) fn outcome(outcome: &Outcome) {
    for (list, style, word) in [
        (&outcome.created, GREEN, "created"),
        (&outcome.changed, YELLOW, "changed"),
        (&outcome.removed, RED, "removed"),
    ] {
        for path in list.iter().take(SHOWN) {
            println!("{style}{word}{style:#} {}", visible_line(path));
        }
        if list.len() > SHOWN {
            println!("{DIM}… and {} more {word}{DIM:#}", list.len() - SHOWN);
        }
    }
    if outcome.created.is_empty() && outcome.changed.is_empty() && outcome.removed.is_empty() {
        println!("{DIM}nothing changed{DIM:#}");
    }
}

/// Prints a highlighted line.
pub(crate) fn say(text: &str) {
    println!("{BOLD}{}{BOLD:#}", visible(text));
}

/// Prints a line to stderr.
pub(crate) fn note(text: &str) {
    eprintln!("{DIM}{}{DIM:#}", visible(text));
}

/// Prints a warning that has no position in a document.
pub(crate) fn warn(text: &str) {
    eprintln!("{YELLOW}warning{YELLOW:#}{BOLD}: {text}{BOLD:#}");
}

/// Prints the error that ended the command.
pub(crate) fn failure(failure: &Failure) {
    match failure {
        Failure::Build(error) => error.findings().iter().for_each(finding),
        Failure::Other(text) => eprintln!("{RED}error{RED:#}{BOLD}: {}{BOLD:#}", visible(text)),
    }
}
