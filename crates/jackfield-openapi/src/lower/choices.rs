//! The user's choices that change how a document is lowered.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{ConnectorName, Requirement, Scheme};

/// The user's choices before the document is lowered. Tables are keyed by route or `operationId`; the route wins.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The connector's name.
    pub name: ConnectorName,
    /// Whether each operation becomes a tool, in the order of [`candidates`](crate::candidates); all do without it.
    pub chosen: Option<Vec<bool>>,
    /// The media types of request bodies.
    pub media: BTreeMap<String, String>,
    /// How objects in the fields of forms are written, where `forms` does not say otherwise.
    pub form_objects: FormObjects,
    /// How objects in the fields of single operations' forms are written.
    pub forms: BTreeMap<String, FormObjects>,
    /// The operations whose body is one argument, although its properties could be arguments.
    pub whole_bodies: BTreeSet<String>,
    /// Where the document is published: relative addresses are resolved against it.
    pub document_url: Option<String>,
    /// The server that requests go to, instead of the document's.
    pub server: Option<String>,
    /// Origins that the user names: they may be private.
    pub named: BTreeSet<String>,
    /// The security schemes, instead of those that the document declares.
    pub schemes: Option<Vec<Scheme>>,
    /// The requirements of operations if the document has no `security`.
    pub require: Vec<Requirement>,
    /// Whether operations whose own `security` is empty inherit what the document requires.
    pub inherit_empty: bool,
}

impl Choices {
    /// No choices: everything as in the document.
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

/// How an object in a field of a form is written, where the document does not say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FormObjects {
    /// `address[street]=x`, which is what services read.
    #[default]
    Brackets,
    /// `address={"street":"x"}`, escaped: the default of the standard.
    Json,
}

/// The keys of [`Choices`] that apply to the body of an operation.
#[derive(Clone, Debug, Default)]
pub struct MatchedKeys {
    /// The keys of `media`, each with the media types that are offered instead if the chosen one is not.
    pub media: BTreeMap<String, Option<Vec<String>>>,
    /// The keys of `forms`.
    pub forms: BTreeSet<String>,
    /// The keys of `whole_bodies`.
    pub whole_bodies: BTreeSet<String>,
}

/// The choices for the body of one operation.
pub(crate) struct BodyChoices<'c> {
    choices: &'c Choices,
    /// The keys under which tables can name the operation.
    keys: Vec<String>,
}

impl<'c> BodyChoices<'c> {
    pub(crate) const fn new(choices: &'c Choices, keys: Vec<String>) -> Self {
        Self { choices, keys }
    }

    /// The chosen media type, if it is among those that are offered.
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

    /// Whether the operation's body is one argument.
    pub(crate) fn is_whole(&self, matched: &mut MatchedKeys) -> bool {
        let mut is_whole = false;
        for key in self.keys.iter().filter(|key| self.choices.whole_bodies.contains(*key)) {
            matched.whole_bodies.insert(key.clone());
            is_whole = true;
        }
        is_whole
    }

    /// How objects in the fields of the operation's form are written.
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
