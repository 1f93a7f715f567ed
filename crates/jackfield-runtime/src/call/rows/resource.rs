//! The row that says how clients read an operation as a resource.

/// How clients read an operation as a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource<'a> {
    pub(crate) uri: &'a str,
    /// The argument of each variable of `uri`, in its order.
    pub(crate) arguments: &'a [&'a str],
    /// The title of the resource. An empty title or description means that of the tool.
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) media_type: &'a str,
    pub(crate) is_tool: bool,
}

impl<'a> Resource<'a> {
    /// A resource at that address: a URI, or a URI template whose variables are arguments of the tool.
    pub const fn new(uri: &'a str) -> Self {
        Self { uri, arguments: &[], title: "", description: "", media_type: "", is_tool: true }
    }

    /// Sets the argument of each variable of the template, in its order.
    pub const fn arguments(self, arguments: &'a [&'a str]) -> Self {
        Self { arguments, ..self }
    }

    /// Sets the title for people, if it is not that of the tool.
    pub const fn title(self, title: &'a str) -> Self {
        Self { title, ..self }
    }

    /// Sets the description for models, if it is not that of the tool.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }

    /// Sets the media type of the contents.
    pub const fn media_type(self, media_type: &'a str) -> Self {
        Self { media_type, ..self }
    }

    /// Removes the tool from the lists of clients, which then can only read the resource.
    pub const fn only(self) -> Self {
        Self { is_tool: false, ..self }
    }
}
