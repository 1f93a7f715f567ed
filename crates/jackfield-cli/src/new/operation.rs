//! Parses the line with which a person describes an operation, such as `POST /orders/{orderId}/notes text!
//! urgent:boolean -- Adds a note to an order`.

use std::collections::BTreeSet;

use jackfield_build::model::is_invisible;
use serde_json::{Value, json};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// The types of arguments and of array items.
const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "date", "date-time", "object"];

/// The syntax of a line.
pub(super) const FORM: &str = "METHOD PATH [NAME[!][:TYPE]…] -- WHAT IT DOES";

/// An operation from which a document is made.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StarterOperation {
    /// The HTTP method, in upper case.
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) arguments: Vec<StarterArgument>,
    /// The purpose of the operation, in one sentence.
    pub(super) does: String,
}

/// An argument of an operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StarterArgument {
    pub(super) name: String,
    pub(super) is_required: bool,
    /// The JSON Schema of the argument.
    pub(super) schema: Value,
}

impl StarterOperation {
    /// Parses a whole line.
    ///
    /// # Errors
    /// Returns a message about the first problem.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let (request, does) = match line.split_once(" -- ") {
            Some((request, does)) if !does.trim().is_empty() => (request, does),
            _ => {
                return Err(format!(
                    "it does not end with ` -- ` and a description of the operation: {FORM}"
                ));
            }
        };
        let mut words = request.split_whitespace();
        let route = match (words.next(), words.next()) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            _ => return Err(format!("it does not begin with a method and a path: {FORM}")),
        };
        Self::of(&route, &words.collect::<Vec<_>>().join(" "), does)
    }

    /// Creates an operation from the texts of its route, its arguments and its description.
    ///
    /// # Errors
    /// Returns a message about the first problem.
    pub(super) fn of(route: &str, arguments: &str, does: &str) -> Result<Self, String> {
        let (method, path) = parse_route(route)?;
        let arguments = parse_arguments(arguments)?;
        let does = checked("what the operation does", does.trim())?;
        if does.is_empty() {
            return Err("the description is empty, but models choose tools by it: write a sentence about what the operation does".to_owned());
        }
        Ok(Self { method, path, arguments, does: does.to_owned() })
    }

    /// Returns the names in braces of the path.
    pub(super) fn variables(&self) -> BTreeSet<&str> {
        variables(&self.path).unwrap_or_default()
    }
}

/// Parses a method and a path.
pub(super) fn parse_route(route: &str) -> Result<(&'static str, String), String> {
    let mut words = route.split_whitespace();
    let (Some(method), Some(path), None) = (words.next(), words.next(), words.next()) else {
        return Err(format!("`{route}` is not a method and a path, such as `GET /books/{{bookId}}`"));
    };
    let Some(known) = METHODS.iter().find(|known| known.eq_ignore_ascii_case(method)) else {
        return Err(format!("`{method}` is not one of the methods {}", METHODS.join(", ")));
    };
    let path = checked("the path", path)?;
    if !path.starts_with('/') {
        return Err(format!(
            "the path `{path}` does not begin with `/`: write the part of the URL after the base URL"
        ));
    }
    if path.contains(['?', '#']) {
        return Err(format!("the path `{path}` has a query: write each query parameter as an argument"));
    }
    variables(path)?;
    Ok((known, path.to_owned()))
}

/// Parses arguments, such as `text! urgent:boolean`.
pub(super) fn parse_arguments(words: &str) -> Result<Vec<StarterArgument>, String> {
    let mut arguments: Vec<StarterArgument> = Vec::new();
    for word in words.split_whitespace() {
        let (name, kind) = word.split_once(':').unwrap_or((word, "string"));
        let (name, is_required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
        let name = checked("an argument", name)?;
        if name.is_empty() {
            return Err(format!(
                "`{word}` has no name: an argument is NAME, NAME! if it is required, or NAME:TYPE"
            ));
        }
        if arguments.iter().any(|known| known.name == name) {
            return Err(format!("there are two arguments `{name}`"));
        }
        let schema = schema(kind)?;
        arguments.push(StarterArgument { name: name.to_owned(), is_required, schema });
    }
    Ok(arguments)
}

fn schema(kind: &str) -> Result<Value, String> {
    if let Some(items) = kind.strip_suffix("[]") {
        return Ok(json!({ "type": "array", "items": schema(items)? }));
    }
    let kind = checked("a type", kind)?;
    if kind.contains('|') {
        let choices: Vec<&str> = kind.split('|').collect();
        if choices.iter().any(|choice| choice.is_empty()) {
            return Err(format!("`{kind}` has an empty alternative"));
        }
        return Ok(json!({ "type": "string", "enum": choices }));
    }
    match kind {
        "date" | "date-time" => Ok(json!({ "type": "string", "format": kind })),
        kind if TYPES.contains(&kind) => Ok(json!({ "type": kind })),
        kind => Err(format!(
            "`{kind}` is not a type: use {}, choices such as open|closed, or a type with [] for a list",
            TYPES.join(", ")
        )),
    }
}

/// Returns the names in braces of a path.
fn variables(path: &str) -> Result<BTreeSet<&str>, String> {
    let refuse = |why: &str| Err(format!("the path `{path}` {why}"));
    let mut found = BTreeSet::new();
    let mut rest = path;
    while let Some(at) = rest.find(['{', '}']) {
        let Some((name, left)) = rest[at..].strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
            return refuse("has an unmatched brace");
        };
        if name.is_empty() || name.contains(['{', '/']) {
            return refuse("has empty braces");
        }
        if !found.insert(name) {
            return refuse("has the same name in braces twice");
        }
        rest = left;
    }
    Ok(found)
}

/// Refuses invisible characters, because people who review the document would not see them.
fn checked<'t>(what: &str, text: &'t str) -> Result<&'t str, String> {
    match text.chars().find(|c| is_invisible(*c)) {
        Some(found) => Err(format!("{what} has an invisible character, U+{:04X}", u32::from(found))),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_line_is_parsed() {
        let line = "post /orders/{orderId}/notes orderId:integer text! tags:string[] kind:a|b due:date -- Adds a note";
        let operation = StarterOperation::parse(line).unwrap();
        assert_eq!((operation.method, operation.path.as_str()), ("POST", "/orders/{orderId}/notes"));
        assert_eq!(operation.does, "Adds a note");
        assert_eq!(operation.variables().into_iter().collect::<Vec<_>>(), ["orderId"]);
        let arguments: Vec<String> = operation
            .arguments
            .iter()
            .map(|it| format!("{} {} {}", it.name, it.is_required, it.schema))
            .collect();
        assert_eq!(
            arguments,
            [
                r#"orderId false {"type":"integer"}"#,
                r#"text true {"type":"string"}"#,
                r#"tags false {"type":"array","items":{"type":"string"}}"#,
                r#"kind false {"type":"string","enum":["a","b"]}"#,
                r#"due false {"type":"string","format":"date"}"#,
            ]
        );
    }

    #[test]
    fn error_about_an_invalid_operation_line_names_the_problem() {
        for (line, part) in [
            ("", "does not end with ` -- `"),
            ("GET /books", "does not end with ` -- `"),
            ("GET /books -- ", "does not end with ` -- `"),
            ("GET -- Lists books", "does not begin with a method and a path"),
            ("FETCH /books -- Lists", "`FETCH` is not one of the methods GET"),
            ("GET books -- Lists", "does not begin with `/`"),
            ("GET /books?q=1 -- Lists", "write each query parameter as an argument"),
            ("GET /books/{id -- Lists", "an unmatched brace"),
            ("GET /books/id} -- Lists", "an unmatched brace"),
            ("GET /books/{} -- Lists", "empty braces"),
            ("GET /{a}/{a} -- Lists", "the same name in braces twice"),
            ("GET /books q:text -- Lists", "`text` is not a type: use string"),
            ("GET /books :integer -- Lists", "has no name"),
            ("GET /books q q! -- Lists", "two arguments `q`"),
            ("GET /books q:a||b -- Lists", "has an empty alternative"),
            ("GET /books -- Lists\u{202e}", "invisible character, U+202E"),
            ("GET /bo\u{200b}oks -- Lists", "invisible character, U+200B"),
        ] {
            let error = StarterOperation::parse(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
