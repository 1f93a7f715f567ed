//! Texts that several sections of the page use.

use std::borrow::Cow;

use jackfield_build::diff::{Part, Phrase};
use jackfield_build::model::{Ask, Effect, visible, visible_line};
use maud::{Markup, html};

/// All effects, the weakest first.
pub(super) const EFFECTS: [Effect; 3] = [Effect::Read, Effect::Write, Effect::Destroy];

/// Formats a text of a document on one line, with invisible characters as escapes.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    visible_line(text)
}

/// Formats a text of a document, and keeps its line breaks.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    visible(text)
}

/// Returns the singular or plural of a noun.
pub(super) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// The rule by which calls of a tool wait for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Waiting {
    /// Each call waits.
    Always,
    /// Each call waits unless the server is started with `--ask never`.
    ByDefault,
    /// connector.toml turns off the approval of a tool that destroys something.
    NeverAlthoughItDestroys,
    /// By default, calls do not wait.
    No,
}

impl Waiting {
    pub(super) const fn of(ask: Ask, effect: Effect) -> Self {
        match (ask, effect) {
            (Ask::Always, _) => Self::Always,
            (Ask::ByEffect, Effect::Destroy) => Self::ByDefault,
            (Ask::Never, Effect::Destroy) => Self::NeverAlthoughItDestroys,
            _ => Self::No,
        }
    }

    /// Returns the value for a merged tool. The least protected operation decides.
    pub(super) fn of_all(waiting: &[Self]) -> Self {
        if waiting.contains(&Self::NeverAlthoughItDestroys) {
            return Self::NeverAlthoughItDestroys;
        }
        match waiting.iter().all(|one| *one == Self::Always) {
            true => Self::Always,
            false if waiting.iter().any(|one| one.waits()) => Self::ByDefault,
            false => Self::No,
        }
    }

    /// Returns whether calls wait unless the user of the server chooses otherwise.
    pub(super) const fn waits(self) -> bool {
        matches!(self, Self::Always | Self::ByDefault)
    }

    /// Returns the text of the tool's mark. Empty if the tool needs no mark.
    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Always => "always waits",
            Self::ByDefault => "waits",
            Self::NeverAlthoughItDestroys => "never waits",
            Self::No => "",
        }
    }

    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Always => "each call waits for a person",
            Self::ByDefault => {
                "each call waits for a person over HTTP, and over stdio if the client supports elicitation"
            }
            Self::NeverAlthoughItDestroys => "no call waits, because connector.toml turns off approval",
            Self::No => "no call waits, unless an option of the server requires more approvals",
        }
    }
}

/// Returns the mark of an effect.
pub(super) fn effect_mark(effect: Effect) -> Markup {
    html! { span class={ "mark " (effect.as_str()) } { (effect.as_str()) } }
}

/// Formats a line of a comparison. Texts of documents are formatted as code.
pub(super) fn phrase(phrase: &Phrase) -> Markup {
    html! {
        @for part in phrase.parts() {
            @match part {
                Part::Plain(words) => (words),
                Part::Quoted(text) => code { (line(text)) },
            }
        }
    }
}
