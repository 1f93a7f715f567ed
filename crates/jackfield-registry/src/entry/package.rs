//! Packages that contain a server.

use std::fmt;

use super::argument::{Argument, arguments};
use super::error::EntryError;
use super::input::{NamedInput, named_inputs};
use super::node::{NAME, Node, URL};
use super::transport::Transport;

/// The maximum number of environment variables of a package.
const MOST_VARIABLES: usize = 100;

/// A package that contains a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The kind, which determines the package manager.
    pub kind: PackageKind,
    /// The name of the package, or the URL of its file.
    pub identifier: String,
    /// The version as published. [`check`](crate::check) tells whether it is exact.
    pub version: Option<String>,
    /// The URL of the registry that has the package.
    pub registry_base_url: Option<String>,
    /// The SHA-256 digest of the file, as published.
    pub file_sha256: Option<String>,
    /// The program that the publisher suggests to start the package with. It is never started.
    pub runtime_hint: Option<String>,
    /// Arguments of that program. They are never used.
    pub runtime_arguments: Vec<Argument>,
    /// Arguments of the server.
    pub arguments: Vec<Argument>,
    /// Environment variables of the server.
    pub environment: Vec<NamedInput>,
    /// The transport.
    pub transport: Transport,
}

/// The kind of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageKind {
    /// A package of npm.
    Npm,
    /// A package of the Python Package Index.
    Pypi,
    /// A crate.
    Cargo,
    /// A container image.
    Oci,
    /// An MCP bundle at a URL.
    Mcpb,
    /// A package of NuGet.
    Nuget,
    /// A kind that this version does not know.
    Other(String),
}

impl PackageKind {
    /// Returns the name of the kind in `server.json`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
            Self::Cargo => "cargo",
            Self::Oci => "oci",
            Self::Mcpb => "mcpb",
            Self::Nuget => "nuget",
            Self::Other(other) => other,
        }
    }

    /// Whether Jackfield fetches and starts packages of this kind.
    pub const fn is_supported(&self) -> bool {
        matches!(self, Self::Npm | Self::Pypi | Self::Cargo | Self::Mcpb)
    }

    fn of(text: &str) -> Self {
        match text {
            "npm" => Self::Npm,
            "pypi" => Self::Pypi,
            "cargo" => Self::Cargo,
            "oci" => Self::Oci,
            "mcpb" => Self::Mcpb,
            "nuget" => Self::Nuget,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for PackageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Package {
    pub(super) fn parse(node: &Node<'_>) -> Result<Self, EntryError> {
        let transport = node
            .member("transport")
            .ok_or_else(|| node.error("transport", "the member \"transport\" is missing"))?;
        Ok(Self {
            kind: PackageKind::of(&node.required("registryType", NAME)?),
            identifier: node.required("identifier", URL)?,
            version: node.text("version", NAME)?,
            registry_base_url: node.text("registryBaseUrl", URL)?,
            file_sha256: node.text("fileSha256", NAME)?,
            runtime_hint: node.text("runtimeHint", NAME)?,
            runtime_arguments: arguments(node, "runtimeArguments")?,
            arguments: arguments(node, "packageArguments")?,
            environment: named_inputs(node, "environmentVariables", MOST_VARIABLES)?,
            transport: Transport::parse(&Node::of(transport, node.place("transport"))?)?,
        })
    }
}
