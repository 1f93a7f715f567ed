/// How connector.toml sets an argument, or a property within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset<'a> {
    /// The argument, and the properties that lead to the value. `[]` stands for every item of a list.
    pub(crate) path: &'a [&'a str],
    pub(crate) kind: PresetKind<'a>,
}

/// The treatment of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PresetKind<'a> {
    Fixed(&'a str),
    Default(&'a str),
    Hidden,
}

impl<'a> Preset<'a> {
    /// A value that is always sent with this JSON value. Calls cannot set it.
    pub const fn fixed(path: &'a [&'a str], json: &'a str) -> Self {
        Self { path, kind: PresetKind::Fixed(json) }
    }

    /// A value that is sent with this JSON value if the call does not set it.
    pub const fn default_value(path: &'a [&'a str], json: &'a str) -> Self {
        Self { path, kind: PresetKind::Default(json) }
    }

    /// A value that calls cannot set.
    pub const fn hidden(path: &'a [&'a str]) -> Self {
        Self { path, kind: PresetKind::Hidden }
    }
}
