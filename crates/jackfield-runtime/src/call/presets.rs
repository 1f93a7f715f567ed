//! Presets: values of arguments that connector.toml fixes, hides or sets by default.

use serde_json::{Map, Value};

use super::rows::{Preset, PresetKind, Tool};
use super::schema::ArgumentsError;

/// The path segment that stands for every item of an array.
const ITEMS: &str = "[]";

/// The reason why a value is refused, with its JSON pointer.
struct RefusedValue(String);

/// Applies the presets of a tool to arguments that match its schema.
///
/// # Errors
/// Returns an error if the arguments set a value that connector.toml fixes or hides. Other spellings of the value's name that a service
/// could accept are refused, too.
pub(crate) fn apply(tool: &Tool<'_>, arguments: &mut Map<String, Value>) -> Result<(), ArgumentsError> {
    let mut problems = Vec::new();
    for preset in tool.presets {
        let mut place = String::new();
        if let Some((name, rest)) = preset.path.split_first()
            && let Err(RefusedValue(problem)) = in_object(arguments, name, rest, preset, true, &mut place)
            && !problems.contains(&problem)
        {
            problems.push(problem);
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(ArgumentsError::misfit(tool.called(), problems)) }
}

/// Removes the values that presets fix or hide from the arguments of a request that was sent.
pub(crate) fn without_decided(tool: &Tool<'_>, arguments: &mut Map<String, Value>) {
    let decided = tool.presets.iter().filter(|preset| !matches!(preset.kind, PresetKind::Default(_)));
    for preset in decided {
        if let Some((name, rest)) = preset.path.split_first() {
            remove(arguments, name, rest);
        }
    }
}

fn remove(object: &mut Map<String, Value>, name: &str, rest: &[&str]) {
    match rest {
        [] => _ = object.remove(name),
        rest => object.get_mut(name).into_iter().for_each(|value| remove_within(value, rest)),
    }
}

fn remove_within(value: &mut Value, path: &[&str]) {
    match (path, value) {
        ([ITEMS, rest @ ..], Value::Array(items)) => {
            items.iter_mut().for_each(|item| remove_within(item, rest));
        }
        ([name, rest @ ..], Value::Object(object)) => remove(object, name, rest),
        _ => {}
    }
}

/// Applies a preset to a property of an object. `is_root` is true for the arguments object, whose properties are all declared.
fn in_object(
    object: &mut Map<String, Value>,
    name: &str,
    rest: &[&str],
    preset: &Preset<'_>,
    is_root: bool,
    place: &mut String,
) -> Result<(), RefusedValue> {
    let is_default = matches!(preset.kind, PresetKind::Default(_));
    if !is_root
        && !is_default
        && let Some(other) = object.keys().find(|key| *key != name && is_spelling(key, name))
    {
        return Err(RefusedValue(format!(
            "{place}/{other}: this is another spelling of `{name}`, which calls cannot set; remove it"
        )));
    }
    if !rest.is_empty() {
        let Some(value) = object.get_mut(name) else { return Ok(()) };
        let length = place.len();
        place.push('/');
        place.push_str(name);
        let outcome = within(value, rest, preset, place);
        place.truncate(length);
        return outcome;
    }
    let json = match preset.kind {
        PresetKind::Default(_) if object.contains_key(name) => return Ok(()),
        PresetKind::Fixed(_) | PresetKind::Hidden if object.contains_key(name) => {
            return Err(RefusedValue(format!("{place}/{name}: calls cannot set this value; remove it")));
        }
        PresetKind::Hidden => return Ok(()),
        PresetKind::Fixed(json) | PresetKind::Default(json) => json,
    };
    match serde_json::from_str(json) {
        Ok(value) => _ = object.insert(name.to_owned(), value),
        Err(_) => {
            return Err(RefusedValue(format!("{place}/{name}: the value in connector.toml is not JSON")));
        }
    }
    Ok(())
}

/// Applies a preset to a value that contains the preset's property.
fn within(
    value: &mut Value,
    path: &[&str],
    preset: &Preset<'_>,
    place: &mut String,
) -> Result<(), RefusedValue> {
    match (path, value) {
        ([], _) | (_, Value::Null) => Ok(()),
        ([ITEMS, rest @ ..], Value::Array(items)) => {
            let length = place.len();
            for (at, item) in items.iter_mut().enumerate() {
                place.push_str(&format!("/{at}"));
                within(item, rest, preset, place)?;
                place.truncate(length);
            }
            Ok(())
        }
        ([name, rest @ ..], Value::Object(object)) if *name != ITEMS => {
            in_object(object, name, rest, preset, false, place)
        }
        // A value of another type does not contain the property.
        _ if !matches!(preset.kind, PresetKind::Fixed(_)) => Ok(()),
        // The service may find the property in a string, or in another value of an unexpected type.
        ([ITEMS, ..], _) => Err(RefusedValue(format!("{place}: expected an array"))),
        _ => Err(RefusedValue(format!("{place}: expected an object"))),
    }
}

/// Whether a service could take `key` for the property `name`: they differ only in upper and lower case, or `key` continues with
/// brackets or a dot as in form fields.
fn is_spelling(key: &str, name: &str) -> bool {
    let fold = |text: &str| text.to_uppercase().to_lowercase();
    let name = fold(name);
    let beginning = fold(key.split(['[', ']', '.']).next().unwrap_or_default());
    fold(key) == name || beginning == name
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::call::args::{ArgError, Args};
    use crate::call::request::Request;

    fn nothing(_: &Args, _: &mut Request) -> Result<(), ArgError> {
        Ok(())
    }

    const PRESETS: &[Preset<'_>] = &[
        Preset::fixed(&["address", "country"], r#""NZ""#),
        Preset::default_value(&["address", "kind"], r#""home""#),
        Preset::fixed(&["lines", ITEMS, "discount"], "0"),
        Preset::hidden(&["filter", "state"]),
        Preset::default_value(&["limit"], "20"),
    ];

    fn applied(arguments: Value) -> Result<Value, String> {
        let tool = Tool::new("order", "POST", "/orders", nothing).presets(PRESETS);
        let Value::Object(mut arguments) = arguments else { unreachable!() };
        apply(&tool, &mut arguments).map_err(|error| error.to_string())?;
        Ok(arguments.into())
    }

    #[test]
    fn preset_in_an_object_is_set_only_if_the_call_sends_the_object() {
        for (given, sent) in [
            (json!({}), json!({ "limit": 20 })),
            (json!({ "limit": 5 }), json!({ "limit": 5 })),
            (
                json!({ "address": { "street": "x" }, "limit": 1 }),
                json!({ "address": { "street": "x", "country": "NZ", "kind": "home" }, "limit": 1 }),
            ),
            (json!({ "address": null, "limit": 1 }), json!({ "address": null, "limit": 1 })),
            (
                json!({ "lines": [{ "sku": 1 }], "filter": "x", "limit": 1 }),
                json!({ "lines": [{ "sku": 1, "discount": 0 }], "filter": "x", "limit": 1 }),
            ),
        ] {
            assert_eq!(applied(given.clone()), Ok(sent), "{given}");
        }
    }

    #[test]
    fn call_that_sets_a_fixed_or_hidden_value_is_refused_in_any_spelling() {
        for (given, problem) in [
            (json!({ "address": { "country": "AU" } }), "/address/country: calls cannot set this value"),
            (json!({ "address": { "country": "NZ" } }), "/address/country: calls cannot set this value"),
            (json!({ "address": { "country": null } }), "/address/country: calls cannot set this value"),
            (
                json!({ "address": { "Country": "AU" } }),
                "/address/Country: this is another spelling of `country`",
            ),
            (json!({ "address": { "country]": "AU" } }), "another spelling"),
            (json!({ "address": { "country[0]": "AU" } }), "another spelling"),
            (json!({ "address": { "country.code": "AU" } }), "another spelling"),
            (json!({ "address": "country=AU" }), "/address: expected an object"),
            (json!({ "address": [{ "country": "AU" }] }), "/address: expected an object"),
            (json!({ "lines": [{}, { "discount": 1 }] }), "/lines/1/discount: calls cannot set this value"),
            (json!({ "filter": { "state": 1 } }), "/filter/state: calls cannot set this value"),
            (json!({ "lines": { "0": { "discount": 1 } } }), "/lines: expected an array"),
        ] {
            let error = applied(given.clone()).unwrap_err();
            assert!(error.contains(problem) && error.contains("nothing was sent"), "{given}: {error}");
        }
    }

    #[test]
    fn names_with_equal_case_folding_count_as_the_same_name() {
        assert!(is_spelling("acce\u{17f}s", "access") && is_spelling("\u{212a}ey", "key"));
        assert!(!is_spelling("countries", "country"));
    }
}
