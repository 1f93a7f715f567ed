//! The table entry of a resource.

/// Describes how clients read the replies of an operation as a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource<'a> {
    pub(crate) uri: &'a str,
    /// The argument for each variable of `uri`, in the order of the variables.
    pub(crate) arguments: &'a [&'a str],
    /// The title of the resource. If the title or the description is empty, the title or the description of the tool is used.
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) media_type: &'a str,
    pub(crate) is_tool: bool,
}

impl<'a> Resource<'a> {
    /// Creates a resource. `uri` is a URI, or a URI template whose variables are arguments of the tool.
    pub const fn new(uri: &'a str) -> Self {
        Self { uri, arguments: &[], title: "", description: "", media_type: "", is_tool: true }
    }

    /// Sets the argument for each variable of the URI template, in the order of the variables.
    pub const fn arguments(self, arguments: &'a [&'a str]) -> Self {
        Self { arguments, ..self }
    }

    /// Sets the title for people, if it differs from the tool's title.
    pub const fn title(self, title: &'a str) -> Self {
        Self { title, ..self }
    }

    /// Sets the description for models, if it differs from the tool's description.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }

    /// Sets the media type of the contents.
    pub const fn media_type(self, media_type: &'a str) -> Self {
        Self { media_type, ..self }
    }

    /// Removes the tool from the lists of tools, so that clients can only read the resource.
    pub const fn only(self) -> Self {
        Self { is_tool: false, ..self }
    }
}
