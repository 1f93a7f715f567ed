//! Parses the forms of questions, and checks the answers.

use std::fmt;

use serde_json::{Map, Value};

/// A form for a user: an object whose fields are strings, numbers, booleans and enumerations.
#[derive(Debug)]
pub(crate) struct Form {
    fields: Vec<(String, Field)>,
    required: Vec<String>,
}

#[derive(Debug)]
enum Field {
    Text { shortest: u64, longest: u64 },
    Number { is_integer: bool, least: f64, most: f64 },
    Boolean,
    Choice(Vec<String>),
    Choices { options: Vec<String>, fewest: u64, most: u64 },
}

/// A form that clients cannot show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    field: Option<String>,
    problem: &'static str,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "the field `{field}` {}", self.problem),
            None => f.write_str(self.problem),
        }
    }
}

impl std::error::Error for FormError {}

impl Form {
    /// Reads the schema of a form.
    ///
    /// # Errors
    /// Returns an error if the form is not a flat object.
    pub(crate) fn parse(schema: &Map<String, Value>) -> Result<Self, FormError> {
        let refused = |problem| FormError { field: None, problem };
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err(refused("the schema of a form must have `\"type\": \"object\"`"));
        }
        let Some(Value::Object(properties)) = schema.get("properties") else {
            return Err(refused("the schema of a form must have `properties`"));
        };
        let fields = properties.iter().map(|(name, schema)| {
            let refused = |problem| FormError { field: Some(name.clone()), problem };
            let schema = schema.as_object().ok_or_else(|| refused("needs a schema that is an object"))?;
            Field::parse(schema).map_err(refused).map(|field| (name.clone(), field))
        });
        let fields = fields.collect::<Result<Vec<_>, FormError>>()?;
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let required = required.filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Self { fields, required })
    }

    /// Returns the fields of an answer, or `None` if the answer does not fit the form. Fields that are not in the form are dropped.
    pub(crate) fn check(&self, answer: &Map<String, Value>) -> Option<Map<String, Value>> {
        if !self.required.iter().all(|name| answer.contains_key(name)) {
            return None;
        }
        let mut checked = Map::new();
        for (name, field) in &self.fields {
            let Some(value) = answer.get(name) else { continue };
            if !field.fits(value) {
                return None;
            }
            checked.insert(name.clone(), value.clone());
        }
        Some(checked)
    }
}

impl Field {
    fn parse(schema: &Map<String, Value>) -> Result<Self, &'static str> {
        let count = |key: &str, default| schema.get(key).and_then(Value::as_u64).unwrap_or(default);
        let bound = |key: &str, default| schema.get(key).and_then(Value::as_f64).unwrap_or(default);
        let number = |is_integer| Self::Number {
            is_integer,
            least: bound("minimum", f64::NEG_INFINITY),
            most: bound("maximum", f64::INFINITY),
        };
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => match options(schema, "oneOf")? {
                Some(options) => Ok(Self::Choice(options)),
                None => {
                    Ok(Self::Text { shortest: count("minLength", 0), longest: count("maxLength", u64::MAX) })
                }
            },
            Some("integer") => Ok(number(true)),
            Some("number") => Ok(number(false)),
            Some("boolean") => Ok(Self::Boolean),
            Some("array") => {
                let items = schema.get("items").and_then(Value::as_object).ok_or("needs `items`")?;
                let options = options(items, "anyOf")?
                    .ok_or("is an array, so its `items` must have `enum`, or `anyOf` with a `const` each")?;
                Ok(Self::Choices { options, fewest: count("minItems", 0), most: count("maxItems", u64::MAX) })
            }
            _ => Err(
                "must be a string, a number, a boolean, an enumeration, or an array of values of an enumeration",
            ),
        }
    }

    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Text { shortest, longest } => value.as_str().is_some_and(|text| {
                let length = text.chars().count() as u64;
                (*shortest..=*longest).contains(&length)
            }),
            Self::Number { is_integer, least, most } => value.as_f64().is_some_and(|number| {
                (!is_integer || number.fract() == 0.0) && (*least..=*most).contains(&number)
            }),
            Self::Boolean => value.is_boolean(),
            Self::Choice(options) => is_option(options, value),
            Self::Choices { options, fewest, most } => value.as_array().is_some_and(|items| {
                let count = items.len() as u64;
                (*fewest..=*most).contains(&count) && items.iter().all(|item| is_option(options, item))
            }),
        }
    }
}

fn is_option(options: &[String], value: &Value) -> bool {
    value.as_str().is_some_and(|text| options.iter().any(|option| option == text))
}

/// Returns the values of an enumeration: the strings in `enum`, or the `const` of each schema in the array `titled`. Returns `None` if the
/// schema has neither.
fn options(schema: &Map<String, Value>, titled: &str) -> Result<Option<Vec<String>>, &'static str> {
    let text = |value: &Value| {
        value.as_str().map(str::to_owned).ok_or("has an enumeration value that is not a string")
    };
    if let Some(Value::Array(values)) = schema.get("enum") {
        return values.iter().map(text).collect::<Result<_, _>>().map(Some);
    }
    let Some(Value::Array(values)) = schema.get(titled) else { return Ok(None) };
    let each = values.iter().map(|option| text(option.get("const").unwrap_or(&Value::Null)));
    each.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(schema: Value) -> Result<Form, FormError> {
        Form::parse(schema.as_object().unwrap())
    }

    #[test]
    fn form_with_a_field_that_clients_cannot_show_is_refused() {
        for (field, problem) in [
            (json!({ "type": "object" }), "must be a string, a number"),
            (json!({ "type": "array", "items": { "type": "string" } }), "its `items` must have `enum`"),
            (json!({ "type": "array" }), "needs `items`"),
            (json!({ "type": "string", "enum": [1] }), "not a string"),
            (json!(true), "needs a schema that is an object"),
        ] {
            let error = form(json!({ "type": "object", "properties": { "x": field } })).unwrap_err();
            assert!(error.to_string().contains(problem), "{error}");
        }
        assert!(form(json!({ "type": "object" })).is_err());
        assert!(form(json!({ "properties": {} })).is_err());
    }

    #[test]
    fn form_answer_is_accepted_only_if_every_field_matches_its_schema() {
        let form = form(json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "minLength": 2, "maxLength": 4 },
                "age": { "type": "integer", "minimum": 1, "maximum": 9 },
                "score": { "type": "number" },
                "sure": { "type": "boolean" },
                "state": { "type": "string", "enum": ["on", "off"] },
                "titled": { "type": "string", "oneOf": [{ "const": "a", "title": "A" }] },
                "many": { "type": "array", "maxItems": 2, "items": { "anyOf": [{ "const": "x", "title": "X" }] } },
            },
            "required": ["name"],
        }))
        .unwrap();
        let fits = |answer: Value| form.check(answer.as_object().unwrap());
        let whole = json!({
            "name": "Ada", "age": 3, "score": 1.5, "sure": true, "state": "on", "titled": "a", "many": ["x"],
        });
        assert_eq!(fits(whole.clone()), whole.as_object().cloned());
        assert_eq!(
            fits(json!({ "name": "Ada", "unasked": 1 })),
            json!({ "name": "Ada" }).as_object().cloned()
        );
        for (name, value) in [
            ("name", json!("A")),
            ("name", json!("Alice")),
            ("name", json!(null)),
            ("age", json!(1.5)),
            ("age", json!(10)),
            ("age", json!("3")),
            ("score", json!("1")),
            ("sure", json!("true")),
            ("state", json!("other")),
            ("titled", json!("A")),
            ("many", json!(["x", "x", "x"])),
            ("many", json!(["y"])),
            ("many", json!("x")),
        ] {
            let mut answer = whole.as_object().cloned().unwrap();
            answer.insert(name.to_owned(), value.clone());
            assert_eq!(form.check(&answer), None, "{name}: {value}");
        }
        assert_eq!(fits(json!({ "age": 3 })), None);
    }
}
