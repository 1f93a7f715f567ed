//! The names of arguments: what the model reads for what the wire knows.

use std::collections::BTreeSet;

use jackfield_model::{ArgName, Location};

/// Hands out the argument names of one operation, each once.
#[derive(Default)]
pub(crate) struct ArgNames {
    taken: BTreeSet<String>,
}

impl ArgNames {
    /// The name for `wire`: as it is where model APIs accept it, else the nearest that they do. Where it is taken,
    /// the place it travels in comes in front, and after that a number behind.
    pub(crate) fn take(&mut self, wire: &str, place: &str) -> ArgName {
        let plain = spell(wire);
        let with_place = shorten(&format!("{place}_{plain}"), 60);
        let numbered = (2..).map(|n| format!("{with_place}_{n}"));
        let name =
            [plain, with_place.clone()].into_iter().chain(numbered).find(|name| !self.taken.contains(name));
        let name = name.expect("numbers do not end");
        self.taken.insert(name.clone());
        ArgName::new(name).expect("the spelling above is one that arguments may have")
    }
}

/// How a location is called in front of a name.
pub(crate) const fn place_word(location: Location) -> &'static str {
    match location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Cookie => "cookie",
    }
}

/// `filter[name]` -> `filter_name`, `$top` -> `top`, `größe` -> `gr_e`.
fn spell(wire: &str) -> String {
    let mut out = String::with_capacity(wire.len());
    for c in wire.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let trimmed = if wire.ends_with('_') { out.as_str() } else { out.trim_end_matches('_') };
    if trimmed.is_empty() { "arg".to_owned() } else { shorten(trimmed, 60) }
}

/// A name that is too long keeps its beginning; collisions are told apart by numbers.
fn shorten(name: &str, limit: usize) -> String {
    name.chars().take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (wire, name) in [
            ("filter[name]", "filter_name"),
            ("$top", "top"),
            ("@type", "type"),
            ("größe", "gr_e"),
            ("X-Request-Id", "X-Request-Id"),
            ("_id", "_id"),
            ("id_", "id_"),
            ("", "arg"),
            ("日本", "arg"),
        ] {
            assert_eq!(spell(wire), name, "{wire}");
        }
    }

    #[test]
    fn a_name_that_is_taken_says_where_it_travels() {
        let mut names = ArgNames::default();
        let mut take = |wire, place| names.take(wire, place).to_string();
        assert_eq!(take("id", "path"), "id");
        assert_eq!(take("id", "query"), "query_id");
        assert_eq!(take("id", "body"), "body_id");
        assert_eq!(take("[id]", "query"), "query_id_2");
    }
}
