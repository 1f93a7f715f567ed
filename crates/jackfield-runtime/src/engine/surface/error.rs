//! Errors of calls of the search surface tools.

use std::fmt;

use crate::engine::outcome_code::OutcomeCode;
use crate::engine::unknown::UnknownName;

/// A call of a search surface tool that cannot be answered. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SurfaceError {
    /// There is no tool with the given name.
    NoTool(UnknownName),
    /// `call_read` was called with a tool whose effect is not `read`.
    NotARead {
        /// The name of the tool.
        tool: String,
    },
    /// The input schema of the tool does not have the requested argument or definition.
    NoPart {
        /// The name of the tool.
        tool: String,
        /// The requested path or definition.
        part: String,
        /// The path or definition that was probably meant.
        near: Option<String>,
    },
}

impl SurfaceError {
    pub(crate) const fn code(&self) -> OutcomeCode {
        match self {
            Self::NoTool(_) => OutcomeCode::Unknown,
            Self::NotARead { .. } | Self::NoPart { .. } => OutcomeCode::InvalidArguments,
        }
    }
}

impl fmt::Display for SurfaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTool(unknown) => write!(f, "{unknown}; `search_tools` finds tools. Nothing was sent."),
            Self::NotARead { tool } => write!(
                f,
                "`{tool}` has an effect other than `read`: call it with `call_write` and the same arguments. Nothing was sent."
            ),
            Self::NoPart { tool, part, near } => {
                write!(f, "the input schema of `{tool}` has no part `{part}`")?;
                match near {
                    Some(near) => write!(f, "; did you mean `{near}`?"),
                    None => write!(f, "; `describe_tool` without `path` and `def` shows its parts"),
                }
            }
        }
    }
}

impl std::error::Error for SurfaceError {}
