//! URIs of operations that are resources: templates whose variables are arguments.

use jackfield_model::{
    Arg, ArgName, ConnectorName, Input, Operation, Pool, Step, UriTemplate, VariableKind, push_percent_escape,
};
use serde_json::Value;

/// The maximum number of references and alternatives of a schema that are followed.
const MOST_STEPS: usize = 50;

/// The values that a variable can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArgumentForm {
    /// A string, a number or a boolean.
    Scalar,
    /// An array of such values.
    List,
    /// Any other value, which a variable cannot contain.
    Other,
}

/// Returns the form of an argument.
pub(crate) fn form_of(arg: &Arg, pool: &Pool) -> ArgumentForm {
    form(arg.schema.as_value(), pool, &mut { MOST_STEPS })
}

fn form(schema: &Value, pool: &Pool, left: &mut usize) -> ArgumentForm {
    let Some(rest) = left.checked_sub(1) else { return ArgumentForm::Other };
    *left = rest;
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = reference.strip_prefix("#/$defs/").and_then(|name| pool.send.get(name));
        return target.map_or(ArgumentForm::Other, |target| form(target.as_value(), pool, left));
    }
    let is_scalar = |value: &Value| !value.is_object() && !value.is_array();
    let values = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice);
    if let Some(values) = values.or(schema.get("const").map(std::slice::from_ref)) {
        return if values.iter().all(is_scalar) { ArgumentForm::Scalar } else { ArgumentForm::Other };
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
        }
        _ => Vec::new(),
    };
    let of_type = |kind: &&str| matches!(*kind, "string" | "integer" | "number" | "boolean");
    match types.as_slice() {
        ["array"] => {
            let items = schema.get("items").map_or(ArgumentForm::Scalar, |items| form(items, pool, left));
            return if items == ArgumentForm::Scalar { ArgumentForm::List } else { ArgumentForm::Other };
        }
        [] => {}
        types if types.iter().all(of_type) => return ArgumentForm::Scalar,
        _ => return ArgumentForm::Other,
    }
    let Some(forms) = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| schema.get(*key)?.as_array()) else {
        let is_object = ["properties", "items"].iter().any(|key| schema.get(*key).is_some());
        return if is_object { ArgumentForm::Other } else { ArgumentForm::Scalar };
    };
    let is_null = |form: &&Value| form.get("type").and_then(Value::as_str) == Some("null");
    let mut forms = forms.iter().filter(|form| !is_null(form)).map(|one| form(one, pool, left));
    match forms.next() {
        Some(first) if forms.all(|other| other == first) => first,
        _ => ArgumentForm::Other,
    }
}

/// Returns the name of the variable for each argument. RFC 6570 allows fewer characters in variable names than
/// argument names may have.
pub(crate) fn variable_names(args: &[Arg]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for arg in args {
        let plain: String =
            arg.name.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let numbered = (2..).map(|number| format!("{plain}_{number}"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|name| !names.contains(name));
        names.push(free.unwrap_or(plain));
    }
    names
}

/// The URI of a resource: a template, and the argument of each of its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) text: String,
    pub(crate) template: UriTemplate,
    pub(crate) arguments: Vec<ArgName>,
}

/// Creates the default URI of an operation: the path of its request, with the other arguments as query parameters.
///
/// # Errors
/// Returns the reason why the operation has no default URI.
pub(crate) fn usual(
    connector: &ConnectorName,
    operation: &Operation,
    pool: &Pool,
) -> Result<Address, String> {
    let names = variable_names(&operation.args);
    let at = |name: &str| operation.args.iter().position(|arg| arg.name.as_str() == name);
    let mut used: Vec<usize> = Vec::new();
    let mut text = format!("{connector}://api");
    let mut rest = operation.path.as_str();
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((wire, after)) = after.split_once('}') else { break };
        push_literal(&mut text, literal);
        let of_path = operation.recipe.iter().find_map(|step| match step {
            Step::Path { wire: known, input, encoding } if known == wire => Some((input, encoding)),
            _ => None,
        });
        match of_path {
            Some((Input::Arg { arg, .. }, encoding)) => {
                let at = at(arg)
                    .ok_or_else(|| format!("the path of the tool needs `{arg}`, which is not an argument"))?;
                let sign = if encoding.reserved { "+" } else { "" };
                text.push_str(&format!("{{{sign}{}}}", names[at]));
                used.push(at);
            }
            Some((Input::Fixed { json }, _)) => push_literal(&mut text, &fixed(json)),
            None => return Err(format!("the path of the tool needs `{wire}`, which is not an argument")),
        }
        rest = after;
    }
    push_literal(&mut text, rest);
    let mut parameters = Vec::new();
    for (at, arg) in operation.args.iter().enumerate().filter(|(at, _)| !used.contains(at)) {
        match form_of(arg, pool) {
            ArgumentForm::Scalar => parameters.push((at, names[at].clone())),
            ArgumentForm::List => parameters.push((at, format!("{}*", names[at]))),
            ArgumentForm::Other if arg.required => {
                return Err(format!(
                    "its argument `{}` is neither a string, a number, a boolean nor an array of these",
                    arg.name
                ));
            }
            ArgumentForm::Other => {}
        }
    }
    if !parameters.is_empty() {
        let words: Vec<&str> = parameters.iter().map(|(_, word)| word.as_str()).collect();
        text.push_str(&format!("{{?{}}}", words.join(",")));
    }
    used.extend(parameters.iter().map(|(at, _)| *at));
    let template =
        UriTemplate::parse(&text).map_err(|invalid| format!("in the path of the tool, {invalid}"))?;
    let arguments = used.into_iter().map(|at| operation.args[at].name.clone()).collect();
    Ok(Address { text, template, arguments })
}

/// Appends the literal part of a path, and percent-encodes the characters that a URI must not contain.
fn push_literal(text: &mut String, literal: &str) {
    let bytes = literal.bytes().enumerate();
    for (at, byte) in bytes {
        let is_escape = byte == b'%'
            && literal.as_bytes()[at + 1..].iter().take(2).filter(|b| b.is_ascii_hexdigit()).count() == 2;
        if byte.is_ascii_alphanumeric() || b"-._~:/@!$&'()*+,;=".contains(&byte) || is_escape {
            text.push(char::from(byte));
        } else {
            push_percent_escape(text, byte);
        }
    }
}

/// Returns the text of a value that connector.toml or the document fixes.
fn fixed(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(Value::String(text)) => text,
        _ => json.to_owned(),
    }
}

/// Finds the argument for each variable of a URI in connector.toml.
///
/// # Errors
/// Returns the problem and the remedy if a variable does not name an argument, if a variable cannot contain the
/// argument's values, or if a required argument has no variable.
pub(crate) fn chosen(
    text: &str,
    template: &UriTemplate,
    operation: &Operation,
    pool: &Pool,
) -> Result<Address, (String, String)> {
    let names = variable_names(&operation.args);
    let mut arguments = Vec::new();
    for variable in template.variables() {
        let Some(at) = names.iter().position(|name| *name == variable.name) else {
            let help = match jackfield_model::nearest(&variable.name, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{{{near}}}`?"),
                None if names.is_empty() => "remove the variable: the tool has no arguments".to_owned(),
                None => format!("use one of `{}`", names.join("`, `")),
            };
            return Err((format!("`{{{}}}` is not an argument of the tool", variable.name), help));
        };
        let arg = &operation.args[at];
        let is_list = variable.kind == VariableKind::Parameters;
        match form_of(arg, pool) {
            ArgumentForm::Scalar if !is_list => {}
            ArgumentForm::List if is_list => {}
            ArgumentForm::Scalar => {
                let help = format!("write `{}` without `*`", variable.name);
                return Err((format!("the argument `{}` is not an array", arg.name), help));
            }
            ArgumentForm::List => {
                let help = format!("write the variable as a query parameter: `{{?{}*}}`", variable.name);
                return Err((format!("the argument `{}` is an array", arg.name), help));
            }
            ArgumentForm::Other => {
                let problem = format!(
                    "the argument `{}` is neither a string, a number, a boolean nor an array of these",
                    arg.name
                );
                return Err((problem, "remove the variable from the URI".to_owned()));
            }
        }
        arguments.push(arg.name.clone());
    }
    let missing =
        operation.args.iter().zip(&names).find(|(arg, _)| arg.required && !arguments.contains(&arg.name));
    if let Some((arg, name)) = missing {
        return Err((
            format!("the URI lacks the required argument `{}`", arg.name),
            format!("add `{{{name}}}`, or give the argument a fixed value with `fix` in [arguments]"),
        ));
    }
    Ok(Address { text: text.to_owned(), template: template.clone(), arguments })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jackfield_model::{Encoding, Method, Place, Pointer, Schema};
    use serde_json::json;

    fn operation(path: &str, args: &[(&str, bool, Value)]) -> Operation {
        let place = Place { file: "a.yaml".into(), pointer: Pointer::root() };
        let mut operation = Operation::new(Method::new("GET").unwrap(), path, place);
        for (name, required, schema) in args {
            let name = ArgName::new(*name).unwrap();
            if path.contains(&format!("{{{name}}}")) {
                let input = Input::Arg { arg: name.to_string(), required: true };
                operation.recipe.push(Step::Path {
                    wire: name.to_string(),
                    input,
                    encoding: Encoding::SIMPLE,
                });
            }
            operation.args.push(Arg { name, required: *required, schema: Schema::new(schema.clone()) });
        }
        operation
    }

    #[test]
    fn default_uri_of_a_resource_has_the_path_and_query_of_its_operation() {
        let text = || json!({ "type": "string" });
        let pool = Pool::default();
        let shop = ConnectorName::new("shop").unwrap();
        for (path, args, expected) in [
            ("/books", vec![], Ok("shop://api/books")),
            ("/books/{id}", vec![("id", true, text())], Ok("shop://api/books/{id}")),
            (
                "/a b/{user-id}/ü",
                vec![("user-id", true, text()), ("x.y", false, json!({ "type": "array" }))],
                Ok("shop://api/a%20b/{user_id}/%C3%BC{?x_y*}"),
            ),
            ("/a%20b%zz", vec![], Ok("shop://api/a%20b%25zz")),
            (
                "/books",
                vec![("a-b", false, text()), ("a_b", false, text())],
                Ok("shop://api/books{?a_b,a_b_2}"),
            ),
            ("/books", vec![("filter", false, json!({ "type": "object" }))], Ok("shop://api/books")),
            (
                "/books",
                vec![("filter", true, json!({ "type": "object" }))],
                Err("its argument `filter` is neither a string, a number, a boolean nor an array of these"),
            ),
            (
                "/{a}{b}",
                vec![("a", true, text()), ("b", true, text())],
                Err("in its path, `a` and `b` have no text between them"),
            ),
            ("/books?full=1", vec![], Ok("shop://api/books%3Ffull=1")),
            ("/{other}", vec![], Err("the path of the tool needs `other`, which is not an argument")),
        ] {
            let found = usual(&shop, &operation(path, &args), &pool);
            let found = found.as_ref().map(|address| address.text.as_str()).map_err(String::as_str);
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn schema_is_classified_as_scalar_list_or_other_by_the_values_it_allows() {
        let mut pool = Pool::default();
        pool.send.insert("Id".to_owned(), Schema::new(json!({ "type": ["integer", "null"] })));
        pool.send.insert("Loop".to_owned(), Schema::new(json!({ "$ref": "#/$defs/Loop" })));
        for (schema, expected) in [
            (json!({}), ArgumentForm::Scalar),
            (json!({ "$ref": "#/$defs/Id" }), ArgumentForm::Scalar),
            (json!({ "$ref": "#/$defs/Loop" }), ArgumentForm::Other),
            (json!({ "enum": ["a", 1, null] }), ArgumentForm::Scalar),
            (json!({ "enum": [{}] }), ArgumentForm::Other),
            (json!({ "type": "array", "items": { "type": "string" } }), ArgumentForm::List),
            (json!({ "type": "array", "items": { "type": "array" } }), ArgumentForm::Other),
            (json!({ "type": ["string", "object"] }), ArgumentForm::Other),
            (json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }), ArgumentForm::Scalar),
            (json!({ "oneOf": [{ "type": "string" }, { "type": "array" }] }), ArgumentForm::Other),
            (json!({ "properties": {} }), ArgumentForm::Other),
        ] {
            let arg = Arg {
                name: ArgName::new("a").unwrap(),
                required: false,
                schema: Schema::new(schema.clone()),
            };
            assert_eq!(form_of(&arg, &pool), expected, "{schema}");
        }
    }
}
