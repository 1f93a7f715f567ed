use crate::{ConnectorName, Need, Operation, Pool, Scheme, Server, WireName, Word};

/// The root of the model: everything that makes up one connector.
#[derive(Clone, Debug)]
pub struct Connector {
    /// The name of the connector; the crate, its binary and its variables are named after it.
    pub name: ConnectorName,
    /// The document's title.
    pub title: String,
    /// The document's description.
    pub description: String,
    /// The base URLs. The first is used unless the user chooses another.
    pub servers: Vec<Server>,
    /// The declared security schemes, sorted by name.
    pub schemes: Vec<Scheme>,
    /// Headers that are sent with every request: name and value.
    pub headers: Vec<(String, String)>,
    /// Origins that credentials may go to, in addition to the servers.
    pub origins: Vec<String>,
    /// Those of `origins` that the document names and the user accepted with `--accept-origin`.
    pub accepted: Vec<String>,
    /// More origins and sockets that the user names. They are called even if they are private.
    pub named: Vec<String>,
    /// Certificate authorities, in PEM, that are trusted in addition to those of the system.
    pub authorities: Vec<String>,
    /// The operations by tag: groups sorted by name, operations in document order.
    pub groups: Vec<Group>,
    /// The schemas that operations share.
    pub pool: Pool,
}

impl Connector {
    /// Every operation, group by group.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.groups.iter().flat_map(|group| &group.operations)
    }

    /// The schemes that operations need, in order of the operations.
    pub fn needs(&self) -> impl Iterator<Item = &Need> {
        self.operations().flat_map(|operation| &operation.security).flat_map(|one| &one.needs)
    }
}

impl Connector {
    /// The variable that messages name: the short one, `BOOKSHOP_TOKEN`, if only one scheme asks for such a credential.
    pub fn variable(&self, scheme: &Scheme, word: Word) -> String {
        let rivals = self.schemes.iter().filter(|scheme| scheme.kind.words().contains(&word));
        match rivals.count() {
            1 => self.name.variable(word.as_str()),
            _ => self.long_variable(scheme, word),
        }
    }

    /// The variable with the name of the scheme, which no other scheme reads unless its name is spelled alike.
    pub fn long_variable(&self, scheme: &Scheme, word: Word) -> String {
        self.name.variable(&format!("{}_{}", word.as_str(), scheme.name))
    }
}

/// The operations that share a tag. Each group becomes one generated file.
#[derive(Clone, Debug)]
pub struct Group {
    /// The tag.
    pub tag: WireName,
    /// The document's description of the tag.
    pub description: String,
    /// The operations, in document order.
    pub operations: Vec<Operation>,
}

impl Group {
    /// The tag of operations without one.
    pub const UNTAGGED: &str = "untagged";
}

/// How many operations of a document were emitted, skipped and excluded. Shows that none was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Operations in the document, counted before references are resolved.
    pub operations: usize,
    /// Operations that became part of the connector.
    pub emitted: usize,
    /// Operations left out because of a problem in the document.
    pub skipped: usize,
    /// Operations that connector.toml excludes.
    pub excluded: usize,
    /// Webhooks. They are requests from the service, so they are not tools.
    pub webhooks: usize,
    /// Callbacks of operations.
    pub callbacks: usize,
    /// Emitted operations that require an undeclared security scheme.
    pub undeclared: usize,
}

impl Count {
    /// Whether every operation is accounted for.
    pub const fn is_whole(&self) -> bool {
        self.operations == self.emitted + self.skipped + self.excluded
    }
}
