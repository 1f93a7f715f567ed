//! Prints the report as text for a terminal.
#![allow(clippy::print_stdout, reason = "this module prints a report")]

use anstream::println;
use anstyle::Style;
use jackfield_build::diff::{Change, Class, Part, Report};
use jackfield_build::model::visible_line;

use crate::paint::{BOLD, DIM, GREEN, RED, YELLOW};

/// The maximum number of differences of a class that are shown. Further differences are counted.
const SHOWN: usize = 40;

/// Prints a report, the worst class first.
pub(crate) fn report(report: &Report, old: &str, new: &str, all: bool) {
    println!("{DIM}{} → {}{DIM:#}", visible_line(old), visible_line(new));
    for class in Class::CHANGES {
        let changes: Vec<&Change> = report.of(class).collect();
        if changes.is_empty() {
            continue;
        }
        let colour = colour(class);
        println!("\n{colour}{class}{colour:#} ({})", changes.len());
        let shown = if all { changes.len() } else { SHOWN };
        for change in changes.iter().take(shown) {
            println!("  {}", line(change));
        }
        if changes.len() > shown {
            println!("  {DIM}… and {} more; --all shows them{DIM:#}", changes.len() - shown);
        }
    }
    for limit in &report.limits {
        println!("\n{YELLOW}note{YELLOW:#}: {limit}");
    }
    let colour = if report.changes.is_empty() { GREEN } else { BOLD };
    println!("\n{colour}{}{colour:#}; {}", report.counts(), report.sizes());
}

fn line(change: &Change) -> String {
    let mut text = String::new();
    for part in change.line().parts() {
        match part {
            Part::Plain(words) => text.push_str(words),
            Part::Quoted(value) => text.push_str(&format!("{BOLD}`{}`{BOLD:#}", visible_line(value))),
        }
    }
    text
}

const fn colour(class: Class) -> Style {
    match class {
        Class::Security | Class::Breaking => RED,
        Class::Behaviour => YELLOW,
        Class::Wording | Class::None => GREEN,
    }
}
