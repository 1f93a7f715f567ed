/// A rule of connector.toml for the value of an argument, or of a property within an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset<'a> {
    /// The argument, followed by the properties that lead to the value. `[]` stands for every item of an array.
    pub(crate) path: &'a [&'a str],
    pub(crate) kind: PresetKind<'a>,
}

/// The kind of a preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PresetKind<'a> {
    Fixed(&'a str),
    Default(&'a str),
    Hidden,
}

impl<'a> Preset<'a> {
    /// Always sends the given JSON as the value. Calls cannot set the value.
    pub const fn fixed(path: &'a [&'a str], json: &'a str) -> Self {
        Self { path, kind: PresetKind::Fixed(json) }
    }

    /// Sends the given JSON as the value if the call does not set the value.
    pub const fn default_value(path: &'a [&'a str], json: &'a str) -> Self {
        Self { path, kind: PresetKind::Default(json) }
    }

    /// Sends no value. Calls cannot set the value.
    pub const fn hidden(path: &'a [&'a str]) -> Self {
        Self { path, kind: PresetKind::Hidden }
    }
}
