/// The direction of a schema's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Projection {
    /// Requests: without `readOnly` properties.
    Send,
    /// Responses: without `writeOnly` properties.
    Receive,
}

impl Projection {
    /// Returns the keyword of the properties that are removed.
    pub(super) const fn hidden_by(self) -> &'static str {
        match self {
            Self::Send => "readOnly",
            Self::Receive => "writeOnly",
        }
    }
}
