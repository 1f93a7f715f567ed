use std::fmt;

use crate::{Method, Place};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing can be generated.
    Error,
    /// Something is left out or guessed.
    Warning,
    /// Worth knowing.
    Note,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $plural:literal,)*) => {
        /// The stable name of a kind of finding; `docs/diagnostics.md` explains each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The name of many findings of this code together: `12 path variables that …`.
            pub const fn plural(self) -> &'static str {
                match self { $(Self::$variant => $plural,)* }
            }
        }
    };
}

codes! {
    /// The text is neither JSON nor YAML.
    Syntax = "syntax", "texts that cannot be read",
    /// The text is larger, deeper or more entangled than the limits allow.
    Limit = "limit", "texts beyond the limits",
    /// A file could not be read.
    File = "file", "files that cannot be read or written",
    /// The document says no version, or one that is not known.
    Version = "version", "versions that are not known",
    /// An overlay is not shaped like one, or cannot be applied.
    Overlay = "overlay", "overlays that cannot be applied",
    /// The target of an overlay's action selects nothing.
    OverlayUnmatched = "overlay-unmatched", "overlay actions that select nothing",
    /// A key stands twice in one mapping.
    DuplicateKey = "duplicate-key", "keys that stand twice in one mapping",
    /// A `$ref` leads nowhere, in a circle, or is no text.
    DanglingRef = "dangling-ref", "references that lead nowhere",
    /// A `$ref` leads to a file that was not allowed.
    RefusedRef = "refused-ref", "references to files that are not allowed",
    /// A path item is no object.
    MalformedPathItem = "malformed-path-item", "malformed path items",
    /// An operation is not shaped like one.
    MalformedOperation = "malformed-operation", "malformed parts of operations",
    /// A parameter is not shaped like one.
    MalformedParameter = "malformed-parameter", "malformed parameters",
    /// A request body is not shaped like one.
    MalformedBody = "malformed-body", "malformed request bodies",
    /// A reply is not shaped like one.
    MalformedReply = "malformed-reply", "malformed replies",
    /// A schema is not shaped like one.
    MalformedSchema = "malformed-schema", "malformed parts of schemas",
    /// Schemas refer to each other so often that they are too much to read whole.
    SchemaLimit = "schema-limit", "schemas that are too much to read whole",
    /// A value or a name holds characters that cannot be seen.
    InvisibleText = "invisible-text", "values or names with characters that cannot be seen",
    /// A security scheme or requirement is not shaped like one.
    MalformedSecurity = "malformed-security", "malformed security schemes or requirements",
    /// A server is not shaped like one.
    MalformedServer = "malformed-server", "malformed servers",
    /// A way to authenticate that takes a hand-written signer.
    UnsupportedScheme = "unsupported-scheme", "security schemes that take a hand-written signer",
    /// A flow of OAuth 2.0 that hands tokens or passwords to whom they do not belong.
    UnsafeFlow = "unsafe-flow", "OAuth flows that are unsafe",
    /// Schemes that are required together fill the same slot of a request: they count as alternatives.
    ConflictingSchemes = "conflicting-schemes", "security requirements whose schemes fill the same slot",
    /// An operation has more alternatives of security than are kept.
    TooManyAlternatives = "too-many-alternatives", "operations with more alternatives of security than are kept",
    /// Two OAuth schemes have one authorization server.
    OneLogin = "one-login", "OAuth schemes that share an authorization server",
    /// Two schemes are asked for with the same variable.
    SharedVariable = "shared-variable", "security schemes that are read from one variable",
    /// Schemes are declared, and nothing says what they are for.
    UnusedSchemes = "unused-schemes", "security schemes that nothing requires",
    /// The document requires schemes, and nearly every operation says that it needs none.
    EmptySecurity = "empty-security", "documents whose operations take back the security that is required",
    /// A key whose description shows a word in front of it that nothing sends.
    MissingPrefix = "missing-prefix", "keys whose description shows a prefix that nothing sends",
    /// A parameter that HTTP or authentication owns.
    IgnoredParameter = "ignored-parameter", "parameters that HTTP, authentication or the path provides",
    /// A path variable that no parameter declares.
    UndeclaredPathVariable = "undeclared-path-variable", "path variables that no parameter declares as spelled",
    /// A path parameter that the path does not have.
    UnusedPathParameter = "unused-path-parameter", "path parameters that their path does not have",
    /// Two operations have the same `operationId`.
    DuplicateOperation = "duplicate-operation", "operationIds that are used twice",
    /// A requirement names a scheme that is not declared.
    UndefinedScheme = "undefined-scheme", "requirements of security schemes that are not declared",
    /// The document says nowhere where requests go.
    NoServer = "no-server", "servers without a whole address",
    /// A server or an endpoint that only the document names, and that is not public.
    PrivateServer = "private-server", "private addresses that only the document names",
    /// Nothing is left to make tools from.
    NoOperations = "no-operations", "documents without a tool",
    /// connector.toml cannot be understood.
    Manifest = "manifest", "lines of connector.toml that cannot be understood",
    /// A choice in connector.toml matches nothing.
    UnmatchedChoice = "unmatched-choice", "choices in connector.toml that match nothing",
    /// The tools differ from those of the committed jackfield.lock.
    LockDrift = "lock-drift", "tools that differ from jackfield.lock",
    /// The document reaches an origin that the committed jackfield.lock does not have.
    AddedOrigin = "added-origin", "origins that jackfield.lock does not have",
    /// An operation was lost: a defect of Jackfield.
    BrokenCount = "broken-count", "lost operations",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A finding: what, where, what follows, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Where; none when it concerns the whole.
    pub place: Option<Place>,
    /// What is wrong, without a trailing period.
    pub problem: String,
    /// What follows from it.
    pub consequence: String,
    /// What to do about it.
    pub remedy: String,
    /// The remedy of many of them at once, where the remedy of each names something of its own. Findings of one code
    /// that agree in this are shown as one.
    pub shared_remedy: Option<&'static str>,
}

impl Diagnostic {
    /// A finding that leaves something out or guesses.
    pub fn warning(code: Code, place: Place, problem: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, Some(place), problem)
    }

    /// A finding that is worth knowing.
    pub fn note(code: Code, place: Place, problem: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, Some(place), problem)
    }

    /// A finding that ends the run.
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
        }
    }

    /// What follows from it.
    #[must_use]
    pub fn so(mut self, consequence: impl Into<String>) -> Self {
        self.consequence = consequence.into();
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// Sets the remedy of many of them at once, where the remedy names something of this one.
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

/// An operation that was left out, with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The method, or none for a whole path item that could not be read.
    pub method: Option<Method>,
    /// The path.
    pub path: String,
    /// Why.
    pub reason: Diagnostic,
}
