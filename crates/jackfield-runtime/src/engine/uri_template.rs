//! URI templates of resources.

use jackfield_recipe::percent_decode_lenient;
use serde_json::{Map, Value};

/// A URI template (RFC 6570) with simple (`{id}`) and reserved (`{+path}`) expressions of one variable.
#[derive(Clone, Debug)]
pub(crate) struct UriTemplate(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// A reserved variable may contain slashes.
    Variable {
        name: String,
        is_reserved: bool,
    },
}

impl UriTemplate {
    /// Reads a template. An expression that is not closed counts as text.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, name, after)) = next_expression(rest) {
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let (name, is_reserved) = name.strip_prefix('+').map_or((name, false), |name| (name, true));
            parts.push(Part::Variable { name: name.to_owned(), is_reserved });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Self(parts)
    }

    /// The decoded variables of an address. `None` if the template cannot expand to that address.
    ///
    /// A variable ends where the literal text after it first occurs, so the work is linear.
    pub(crate) fn matches(&self, uri: &str) -> Option<Map<String, Value>> {
        let mut variables = Map::new();
        let mut rest = uri;
        for (at, part) in self.0.iter().enumerate() {
            match part {
                Part::Literal(text) => rest = rest.strip_prefix(text.as_str())?,
                Part::Variable { name, is_reserved } => {
                    let end = match self.0.get(at + 1) {
                        Some(Part::Literal(next)) if at + 2 == self.0.len() => {
                            rest.strip_suffix(next.as_str())?.len()
                        }
                        Some(Part::Literal(next)) => rest.find(next.as_str())?,
                        _ => rest.len(),
                    };
                    let (value, after) = rest.split_at_checked(end)?;
                    let is_valid = !value.is_empty() && (*is_reserved || !value.contains(['/', '?', '#']));
                    variables.insert(name.clone(), is_valid.then(|| decode(value)).flatten()?.into());
                    rest = after;
                }
            }
        }
        rest.is_empty().then_some(variables)
    }
}

/// The text before the next expression, the expression, and the text after it.
fn next_expression(text: &str) -> Option<(&str, &str, &str)> {
    let (literal, after) = text.split_once('{')?;
    let (name, rest) = after.split_once('}')?;
    Some((literal, name, rest))
}

/// Decodes percent-encoded bytes. `None` if the result is not UTF-8.
fn decode(text: &str) -> Option<String> {
    String::from_utf8(percent_decode_lenient(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn uri_template_matches_only_uris_it_can_expand_to() {
        for (template, uri, variables) in [
            ("test://template/{id}/data", "test://template/123/data", Some(json!({ "id": "123" }))),
            ("test://template/{id}/data", "test://template/a%20b/data", Some(json!({ "id": "a b" }))),
            ("test://template/{id}/data", "test://template/1/2/data", None),
            ("test://template/{id}/data", "test://template//data", None),
            ("test://template/{id}/data", "test://template/1/data/x", None),
            ("x://{a}/{b}", "x://1/2", Some(json!({ "a": "1", "b": "2" }))),
            ("x://{a}/{b}", "x://1", None),
            ("x://{+path}", "x://1/2%2f3", Some(json!({ "path": "1/2/3" }))),
            ("x://{+path}.txt", "x://a.txt.txt", Some(json!({ "path": "a.txt" }))),
            ("x://{id}", "x://%ff", None),
            ("x://{id}", "x://%zz%", Some(json!({ "id": "%zz%" }))),
            ("x://{id}", "x://%-1%+1", Some(json!({ "id": "%-1%+1" }))),
            ("x://{id", "x://{id", Some(json!({}))),
        ] {
            let found = UriTemplate::parse(template).matches(uri).map(Value::Object);
            assert_eq!(found, variables, "{template} {uri}");
        }
    }
}
