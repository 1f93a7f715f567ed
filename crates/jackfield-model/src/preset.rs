use std::fmt;

/// How connector.toml sets an argument, or a property within it, in every call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The argument, and the properties that lead to the value. [`Preset::ITEMS`] stands for every item of a list.
    pub path: Vec<String>,
    /// The treatment of the value.
    pub kind: PresetKind,
}

/// The treatment of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresetKind {
    /// It is always sent with this JSON value, and calls cannot set it.
    Fixed(String),
    /// It is sent with this JSON value if the call does not set it.
    Default(String),
    /// Calls cannot set it.
    Hidden,
}

impl Preset {
    /// The part of a path that stands for every item of a list.
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
