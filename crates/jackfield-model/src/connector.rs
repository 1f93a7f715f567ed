use crate::{
    CallRate, ConnectorName, CredentialField, Location, Merge, Need, Operation, Pool, Prompt, ReplyPath,
    RetryLimits, Scheme, Server, SurfaceKind, TimeLimits, ToolName, WireName,
};

/// The root of the model.
#[derive(Clone, Debug)]
pub struct Connector {
    /// The name of the crate and its binary, and the prefix of its environment variables.
    pub name: ConnectorName,
    /// The document's title.
    pub title: String,
    /// The document's description.
    pub description: String,
    /// The text that clients give to models, instead of the description. Empty unless the user wrote one.
    pub instructions: String,
    /// The document's version: `info.version`.
    pub version: String,
    /// The servers; requests go to the first unless the user chooses another.
    pub servers: Vec<Server>,
    /// The security schemes, sorted by name.
    pub schemes: Vec<Scheme>,
    /// The headers that every request contains, as pairs of name and value.
    pub headers: Vec<(String, String)>,
    /// The header and query parameters that are settings instead of arguments, sorted by location and name.
    pub settings: Vec<ParameterSetting>,
    /// Origins other than the servers that may receive credentials.
    pub origins: Vec<String>,
    /// The entries of `origins` that the document declares and the user accepted with `--accept-origin`.
    pub accepted: Vec<String>,
    /// Origins and sockets that the user names, in addition to `origins`. They may be private.
    pub named: Vec<String>,
    /// Certificate authorities in PEM that are trusted in addition to those of the machine.
    pub authorities: Vec<String>,
    /// Which tools clients see, unless the user of the connector chooses otherwise.
    pub surface: SurfaceKind,
    /// The tools that the `promoted` surface lists. If empty, they are selected by the structure of the
    /// paths.
    pub promoted: Vec<ToolName>,
    /// The limits on the calls of each caller.
    pub rates: Vec<RateLimit>,
    /// The rules for the replies of tools. The rule for all tools comes first.
    pub replies: Vec<ReplyRule>,
    /// The prompts, sorted by name.
    pub prompts: Vec<Prompt>,
    /// Whether clients can read pages about the connector as resources.
    pub documentation: bool,
    /// The time limits of calls.
    pub timeouts: TimeLimits,
    /// The limits of retries.
    pub retry: RetryLimits,
    /// The merged tools. Each calls one of several operations.
    pub merges: Vec<Merge>,
    /// The operations by tag: groups sorted by name, operations in the order of the document.
    pub groups: Vec<Group>,
    /// The schemas that operations share.
    pub pool: Pool,
}

impl Connector {
    /// Creates a connector without servers and operations.
    pub fn new(name: ConnectorName) -> Self {
        Self {
            name,
            title: String::new(),
            description: String::new(),
            instructions: String::new(),
            version: String::new(),
            servers: Vec::new(),
            schemes: Vec::new(),
            headers: Vec::new(),
            settings: Vec::new(),
            origins: Vec::new(),
            accepted: Vec::new(),
            named: Vec::new(),
            authorities: Vec::new(),
            surface: SurfaceKind::default(),
            promoted: Vec::new(),
            rates: Vec::new(),
            replies: Vec::new(),
            prompts: Vec::new(),
            documentation: false,
            timeouts: TimeLimits::new(),
            retry: RetryLimits::new(),
            merges: Vec::new(),
            groups: Vec::new(),
            pool: Pool::default(),
        }
    }

    /// Returns the number of tools and of operations that are only resources. A merged tool counts once.
    pub fn tools(&self) -> usize {
        self.operations().filter(|operation| operation.merged.is_none()).count() + self.merges.len()
    }

    /// Returns every operation, group by group.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.groups.iter().flat_map(|group| &group.operations)
    }

    /// Returns the merged tool `name`, which calls one of several operations.
    pub fn merge(&self, name: &ToolName) -> Option<&Merge> {
        self.merges.iter().find(|merge| merge.name == *name)
    }

    /// Returns the schemes that operations require. A scheme occurs once for each requirement that contains it.
    pub fn needs(&self) -> impl Iterator<Item = &Need> {
        self.operations().flat_map(|operation| &operation.security).flat_map(|one| &one.needs)
    }
}

impl Connector {
    /// Returns the environment variable that messages name for a credential field of the scheme: the short form, such
    /// as `BOOKSHOP_TOKEN`, if only one scheme has the field.
    pub fn variable(&self, scheme: &Scheme, field: CredentialField) -> String {
        let schemes = self.schemes.iter().map(|scheme| scheme.kind.fields());
        let short = field.short_variable(self.name.as_str(), schemes);
        short.unwrap_or_else(|| self.long_variable(&scheme.name, field))
    }

    /// Returns the long form of the environment variable for a credential field of `scheme`. Two schemes share a variable only if their
    /// names differ only in case, or in characters that environment variables cannot contain.
    pub fn long_variable(&self, scheme: &WireName, field: CredentialField) -> String {
        field.long_variable(self.name.as_str(), scheme.as_str())
    }
}

/// A header or query parameter that has one value for all requests. The user sets the value; tools have no
/// argument for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterSetting {
    /// Header or query.
    pub location: Location,
    /// The name of the parameter in the request.
    pub wire: WireName,
    /// The value of the parameter. If it is None, the parameter is sent only if an environment variable sets it.
    pub value: Option<String>,
    /// The tools whose requests contain the parameter.
    pub tools: ToolSelection,
}

/// A rule for the replies of a tool, or of all tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRule {
    /// The tool to which the rule applies. None if the rule applies to all tools.
    pub tool: Option<ToolName>,
    /// The values that are redacted.
    pub redact: Vec<ReplyPath>,
    /// The values that remain. If empty, all values remain.
    pub keep: Vec<ReplyPath>,
    /// The values that are left out.
    pub drop: Vec<ReplyPath>,
    /// The number of items to which arrays are shortened.
    pub items: Option<usize>,
    /// The number of bytes to which replies are shortened.
    pub bytes: Option<usize>,
    /// The maximum number of pages that a call fetches and joins.
    pub all_pages: Option<u32>,
    /// The jq program that computes the result from a reply.
    pub jq: Option<String>,
}

/// A limit on the calls of each caller. It applies to the listed tools. The general limit applies to all tools that are not listed in
/// another limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The key in connector.toml. Empty for the general limit.
    pub key: String,
    /// The tools to which the limit applies. Empty for the general limit.
    pub tools: Vec<ToolName>,
    /// The maximum rate at which one caller may call a tool.
    pub calls: Option<CallRate>,
    /// The maximum number of calls of one caller that may be in flight.
    pub concurrent: Option<usize>,
    /// The maximum number of calls of one caller that may wait while `concurrent` calls are in flight.
    pub queue: Option<usize>,
}

/// A subset of the tools of a connector. It is stored as a list of its tools or of all other tools, whichever is shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolSelection {
    /// All tools except these.
    Except(Vec<ToolName>),
    /// Only these tools.
    Only(Vec<ToolName>),
}

impl ToolSelection {
    /// Whether the subset contains `tool`.
    pub fn has(&self, tool: &ToolName) -> bool {
        match self {
            Self::Except(others) => !others.contains(tool),
            Self::Only(tools) => tools.contains(tool),
        }
    }
}

/// Operations that share a tag. They become one generated file.
#[derive(Clone, Debug)]
pub struct Group {
    /// The tag.
    pub tag: WireName,
    /// The description of the tag.
    pub description: String,
    /// The operations, in the order of the document.
    pub operations: Vec<Operation>,
}

impl Group {
    /// The tag of operations that the document does not tag.
    pub const UNTAGGED: &str = "untagged";
}

/// The numbers of operations of a document that were emitted, skipped and excluded. They show that no
/// operation was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Operations of the document, counted before any is lowered.
    pub operations: usize,
    /// Operations that became part of the connector.
    pub emitted: usize,
    /// Operations left out because of a problem in the document.
    pub skipped: usize,
    /// Operations that connector.toml did not select.
    pub excluded: usize,
    /// Webhooks. The service calls them, so they are not counted as operations.
    pub webhooks: usize,
    /// Callbacks of operations. They are not counted as operations either.
    pub callbacks: usize,
    /// Emitted operations that require a security scheme that the document does not declare.
    pub undeclared: usize,
}

impl Count {
    /// Whether every operation was emitted, skipped or excluded.
    pub const fn is_whole(&self) -> bool {
        self.operations == self.emitted + self.skipped + self.excluded
    }
}
