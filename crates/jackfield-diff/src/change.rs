//! One difference between two connectors.

use std::collections::HashMap;

use crate::{Class, Kind, Phrase};

/// The maximum number of tools that one line of the report names. Further tools are counted.
const MOST_NAMED: usize = 3;

/// The maximum number of characters of a value in a report.
const LONGEST_VALUE: usize = 2_000;

/// One difference between two connectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The class, which says how much the change matters.
    pub class: Class,
    /// The kind of change.
    pub kind: Kind,
    /// The tools with this change, in the order of the new connector. Empty if the change affects the whole connector.
    pub tools: Vec<String>,
    /// The name or path of the argument, reply value, scheme or other part that changed.
    pub subject: Option<String>,
    /// The value before, if there was one.
    pub before: Option<String>,
    /// The value after, if there is one.
    pub after: Option<String>,
    /// The change in plain words, without the tools.
    pub phrase: Phrase,
}

impl Change {
    /// Creates a change that `phrase` describes.
    pub(crate) const fn new(class: Class, kind: Kind, phrase: Phrase) -> Self {
        Self { class, kind, tools: Vec::new(), subject: None, before: None, after: None, phrase }
    }

    /// Creates a change of a value. The description is `WORDS BEFORE → AFTER`.
    pub(crate) fn value(
        class: Class,
        kind: Kind,
        words: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Self {
        let mut phrase = Phrase::of([words]);
        phrase.from_to(before, after);
        Self::new(class, kind, phrase).values(before, after)
    }

    /// Sets the name or path of the part that changed.
    pub(crate) fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// Sets the values before and after.
    pub(crate) fn values(self, before: Option<&str>, after: Option<&str>) -> Self {
        let short = |text: Option<&str>| text.map(|text| crate::phrase::truncated(text, LONGEST_VALUE));
        Self { before: short(before), after: short(after), ..self }
    }

    /// Returns the change as one line of the report: the tools, and the description.
    pub fn line(&self) -> Phrase {
        let mut line = Phrase::default();
        if !self.tools.is_empty() {
            line.list(self.tools.iter().map(String::as_str), MOST_NAMED);
            line.say(": ");
        }
        line.append(self.phrase.clone());
        line
    }
}

/// Collects changes. Equal changes of several tools become one.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    all: Vec<Change>,
    known: HashMap<(Class, Kind, Phrase), usize>,
}

impl Changes {
    /// Adds a change of the whole connector.
    pub(crate) fn add(&mut self, change: Change) {
        self.all.push(change);
    }

    /// Adds a change of a tool.
    pub(crate) fn add_of(&mut self, tool: &str, change: Change) {
        let key = (change.class, change.kind, change.phrase.clone());
        let at = *self.known.entry(key).or_insert(self.all.len());
        match self.all.get_mut(at) {
            Some(known) if known.tools.last().is_none_or(|last| last != tool) => {
                known.tools.push(tool.to_owned());
            }
            Some(_) => {}
            None => self.all.push(Change { tools: vec![tool.to_owned()], ..change }),
        }
    }

    /// Returns the number of changes so far.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Returns the changes sorted by class, the worst first. Within a class, they keep the order in which they were found.
    pub(crate) fn into_sorted(mut self) -> Vec<Change> {
        self.all.sort_by_key(|change| std::cmp::Reverse(change.class));
        self.all
    }
}
