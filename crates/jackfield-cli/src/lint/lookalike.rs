//! Reports names with letters of other scripts that look like Latin letters.

use std::collections::BTreeSet;

use jackfield_build::Node;
use jackfield_build::model::{Code, Diagnostic, Place, visible_line};

use super::subject::Tool;

/// Letters of other scripts, each with the Latin letter that looks like it.
const LETTERS: [(char, char); 46] = [
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('ԁ', 'd'),
    ('ո', 'n'),
    ('һ', 'h'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('ӏ', 'l'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('І', 'I'),
    ('Ј', 'J'),
    ('Ѕ', 'S'),
    ('ο', 'o'),
    ('ν', 'v'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('ρ', 'p'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ζ', 'Z'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Τ', 'T'),
];

/// The maximum number of schemas whose properties are checked.
const MOST_SCHEMAS: usize = 100_000;

/// Returns the Latin letter that a letter looks like.
pub(super) fn latin_letter(c: char) -> Option<char> {
    match c {
        '\u{FF21}'..='\u{FF5A}' => char::from_u32(u32::from(c) - 0xFEE0),
        c if c.is_ascii() => None,
        c => LETTERS.iter().find(|(other, _)| *other == c).map(|(_, latin)| *latin),
    }
}

/// Returns the name converted to Latin letters, if the name mixes Latin letters with letters of other scripts that look like Latin letters.
pub(super) fn latin(name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let is_latin = |c: char| c.is_ascii_alphabetic();
    let mixes = name.split(|c: char| !c.is_alphanumeric()).any(|word| {
        let strange = word.chars().filter(|c| latin_letter(*c).is_some()).count();
        let others = word.chars().filter(|c| !c.is_ascii() && latin_letter(*c).is_none()).count();
        strange > 0 && others == 0 && (word.chars().any(is_latin) || strange == word.chars().count())
    });
    // A word that consists only of look-alike letters may be an ordinary word of the other script.
    let has_latin = name.chars().any(is_latin);
    (mixes && has_latin).then(|| name.chars().map(|c| latin_letter(c).unwrap_or(c)).collect())
}

/// Returns whether a word of a text mixes Latin letters with letters of other scripts that look like Latin letters.
pub(crate) fn has_lookalikes(text: &str) -> bool {
    text.split_whitespace().any(|word| latin(word).is_some())
}

fn finding(place: Place, what: &str, name: &str, latin: &str) -> Diagnostic {
    let letters: Vec<String> =
        name.chars().filter(|c| !c.is_ascii()).map(|c| format!("U+{:04X}", u32::from(c))).take(5).collect();
    let problem = format!(
        "{what} `{}` looks like `{latin}`, but contains other letters: {}",
        visible_line(name),
        letters.join(", ")
    );
    Diagnostic::warning(Code::LookalikeName, place, problem)
        .so("people and models confuse this name with the Latin name")
        .help("ask the author of the document, or leave the operation out")
}

/// Checks the servers, the names of schemas, and the names of their properties.
pub(super) fn names(root: &Node<'_>, chosen: &BTreeSet<Place>, found: &mut Vec<Diagnostic>) {
    let servers = root.get("servers");
    for server in servers.iter().flat_map(|list| list.items().collect::<Vec<_>>()) {
        let Some(url) = server.get("url") else { continue };
        let host = string_of(&url).and_then(|url| url.split("://").nth(1)).unwrap_or_default();
        let host = host.split(['/', ':', '?']).next().unwrap_or_default();
        if let Some(latin) = latin(host) {
            found.push(finding(url.place(), "the host", host, &latin));
        }
    }
    if chosen.is_empty() {
        return;
    }
    let schemas = root.get("components").and_then(|node| node.get("schemas"));
    let schemas = schemas.or_else(|| root.get("definitions"));
    for (_, schema) in schemas.iter().flat_map(Node::entries).take(MOST_SCHEMAS) {
        properties(&schema, found);
    }
}

fn properties(schema: &Node<'_>, found: &mut Vec<Diagnostic>) {
    for (name, property) in schema.get("properties").iter().flat_map(Node::entries) {
        if let Some(latin) = latin(name) {
            found.push(finding(property.place(), "the property", name, &latin));
        }
    }
}

/// Checks the operationId and the parameters of a tool.
pub(super) fn operation(node: &Node<'_>, tool: &Tool, found: &mut Vec<Diagnostic>) {
    if let (Some(id), Some(place)) = (&tool.operation_id, node.get("operationId"))
        && let Some(latin) = latin(id)
    {
        found.push(finding(place.place(), "the operationId", id, &latin).fix(tool.exclusion()));
    }
    for parameter in node.get("parameters").iter().flat_map(|list| list.items().collect::<Vec<_>>()) {
        let Some(name) = parameter.target().and_then(|target| target.get("name")) else { continue };
        if let Some((text, latin)) = string_of(&name).and_then(|text| Some((text, latin(text)?))) {
            found.push(finding(name.place(), "the parameter", text, &latin));
        }
    }
    if let Some(schema) = node.get("requestBody").and_then(|body| body.target()?.get("content")) {
        for (_, media_type) in schema.entries() {
            media_type.get("schema").iter().for_each(|schema| properties(schema, found));
        }
    }
}

/// Returns the value of the node, if it is a string.
fn string_of<'d>(node: &Node<'d>) -> Option<&'d str> {
    node.value().as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_with_lookalike_letters_of_another_script_is_recognised() {
        for (name, expected) in [
            ("list_bооks", Some("list_books")),
            ("pаypal", Some("paypal")),
            ("ｌistBooks", Some("listBooks")),
            ("größe", None),
            ("книга", None),
            ("μg", None),
            ("Δt", None),
            ("user_имя", None),
            ("日本", None),
            ("listBooks", None),
        ] {
            assert_eq!(latin(name).as_deref(), expected, "{name}");
        }
    }
}
