//! The names of schemas in the pool.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::Pointer;

use crate::document::Node;

/// How many characters of a place's last token a name keeps.
const LONGEST: usize = 80;

/// The pool names that were given so far.
#[derive(Default)]
pub(super) struct PoolNames {
    /// The name of every place that is referred to.
    names: BTreeMap<(usize, Pointer), String>,
    taken: BTreeSet<String>,
    /// The last number that was added to each name.
    numbers: BTreeMap<String, usize>,
}

impl PoolNames {
    /// The name of the schema at that node: the same for every reference to it.
    pub(super) fn of(&mut self, node: &Node<'_>) -> String {
        let key = (node.file, node.pointer.clone());
        if let Some(name) = self.names.get(&key) {
            return name.clone();
        }
        let name = self.free(spelled(node));
        self.names.insert(key, name.clone());
        name
    }

    /// The name itself, or with the next number if it is taken.
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

/// The last token of the place, or the name of the file, spelled so that references to it need no escapes.
fn spelled(node: &Node<'_>) -> String {
    let last = node.pointer.tokens().last();
    let file = || node.document.file_name(node.file).rsplit('/').next()?.split('.').next().map(str::to_owned);
    let text = last.or_else(file).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
    let name: String = text.chars().map(plain).take(LONGEST).collect();
    if name.trim_matches('_').is_empty() { "Schema".to_owned() } else { name }
}
