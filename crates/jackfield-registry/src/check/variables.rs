//! Checks environment variables.

use super::finding::{Finding, FindingCode, quoted};
use super::values;
use crate::entry::input::NamedInput;

/// The maximum number of bytes of a name.
const LONGEST: usize = 128;

/// Names that change which program or library is loaded, where a program finds the files of its user, or whom it trusts.
const RESERVED: [&str; 29] = [
    "PATH",
    "PATHEXT",
    "HOME",
    "HOMEPATH",
    "HOMEDRIVE",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SHELL",
    "COMSPEC",
    "ENV",
    "BASH_ENV",
    "BASHOPTS",
    "SHELLOPTS",
    "IFS",
    "CDPATH",
    "PERL5LIB",
    "PERL5OPT",
    "RUBYLIB",
    "RUBYOPT",
    "CLASSPATH",
    "_JAVA_OPTIONS",
    "VIRTUAL_ENV",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "DOTNET_STARTUP_HOOKS",
];
/// The beginnings of such names.
const RESERVED_BEGINNINGS: [&str; 20] = [
    "LD_",
    "DYLD_",
    "NODE_",
    "PYTHON",
    "RUSTC",
    "RUSTUP_",
    "RUSTFLAGS",
    "CARGO_",
    "NPM_CONFIG_",
    "PIP_",
    "UV_",
    "CONDA_",
    "JAVA_TOOL_",
    "JDK_JAVA_",
    "JACKFIELD_",
    "SSL_",
    "OPENSSL_",
    "GIT_SSH",
    "GIT_CONFIG",
    "XDG_",
];
/// The endings of such names.
const RESERVED_ENDINGS: [&str; 1] = ["_PROXY"];
/// Names that begin so, but only choose what is printed.
const HARMLESS: [&str; 7] = [
    "NODE_ENV",
    "NODE_DEBUG",
    "NODE_NO_WARNINGS",
    "PYTHONUNBUFFERED",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
    "PYTHONDONTWRITEBYTECODE",
];

/// Checks the environment variables of a package.
pub(super) fn check(variables: &[NamedInput], place: &str, findings: &mut Vec<Finding>) {
    for (at, variable) in variables.iter().enumerate() {
        let (name, place) = (&variable.name, format!("{place}/{at}"));
        if !is_name(name) {
            findings.push(Finding::refused(
                FindingCode::VariableName,
                &place,
                format!("{} is not the name of an environment variable", quoted(name)),
                "a name has only letters, digits and underscores, and does not begin with a digit",
            ));
        } else if is_reserved(name) {
            findings.push(Finding::refused(
                FindingCode::VariableReservedName,
                &place,
                format!("the variable {name} changes which code a program loads, or whom it trusts"),
                "a server does not set it; ask the publisher for a variable of its own",
            ));
        }
        if variables.iter().take(at).any(|earlier| earlier.name.eq_ignore_ascii_case(name)) {
            findings.push(Finding::refused(
                FindingCode::DuplicateName,
                &place,
                format!("the variable {} is declared twice", quoted(name)),
                "a person could set one of them and see the other",
            ));
        }
        values::check(&variable.input, &place, findings);
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= LONGEST
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a server may not set the variable. Case does not matter, because some programs and systems ignore it.
fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    !HARMLESS.contains(&name.as_str())
        && (RESERVED.contains(&name.as_str())
            || RESERVED_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
            || RESERVED_ENDINGS.iter().any(|ending| name.ends_with(ending)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_that_changes_what_is_loaded_is_reserved() {
        for name in [
            "PATH",
            "Path",
            "HOME",
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "DYLD_INSERT_LIBRARIES",
            "NODE_OPTIONS",
            "NODE_PATH",
            "NODE_EXTRA_CA_CERTS",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PYTHONHOME",
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "CARGO_HOME",
            "npm_config_registry",
            "NPM_CONFIG_IGNORE_SCRIPTS",
            "PIP_INDEX_URL",
            "UV_INDEX_URL",
            "JACKFIELD_VAULT_KEY",
            "https_proxy",
            "HTTP_PROXY",
            "NO_PROXY",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
            "BASH_ENV",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_GLOBAL",
            "JAVA_TOOL_OPTIONS",
            "XDG_CONFIG_HOME",
        ] {
            assert!(is_reserved(name), "{name}");
        }
        for name in [
            "API_KEY",
            "GITHUB_TOKEN",
            "NODE_ENV",
            "PYTHONUNBUFFERED",
            "RUST_LOG",
            "HOMEPAGE",
            "MY_PATH",
            "PROXY",
            "TZ",
            "GIT_AUTHOR_NAME",
            "SSLMODE",
            "NPM_TOKEN",
        ] {
            assert!(!is_reserved(name), "{name}");
        }
        for name in ["", "1A", "A-B", "A B", "A=B", "A\0", "Ä", "A.B"] {
            assert!(!is_name(name), "{name}");
        }
        assert!(is_name("_a9"));
    }
}
