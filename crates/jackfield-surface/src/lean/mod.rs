//! Lean wording: a tool list that says what is needed to call, and is paid for by every conversation.
//!
//! Words get fewer; what validates stays as it is. Nothing but annotations is changed, save where two spellings of a
//! schema accept the same values (`inline`).

mod compact;
mod cores;
mod detail;
mod enumeration;
mod inline;
mod label;
mod outline;
mod plain;
mod price;
mod reach;
mod schema;
mod sentence;
mod shared;
#[cfg(test)]
mod tests;
mod tool;
mod weigh;

use std::collections::BTreeSet;

use jackfield_model::{Connector, ToolName};

use jackfield_model::text::shorten;
use sentence::Firsts;

/// How long the description of the connector may be, in characters.
const CONNECTOR: usize = 400;

/// Makes the wording of a connector lean. `names` are those of its tools, in the order of its operations: what they say
/// is not said again.
pub fn lean(connector: &mut Connector, names: &[ToolName]) {
    connector.description = shorten(&joined(&connector.description), CONNECTOR);
    let mut shared = std::mem::take(&mut connector.pool.send);
    cores::each(connector, |(firsts, details), at, operation| {
        tool::wording(operation, names.get(at).map_or("", ToolName::as_str));
        for arg in &mut operation.args {
            schema::argument(&mut arg.schema, &shared, firsts, details);
        }
    });
    let mut firsts = Firsts::default();
    for schema in shared.values_mut() {
        schema::shared(schema, &mut firsts);
    }
    connector.pool.send = shared;
    if reach::is_bounded(connector) {
        inline::inline(connector);
        outline::outline(connector);
    }
}

fn joined(text: &str) -> String {
    sentence::sentences(text).collect::<Vec<_>>().join(" ")
}

/// The words that carry meaning, as far as their endings go.
fn words(text: &str) -> BTreeSet<String> {
    const EMPTY: [&str; 16] = [
        "a", "an", "the", "of", "for", "to", "in", "on", "by", "with", "from", "all", "and", "this", "that",
        "is",
    ];
    let mut found = BTreeSet::new();
    let mut word = String::new();
    let mut push = |word: &mut String| {
        if !word.is_empty() {
            let stem = word.trim_end_matches('s').to_ascii_lowercase();
            if !EMPTY.contains(&stem.as_str()) && !stem.is_empty() {
                found.insert(stem);
            }
            word.clear();
        }
    };
    let mut lower = false;
    for c in text.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            push(&mut word);
        }
        if c.is_alphanumeric() {
            word.push(c);
        }
        lower = c.is_lowercase();
    }
    push(&mut word);
    found
}
