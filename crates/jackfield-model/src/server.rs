/// A server: the base URL of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// The URL, with its variables in braces. It is relative only if the document has no absolute server URL, and the
    /// URL of the document is unknown.
    pub url: String,
    /// The name of the server. Empty for most servers.
    pub name: String,
    /// The description of the server.
    pub description: String,
    /// The variables in the URL.
    pub variables: Vec<ServerVariable>,
}

impl Server {
    /// Creates a server without variables.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// Returns the URL. A variable that has a default is replaced by the default.
    pub fn address(&self) -> String {
        self.variables.iter().fold(self.url.clone(), |url, variable| match &variable.default {
            Some(default) => url.replace(&format!("{{{}}}", variable.name), default),
            None => url,
        })
    }
}

/// A variable of a server URL, which users of the connector may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVariable {
    /// The name between the braces.
    pub name: String,
    /// The default value.
    pub default: Option<String>,
    /// The allowed values; empty if any value is allowed.
    pub allowed: Vec<String>,
}
