//! The user's choices that affect how a document is lowered.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{ConnectorName, Requirement, Scheme};

/// The user's choices, which are known before the document is lowered. Tables are keyed by route or
/// `operationId`; a route takes precedence.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The connector's name.
    pub name: ConnectorName,
    /// Whether each operation becomes a tool, in the order of [`candidates`](crate::candidates). Without a
    /// value, all of them do.
    pub chosen: Option<Vec<bool>>,
    /// The media types of request bodies.
    pub media: BTreeMap<String, String>,
    /// The encoding of objects in form fields, unless `forms` has an entry for the operation.
    pub form_objects: FormObjects,
    /// The encoding of objects in the form fields of single operations.
    pub forms: BTreeMap<String, FormObjects>,
    /// The operations that have one argument for the whole body, although its properties could be separate
    /// arguments.
    pub whole_bodies: BTreeSet<String>,
    /// The URL at which the document is published. Relative URLs are resolved against it.
    pub document_url: Option<String>,
    /// The server that replaces the document's servers.
    pub server: Option<String>,
    /// Origins that the user names. They may be private.
    pub named: BTreeSet<String>,
    /// The security schemes that replace the schemes of the document.
    pub schemes: Option<Vec<Scheme>>,
    /// The security requirements of operations if the document has no `security`.
    pub require: Vec<Requirement>,
    /// Whether operations with an empty `security` inherit the document's requirements.
    pub inherit_empty: bool,
}

impl Choices {
    /// Creates choices that change nothing: every operation becomes a tool.
    pub const fn everything(name: ConnectorName) -> Self {
        Self {
            name,
            chosen: None,
            media: BTreeMap::new(),
            form_objects: FormObjects::Brackets,
            forms: BTreeMap::new(),
            whole_bodies: BTreeSet::new(),
            document_url: None,
            server: None,
            named: BTreeSet::new(),
            schemes: None,
            require: Vec::new(),
            inherit_empty: false,
        }
    }
}

/// The encoding of an object in a form field, if the document does not declare one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FormObjects {
    /// `address[street]=x`, which most services expect.
    #[default]
    Brackets,
    /// `address={"street":"x"}`, escaped: the default of the standard.
    Json,
}

/// Which keys of [`Choices`] matched an operation with a body.
#[derive(Clone, Debug, Default)]
pub struct MatchedKeys {
    /// The keys of `media`, which select operations. The value is None if the operation accepts the media type that the key sets, and
    /// otherwise lists the types that the operation accepts.
    pub media: BTreeMap<String, Option<Vec<String>>>,
    /// The keys of `forms`.
    pub forms: BTreeSet<String>,
    /// The keys of `whole_bodies`.
    pub whole_bodies: BTreeSet<String>,
}

/// The choices about the body of one operation.
pub(crate) struct BodyChoices<'c> {
    choices: &'c Choices,
    /// The keys with which tables can refer to the operation.
    keys: Vec<String>,
}

impl<'c> BodyChoices<'c> {
    pub(crate) const fn new(choices: &'c Choices, keys: Vec<String>) -> Self {
        Self { choices, keys }
    }

    /// Returns the chosen media type, if the operation offers it.
    pub(crate) fn media(&self, offered: &[&str], matched: &mut MatchedKeys) -> Option<&'c str> {
        let mut chosen = None;
        for key in &self.keys {
            let Some(media_type) = self.choices.media.get(key) else { continue };
            let is_offered = offered.contains(&media_type.as_str());
            let instead = (!is_offered).then(|| offered.iter().map(|it| (*it).to_owned()).collect());
            matched.media.insert(key.clone(), instead);
            chosen = chosen.or_else(|| is_offered.then_some(media_type.as_str()));
        }
        chosen
    }

    /// Whether the operation has one argument for the whole body.
    pub(crate) fn is_whole(&self, matched: &mut MatchedKeys) -> bool {
        let mut is_whole = false;
        for key in self.keys.iter().filter(|key| self.choices.whole_bodies.contains(*key)) {
            matched.whole_bodies.insert(key.clone());
            is_whole = true;
        }
        is_whole
    }

    /// Returns the encoding of objects in the operation's form fields.
    pub(crate) fn form_objects(&self, matched: &mut MatchedKeys) -> FormObjects {
        let mut chosen = None;
        for key in &self.keys {
            if let Some(objects) = self.choices.forms.get(key) {
                matched.forms.insert(key.clone());
                chosen = chosen.or(Some(*objects));
            }
        }
        chosen.unwrap_or(self.choices.form_objects)
    }
}
