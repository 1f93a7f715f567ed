//! The error for a call without the credentials that its tool needs.

use std::fmt;

use jackfield_recipe::WireSlot;

use super::credential::Missing;

/// The error for a call without the credentials that its tool needs. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthError {
    /// For each alternative, the credentials that are missing.
    pub(super) alternatives: Vec<Incomplete>,
}

/// The credentials that are missing for one alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Incomplete(pub(super) Vec<MissingPart>);

/// A missing credential of an alternative, as text that follows "the user has to".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MissingPart {
    /// The connector does not declare the scheme.
    Undeclared {
        scheme: String,
    },
    /// Two schemes set the same header, parameter or cookie.
    SameSlot {
        scheme: String,
        other: String,
        slot: WireSlot,
    },
    /// A client certificate is required, but the base URL does not use TLS.
    Unencrypted {
        scheme: String,
        address: String,
    },
    Credential(Missing),
}

/// Says when a changed credential takes effect.
const WHEN_READ: &str = "variables are read when this connector starts, the vault at each call";

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no credentials for this tool; nothing was sent. ")?;
        match self.alternatives.as_slice() {
            [one] => write!(f, "The user has to {one} ({WHEN_READ})"),
            many => {
                write!(f, "The user has to do one of these ({WHEN_READ}):")?;
                many.iter().try_for_each(|line| write!(f, "\n- {line}"))
            }
        }
    }
}

impl std::error::Error for AuthError {}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, lack) in self.0.iter().enumerate() {
            write!(f, "{}{lack}", if at == 0 { "" } else { ", and " })?;
        }
        Ok(())
    }
}

impl fmt::Display for MissingPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared { scheme } => write!(f, "use a connector that declares `{scheme}`"),
            Self::SameSlot { scheme, other, slot } => {
                write!(f, "use another connector: `{other}` and `{scheme}` both set the {slot}")
            }
            Self::Unencrypted { scheme, address } => write!(
                f,
                "use a URL with https://: the certificate of `{scheme}` cannot be presented to {address}"
            ),
            Self::Credential(missing) => f.write_str(&missing.remedy),
        }
    }
}
