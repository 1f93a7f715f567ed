//! One difference between two schemas.

use crate::Phrase;
use crate::excerpt::excerpts;

/// The effect of a difference on the values that a schema accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shift {
    /// A property is new.
    Added,
    /// A required property is new.
    AddedRequired,
    /// A property was removed.
    Removed,
    /// An optional property became required.
    Required,
    /// A required property became optional.
    Optional,
    /// The schema accepts fewer values.
    Narrowed,
    /// The schema accepts more values.
    Widened,
    /// The schema accepts other values, or cannot be compared.
    Changed,
    /// A keyword changed that does not affect the accepted values, or whose effect on the accepted values is unknown.
    Unknown,
    /// The default changed.
    Default,
    /// Only texts changed.
    Wording,
}

/// One difference between two schemas.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The path from the argument, such as `.items[].name`.
    pub(crate) path: String,
    /// The shared schema in which the path begins.
    pub(crate) within: Option<String>,
    pub(crate) shift: Shift,
    /// A description of the part that changed, such as a keyword.
    pub(crate) aspect: &'static str,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    /// The description of the difference, if it is not `ASPECT BEFORE → AFTER`.
    pub(crate) phrase: Option<Phrase>,
}

impl Found {
    pub(crate) fn new(
        path: &str,
        shift: Shift,
        aspect: &'static str,
        before: Option<String>,
        after: Option<String>,
    ) -> Self {
        Self { path: path.to_owned(), within: None, shift, aspect, before, after, phrase: None }
    }

    /// Creates a difference in a text.
    pub(crate) fn text(
        path: &str,
        aspect: &'static str,
        before: Option<String>,
        after: Option<String>,
    ) -> Self {
        let (old, new) = excerpts(before.as_deref().unwrap_or(""), after.as_deref().unwrap_or(""));
        let mut phrase = Phrase::of([aspect]);
        phrase.from_to(before.is_some().then_some(old.as_str()), after.is_some().then_some(new.as_str()));
        Self { phrase: Some(phrase), ..Self::new(path, Shift::Wording, aspect, before, after) }
    }

    /// Sets the shared schema in which the path begins.
    pub(crate) fn within(self, within: Option<&str>) -> Self {
        Self { within: within.map(str::to_owned), ..self }
    }

    /// Sets the description of the difference.
    pub(crate) fn with_phrase(self, phrase: Phrase) -> Self {
        Self { phrase: Some(phrase), ..self }
    }

    /// Describes the difference without the path. Empty if the shift already says everything.
    pub(crate) fn detail(&self) -> Phrase {
        if let Some(phrase) = &self.phrase {
            return phrase.clone();
        }
        let mut phrase = Phrase::of([self.aspect]);
        if self.before.is_some() || self.after.is_some() {
            phrase.from_to(self.before.as_deref(), self.after.as_deref());
        }
        phrase
    }
}
