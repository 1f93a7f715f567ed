use crate::ArgName;

/// The resource through which clients read the reply of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The URI, or a URI template (RFC 6570) whose variables are arguments.
    pub uri: String,
    /// The argument of each variable, in the order of the template.
    pub arguments: Vec<ArgName>,
    /// The title for people, if it is not the title of the tool.
    pub title: Option<String>,
    /// The description for models, if it is not the description of the tool.
    pub description: Option<String>,
    /// The media type of the contents, if it is known.
    pub media_type: Option<String>,
    /// Whether clients can also call the operation as a tool.
    pub is_tool: bool,
}
