//! The command that starts the program of a package.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Stands for the folder of the package's files in a command.
pub(super) const TREE: &str = "${tree}";

/// The command that starts the program of a package. `${tree}` stands for the folder of its files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageStart {
    /// The program: a path, or a name on PATH.
    pub program: String,
    /// The first arguments of the program.
    pub arguments: Vec<String>,
    /// The environment variables that the program needs.
    pub variables: Vec<(String, String)>,
}

impl PackageStart {
    /// Returns the command for a package in this folder. `None` if the path is not UTF-8.
    pub(crate) fn at(&self, tree: &Path) -> Option<Self> {
        let tree = tree.to_str()?;
        let placed = |text: &String| text.replace(TREE, tree);
        let variables = self.variables.iter().map(|(name, value)| (name.clone(), placed(value)));
        Some(Self {
            program: placed(&self.program),
            arguments: self.arguments.iter().map(placed).collect(),
            variables: variables.collect(),
        })
    }
}
