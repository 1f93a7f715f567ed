use crate::Method;

/// An operation that has not been lowered yet, with the properties that selectors match.
#[derive(Clone, Debug)]
pub struct Candidate<'d> {
    /// The method, in upper case.
    pub method: Method,
    /// The path template as routes contain it, such as `/books/{id}`.
    pub path: String,
    /// `operationId`, if it has one.
    pub id: Option<&'d str>,
    /// The tags of the operation.
    pub tags: Vec<&'d str>,
    /// Whether an extension of the document hides the operation.
    pub is_hidden: bool,
}

impl Candidate<'_> {
    /// Returns the route, such as `GET /books/{id}`.
    pub fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Returns the keys with which tables in connector.toml can refer to the operation: the route, which takes
    /// precedence, and the `operationId`.
    pub fn keys(&self) -> Vec<String> {
        std::iter::once(self.route()).chain(self.id.map(str::to_owned)).collect()
    }
}
