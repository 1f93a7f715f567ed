//! A line of a report. It keeps texts of documents apart from the words that this crate writes.

use std::fmt;

/// The maximum number of characters of a quoted text.
const LONGEST: usize = 160;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Words that this crate writes.
    Plain(String),
    /// A name or value, which may come from a document and may contain any character.
    Quoted(String),
}

/// A line of a report. Output formats decide how they show quoted parts, so that no text of a document becomes markup.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase(Vec<Part>);

impl Phrase {
    /// Creates a line of alternating plain and quoted parts. The first part is plain.
    pub fn of<const N: usize>(parts: [&str; N]) -> Self {
        let mut phrase = Self::default();
        for (at, part) in parts.into_iter().enumerate() {
            if at % 2 == 0 {
                phrase.say(part);
            } else {
                phrase.quote(part);
            }
        }
        phrase
    }

    /// Adds plain words.
    pub fn say(&mut self, words: &str) {
        match self.0.last_mut() {
            _ if words.is_empty() => {}
            Some(Part::Plain(last)) => last.push_str(words),
            _ => self.0.push(Part::Plain(words.to_owned())),
        }
    }

    /// Adds a name or value, and truncates it if it is long.
    pub fn quote(&mut self, text: &str) {
        if text.is_empty() {
            return self.say("nothing");
        }
        self.0.push(Part::Quoted(truncated(text, LONGEST)));
    }

    /// Adds ` BEFORE → AFTER`, in which an absent value is `none`.
    pub fn from_to(&mut self, before: Option<&str>, after: Option<&str>) {
        for (words, value) in [(" ", before), (" → ", after)] {
            self.say(words);
            match value {
                Some(value) => self.quote(value),
                None => self.say("none"),
            }
        }
    }

    /// Appends the parts of another phrase.
    pub fn append(&mut self, other: Self) {
        for part in other.0 {
            match part {
                Part::Plain(words) => self.say(&words),
                quoted => self.0.push(quoted),
            }
        }
    }

    /// Adds a list of names. If there are more than `most`, the remaining names are counted.
    pub fn list<'n>(&mut self, names: impl ExactSizeIterator<Item = &'n str>, most: usize) {
        let count = names.len();
        // A single remaining name is shown, because `and 1 more` would not be shorter.
        let shown = if count <= most + 1 { count } else { most };
        for (at, name) in names.take(shown).enumerate() {
            self.say(match at {
                0 => "",
                _ if at + 1 == count => " and ",
                _ => ", ",
            });
            self.quote(name);
        }
        if count > shown {
            self.say(&format!(" and {} more", count - shown));
        }
    }

    /// Returns the parts.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }
}

/// Returns the first `most` characters of a text.
pub(crate) fn truncated(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Plain(words) => f.write_str(words),
            Part::Quoted(text) => write!(f, "`{}`", jackfield_model::visible_line(text)),
        })
    }
}
