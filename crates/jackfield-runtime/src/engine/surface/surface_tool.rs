//! The tools of the search surface.

use std::sync::OnceLock;

use jackfield_recipe::Effect;
use serde_json::{Map, Value, json};

use crate::call::schema::{ArgumentsError, InputSchema};
use crate::engine::listing::Listed;

/// The default number of hits.
const HITS: usize = 5;
/// The maximum number of hits of a search.
const MOST_HITS: usize = 20;

/// A tool of the search surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SurfaceTool {
    Search,
    Describe,
    CallRead,
    CallWrite,
}

/// The arguments of a tool of the search surface.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SurfaceRequest {
    Search { query: String, limit: usize },
    Describe { name: String, part: SchemaPart },
    Call { name: String, arguments: Map<String, Value>, reads_only: bool },
}

/// A part of an input schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SchemaPart {
    Whole,
    /// The argument at a JSON pointer.
    Path(String),
    /// The schema with this name in `$defs`.
    Definition(String),
}

impl SurfaceTool {
    pub(crate) const ALL: [Self; 4] = [Self::Search, Self::Describe, Self::CallRead, Self::CallWrite];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Search => "search_tools",
            Self::Describe => "describe_tool",
            Self::CallRead => "call_read",
            Self::CallWrite => "call_write",
        }
    }

    /// Returns the tool of the search surface named `name`.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// Returns the entry of the tool in the list for clients.
    pub(crate) fn listed(self) -> Listed {
        let (title, description, effect) = match self {
            Self::Search => (
                "Search tools",
                "Finds the tools for a task. Returns the name of each, its arguments (`?` marks optional ones) and its effect.",
                Effect::Read,
            ),
            Self::Describe => (
                "Describe a tool",
                "Returns the input schema of a tool and an example call. Large schemas are cut: ask for a part with `path` or \
                 `def`.",
                Effect::Read,
            ),
            Self::CallRead => (
                "Call a tool that reads",
                "Calls a tool whose effect is `read`, and returns its result. Refuses every other tool.",
                Effect::Read,
            ),
            Self::CallWrite => (
                "Call a tool that writes or destroys",
                "Calls any tool, also one whose effect is `write` or `destroy`, and returns its result.",
                Effect::Destroy,
            ),
        };
        Listed {
            name: self.name().to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
            input: self.input(),
            output: None,
            effect,
            idempotent: effect == Effect::Read,
            further: Map::new(),
        }
    }

    fn input(self) -> Map<String, Value> {
        let (properties, required) = match self {
            Self::Search => (
                json!({
                    "query": { "type": "string", "description": "The task in a few words, such as `refund a payment`." },
                    "limit": {
                        "type": "integer", "description": "The most tools to return.", "minimum": 1, "maximum": MOST_HITS,
                        "default": HITS,
                    },
                }),
                "query",
            ),
            Self::Describe => (
                json!({
                    "name": { "type": "string", "description": "The name of the tool." },
                    "path": { "type": "string", "description": "An argument, such as `/filter/items`." },
                    "def": { "type": "string", "description": "A name below `#/$defs/`." },
                }),
                "name",
            ),
            Self::CallRead | Self::CallWrite => (
                json!({
                    "name": { "type": "string", "description": "The name of the tool." },
                    "arguments": { "type": "object", "description": "The arguments of that tool.", "default": {} },
                }),
                "name",
            ),
        };
        let schema = json!({
            "type": "object", "properties": properties, "required": [required], "additionalProperties": false,
        });
        match schema {
            Value::Object(schema) => schema,
            _ => Map::new(),
        }
    }

    /// Returns the compiled input schema.
    fn schema(self) -> &'static InputSchema {
        static SEARCH: OnceLock<InputSchema> = OnceLock::new();
        static DESCRIBE: OnceLock<InputSchema> = OnceLock::new();
        static CALL: OnceLock<InputSchema> = OnceLock::new();
        let schema = match self {
            Self::Search => &SEARCH,
            Self::Describe => &DESCRIBE,
            Self::CallRead | Self::CallWrite => &CALL,
        };
        schema.get_or_init(|| InputSchema::compile(self.input()))
    }

    /// Parses the arguments of a call of this tool. The arguments for the called tool may be large, so they are moved out of the request
    /// without a copy. The schema of the called tool validates them.
    ///
    /// # Errors
    /// Returns an error if the arguments do not fit the input schema. The arguments are then unchanged.
    pub(crate) fn parse(self, given: &mut Map<String, Value>) -> Result<SurfaceRequest, ArgumentsError> {
        let moved = match (self, given.get_mut("arguments")) {
            (Self::CallRead | Self::CallWrite, Some(Value::Object(inner))) => Some(std::mem::take(inner)),
            _ => None,
        };
        let mut arguments = Value::Object(given.clone());
        if let Err(error) = self.schema().fit(self.name(), &mut arguments) {
            if let Some((place, moved)) = given.get_mut("arguments").zip(moved) {
                *place = Value::Object(moved);
            }
            return Err(error);
        }
        let mut text = |key: &str| match arguments.get_mut(key).map(Value::take) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Ok(match self {
            Self::Search => {
                let query = text("query").unwrap_or_default();
                let limit = arguments.get("limit").and_then(Value::as_u64).unwrap_or(HITS as u64);
                SurfaceRequest::Search { query, limit: usize::try_from(limit).unwrap_or(HITS) }
            }
            Self::Describe => {
                let name = text("name").unwrap_or_default();
                let part = match (text("def"), text("path")) {
                    (Some(def), _) => {
                        SchemaPart::Definition(def.strip_prefix("#/$defs/").unwrap_or(&def).to_owned())
                    }
                    (None, Some(path)) if !path.trim_matches('/').is_empty() => SchemaPart::Path(path),
                    _ => SchemaPart::Whole,
                };
                SurfaceRequest::Describe { name, part }
            }
            Self::CallRead | Self::CallWrite => {
                let name = text("name").unwrap_or_default();
                let arguments = match (moved, arguments.get_mut("arguments").map(Value::take)) {
                    (Some(arguments), _) | (None, Some(Value::Object(arguments))) => arguments,
                    _ => Map::new(),
                };
                SurfaceRequest::Call { name, arguments, reads_only: self == Self::CallRead }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(tool: SurfaceTool, arguments: &Value) -> Result<SurfaceRequest, String> {
        let mut given = arguments.as_object().cloned().unwrap_or_default();
        let parsed = tool.parse(&mut given).map_err(|error| error.to_string());
        assert!(parsed.is_ok() || Some(&given) == arguments.as_object(), "{given:?}");
        parsed
    }

    #[test]
    fn arguments_of_surface_tools_are_parsed_with_defaults() {
        let found = parse(SurfaceTool::Search, &json!({ "query": "books" }));
        assert_eq!(found, Ok(SurfaceRequest::Search { query: "books".to_owned(), limit: 5 }));
        let whole = parse(SurfaceTool::Describe, &json!({ "name": "x", "path": "/" }));
        assert_eq!(whole, Ok(SurfaceRequest::Describe { name: "x".to_owned(), part: SchemaPart::Whole }));
        let part = SchemaPart::Definition("Book".to_owned());
        let def = parse(SurfaceTool::Describe, &json!({ "name": "x", "def": "#/$defs/Book" }));
        assert_eq!(def, Ok(SurfaceRequest::Describe { name: "x".to_owned(), part }));
        let call = parse(SurfaceTool::CallRead, &json!({ "name": "x" }));
        assert_eq!(
            call,
            Ok(SurfaceRequest::Call { name: "x".to_owned(), arguments: Map::new(), reads_only: true })
        );
    }

    #[test]
    fn invalid_surface_tool_arguments_are_refused_with_a_suggestion() {
        let text = parse(SurfaceTool::CallWrite, &json!({ "name": "x", "argument": {} })).unwrap_err();
        assert!(text.contains("did you mean `arguments`?"), "{text}");
        assert!(parse(SurfaceTool::Search, &json!({ "query": "x", "limit": 0 })).is_err());
        assert!(parse(SurfaceTool::CallRead, &json!({ "arguments": { "a": 1 } })).is_err());
    }

    #[test]
    fn arguments_for_the_called_tool_may_be_an_object_or_json_text() {
        let wanted = json!({ "a": [1, { "b": 2 }] }).as_object().cloned().unwrap();
        for given in [json!({ "a": [1, { "b": 2 }] }), json!(r#"{"a": [1, {"b": 2}]}"#)] {
            let call = parse(SurfaceTool::CallWrite, &json!({ "name": "x", "arguments": given }));
            let arguments = wanted.clone();
            assert_eq!(call, Ok(SurfaceRequest::Call { name: "x".to_owned(), arguments, reads_only: false }));
        }
    }
}
