//! The description of a package, which comes from a registry, and so from anybody.

use serde::{Deserialize, Serialize};

use super::fault::PackageFault;
use crate::config::is_loopback;

/// The maximum length of a package's name in its registry, of a version, and of a URL.
const LONGEST_NAME: usize = 214;
const LONGEST_VERSION: usize = 128;
const LONGEST_URL: usize = 2048;

/// The program that fetches a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manager {
    /// npm.
    Npm,
    /// pip, from PyPI.
    Pypi,
    /// cargo, from crates.io.
    Cargo,
    /// The gateway itself: an MCP bundle (.mcpb) at a URL.
    Mcpb,
}

impl Manager {
    /// Returns the manager for a `registryType` of a published server.
    ///
    /// # Errors
    /// Returns an error that says what to do instead if the gateway does not fetch such packages.
    pub fn parse(kind: &str) -> Result<Self, PackageFault> {
        match kind {
            "npm" => Ok(Self::Npm),
            "pypi" => Ok(Self::Pypi),
            "cargo" => Ok(Self::Cargo),
            "mcpb" => Ok(Self::Mcpb),
            "oci" => Err(PackageFault::new(
                "the gateway does not fetch container images: write `command = [\"docker\", \"run\", \"-i\", \"--rm\", \"IMAGE@sha256:DIGEST\"]`, with `sockets = true`",
            )),
            "nuget" => Err(PackageFault::new(
                "the gateway does not fetch packages of NuGet: install it with `dotnet tool install`, and write `command = [\"PROGRAM\"]`",
            )),
            kind => {
                Err(PackageFault::new(format!("the gateway does not fetch packages of the kind `{kind}`")))
            }
        }
    }

    /// Returns the name of the manager, as `registryType` has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
            Self::Cargo => "cargo",
            Self::Mcpb => "mcpb",
        }
    }
}

/// A package in the registry of its manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageSource {
    /// The program that fetches the package.
    pub manager: Manager,
    /// The name of the package, or the URL of a bundle.
    pub identifier: String,
    /// The version of the package. A bundle may have none.
    pub version: String,
    /// The SHA-256 of the package's file, which a bundle must have.
    pub sha256: Option<String>,
    /// The program to start, if the package has several.
    pub program: Option<String>,
}

impl PackageSource {
    /// Returns the name and the version for messages.
    pub fn shown(&self) -> String {
        match self.manager {
            Manager::Mcpb => self.identifier.clone(),
            _ => format!("{}@{}", self.identifier, self.version),
        }
    }

    /// Checks that the manager can only understand the description as one version of one package.
    ///
    /// # Errors
    /// Returns an error that names what is wrong.
    pub fn check(&self) -> Result<(), PackageFault> {
        let Self { manager, identifier, version, .. } = self;
        let is_name = match manager {
            Manager::Npm => is_npm_name(identifier),
            Manager::Pypi => is_plain_name(identifier, "._-"),
            Manager::Cargo => is_plain_name(identifier, "_-") && identifier.len() <= 64,
            Manager::Mcpb => return self.check_bundle(),
        };
        if !is_name {
            let kind = manager.as_str();
            return Err(PackageFault::new(format!(
                "`{identifier}` cannot be the name of a package of {kind}"
            )));
        }
        let is_version = match manager {
            Manager::Pypi => is_pypi_version(version),
            _ => is_semver(version),
        };
        if !is_version {
            return Err(PackageFault::new(format!(
                "`{version}` is not one exact version of `{identifier}`, as `1.2.3` is"
            )));
        }
        self.check_sum()
    }

    fn check_bundle(&self) -> Result<(), PackageFault> {
        let url = &self.identifier;
        let is_safe = url.starts_with("https://") || url.starts_with("http://") && is_loopback(url);
        let is_plain = url.len() <= LONGEST_URL && url.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_safe || !is_plain {
            return Err(PackageFault::new(format!("`{url}` is not an https URL of a bundle")));
        }
        if self.sha256.is_none() {
            return Err(PackageFault::new(format!(
                "the registry names no SHA-256 of {url}, so the file could be any"
            )));
        }
        self.check_sum()
    }

    fn check_sum(&self) -> Result<(), PackageFault> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match &self.sha256 {
            Some(sum) if sum.len() != 64 || !sum.bytes().all(is_digit) => {
                Err(PackageFault::new(format!("`{sum}` is not a SHA-256 in lower-case hexadecimal digits")))
            }
            _ => Ok(()),
        }
    }

    /// Compares the SHA-256 of the package's file with the one in the registry, if there is one.
    ///
    /// # Errors
    /// Returns an error if they differ.
    pub(super) fn compare_sum(&self, found: &str) -> Result<(), PackageFault> {
        match &self.sha256 {
            Some(expected) if expected != found => Err(PackageFault::new(format!(
                "the file of {} has the SHA-256 {found}, and the registry says {expected}: it is not the file that was published",
                self.shown()
            ))),
            _ => Ok(()),
        }
    }
}

/// Whether `name` is a name in npm's registry, with or without a scope.
fn is_npm_name(name: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|char: char| char.is_ascii_alphanumeric())
            && part.chars().all(|char| char.is_ascii_alphanumeric() || "._-~".contains(char))
    };
    let (scope, own) = match name.strip_prefix('@') {
        Some(scoped) => scoped.split_once('/').unwrap_or_default(),
        None => ("x", name),
    };
    name.len() <= LONGEST_NAME && is_part(scope) && is_part(own)
}

fn is_plain_name(name: &str, more: &str) -> bool {
    let is_end = |char: char| char.is_ascii_alphanumeric();
    name.len() <= LONGEST_NAME
        && name.starts_with(is_end)
        && name.ends_with(|char: char| is_end(char) || char == '_' && more.contains('_'))
        && name.chars().all(|char| is_end(char) || more.contains(char))
}

/// Whether `version` is one semantic version.
fn is_semver(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let rest = version.get(core.len()..).unwrap_or_default();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    version.len() <= LONGEST_VERSION
        && core.split('.').count() == 3
        && core.split('.').all(is_number)
        && rest.chars().all(|char| char.is_ascii_alphanumeric() || ".-+".contains(char))
        && !rest.ends_with(['-', '+', '.'])
}

/// Whether `version` is one version of PEP 440.
fn is_pypi_version(version: &str) -> bool {
    version.len() <= LONGEST_VERSION
        && version.starts_with(|char: char| char.is_ascii_digit())
        && version.ends_with(|char: char| char.is_ascii_alphanumeric())
        && version.chars().all(|char| char.is_ascii_alphanumeric() || "._-+!".contains(char))
        && !version.split('.').any(|part| part == "x")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(manager: Manager, identifier: &str, version: &str) -> PackageSource {
        let (identifier, version) = (identifier.to_owned(), version.to_owned());
        PackageSource { manager, identifier, version, sha256: None, program: None }
    }

    #[test]
    fn names_and_versions_that_a_manager_could_read_otherwise_are_refused() {
        for (manager, name, version) in [
            (Manager::Npm, "@modelcontextprotocol/server-memory", "2026.8.31"),
            (Manager::Npm, "x", "1.0.0-rc.1+build"),
            (Manager::Pypi, "mcp-server.time_x", "2026.10.19"),
            (Manager::Pypi, "x", "1!2.0rc1"),
            (Manager::Cargo, "time-mcp", "1.1.1"),
        ] {
            assert_eq!(source(manager, name, version).check(), Ok(()), "{name} {version}");
        }
        for manager in [Manager::Npm, Manager::Pypi, Manager::Cargo] {
            for name in [
                "",
                "-g",
                "--registry=http://a",
                "a b",
                "a@2",
                "../a",
                "a/../b",
                "git+https://a",
                "file:a",
                "./a",
                "a;b",
                "a==1",
                "a[b]",
                "a\n",
                "\u{430}pple",
                "@a",
                "@/a",
                "@a/",
                "@-a/b",
                "npm:a",
                ".a",
                "https://a/b.tgz",
            ] {
                let error = source(manager, name, "1.0.0").check().unwrap_err().to_string();
                assert!(error.contains("cannot be the name"), "{error}");
            }
            for version in [
                "",
                "latest",
                "^1.0.0",
                "~1.0.0",
                ">=1.0.0",
                "*",
                "1.x",
                "1.*",
                "1.0.0 || 2.0.0",
                "-1.0.0",
                "v1.0.0",
                "=1.0.0",
                "1.0.0,<2",
                "1.0.0;x",
                "1.0.0\n",
                "1.0.0 ",
                "npm:a@1.0.0",
                "1.0.-",
                "x",
            ] {
                let error = source(manager, "a", version).check().unwrap_err().to_string();
                assert!(error.contains("is not one exact version"), "{manager:?} {version}: {error}");
            }
        }
        for manager in [Manager::Npm, Manager::Cargo] {
            assert!(
                source(manager, "a", "1.0").check().is_err() && source(manager, "a", "1").check().is_err()
            );
        }
    }

    #[test]
    fn bundle_needs_https_and_a_checksum() {
        let bundle = |url: &str, sum: Option<&str>| {
            PackageSource { sha256: sum.map(str::to_owned), ..source(Manager::Mcpb, url, "") }.check()
        };
        let sum = "0123456789abcdef".repeat(4);
        assert_eq!(bundle("https://example.com/a.mcpb", Some(&sum)), Ok(()));
        assert_eq!(bundle("http://127.0.0.1:80/a.mcpb", Some(&sum)), Ok(()));
        for (url, sum, expected) in [
            ("http://example.com/a.mcpb", Some(sum.as_str()), "is not an https URL"),
            ("file:///etc/passwd", Some(&sum), "is not an https URL"),
            ("-o", Some(&sum), "is not an https URL"),
            ("https://example.com/a b", Some(&sum), "is not an https URL"),
            ("https://example.com/a", None, "names no SHA-256"),
            ("https://example.com/a", Some("AB"), "is not a SHA-256"),
        ] {
            let error = bundle(url, sum).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn other_kinds_of_packages_are_refused_with_an_alternative() {
        for (kind, expected) in
            [("oci", "command = [\"docker\""), ("nuget", "dotnet tool install"), ("go", "of the kind `go`")]
        {
            let error = Manager::parse(kind).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
