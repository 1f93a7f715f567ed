//! The user's choices about parameters, and the arguments for which a choice is useful.

use jackfield_model::Location;

use super::census::Census;

/// The user's choices about parameters.
#[derive(Clone, Debug, Default)]
pub struct ParameterChoices {
    /// Headers that every request has, whatever operations declare.
    pub headers: Vec<String>,
    /// Values of query parameters, for all operations that declare them.
    pub query: Vec<(String, String)>,
    /// Headers and query parameters that stay arguments.
    pub ask_for: Vec<String>,
    /// The parameters that the whole document repeats, if only some of its operations are tools.
    pub census: Option<Census>,
}

impl ParameterChoices {
    /// Whether the parameter stays an argument.
    pub(super) fn keeps(&self, location: Location, wire: &str) -> bool {
        self.ask_for.iter().any(|name| location.is_same_name(name, wire))
    }
}

/// An argument that looks constant, although the document declares no value for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstantArgument {
    /// A header or the query.
    pub location: Location,
    /// The name in the request.
    pub wire: String,
    /// An example value.
    pub example: Option<String>,
    /// The number of tools that have the argument.
    pub tools: usize,
}
