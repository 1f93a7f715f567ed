/// A base address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// With its variables in braces. Relative only where the document has no other, and nothing says to what.
    pub url: String,
    /// The name in the document; empty for most servers.
    pub name: String,
    /// The description in the document.
    pub description: String,
    /// The variables of its address.
    pub variables: Vec<ServerVariable>,
}

impl Server {
    /// The server at that address.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// The address with the variables replaced by their defaults, as far as they have some.
    pub fn address(&self) -> String {
        self.variables.iter().fold(self.url.clone(), |url, variable| match &variable.default {
            Some(default) => url.replace(&format!("{{{}}}", variable.name), default),
            None => url,
        })
    }
}

/// A part of an address that whoever runs the connector may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVariable {
    /// The name between the braces.
    pub name: String,
    /// The value that it has otherwise.
    pub default: Option<String>,
    /// The values that it may have; any, where there are none.
    pub allowed: Vec<String>,
}
