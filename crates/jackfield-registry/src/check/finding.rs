//! Findings about an entry.

use std::fmt;

use jackfield_recipe::visible_line;

/// The maximum number of characters of a quoted text.
const LONGEST_QUOTE: usize = 80;

/// Something dangerous, invalid or unusual about an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the entry can be used in spite of it.
    pub severity: Severity,
    /// The kind of finding.
    pub code: FindingCode,
    /// The place within the entry, such as `packages/0/environmentVariables/2`.
    pub place: String,
    /// The problem as a sentence, without characters that a terminal could execute.
    pub problem: String,
    /// The consequence or the remedy.
    pub remedy: String,
}

/// Whether an entry can be used in spite of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A person should know before deciding.
    Warning,
    /// The part of the entry is not used.
    Refused,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal,)*) => {
        /// The kind of a finding. Its text never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FindingCode {
            $($(#[$doc])* $code,)*
        }

        impl FindingCode {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// Returns the code as text.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $text,)*
                }
            }
        }
    };
}

codes! {
    /// The entry was withdrawn.
    Deleted = "deleted",
    /// The publisher advises against the entry.
    Deprecated = "deprecated",
    /// The entry has neither a package nor a remote server.
    NothingToUse = "nothing-to-use",
    /// The name looks like the name of another server.
    LookAlikeName = "look-alike-name",
    /// A text contains characters that are invisible or reorder others.
    InvisibleCharacter = "invisible-character",
    /// Packages of this kind are not started.
    PackageKind = "package-kind",
    /// The identifier is not the name of a package.
    PackageIdentifier = "package-identifier",
    /// The version is not a single version.
    PackageVersion = "package-version",
    /// The digest of the file is missing or malformed.
    PackageDigest = "package-digest",
    /// The package is in a registry that its manager does not use.
    PackageRegistry = "package-registry",
    /// The publisher wants options for the program that starts the package.
    RuntimeArguments = "runtime-arguments",
    /// The transport is not supported.
    Transport = "transport",
    /// The name of an argument is not a flag.
    ArgumentName = "argument-name",
    /// A value is a flag.
    FlagInArgument = "flag-in-argument",
    /// A value is written for a shell.
    ShellInArgument = "shell-in-argument",
    /// A secret is part of the command line.
    SecretInArgument = "secret-in-argument",
    /// The name of an environment variable is malformed.
    VariableName = "variable-name",
    /// The variable changes how programs are loaded, or reaches the gateway.
    VariableReservedName = "variable-reserved-name",
    /// A value refers to another environment variable.
    VariableReference = "variable-reference",
    /// A value has a placeholder that is not declared.
    UndeclaredPlaceholder = "undeclared-placeholder",
    /// A name is declared twice.
    DuplicateName = "duplicate-name",
    /// The URL is malformed.
    UrlInvalid = "url-invalid",
    /// The URL contains a user name or a password.
    UrlUserInfo = "url-user-info",
    /// The URL is not protected by TLS.
    UrlNotEncrypted = "url-not-encrypted",
    /// The URL leads into a private network or to this machine.
    UrlPrivate = "url-private",
    /// The name of a header is malformed, or the transport sets the header itself.
    HeaderName = "header-name",
}

impl Finding {
    pub(super) fn refused(
        code: FindingCode,
        place: impl Into<String>,
        problem: String,
        remedy: &str,
    ) -> Self {
        Self { severity: Severity::Refused, code, place: place.into(), problem, remedy: remedy.to_owned() }
    }

    pub(super) fn warning(
        code: FindingCode,
        place: impl Into<String>,
        problem: String,
        remedy: &str,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::refused(code, place, problem, remedy) }
    }

    /// Whether the part of the entry is not used.
    pub fn is_refused(&self) -> bool {
        self.severity == Severity::Refused
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Refused => "refused",
        })
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { severity, code, place, problem, remedy } = self;
        write!(f, "{severity} [{code}]: {problem}")?;
        if !place.is_empty() {
            write!(f, " (at {place})")?;
        }
        write!(f, "; {remedy}")
    }
}

/// Quotes a text of an entry: shortened, and without characters that a terminal could execute.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(LONGEST_QUOTE).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("\"{}{dots}\"", visible_line(&short))
}
