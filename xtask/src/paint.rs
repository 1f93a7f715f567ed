//! Colours for terminals.

use std::fmt::Display;

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};
use jackfield_build::model::Effect;

use crate::failure::Failure;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const CYAN: Style = AnsiColor::Cyan.on_default().bold();

/// Prints a line in a style.
pub(crate) fn line(style: Style, text: impl Display) {
    println!("{style}{text}{style:#}");
}

/// Prints a heading and its subject.
pub(crate) fn heading(word: &str, about: impl Display) {
    println!("\n{CYAN}{word}{CYAN:#} {about}");
}

pub(crate) fn effect(effect: Effect) -> String {
    let (style, word) = match effect {
        Effect::Read => (GREEN, "read   "),
        Effect::Write => (YELLOW, "write  "),
        Effect::Destroy => (RED, "destroy"),
    };
    format!("{style}{word}{style:#}")
}

pub(crate) fn failure(failure: &Failure) {
    eprintln!("{RED}error{RED:#}: {failure}");
}
