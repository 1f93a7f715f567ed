//! Finds the tools that need better texts.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::{ListEntry as _, Subject, Tool, groups, has_no_text};

use super::check::says_only_the_name;

/// The reason why a tool is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weakness {
    /// `lint` reports the finding `missing-text`.
    MissingText,
    /// `lint` reports the finding `shadowed-tool`.
    ShadowedTool,
    /// The text of the tool only repeats its name.
    RepeatedName,
    /// A selector on the command line matches the tool.
    Named,
}

impl Weakness {
    const ALL: [Self; 4] = [Self::MissingText, Self::ShadowedTool, Self::RepeatedName, Self::Named];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::MissingText => "missing-text",
            Self::ShadowedTool => "shadowed-tool",
            Self::RepeatedName => "repeated-name",
            Self::Named => "named",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|weakness| weakness.as_str() == text)
    }
}

/// Returns the weak tools by position, each with its first weakness and the positions of tools that look like it.
pub(super) fn weak_tools(subject: &Subject) -> BTreeMap<usize, (Weakness, BTreeSet<usize>)> {
    let position = |tool: &Tool| subject.tools.iter().position(|known| known.name == tool.name);
    let mut weak: BTreeMap<usize, (Weakness, BTreeSet<usize>)> = BTreeMap::new();
    for (at, tool) in subject.tools.iter().enumerate() {
        if has_no_text(tool) {
            weak.insert(at, (Weakness::MissingText, BTreeSet::new()));
        } else if !Subject::has_choice("describe", tool) && repeats_name(tool) {
            weak.insert(at, (Weakness::RepeatedName, BTreeSet::new()));
        }
    }
    for group in groups(subject) {
        let members: BTreeSet<usize> = group.tools.iter().filter_map(|tool| position(tool)).collect();
        for at in members.iter().filter(|at| !Subject::has_choice("describe", &subject.tools[**at])) {
            let (weakness, alike) = weak.entry(*at).or_insert((Weakness::ShadowedTool, BTreeSet::new()));
            *weakness = (*weakness).min(Weakness::ShadowedTool);
            alike.extend(members.iter().filter(|other| *other != at));
        }
    }
    weak
}

/// Returns whether the text only repeats the name, and the name does not explain itself. The name `list_books` explains itself.
fn repeats_name(tool: &Tool) -> bool {
    let verb = tool.name.split(['_', '-']).next().unwrap_or_default();
    let is_usual = jackfield_build::vocabulary::VerbClass::of(verb).is_some();
    let text = format!("{} {}", tool.text("title"), tool.text("description"));
    !is_usual && says_only_the_name(&text, &[&tool.name, &tool.route])
}
