use std::fmt;

/// A setting of connector.toml for an argument, or for a property within an argument, that applies to every call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name of the argument, and the names of the properties that lead to the value. [`Preset::ITEMS`] stands for
    /// every item of an array.
    pub path: Vec<String>,
    /// The treatment of the value.
    pub kind: PresetKind,
}

/// The treatment of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresetKind {
    /// This JSON value is always sent, and calls cannot replace it.
    Fixed(String),
    /// This JSON value is sent if the call does not set one.
    Default(String),
    /// Nothing is sent, and calls cannot set a value.
    Hidden,
}

impl Preset {
    /// The path element that stands for every item of an array.
    pub const ITEMS: &'static str = "[]";
}

/// Formats the preset for digests and reports: `fixed ["address", "country"] = "NZ"`.
impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, kind } = self;
        match kind {
            PresetKind::Fixed(json) => write!(f, "fixed {path:?} = {json}"),
            PresetKind::Default(json) => write!(f, "default {path:?} = {json}"),
            PresetKind::Hidden => write!(f, "hidden {path:?}"),
        }
    }
}
