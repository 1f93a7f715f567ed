use crate::{ConnectorName, CredentialField, Need, Operation, Pool, Scheme, Server, WireName};

/// The root of the model: everything that one connector is made of.
#[derive(Clone, Debug)]
pub struct Connector {
    /// What the crate, its binary and its environment variables are called after.
    pub name: ConnectorName,
    /// The document's title.
    pub title: String,
    /// The document's description, in the words of its owner.
    pub description: String,
    /// Where requests go; the first is used unless the user chooses otherwise.
    pub servers: Vec<Server>,
    /// The ways to authenticate that are declared, sorted by name.
    pub schemes: Vec<Scheme>,
    /// Headers that go with every request: name and value.
    pub headers: Vec<(String, String)>,
    /// Where credentials may go beside the servers.
    pub origins: Vec<String>,
    /// Those of `origins` that the document names and the user accepted with `--accept-origin`.
    pub accepted: Vec<String>,
    /// Origins and sockets that the user names beside `origins`: they are called however private they are.
    pub named: Vec<String>,
    /// Certificates, in PEM, of who vouches for the service beside those whom the machine trusts.
    pub authorities: Vec<String>,
    /// The operations, by tag; groups in the order of their names, operations in the order of the document.
    pub groups: Vec<Group>,
    /// The schemas that operations share.
    pub pool: Pool,
}

impl Connector {
    /// Every operation, group by group.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.groups.iter().flat_map(|group| &group.operations)
    }

    /// What operations need, need by need, in their order.
    pub fn needs(&self) -> impl Iterator<Item = &Need> {
        self.operations().flat_map(|operation| &operation.security).flat_map(|one| &one.needs)
    }
}

impl Connector {
    /// The variable that messages name for a field: the short one, `BOOKSHOP_TOKEN`, where one scheme alone has the field.
    pub fn variable(&self, scheme: &Scheme, field: CredentialField) -> String {
        let schemes = self.schemes.iter().map(|scheme| scheme.kind.fields());
        let short = field.short_variable(self.name.as_str(), schemes);
        short.unwrap_or_else(|| self.long_variable(&scheme.name, field))
    }

    /// The variable for a field of the scheme of that name, which no other scheme reads unless its name is spelled alike.
    pub fn long_variable(&self, scheme: &WireName, field: CredentialField) -> String {
        field.long_variable(self.name.as_str(), scheme.as_str())
    }
}

/// Operations that share a tag: one generated file.
#[derive(Clone, Debug)]
pub struct Group {
    /// The tag.
    pub tag: WireName,
    /// What the document says about the tag.
    pub description: String,
    /// In the order of the document.
    pub operations: Vec<Operation>,
}

impl Group {
    /// The tag of operations that have none.
    pub const UNTAGGED: &str = "untagged";
}

/// What became of the operations of a document: the proof that none was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Methods under paths, counted before anything was resolved.
    pub operations: usize,
    /// Operations that became part of the connector.
    pub emitted: usize,
    /// Operations left out because of the document.
    pub skipped: usize,
    /// Operations that the manifest did not choose.
    pub excluded: usize,
    /// Counted apart: they call the other way round, and are no tools.
    pub webhooks: usize,
    /// The same, of single operations.
    pub callbacks: usize,
    /// Emitted operations that require a scheme which nothing declares.
    pub undeclared: usize,
}

impl Count {
    /// Whether every operation is accounted for.
    pub const fn is_whole(&self) -> bool {
        self.operations == self.emitted + self.skipped + self.excluded
    }
}
