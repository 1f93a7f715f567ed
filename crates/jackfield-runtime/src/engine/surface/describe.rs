//! Answers calls of `describe_tool`.

use jackfield_recipe::{Effect, nearest};
use serde_json::{Map, Value, json};

use super::catalog_entry::{CatalogEntry, shortened};
use super::cut::{CutSchema, cut};
use super::error::SurfaceError;
use super::surface_tool::{SchemaPart, SurfaceTool};
use crate::call::schema::find_refs;
use crate::engine::listing::Listed;
use crate::engine::shape::{resolve, sample};
use crate::reply::tool_result::ToolResult;

/// The maximum number of characters of a description.
const LONGEST_DESCRIPTION: usize = 600;
/// The maximum number of bytes of an example.
const LONGEST_EXAMPLE: usize = 600;
/// The maximum number of characters of a path or name that an error repeats.
const LONGEST_PART: usize = 64;
/// The maximum number of schemas that are visited on the way to a property.
const MOST_STEPS: usize = 64;

/// Describes a tool, or a part of its input schema.
///
/// # Errors
/// Returns an error if the schema has no such argument or definition.
pub(crate) fn describe(
    entry: &CatalogEntry,
    tool: &Listed,
    part: &SchemaPart,
) -> Result<ToolResult, SurfaceError> {
    let mut root = tool.input.clone();
    let defs = match root.remove("$defs") {
        Some(Value::Object(defs)) => defs,
        _ => Map::new(),
    };
    let no_part = |part: &str, near: Option<&str>| SurfaceError::NoPart {
        tool: entry.shown_name.clone(),
        part: part.chars().take(LONGEST_PART).collect(),
        near: near.map(str::to_owned),
    };
    let whole = Value::Object(root);
    let schema = match part {
        SchemaPart::Whole => &whole,
        SchemaPart::Definition(name) => {
            let known = defs.keys().map(String::as_str);
            defs.get(name).ok_or_else(|| no_part(name, nearest(name, known)))?
        }
        SchemaPart::Path(path) => {
            at_path(&whole, &tool.input, path).map_err(|near| no_part(path, near.as_deref()))?
        }
    };
    let reached = reached(schema, &defs);
    let CutSchema { schema, lacks_definitions, lacks_parts } = cut(schema, Some(&reached));
    let mut answer = Map::new();
    answer.insert("name".to_owned(), entry.shown_name.as_str().into());
    answer.insert("effect".to_owned(), entry.effect.as_str().into());
    if *part == SchemaPart::Whole {
        let said = if tool.description.is_empty() { &tool.title } else { &tool.description };
        answer.insert("description".to_owned(), shortened(said, LONGEST_DESCRIPTION).into());
    }
    answer.insert("inputSchema".to_owned(), schema);
    let more: Vec<&str> = [
        (lacks_definitions, "call again with `def` to see a referenced schema"),
        (lacks_parts, "call again with `path` to see an argument that was left out"),
    ]
    .into_iter()
    .filter_map(|(lacks, said)| lacks.then_some(said))
    .collect();
    if !more.is_empty() {
        answer.insert("more".to_owned(), more.join("; ").into());
    }
    if *part == SchemaPart::Whole {
        answer.insert("example".to_owned(), example(entry, &tool.input));
    }
    Ok(ToolResult::json(Value::Object(answer)))
}

/// Returns a call of the tool with sample values for its required arguments.
fn example(entry: &CatalogEntry, input: &Map<String, Value>) -> Value {
    let call = if entry.effect == Effect::Read { SurfaceTool::CallRead } else { SurfaceTool::CallWrite };
    let mut arguments = sample(input);
    if Value::Object(arguments.clone()).to_string().len() > LONGEST_EXAMPLE {
        arguments.values_mut().filter(|value| value.is_object() || value.is_array()).for_each(|value| {
            *value = if value.is_object() { json!({}) } else { json!([]) };
        });
    }
    json!({ "tool": call.name(), "arguments": { "name": entry.shown_name, "arguments": arguments } })
}

/// Returns the definitions that a schema refers to, directly or not.
fn reached(schema: &Value, defs: &Map<String, Value>) -> Map<String, Value> {
    let mut reached = Map::new();
    let mut frontier = Vec::new();
    find_refs(schema, &mut frontier);
    while let Some(name) = frontier.pop() {
        if let Some(schema) = defs.get(&name).filter(|_| !reached.contains_key(&name)) {
            find_refs(schema, &mut frontier);
            reached.insert(name, schema.clone());
        }
    }
    reached
}

/// Returns the schema at a JSON pointer such as `/filter/0/name`, or at `filter.name`. The path may contain or omit the index of an array
/// item.
///
/// # Errors
/// Returns an error if the property does not exist. The error contains the path that was probably meant.
fn at_path<'s>(
    whole: &'s Value,
    root: &'s Map<String, Value>,
    path: &str,
) -> Result<&'s Value, Option<String>> {
    let separator = if path.starts_with('/') { '/' } else { '.' };
    let segments = path.split(separator).filter(|segment| !segment.is_empty());
    let mut schema = whole;
    let mut passed = String::new();
    for segment in segments.take(MOST_STEPS) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        let mut steps = MOST_STEPS;
        match property(schema, root, &segment, &mut steps) {
            Some(found) => schema = found,
            None => {
                let mut names = Vec::new();
                let mut steps = MOST_STEPS;
                property_names(schema, root, &mut names, &mut steps);
                let near = nearest(&segment, names.iter().copied());
                return Err(near.map(|near| format!("{passed}/{near}")));
            }
        }
        passed.push('/');
        passed.push_str(&segment);
    }
    Ok(schema)
}

/// The keywords whose schemas apply to the same value.
const FORMS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

fn property<'s>(
    schema: &'s Value,
    root: &'s Map<String, Value>,
    name: &str,
    steps: &mut usize,
) -> Option<&'s Value> {
    *steps = steps.checked_sub(1)?;
    let schema = resolve(schema, root)?;
    let found = schema.get("properties").and_then(|properties| properties.get(name));
    if found.is_some() {
        return found;
    }
    if let Some(items) = schema.get("items") {
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(items);
        }
        if let Some(found) = property(items, root, name, steps) {
            return Some(found);
        }
    }
    let forms = FORMS.iter().filter_map(|key| schema.get(*key)?.as_array()).flatten();
    forms.into_iter().find_map(|form| property(form, root, name, steps))
}

fn property_names<'s>(
    schema: &'s Value,
    root: &'s Map<String, Value>,
    names: &mut Vec<&'s str>,
    steps: &mut usize,
) {
    let Some(left) = steps.checked_sub(1) else { return };
    *steps = left;
    let Some(schema) = resolve(schema, root) else { return };
    let properties = schema.get("properties").and_then(Value::as_object);
    names.extend(properties.into_iter().flat_map(Map::keys).map(String::as_str));
    if let Some(items) = schema.get("items") {
        property_names(items, root, names, steps);
    }
    for form in FORMS.iter().filter_map(|key| schema.get(*key)?.as_array()).flatten() {
        property_names(form, root, names, steps);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool() -> (CatalogEntry, Listed) {
        let input = json!({
            "type": "object",
            "required": ["filter"],
            "properties": {
                "filter": { "type": "array", "items": { "$ref": "#/$defs/Filter" } },
                "page": { "type": "integer" },
            },
            "$defs": {
                "Filter": { "oneOf": [
                    { "type": "object", "properties": { "name": { "type": "string" } } },
                    { "type": "object", "properties": { "all": { "$ref": "#/$defs/Filter" } } },
                ] },
            },
        });
        let tool = Listed {
            name: "find_books".to_owned(),
            title: String::new(),
            description: "Finds books.".to_owned(),
            input: input.as_object().cloned().unwrap(),
            output: None,
            effect: Effect::Read,
            idempotent: true,
            further: Map::new(),
        };
        (CatalogEntry::of_listed(&tool).0, tool)
    }

    fn answer(part: SchemaPart) -> Result<Value, String> {
        let (entry, tool) = tool();
        let result = describe(&entry, &tool, &part).map_err(|error| error.to_string())?;
        Ok(result.structured().cloned().unwrap())
    }

    #[test]
    fn answer_of_describe_tool_contains_the_schema_and_an_example_call() {
        let answer = answer(SchemaPart::Whole).unwrap();
        assert_eq!(answer["example"]["tool"], "call_read");
        assert_eq!(answer["example"]["arguments"]["name"], "find_books");
        assert_eq!(answer["inputSchema"]["properties"]["page"]["type"], "integer");
        assert!(answer["inputSchema"]["$defs"]["Filter"].is_object());
    }

    #[test]
    fn path_given_to_describe_tool_passes_through_arrays_and_references() {
        for path in ["/filter/name", "/filter/0/name", "filter.name", "/filter/all/all/name"] {
            let answer = answer(SchemaPart::Path(path.to_owned())).unwrap();
            assert_eq!(answer["inputSchema"]["type"], "string", "{path}");
        }
        let text = answer(SchemaPart::Path("/filter/nam".to_owned())).unwrap_err();
        assert_eq!(
            text,
            "the input schema of `find_books` has no part `/filter/nam`; did you mean `/filter/name`?"
        );
    }

    #[test]
    fn schema_definition_is_described_by_name() {
        let answer = answer(SchemaPart::Definition("Filter".to_owned())).unwrap();
        assert!(answer["inputSchema"]["oneOf"].is_array());
        let text = self::answer(SchemaPart::Definition("Filtr".to_owned())).unwrap_err();
        assert!(text.ends_with("did you mean `Filter`?"), "{text}");
    }
}
