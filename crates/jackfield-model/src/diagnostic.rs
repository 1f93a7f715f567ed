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
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
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
        }
    };
}

codes! {
    /// The text is neither JSON nor YAML.
    Syntax = "syntax",
    /// The text is larger, deeper or more entangled than the limits allow.
    Limit = "limit",
    /// A file could not be read.
    File = "file",
    /// The document says no version, or one that is not known.
    Version = "version",
    /// An overlay is not shaped like one, or cannot be applied.
    Overlay = "overlay",
    /// The target of an overlay's action selects nothing.
    OverlayUnmatched = "overlay-unmatched",
    /// A key stands twice in one mapping.
    DuplicateKey = "duplicate-key",
    /// A `$ref` leads nowhere, in a circle, or is no text.
    DanglingRef = "dangling-ref",
    /// A `$ref` leads to a file that was not allowed.
    RefusedRef = "refused-ref",
    /// A path item is no object.
    MalformedPathItem = "malformed-path-item",
    /// An operation is not shaped like one.
    MalformedOperation = "malformed-operation",
    /// A parameter is not shaped like one.
    MalformedParameter = "malformed-parameter",
    /// A request body is not shaped like one.
    MalformedBody = "malformed-body",
    /// A reply is not shaped like one.
    MalformedReply = "malformed-reply",
    /// A schema is not shaped like one.
    MalformedSchema = "malformed-schema",
    /// A security scheme or requirement is not shaped like one.
    MalformedSecurity = "malformed-security",
    /// A server is not shaped like one.
    MalformedServer = "malformed-server",
    /// A way to authenticate that takes a hand-written signer.
    UnsupportedScheme = "unsupported-scheme",
    /// A flow of OAuth 2.0 that hands tokens or passwords to whom they do not belong.
    UnsafeFlow = "unsafe-flow",
    /// Schemes that are required together fill the same slot of a request: they count as alternatives.
    ConflictingSchemes = "conflicting-schemes",
    /// An operation has more alternatives of security than are kept.
    TooManyAlternatives = "too-many-alternatives",
    /// Two OAuth schemes have one authorization server.
    OneLogin = "one-login",
    /// Two schemes are asked for with the same variable.
    SharedVariable = "shared-variable",
    /// Schemes are declared, and nothing says what they are for.
    UnusedSchemes = "unused-schemes",
    /// The document requires schemes, and nearly every operation says that it needs none.
    EmptySecurity = "empty-security",
    /// A key whose description shows a word in front of it that nothing sends.
    MissingPrefix = "missing-prefix",
    /// A parameter that HTTP or authentication owns.
    IgnoredParameter = "ignored-parameter",
    /// A path variable that no parameter declares.
    UndeclaredPathVariable = "undeclared-path-variable",
    /// A path parameter that the path does not have.
    UnusedPathParameter = "unused-path-parameter",
    /// Two operations have the same `operationId`.
    DuplicateOperation = "duplicate-operation",
    /// A requirement names a scheme that is not declared.
    UndefinedScheme = "undefined-scheme",
    /// The document says nowhere where requests go.
    NoServer = "no-server",
    /// Nothing is left to make tools from.
    NoOperations = "no-operations",
    /// connector.toml cannot be understood.
    Manifest = "manifest",
    /// A choice in connector.toml matches nothing.
    UnmatchedChoice = "unmatched-choice",
    /// The tools differ from those of the committed jackfield.lock.
    LockDrift = "lock-drift",
    /// The document reaches an origin that the committed jackfield.lock does not have.
    AddedOrigin = "added-origin",
    /// An operation was lost: a defect of Jackfield.
    BrokenCount = "broken-count",
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
        Self { code, severity, place, problem, consequence: String::new(), remedy: String::new() }
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
