//! The names of schemas in the pool.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::Pointer;

use crate::document::Node;

/// The maximum number of characters of a pointer's last token that a name keeps.
const LONGEST: usize = 80;

/// The pool names that are in use.
#[derive(Default)]
pub(super) struct PoolNames {
    /// The name for every place to which a reference leads.
    names: BTreeMap<(usize, Pointer), String>,
    taken: BTreeSet<String>,
    /// The last number that was appended to each name.
    numbers: BTreeMap<String, usize>,
}

impl PoolNames {
    /// Returns the name of the schema at that node, which is equal for all references to the schema.
    pub(super) fn of(&mut self, node: &Node<'_>) -> String {
        let key = (node.file, node.pointer.clone());
        if let Some(name) = self.names.get(&key) {
            return name.clone();
        }
        let name = self.free(spelled(node));
        self.names.insert(key, name.clone());
        name
    }

    /// Returns the name itself, or with a number if it is taken.
    fn free(&mut self, name: String) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        let number = self.numbers.entry(name.clone()).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{name}_{number}");
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

/// Returns the last token of the pointer, or the name of the file, spelled so that references need no escapes.
fn spelled(node: &Node<'_>) -> String {
    let last = node.pointer.tokens().last();
    let file = || node.document.file_name(node.file).rsplit('/').next()?.split('.').next().map(str::to_owned);
    let text = last.or_else(file).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
    let name: String = text.chars().map(plain).take(LONGEST).collect();
    if name.trim_matches('_').is_empty() { "Schema".to_owned() } else { name }
}
