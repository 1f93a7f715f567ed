//! Tables of choices about single operations.

/// A table of choices about single operations, by operationId or by route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Rename,
    Effect,
    Describe,
}

impl Table {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Rename => "rename",
            Self::Effect => "effect",
            Self::Describe => "describe",
        }
    }
}
