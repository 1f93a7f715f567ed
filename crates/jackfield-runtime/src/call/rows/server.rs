//! The table entries of base URLs.

/// A base URL with its variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server<'a> {
    pub(crate) url: &'a str,
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    pub(crate) variables: &'a [ServerVariable<'a>],
}

impl<'a> Server<'a> {
    /// Creates a server with the given URL, which has variables in braces.
    pub const fn new(url: &'a str) -> Self {
        Self { url, name: "", description: "", variables: &[] }
    }

    /// Sets the name of the server in the document.
    pub const fn name(self, name: &'a str) -> Self {
        Self { name, ..self }
    }

    /// Sets the variables in the server's URL.
    pub const fn variables(self, variables: &'a [ServerVariable<'a>]) -> Self {
        Self { variables, ..self }
    }

    /// Sets the description of the server in the document.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }
}

/// A variable in a server URL. The user can set its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerVariable<'a> {
    pub(crate) name: &'a str,
    pub(crate) default: Option<&'a str>,
    pub(crate) allowed: &'a [&'a str],
}

impl<'a> ServerVariable<'a> {
    /// Creates a variable without a default.
    pub const fn new(name: &'a str) -> Self {
        Self { name, default: None, allowed: &[] }
    }

    /// Sets the default value.
    pub const fn default(self, default: &'a str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Sets the allowed values.
    pub const fn allowed(self, allowed: &'a [&'a str]) -> Self {
        Self { allowed, ..self }
    }
}
