use std::fmt;

use crate::{Fix, Method, Place};

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing can be generated.
    Error,
    /// Something was left out or assumed.
    Warning,
    /// For information.
    Note,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $plural:literal,)*) => {
        /// The stable name of a kind of finding. `docs/diagnostics.md` explains all codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the spelling of the code, which never changes.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Returns the title for several findings of this code, as in `12 path variables without …`.
            pub const fn plural(self) -> &'static str {
                match self { $(Self::$variant => $plural,)* }
            }
        }
    };
}

codes! {
    /// A file is neither JSON nor YAML.
    Syntax = "syntax", "files that cannot be parsed",
    /// A file is larger or more deeply nested than the limits allow.
    Limit = "limit", "texts that exceed the limits",
    /// A file cannot be read.
    File = "file", "files that cannot be read or written",
    /// The document declares no OpenAPI version, or an unsupported version.
    Version = "version", "unsupported versions of OpenAPI",
    /// An overlay is malformed, or cannot be applied.
    Overlay = "overlay", "overlays that cannot be applied",
    /// The target of an overlay action selects nothing.
    OverlayUnmatched = "overlay-unmatched", "overlay actions that select nothing",
    /// A mapping has a key twice.
    DuplicateKey = "duplicate-key", "duplicate keys in mappings",
    /// A `$ref` has no target, refers to itself, or is not a string.
    DanglingRef = "dangling-ref", "unresolved references",
    /// A `$ref` leads to a file that is not allowed.
    RefusedRef = "refused-ref", "references to files that are not allowed",
    /// A path item is malformed.
    MalformedPathItem = "malformed-path-item", "malformed path items",
    /// An operation is malformed.
    MalformedOperation = "malformed-operation", "malformed parts of operations",
    /// A parameter is malformed.
    MalformedParameter = "malformed-parameter", "malformed parameters",
    /// A request body is malformed.
    MalformedBody = "malformed-body", "malformed request bodies",
    /// A response is malformed.
    MalformedReply = "malformed-reply", "malformed replies",
    /// A schema is malformed.
    MalformedSchema = "malformed-schema", "malformed parts of schemas",
    /// Lowering schemas that refer to each other takes more steps than the limit for a document allows.
    SchemaLimit = "schema-limit", "schemas that exceed the limits",
    /// A value or a name contains invisible characters.
    InvisibleText = "invisible-text", "values or names with invisible characters",
    /// A security scheme or requirement is malformed.
    MalformedSecurity = "malformed-security", "malformed security schemes or requirements",
    /// A server is malformed.
    MalformedServer = "malformed-server", "malformed servers",
    /// A security scheme needs a hand-written signer.
    UnsupportedScheme = "unsupported-scheme", "security schemes that need a hand-written signer",
    /// An OAuth 2.0 flow exposes tokens to browsers, or passwords to the connector.
    UnsafeFlow = "unsafe-flow", "OAuth flows that are unsafe",
    /// The document requires schemes together that set the same header, parameter or cookie, so they are treated as alternatives.
    ConflictingSchemes = "conflicting-schemes", "security requirements whose schemes fill the same header or parameter",
    /// An operation has more security alternatives than the limit. Further alternatives are ignored.
    TooManyAlternatives = "too-many-alternatives", "operations with too many security alternatives",
    /// Two OAuth schemes have the same authorization server.
    OneLogin = "one-login", "OAuth schemes that share an authorization server",
    /// Two schemes read the same environment variable.
    SharedVariable = "shared-variable", "security schemes that share a variable",
    /// The document declares schemes that no operation requires.
    UnusedSchemes = "unused-schemes", "security schemes that no operation requires",
    /// The document requires security schemes, but nearly every operation overrides this requirement with an empty one.
    EmptySecurity = "empty-security", "documents that require a credential, with operations that require none",
    /// The description of an API key shows a prefix that is not sent.
    MissingPrefix = "missing-prefix", "API keys whose description shows a prefix that is not sent",
    /// A parameter is a header that HTTP or authentication sets.
    IgnoredParameter = "ignored-parameter", "parameters that HTTP, authentication or the path provides",
    /// Extensions of the document, such as `x-mcp`, determine properties of its tools.
    DocumentExtension = "document-extension", "extensions of the document that describe its tools",
    /// A parameter of nearly all operations has the same value in every call, so it becomes a setting instead of an argument.
    ConnectorSetting = "connector-setting", "parameters that are settings of the connector",
    /// A credential sets a parameter, so the parameter is not an argument.
    CredentialParameter = "credential-parameter", "parameters that are filled with credentials",
    /// The name of an argument looks like the name of a secret.
    SecretArgument = "secret-argument", "arguments that are named like secrets",
    /// No parameter declares a path variable.
    UndeclaredPathVariable = "undeclared-path-variable", "path variables without a parameter of exactly that name",
    /// A path parameter has no variable in the path.
    UnusedPathParameter = "unused-path-parameter", "path parameters without a variable in the path",
    /// Two operations have the same `operationId`.
    DuplicateOperation = "duplicate-operation", "operationIds that are used twice",
    /// A requirement names a scheme that is not declared.
    UndefinedScheme = "undefined-scheme", "security requirements with schemes that are not declared",
    /// The document declares no usable server.
    NoServer = "no-server", "servers without an absolute URL",
    /// A server or an endpoint has a private address, and only the document names it.
    PrivateServer = "private-server", "private addresses that only the document names",
    /// No operation became a tool.
    NoOperations = "no-operations", "documents without a tool",
    /// connector.toml is invalid.
    Manifest = "manifest", "invalid lines of connector.toml",
    /// A choice in connector.toml matches nothing.
    UnmatchedChoice = "unmatched-choice", "values in connector.toml that match nothing",
    /// The tools differ from those of the committed jackfield.lock.
    LockDrift = "lock-drift", "tools that differ from jackfield.lock",
    /// The document reaches an origin that the committed jackfield.lock does not list.
    AddedOrigin = "added-origin", "origins that jackfield.lock does not list",
    /// An operation was lost. This is a bug in Jackfield.
    BrokenCount = "broken-count", "lost operations",
    /// A text of the document contains instructions for a model.
    InstructionText = "instruction-text", "texts that give orders to a model",
    /// A description contains characters that people cannot see.
    HiddenText = "hidden-text", "texts with characters that people cannot see",
    /// A name or a server contains letters of other scripts that look like Latin letters.
    LookalikeName = "lookalike-name", "names with letters that look like Latin letters",
    /// An example looks like a real credential.
    SecretExample = "secret-example", "examples that look like credentials",
    /// Two tools look the same to a model.
    ShadowedTool = "shadowed-tool", "tools that look the same to a model",
    /// The document has no summary and no description for a tool.
    MissingText = "missing-text", "tools without a summary and a description",
    /// A destructive tool does not always wait for approval.
    UnapprovedDestroy = "unapproved-destroy", "destroying tools that do not always wait for a person",
    /// connector.toml gives a destructive operation a weaker effect.
    LoweredEffect = "lowered-effect", "operations whose effect connector.toml lowers",
    /// The hints of a published server contradict the name of a tool.
    FalseHint = "false-hint", "tools whose hints contradict their names",
    /// connector.toml requests a scope that no tool needs.
    UnusedScope = "unused-scope", "requested scopes that no tool needs",
    /// The description of a tool uses many tokens in each conversation.
    DearTool = "dear-tool", "tools with many tokens",
    /// An argument looks constant.
    ConstantArgument = "constant-argument", "arguments that look constant",
    /// A listed tool has no title.
    ToolTitle = "tool-title", "tools without a title in the list",
    /// With the prefix of a client, a tool's name is too long.
    LongToolName = "long-tool-name", "tool names that are too long with a client's prefix",
    /// One tool reads or writes, depending on an argument.
    MixedTool = "mixed-tool", "tools that read or write depending on an argument",
    /// The list of tools uses more tokens than a profile allows.
    LongList = "long-list", "lists of tools that are too long",
    /// A schema cannot be converted for the strict mode of model APIs.
    StrictSchema = "strict-schema", "schemas that strict mode cannot accept",
    /// A schema has keywords that Gemini does not accept.
    GeminiSchema = "gemini-schema", "schemas that Gemini does not accept",
    /// A tool has a name that Gemini does not accept.
    GeminiName = "gemini-name", "tool names that Gemini does not accept",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A finding: a problem, where it is, its consequence, and how to correct it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of finding.
    pub code: Code,
    /// The severity.
    pub severity: Severity,
    /// The node of the document. None if the finding concerns the whole document.
    pub place: Option<Place>,
    /// The problem, without a trailing period.
    pub problem: String,
    /// The consequence.
    pub consequence: String,
    /// The remedy.
    pub remedy: String,
    /// The remedy for a group of findings, if each finding has a remedy of its own. Findings with the same code and the same shared remedy
    /// form a group.
    pub shared_remedy: Option<&'static str>,
    /// The lines that correct the problem, if it has such a fix.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Creates a finding about something that was left out or assumed.
    pub fn warning(code: Code, place: Place, problem: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, Some(place), problem)
    }

    /// Creates a finding that needs no action.
    pub fn note(code: Code, place: Place, problem: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, Some(place), problem)
    }

    /// Creates a finding that ends the run.
    pub fn error(code: Code, place: Option<Place>, problem: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, place, problem)
    }

    fn new(code: Code, severity: Severity, place: Option<Place>, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self {
            code,
            severity,
            place,
            problem,
            consequence: String::new(),
            remedy: String::new(),
            shared_remedy: None,
            fix: None,
        }
    }

    /// Sets the consequence.
    #[must_use]
    pub fn so(mut self, consequence: impl Into<String>) -> Self {
        self.consequence = consequence.into();
        self
    }

    /// Sets the remedy.
    #[must_use]
    pub fn help(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// Sets the lines that correct the problem.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }

    /// Sets the text that replaces the remedies when several findings of this code are shown together.
    #[must_use]
    pub fn help_many(mut self, remedy: &'static str) -> Self {
        self.shared_remedy = Some(remedy);
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{} ({})", self.problem, self.code)
    }
}

impl std::error::Error for Diagnostic {}

/// An operation that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The method. None for a path item that cannot be parsed.
    pub method: Option<Method>,
    /// The path.
    pub path: String,
    /// The reason.
    pub reason: Diagnostic,
}
