//! The names of arguments, made from the names in the document.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{ArgName, Location};

/// The argument names of one operation, each used once.
#[derive(Default)]
pub(crate) struct ArgNames {
    taken: BTreeSet<String>,
    /// Names that are reserved, by location and name in the request.
    settled: BTreeMap<(&'static str, String), ArgName>,
}

impl ArgNames {
    /// Reserves the names of arguments in a fixed order: first path parameters, then names that need no change, then the other names
    /// alphabetically. So the names do not depend on the order of the document.
    pub(crate) fn settle(&mut self, wires: impl IntoIterator<Item = (String, &'static str)>) {
        let rank = |place: &str| PLACES.iter().position(|known| *known == place);
        let mut wires: Vec<_> = wires.into_iter().collect();
        wires.sort_by_cached_key(|(wire, place)| (rank(place), spell(wire) != *wire, wire.clone()));
        wires.dedup();
        for (wire, place) in wires {
            let name = self.decide(&wire, place);
            self.settled.insert((place, wire), name);
        }
    }

    /// Returns the argument name for `wire`: unchanged if model APIs accept it, else the nearest name that they accept. If that name is
    /// taken, the location of the argument becomes its prefix. If necessary, a number becomes its suffix.
    pub(crate) fn take(&mut self, wire: &str, place: &'static str) -> ArgName {
        let settled = self.settled.remove(&(place, wire.to_owned()));
        settled.unwrap_or_else(|| self.decide(wire, place))
    }

    fn decide(&mut self, wire: &str, place: &str) -> ArgName {
        let plain = spell(wire);
        let with_place = shorten(&format!("{place}_{plain}"), 60);
        let numbered = (2..).map(|n| format!("{with_place}_{n}"));
        let name =
            [plain, with_place.clone()].into_iter().chain(numbered).find(|name| !self.taken.contains(name));
        let name = name.expect("the numbers are unlimited");
        self.taken.insert(name.clone());
        ArgName::new(name).expect("the spelling above is valid for arguments")
    }
}

/// The locations of parameters. If names collide, the parameter of the earlier location keeps its name.
const PLACES: [&str; 4] = ["path", "query", "header", "cookie"];

/// Returns the name of a location as a prefix of an argument.
pub(crate) const fn place_word(location: Location) -> &'static str {
    match location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Cookie => "cookie",
    }
}

/// The word for a comparison operator at the end of a name. `DateSent<` is sent as `DateSent<=2026-01-01`.
const COMPARISONS: [(&str, &str); 4] = [("<=", "lte"), (">=", "gte"), ("<", "lt"), (">", "gt")];

/// Spells a name with the characters that model APIs accept: `filter[name]` becomes `filter_name`, `$top`
/// becomes `top`, `sent>` becomes `sent_gt`, and `größe` becomes `grosse`.
fn spell(wire: &str) -> String {
    let compared = wire.trim_end_matches([']', ')']);
    let compared = COMPARISONS.iter().find_map(|(sign, word)| Some((compared.strip_suffix(sign)?, *word)));
    // The brackets of `<id>` and `list<text>` are not comparisons.
    match compared.filter(|(name, _)| !name.is_empty() && !name.contains(['<', '>'])) {
        Some((name, word)) => format!("{}_{word}", shorten(&spell_plain(name), 56)),
        None => spell_plain(wire),
    }
}

fn spell_plain(wire: &str) -> String {
    let mut out = String::with_capacity(wire.len());
    for c in wire.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') {
            out.push(c);
        } else if let Some(letters) = without_mark(c) {
            out.push_str(letters);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let trimmed = if wire.ends_with('_') { out.as_str() } else { out.trim_end_matches('_') };
    if trimmed.is_empty() { "arg".to_owned() } else { shorten(trimmed, 60) }
}

/// Replacements of the letters of Latin-1 and Latin Extended-A, without their diacritics.
const MARKED: [(&str, &str); 47] = [
    ("A", "ÀÁÂÃÄÅĀĂĄ"),
    ("AE", "Æ"),
    ("C", "ÇĆĈĊČ"),
    ("D", "ÐĎĐ"),
    ("E", "ÈÉÊËĒĔĖĘĚ"),
    ("G", "ĜĞĠĢ"),
    ("H", "ĤĦ"),
    ("I", "ÌÍÎÏĨĪĬĮİ"),
    ("IJ", "Ĳ"),
    ("J", "Ĵ"),
    ("K", "Ķ"),
    ("L", "ĹĻĽĿŁ"),
    ("N", "ÑŃŅŇŊ"),
    ("O", "ÒÓÔÕÖØŌŎŐ"),
    ("OE", "Œ"),
    ("R", "ŔŖŘ"),
    ("S", "ŚŜŞŠ"),
    ("T", "ŢŤŦ"),
    ("Th", "Þ"),
    ("U", "ÙÚÛÜŨŪŬŮŰŲ"),
    ("W", "Ŵ"),
    ("Y", "ÝŶŸ"),
    ("Z", "ŹŻŽ"),
    ("a", "àáâãäåāăą"),
    ("ae", "æ"),
    ("c", "çćĉċč"),
    ("d", "ðďđ"),
    ("e", "èéêëēĕėęě"),
    ("g", "ĝğġģ"),
    ("h", "ĥħ"),
    ("i", "ìíîïĩīĭįı"),
    ("ij", "ĳ"),
    ("j", "ĵ"),
    ("k", "ķĸ"),
    ("l", "ĺļľŀł"),
    ("n", "ñńņňŉŋ"),
    ("o", "òóôõöøōŏő"),
    ("oe", "œ"),
    ("r", "ŕŗř"),
    ("s", "śŝşšſ"),
    ("ss", "ß"),
    ("t", "ţťŧ"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűų"),
    ("w", "ŵ"),
    ("y", "ýÿŷ"),
    ("z", "źżž"),
];

fn without_mark(c: char) -> Option<&'static str> {
    MARKED.iter().find(|(_, marked)| marked.contains(c)).map(|(letters, _)| *letters)
}

/// Shortens a name that is too long. Numbers distinguish names that would collide.
fn shorten(name: &str, limit: usize) -> String {
    name.chars().take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_name_becomes_a_valid_argument_name() {
        for (wire, name) in [
            ("filter[name]", "filter_name"),
            ("$top", "top"),
            ("@type", "type"),
            ("größe", "grosse"),
            ("Straße Nº", "Strasse_N"),
            ("café[Łódź]", "cafe_Lodz"),
            ("DateCreated<", "DateCreated_lt"),
            ("DateCreated>", "DateCreated_gt"),
            ("price[<=]", "price_lte"),
            ("price[>=]", "price_gte"),
            ("<id>", "id"),
            ("list<text>", "list_text"),
            ("<", "arg"),
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
    fn colliding_argument_name_gets_its_location_as_prefix() {
        let mut names = ArgNames::default();
        let mut take = |wire, place| names.take(wire, place).to_string();
        assert_eq!(take("id", "path"), "id");
        assert_eq!(take("id", "query"), "query_id");
        assert_eq!(take("id", "body"), "body_id");
        assert_eq!(take("[id]", "query"), "query_id_2");
    }

    #[test]
    fn argument_names_do_not_depend_on_parameter_order() {
        let wires = [
            ("id", "query"),
            ("{id}", "query"),
            ("[id]", "query"),
            ("id", "header"),
            ("id", "path"),
            ("x", "cookie"),
        ];
        let named = |wires: &[(&'static str, &'static str)]| {
            let mut names = ArgNames::default();
            names.settle(wires.iter().map(|(wire, place)| ((*wire).to_owned(), *place)));
            let mut named: Vec<_> = wires
                .iter()
                .map(|(wire, place)| (*wire, *place, names.take(wire, place).to_string()))
                .collect();
            named.sort();
            named
        };
        let expected = [
            ("[id]", "query", "query_id_2"),
            ("id", "header", "header_id"),
            ("id", "path", "id"),
            ("id", "query", "query_id"),
            ("x", "cookie", "x"),
            ("{id}", "query", "query_id_3"),
        ];
        let expected = expected.map(|(wire, place, name)| (wire, place, name.to_owned()));
        let mut turned = wires;
        for _ in 0..wires.len() {
            turned.rotate_left(1);
            assert_eq!(named(&turned), expected);
        }
        turned.reverse();
        assert_eq!(named(&turned), expected);
    }
}
