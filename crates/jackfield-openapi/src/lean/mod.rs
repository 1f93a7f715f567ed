//! Lean wording: a tool list that says what is needed to call, and is paid for by every conversation.
//!
//! Words get fewer; what validates stays as it is. Nothing but annotations is changed, save where two spellings of a
//! schema accept the same values (`inline`).

mod compact;
mod cores;
mod enumeration;
mod inline;
mod outline;
mod plain;
mod price;
mod schema;
mod sentence;
mod shared;
#[cfg(test)]
mod tests;
mod weigh;

use std::collections::BTreeSet;

use jackfield_model::{Connector, Operation};

use crate::lower::text::shorten;
use sentence::Firsts;

/// How long the description of a tool may be, in characters; of the connector.
const TOOL: usize = 140;
const CONNECTOR: usize = 400;

/// Makes the wording of a connector lean.
pub fn lean(connector: &mut Connector) {
    connector.description = shorten(&joined(&connector.description), CONNECTOR);
    cores::each(connector, |firsts, operation| {
        wording(operation);
        for arg in &mut operation.args {
            schema::argument(&mut arg.schema, firsts);
        }
    });
    let mut firsts = Firsts::default();
    for shared in connector.pool.send.values_mut() {
        schema::shared(shared, &mut firsts);
    }
    inline::inline(connector);
    outline::outline(connector);
}

/// One sentence for the model. The title is left to people where name and description say it already.
fn wording(operation: &mut Operation) {
    let said = operation.description.strip_prefix("Deprecated. ").unwrap_or(&operation.description);
    let title = joined(&operation.title);
    let named = words(operation.id.as_ref().map_or("", |id| id.as_str()));
    let titled = words(&title);
    // What has no summary is titled by the beginning of its description, which goes on behind it.
    let untitled = said
        .strip_prefix(operation.title.trim_end_matches('…'))
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(".\n\n"));
    let first = sentence::sentences(said).find(|sentence| untitled || !words(sentence).is_subset(&titled));
    let mut text = match first {
        Some(first) if untitled => first,
        None if title.starts_with(operation.method.as_str()) => unnamed(&title),
        None => title,
        Some(first) if titled.is_subset(&named) || titled.is_subset(&words(&first)) => first,
        Some(first) => format!("{}. {first}", title.trim_end_matches('.')),
    };
    text = shorten(text.trim_end_matches(['.', ':']), TOOL);
    if operation.deprecated {
        text.insert_str(0, "Deprecated. ");
    }
    operation.description = text;
    operation.title_is_said = true;
}

/// A route without the names of its variables: the arguments have them.
fn unnamed(route: &str) -> String {
    let mut parts = route.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |route, part| route + "{" + part.trim_start_matches(|c| c != '}'))
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
