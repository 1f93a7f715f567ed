//! The input of [`packages`](crate::packages): a connector with its texts, variables, tools and files.

use jackfield_model::Effect;

use crate::file::PackageFile;
use crate::platform::Platform;

/// A connector with all texts and files that packages contain. Texts may come from a document that nobody has
/// reviewed, so each package escapes them for its format.
#[derive(Debug)]
pub struct Shipment {
    /// The name of the connector: lower-case words joined by `-`.
    pub name: String,
    /// The title for people.
    pub title: String,
    /// One line about the connector.
    pub description: String,
    /// The version of the connector, which is not the version of its API.
    pub version: String,
    /// The author.
    pub author: String,
    /// The licence as an SPDX expression.
    pub license: Option<String>,
    /// The URL of the source code.
    pub repository: Option<String>,
    /// The URL of the documentation or of a page about the connector.
    pub homepage: Option<String>,
    /// The name in the MCP Registry, such as `io.github.acme/bookshop`.
    pub registry_name: Option<String>,
    /// The category in one word, such as `payments`. The skill of a plugin also works with other connectors of the category.
    pub category: String,
    /// The folder in which users unpack the archive, as an absolute path on the users' system.
    pub unpacked_in: String,
    /// The sources from which clients of the MCP Registry can get the connector.
    pub published: Vec<Published>,
    /// The environment variables that people set.
    pub variables: Vec<Variable>,
    /// The tools by tag, in the order of the list.
    pub groups: Vec<ToolGroup>,
    /// Whether the connector may have other tools than those of `groups`.
    pub has_other_tools: bool,
    /// The files that serve the connector.
    pub payload: Payload,
    /// The crates in the program, for its bill of materials.
    pub components: Vec<Component>,
}

impl Shipment {
    /// Returns every tool.
    pub fn tools(&self) -> impl Iterator<Item = &ShippedTool> {
        self.groups.iter().flat_map(|group| &group.tools)
    }

    /// Returns the stem of the names of package files.
    pub(crate) fn file_stem(&self) -> String {
        format!("{}-{}-{}", self.name, self.version, self.payload.platform.label())
    }
}

/// A source from which clients can get a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// A crate on crates.io, with its name.
    Crate(String),
    /// A container image, with its reference.
    Image(String),
    /// An MCP bundle, with its URL.
    Bundle(String),
}

/// An environment variable that people set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name, such as `BOOKSHOP_TOKEN`.
    pub name: String,
    /// The key of the field in forms, such as `token`.
    pub key: String,
    /// The label of the field in forms.
    pub title: String,
    /// The purpose of the variable.
    pub description: String,
    /// Whether every tool needs the variable.
    pub is_required: bool,
    /// Whether entries of clients refer to the variable. They do so for required variables, and for credentials that tools use by default.
    pub is_expected: bool,
    /// Whether the value is a secret.
    pub is_secret: bool,
    /// Whether the value is the path of a file.
    pub is_file: bool,
    /// The default value.
    pub default: Option<String>,
    /// The allowed values. If empty, all values are allowed.
    pub choices: Vec<String>,
}

/// Tools that share a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolGroup {
    /// The tag.
    pub tag: String,
    /// The tools.
    pub tools: Vec<ShippedTool>,
}

/// A tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippedTool {
    /// The name.
    pub name: String,
    /// One line about the tool.
    pub description: String,
    /// The effect of a call.
    pub effect: Effect,
}

/// The files that serve a connector.
#[derive(Debug)]
pub struct Payload {
    /// The program and its files, with paths below a common folder.
    pub files: Vec<PackageFile>,
    /// The path of the program.
    pub program: String,
    /// The arguments with which the program serves the connector.
    pub arguments: Vec<Argument>,
    /// The platform of the program.
    pub platform: Platform,
}

impl Payload {
    /// Returns the arguments of the program if the payload is in the folder `root`. `root` ends with a separator.
    pub(crate) fn arguments_in(&self, root: &str) -> Vec<String> {
        let words = self.arguments.iter();
        words
            .map(|word| match word {
                Argument::Word(word) => word.clone(),
                Argument::Path(path) => format!("{root}{path}"),
            })
            .collect()
    }
}

/// An argument of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A word.
    Word(String),
    /// The path of one of the files.
    Path(String),
}

/// A crate in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The SHA-256 of the source archive, if the crate comes from a registry.
    pub checksum: Option<String>,
    /// The crates on which the crate depends, as indices into the list of components.
    pub uses: Vec<usize>,
}
