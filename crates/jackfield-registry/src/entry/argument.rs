//! Arguments of a command line.

use super::error::EntryError;
use super::input::Input;
use super::node::{NAME, Node};

/// The maximum number of arguments of a package.
const MOST_ARGUMENTS: usize = 100;

/// An argument of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Whether the argument has a name.
    pub kind: ArgumentKind,
    /// Whether the argument can occur several times.
    pub is_repeated: bool,
    /// The value.
    pub input: Input,
}

/// The kind of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A value on its own. The hint names it for people, and for the URL of the package's transport.
    Positional {
        /// The name for people.
        hint: Option<String>,
    },
    /// A flag and its value.
    Named {
        /// The flag, with its dashes.
        name: String,
    },
}

impl Argument {
    /// Returns the name of the argument for people: its flag or its hint.
    pub fn label(&self) -> &str {
        match &self.kind {
            ArgumentKind::Positional { hint } => hint.as_deref().unwrap_or("value"),
            ArgumentKind::Named { name } => name,
        }
    }
}

/// Reads an array of arguments.
pub(super) fn arguments(node: &Node<'_>, member: &str) -> Result<Vec<Argument>, EntryError> {
    let mut arguments = Vec::new();
    for (value, place) in node.list(member, MOST_ARGUMENTS)? {
        let node = Node::of(value, place)?;
        let kind = match node.required("type", NAME)?.as_str() {
            "positional" => ArgumentKind::Positional { hint: node.text("valueHint", NAME)? },
            "named" => ArgumentKind::Named { name: node.required("name", NAME)? },
            other => {
                let problem = format!("the type {other:?} is neither \"positional\" nor \"named\"");
                return Err(node.error("type", problem));
            }
        };
        arguments.push(Argument { kind, is_repeated: node.flag("isRepeated")?, input: Input::parse(&node)? });
    }
    Ok(arguments)
}
