//! Checks names of XML elements and attributes.

use std::ops::RangeInclusive;

/// The characters with which a name may begin, without the colon: XML 1.0, section 2.3.
const FIRST: [RangeInclusive<char>; 15] = [
    'A'..='Z',
    '_'..='_',
    'a'..='z',
    '\u{C0}'..='\u{D6}',
    '\u{D8}'..='\u{F6}',
    '\u{F8}'..='\u{2FF}',
    '\u{370}'..='\u{37D}',
    '\u{37F}'..='\u{1FFF}',
    '\u{200C}'..='\u{200D}',
    '\u{2070}'..='\u{218F}',
    '\u{2C00}'..='\u{2FEF}',
    '\u{3001}'..='\u{D7FF}',
    '\u{F900}'..='\u{FDCF}',
    '\u{FDF0}'..='\u{FFFD}',
    '\u{10000}'..='\u{EFFFF}',
];

/// Additional characters that are allowed after the first character.
const LATER: [RangeInclusive<char>; 6] =
    ['-'..='-', '.'..='.', '0'..='9', '\u{B7}'..='\u{B7}', '\u{300}'..='\u{36F}', '\u{203F}'..='\u{2040}'];

/// Whether a text is a valid name of an element or attribute, without a prefix.
pub fn is_xml_name(text: &str) -> bool {
    let first = |c: char| FIRST.iter().any(|range| range.contains(&c));
    let later = |c: char| first(c) || LATER.iter().any(|range| range.contains(&c));
    let mut chars = text.chars();
    chars.next().is_some_and(first) && chars.all(later)
}

#[cfg(test)]
mod tests {
    use super::is_xml_name;

    #[test]
    fn xml_name_is_checked_by_its_characters() {
        for name in ["a", "_1", "Größe", "e\u{301}", "日本", "a-b.c"] {
            assert!(is_xml_name(name), "{name}");
        }
        for name in ["", "1", "-a", "a b", "m²", "a½", "µ", "a:b", "a>"] {
            assert!(!is_xml_name(name), "{name}");
        }
    }
}
