//! Properties within arguments, by their dotted paths: `address.country`, `lines[].price`.

use std::collections::BTreeSet;

use jackfield_model::{Arg, Defs, Preset};
use serde_json::{Map, Value};

/// The maximum number of schemas that one walk visits.
const STEPS: usize = 20_000;
/// The maximum number of nested schemas.
const DEEPEST: usize = 64;
/// The keywords whose schemas apply to the same value.
const IN_PLACE: [&str; 5] = ["allOf", "anyOf", "oneOf", "then", "else"];

/// Returns the index of the argument to which the path leads, and the names of the properties within the argument. Returns `None` if no
/// argument has such a property. Names may contain dots. The longest name that matches is used.
pub(super) fn find(args: &[Arg], pool: &Defs, path: &str) -> Option<(usize, Vec<String>)> {
    let mut fitting: Vec<(usize, &str)> =
        args.iter().enumerate().filter_map(|(at, arg)| Some((at, after(path, arg.name.as_str())?))).collect();
    fitting.sort_by_key(|(_, rest)| rest.len());
    let mut steps = STEPS;
    fitting.into_iter().find_map(|(at, rest)| {
        let mut names = Vec::new();
        let schema = args[at].schema.as_value();
        (rest.is_empty() || find_within(schema, pool, rest, &mut names, &mut steps)).then_some((at, names))
    })
}

/// Returns the names of the properties of a schema, for suggestions.
pub(super) fn properties(schema: &Value, pool: &Defs) -> BTreeSet<String> {
    let schemas = in_place(schema, pool, &mut { STEPS });
    let properties = schemas.into_iter().filter_map(|map| map.get("properties")?.as_object()).flatten();
    properties.map(|(name, _)| name.clone()).collect()
}

/// Changes every object that has the property at the end of the path. References on the way are replaced by copies of their schemas, so
/// that other tools do not change. Returns whether an object had the property.
pub(super) fn edit(
    schema: &mut Value,
    path: &[String],
    pool: &Defs,
    change: &mut dyn FnMut(&mut Map<String, Value>, &str) -> bool,
) -> bool {
    edit_within(schema, path, change, &mut Walk { pool, open: Vec::new(), depth: 0, steps: STEPS })
}

/// Replaces references to schemas of the pool by copies of these schemas, except for references within properties and items.
pub(super) fn inlined(schema: &mut Value, pool: &Defs) {
    for _ in 0..DEEPEST {
        let Value::Object(map) = schema else { return };
        let Some(copy) = target(map, pool).cloned() else { return };
        inline(map, copy);
    }
}

/// Returns the rest of a path after a name, or `None` if the path does not continue after that name.
fn after<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(name)?;
    (rest.is_empty() || rest.starts_with('.') || rest.starts_with(Preset::ITEMS)).then_some(rest)
}

fn target<'p>(map: &Map<String, Value>, pool: &'p Defs) -> Option<&'p Value> {
    let name = map.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
    pool.get(name).map(|schema| schema.as_value())
}

/// Replaces the reference of a schema by the schema to which it refers.
fn inline(map: &mut Map<String, Value>, copy: Value) {
    map.remove("$ref");
    let Value::Object(copy) = copy else { return };
    let is_text =
        |keyword: &str| matches!(keyword, "title" | "description" | "default" | "examples" | "deprecated");
    if copy.keys().any(|keyword| map.contains_key(keyword) && !is_text(keyword)) {
        if let Value::Array(all) = map.entry("allOf").or_insert_with(|| Value::Array(Vec::new())) {
            all.push(Value::Object(copy));
        }
        return;
    }
    for (keyword, value) in copy {
        map.entry(keyword).or_insert(value);
    }
}

/// Returns the schemas that apply to the same value: the schema itself first, then the members of its `allOf`,
/// `anyOf` and similar keywords. References are followed once.
fn in_place<'s>(schema: &'s Value, pool: &'s Defs, steps: &mut usize) -> Vec<&'s Map<String, Value>> {
    let (mut found, mut next, mut seen) = (Vec::new(), vec![schema], BTreeSet::new());
    while let Some(Value::Object(map)) = next.pop() {
        if *steps == 0 {
            break;
        }
        *steps -= 1;
        found.push(map);
        if let Some(name) = map.get("$ref").and_then(Value::as_str)
            && seen.insert(name)
        {
            next.extend(target(map, pool));
        }
        for keyword in IN_PLACE {
            match map.get(keyword) {
                Some(Value::Array(parts)) => next.extend(parts),
                Some(part @ Value::Object(_)) => next.push(part),
                _ => {}
            }
        }
    }
    found
}

/// Finds the properties to which a path leads within a schema, and adds their names.
fn find_within(schema: &Value, pool: &Defs, path: &str, names: &mut Vec<String>, steps: &mut usize) -> bool {
    if path.is_empty() {
        return names.last().is_none_or(|last| last != Preset::ITEMS);
    }
    let schemas = in_place(schema, pool, steps);
    if let Some(rest) = path.strip_prefix(Preset::ITEMS) {
        names.push(Preset::ITEMS.to_owned());
        let mut items = schemas.iter().filter_map(|map| map.get("items"));
        let is_found = items.any(|items| find_within(items, pool, rest, names, steps));
        if !is_found {
            names.pop();
        }
        return is_found;
    }
    let path = path.strip_prefix('.').unwrap_or(path);
    let properties =
        schemas.iter().filter_map(|map| map.get("properties").and_then(Value::as_object)).flatten();
    let mut fitting: Vec<(&String, &Value, &str)> =
        properties.filter_map(|(name, schema)| Some((name, schema, after(path, name)?))).collect();
    fitting.sort_by_key(|(_, _, rest)| rest.len());
    for (name, schema, rest) in fitting {
        names.push(name.clone());
        if find_within(schema, pool, rest, names, steps) {
            return true;
        }
        names.pop();
    }
    false
}

/// The state of a walk that changes schemas.
struct Walk<'p> {
    pool: &'p Defs,
    /// The references that were followed to the schemas of the current value.
    open: Vec<String>,
    depth: usize,
    steps: usize,
}

impl Walk<'_> {
    /// Continues with the schemas of another value.
    fn descend(&mut self, walk: impl FnOnce(&mut Self) -> bool) -> bool {
        let open = std::mem::take(&mut self.open);
        let is_found = walk(self);
        self.open = open;
        is_found
    }
}

fn edit_within(
    schema: &mut Value,
    path: &[String],
    change: &mut dyn FnMut(&mut Map<String, Value>, &str) -> bool,
    walk: &mut Walk<'_>,
) -> bool {
    let Value::Object(map) = schema else { return false };
    if walk.depth > DEEPEST || walk.steps == 0 {
        return false;
    }
    walk.steps -= 1;
    walk.depth += 1;
    let mut is_found = false;
    for keyword in IN_PLACE {
        match map.get_mut(keyword) {
            Some(Value::Array(parts)) => {
                for part in parts {
                    is_found |= edit_within(part, path, change, walk);
                }
            }
            Some(part @ Value::Object(_)) => is_found |= edit_within(part, path, change, walk),
            _ => {}
        }
    }
    match path {
        [] => {}
        [name] => is_found |= change(map, name),
        [first, rest @ ..] => {
            let next = match first == Preset::ITEMS {
                true => map.get_mut("items"),
                false => map.get_mut("properties").and_then(|all| all.get_mut(first)),
            };
            if let Some(next) = next {
                is_found |= walk.descend(|walk| edit_within(next, rest, change, walk));
            }
        }
    }
    // The copy has already been changed, so the reference is replaced last.
    let name =
        map.get("$ref").and_then(Value::as_str).filter(|name| !walk.open.iter().any(|open| open == name));
    if let Some((name, original)) = name.map(str::to_owned).zip(target(map, walk.pool)) {
        let mut copy = original.clone();
        walk.open.push(name);
        is_found |= edit_within(&mut copy, path, change, walk);
        walk.open.pop();
        if copy != *original {
            inline(map, copy);
        }
    }
    walk.depth -= 1;
    is_found
}

#[cfg(test)]
mod tests {
    use jackfield_model::{ArgName, Schema};
    use serde_json::json;

    use super::*;

    fn pool() -> Defs {
        let node = json!({
            "properties": {
                "name": { "type": "string" },
                "child": { "$ref": "#/$defs/Node" },
                "a.b": { "properties": { "c": {} } },
                "lines": { "type": "array", "items": { "$ref": "#/$defs/Line" } },
            },
            "required": ["name"],
        });
        let line = json!({ "allOf": [{ "properties": { "price": {} } }, { "required": ["price"] }] });
        let alias = json!({ "anyOf": [{ "$ref": "#/$defs/Alias" }, { "$ref": "#/$defs/Node" }] });
        [("Node", node), ("Line", line), ("Alias", alias)]
            .map(|(name, schema)| (name.to_owned(), Schema::new(schema)))
            .into()
    }

    fn arg(name: &str, schema: Value) -> Arg {
        Arg { name: ArgName::new(name).unwrap(), required: false, schema: Schema::new(schema) }
    }

    #[test]
    fn dotted_path_leads_to_an_argument_or_a_property() {
        let args = [
            arg("node", json!({ "$ref": "#/$defs/Alias" })),
            arg("node.name", json!({})),
            arg("list", json!({})),
        ];
        for (path, found) in [
            ("list", Some((2, vec![]))),
            ("node.name", Some((1, vec![]))),
            ("node.child.name", Some((0, vec!["child", "name"]))),
            ("node.a.b.c", Some((0, vec!["a.b", "c"]))),
            ("node.lines[].price", Some((0, vec!["lines", "[]", "price"]))),
            ("node.lines[]", None),
            ("node.lines.price", None),
            ("node.nobody", None),
            ("nod", None),
        ] {
            let found = found.map(|(at, names)| (at, names.into_iter().map(str::to_owned).collect()));
            assert_eq!(find(&args, &pool(), path), found, "{path}");
        }
        assert!(properties(args[0].schema.as_value(), &pool()).contains("child"));
    }

    #[test]
    fn edit_of_a_nested_property_copies_only_the_schemas_on_its_path() {
        let mut schema = json!({ "$ref": "#/$defs/Alias", "description": "A tree" });
        let path = ["child", "lines", "[]", "price"].map(str::to_owned);
        let mut change = |map: &mut Map<String, Value>, name: &str| {
            if let Some(Value::Array(required)) = map.get_mut("required") {
                required.retain(|it| it != name);
            }
            let properties = map.get_mut("properties").and_then(Value::as_object_mut);
            properties.is_some_and(|all| all.remove(name).is_some())
        };
        assert!(edit(&mut schema, &path, &pool(), &mut change));
        assert_eq!(schema["description"], "A tree");
        let child = &schema["anyOf"][1]["properties"]["child"];
        assert_eq!(schema["anyOf"][0], json!({ "$ref": "#/$defs/Alias" }));
        assert_eq!(child["properties"]["child"], json!({ "$ref": "#/$defs/Node" }));
        let parts = &child["properties"]["lines"]["items"]["allOf"];
        assert_eq!(*parts, json!([{ "properties": {} }, { "required": [] }]));
        assert!(!edit(&mut json!({}), &path, &pool(), &mut change));
    }
}
