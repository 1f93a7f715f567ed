use crate::Method;

/// An operation that has not been read yet, with the properties that selectors match.
#[derive(Clone, Debug)]
pub struct Candidate<'d> {
    /// The method, in upper case.
    pub method: Method,
    /// The path template, as routes are spelled.
    pub path: String,
    /// `operationId`, if it has one.
    pub id: Option<&'d str>,
    /// Its tags.
    pub tags: Vec<&'d str>,
}

impl Candidate<'_> {
    /// The route, such as `GET /books/{id}`.
    pub fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The keys under which tables of connector.toml can name it: the route, which wins, then the `operationId`.
    pub fn keys(&self) -> Vec<String> {
        std::iter::once(self.route()).chain(self.id.map(str::to_owned)).collect()
    }
}
