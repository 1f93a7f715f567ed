/// A server: the base URL of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// The URL, with variables in braces. It is relative only if the document has no absolute one and no known
    /// location.
    pub url: String,
    /// Its name; empty for most servers.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The variables in its URL.
    pub variables: Vec<ServerVariable>,
}

impl Server {
    /// A server with this URL.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// The URL with variables replaced by their defaults, where they have one.
    pub fn address(&self) -> String {
        self.variables.iter().fold(self.url.clone(), |url, variable| match &variable.default {
            Some(default) => url.replace(&format!("{{{}}}", variable.name), default),
            None => url,
        })
    }
}

/// A variable of a server URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVariable {
    /// The name between the braces.
    pub name: String,
    /// The default value.
    pub default: Option<String>,
    /// The values that it may have; empty if it may have any.
    pub allowed: Vec<String>,
}
