//! Changes the arguments of one operation.

use std::collections::BTreeSet;

use jackfield_model::{ArgName, Defs, Encoding, Input, Operation, Preset, PresetKind, Schema, Step, Style};
use serde_json::{Map, Value};

use super::fits::{ValueCheck, is_equal, misfit};
use super::path;
use super::rule::ArgumentRule;

/// A problem and its remedy.
type Fault = (String, String);

/// Applies a rule to an argument, or to the property within the argument at the path `names`. `rename` and `describe`
/// are applied later.
pub(super) fn apply(
    operation: &mut Operation,
    pool: &Defs,
    rule: &ArgumentRule,
    argument: &ArgName,
    names: &[String],
    check: Option<ValueCheck>,
) -> Result<(), Fault> {
    let Some(at) = operation.args.iter().position(|arg| arg.name == *argument) else {
        let help = "remove this rule, or the rule for the whole argument".to_owned();
        return Err((format!("`{argument}` is no longer an argument: another rule hides or fixes it"), help));
    };
    let shown = &rule.path;
    let mut schema = operation.args[at].schema.clone();
    let property = property(&schema, pool, names);
    let fit = |what: &str, value: &Value| match misfit(&property, value, pool, check) {
        Some(why) => Err((
            format!("`{what}` of `{shown}` does not fit its schema: {value}: {why}"),
            "write a value that the document allows".to_owned(),
        )),
        None => Ok(()),
    };
    if let Some(values) = &rule.values {
        narrow(&mut schema, pool, names, values, shown, &|value| {
            fit("values", value).or_else(|problem| match items(&property, pool) {
                Some(items) => misfit(&items, value, pool, check).map_or(Ok(()), |_| Err(problem)),
                None => Err(problem),
            })
        })?;
    }
    let mut path = vec![argument.to_string()];
    path.extend(names.iter().cloned());
    if let Some(value) = &rule.fix {
        fit("fix", value)?;
        if names.is_empty() {
            guard_spread(operation, argument);
            replace(operation, argument, value);
            operation.args.remove(at);
            operation.fewest_args = operation.fewest_args.saturating_sub(1);
            return Ok(());
        }
        remove(&mut schema, pool, names, true)?;
        operation.presets.push(Preset { path, kind: PresetKind::Fixed(value.to_string()) });
    } else if rule.hide {
        if names.is_empty() {
            if operation.args[at].required {
                return Err(required(shown));
            }
            guard_spread(operation, argument);
            drop_steps(operation, argument);
            operation.args.remove(at);
            operation.fewest_args = operation.fewest_args.min(operation.args.len());
            return Ok(());
        }
        remove(&mut schema, pool, names, false)?;
        operation.presets.push(Preset { path, kind: PresetKind::Hidden });
    } else if let Some(value) = &rule.default {
        fit("default", value)?;
        if let Some(values) = &rule.values
            && !values.iter().any(|allowed| is_equal(allowed, value))
            && !value.is_array()
        {
            let help = "set `default` to one of the values, or add the default to `values`".to_owned();
            return Err((format!("`default` of `{shown}` is not among its `values`"), help));
        }
        if names.is_empty() {
            schema.edit(|schema| {
                if let Value::Object(map) = schema {
                    map.insert("default".to_owned(), value.clone());
                }
            });
            operation.args[at].required = false;
            operation.fewest_args = operation.fewest_args.saturating_sub(1);
        } else {
            schema.edit(|schema| {
                path::edit(schema, names, pool, &mut |map, name| {
                    unrequire(map, name);
                    with_property(map, name, |property| {
                        _ = property.insert("default".to_owned(), value.clone());
                    })
                });
            });
        }
        operation.presets.push(Preset { path, kind: PresetKind::Default(value.to_string()) });
    }
    if rule.rename.is_some() && !names.is_empty() {
        return Err((
            format!("`rename` of `{shown}`: a property within an argument keeps its name"),
            "remove `rename`; `describe` can explain the property".to_owned(),
        ));
    }
    operation.args[at].schema = schema;
    Ok(())
}

/// Gives an argument another name.
pub(super) fn rename(operation: &mut Operation, from: &ArgName, to: &ArgName) -> Result<(), Fault> {
    if from == to {
        let problem = format!("`rename` changes nothing: `{from}` has that name");
        return Err((problem, "choose another name, or remove `rename`".to_owned()));
    }
    let is_taken = |arg: &ArgName| arg.as_str().eq_ignore_ascii_case(to.as_str()) && arg != from;
    if operation.args.iter().any(|arg| is_taken(&arg.name)) {
        let problem = format!("`rename` of `{from}`: the tool has an argument `{to}` already");
        return Err((problem, "choose another name".to_owned()));
    }
    for arg in operation.args.iter_mut().filter(|arg| arg.name == *from) {
        arg.name = to.clone();
    }
    for input in operation.recipe.iter_mut().filter_map(Step::input_mut) {
        if let Input::Arg { arg, .. } = input
            && arg == from.as_str()
        {
            *arg = to.to_string();
        }
    }
    for first in operation.presets.iter_mut().filter_map(|preset| preset.path.first_mut()) {
        if first == from.as_str() {
            *first = to.to_string();
        }
    }
    if let Some(paging) = &mut operation.paging {
        let own = paging.position.iter_mut().chain(&mut paging.size);
        for name in
            own.chain(paging.in_address.iter_mut().map(|(_, name)| name)).filter(|name| **name == *from)
        {
            *name = to.clone();
        }
    }
    Ok(())
}

/// Sets the description. Returns whether it changed.
pub(super) fn describe(
    operation: &mut Operation,
    pool: &Defs,
    argument: &ArgName,
    names: &[String],
    text: &str,
) -> bool {
    let Some(arg) = operation.args.iter_mut().find(|arg| arg.name == *argument) else { return false };
    let before = arg.schema.clone();
    let set = |map: &mut Map<String, Value>| _ = map.insert("description".to_owned(), text.into());
    arg.schema.edit(|schema| match (names.is_empty(), schema) {
        (true, Value::Object(map)) => set(map),
        (_, schema) => _ = path::edit(schema, names, pool, &mut |map, name| with_property(map, name, set)),
    });
    arg.schema != before
}

fn required(shown: &str) -> Fault {
    let problem = format!("`hide` of `{shown}`: the document requires it");
    (problem, "add `fix = …`, the value that is always sent".to_owned())
}

/// Returns the schema of the argument, or of the property within it.
fn property(schema: &Schema, pool: &Defs, names: &[String]) -> Value {
    if names.is_empty() {
        return schema.as_value().clone();
    }
    let mut found = Vec::new();
    path::edit(&mut schema.as_value().clone(), names, pool, &mut |map, name| {
        let property = map.get("properties").and_then(|all| all.get(name));
        found.extend(property.cloned());
        property.is_some()
    });
    match <[Value; 1]>::try_from(found) {
        Ok([one]) => one,
        // Several alternatives declare the property: a value has to fit one of them.
        Err(several) => serde_json::json!({ "anyOf": several }),
    }
}

/// Returns the schema of the items if the property is an array.
fn items(property: &Value, pool: &Defs) -> Option<Value> {
    let mut property = property.clone();
    path::inlined(&mut property, pool);
    property.get("items").cloned()
}

/// Restricts an argument or a property to values that its schema allows.
fn narrow(
    schema: &mut Schema,
    pool: &Defs,
    names: &[String],
    values: &[Value],
    shown: &str,
    fit: &dyn Fn(&Value) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for value in values {
        fit(value)?;
        if !seen.insert(value.to_string()) {
            return Err((format!("`values` of `{shown}` has {value} twice"), "remove one".to_owned()));
        }
    }
    let before = schema.clone();
    let set = |property: &mut Value| {
        path::inlined(property, pool);
        let Value::Object(map) = property else { return };
        let is_list = map.contains_key("items") && !values.iter().any(Value::is_array);
        if let (true, Some(items)) = (is_list, map.get_mut("items")) {
            path::inlined(items, pool);
            if let Value::Object(items) = items {
                set_values(items, values);
            }
        } else {
            set_values(map, values);
        }
    };
    schema.edit(|schema| match names.is_empty() {
        true => set(schema),
        false => {
            path::edit(schema, names, pool, &mut |map, name| {
                let property = map.get_mut("properties").and_then(|all| all.get_mut(name));
                property.map(set).is_some()
            });
        }
    });
    let mut inlined = before;
    if names.is_empty() {
        inlined.edit(|schema| path::inlined(schema, pool));
    }
    if *schema == inlined {
        let problem = format!("`values` of `{shown}` changes nothing: the document allows the same values");
        return Err((problem, "leave out a value, or remove `values`".to_owned()));
    }
    Ok(())
}

/// Sets the `enum` of a schema. If the schema already has an `enum`, the values keep the order of the document.
fn set_values(map: &mut Map<String, Value>, values: &[Value]) {
    let listed = match map.get("enum") {
        Some(Value::Array(known)) => {
            known.iter().filter(|known| values.iter().any(|value| is_equal(known, value))).cloned().collect()
        }
        _ => values.to_vec(),
    };
    map.insert("enum".to_owned(), Value::Array(listed));
}

/// Removes a property from the schemas that declare it.
fn remove(schema: &mut Schema, pool: &Defs, names: &[String], is_fixed: bool) -> Result<(), Fault> {
    let mut is_required = false;
    schema.edit(|schema| {
        path::edit(schema, names, pool, &mut |map, name| {
            is_required |= unrequire(map, name);
            let Some(Value::Object(properties)) = map.get_mut("properties") else { return false };
            let is_removed = properties.remove(name).is_some();
            if properties.is_empty() {
                map.remove("properties");
            }
            is_removed
        });
    });
    if is_required && !is_fixed { Err(required(&names.join("."))) } else { Ok(()) }
}

/// Removes a property from `required`. Returns whether it was required.
fn unrequire(map: &mut Map<String, Value>, name: &str) -> bool {
    let Some(Value::Array(required)) = map.get_mut("required") else { return false };
    let before = required.len();
    required.retain(|it| it != name);
    let is_changed = required.len() < before;
    if required.is_empty() {
        map.remove("required");
    }
    if is_changed && let Some(least) = map.get("minProperties").and_then(Value::as_u64) {
        map.insert("minProperties".to_owned(), least.saturating_sub(1).into());
    }
    is_changed
}

fn with_property(
    map: &mut Map<String, Value>,
    name: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) -> bool {
    let properties = map.get_mut("properties").and_then(Value::as_object_mut);
    let Some(property) = properties.and_then(|all| all.get_mut(name)) else { return false };
    if property.is_boolean() {
        *property = Value::Object(Map::new());
    }
    property.as_object_mut().map(change).is_some()
}

/// Replaces an argument by its fixed value.
fn replace(operation: &mut Operation, argument: &ArgName, value: &Value) {
    for input in operation.recipe.iter_mut().filter_map(Step::input_mut) {
        if matches!(input, Input::Arg { arg, .. } if arg == argument.as_str()) {
            *input = Input::Fixed { json: value.to_string() };
        }
    }
}

/// Removes the steps that send an argument, and the body if the argument was the whole body.
fn drop_steps(operation: &mut Operation, argument: &ArgName) {
    let is_it =
        |step: &Step| matches!(step.input(), Some(Input::Arg { arg, .. }) if arg == argument.as_str());
    let is_whole = |step: &Step| {
        matches!(
            step,
            Step::JsonBody { .. } | Step::FormBody { .. } | Step::MultipartBody { .. } | Step::RawBody { .. }
        )
    };
    if operation.recipe.iter().any(|step| is_it(step) && is_whole(step)) {
        operation.body = None;
        operation.recipe.retain(|step| {
            !matches!(step, Step::ContentType { .. } | Step::Xml { .. } | Step::JsonLines | Step::FormJson)
        });
    }
    operation.recipe.retain(|step| !is_it(step));
}

/// The part of a request in which the properties of an object are sent as separate parameters or fields, beside other arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spread {
    Query,
    Cookie,
    Form,
}

/// Prevents other arguments from sending the parameter of a hidden or fixed argument. An exploded object could do so,
/// because its properties become parameters with their own names.
fn guard_spread(operation: &mut Operation, argument: &ArgName) {
    let sent: Vec<(Spread, String)> = operation
        .recipe
        .iter()
        .filter(|step| matches!(step.input(), Some(Input::Arg { arg, .. }) if arg == argument.as_str()))
        .filter_map(|step| match step {
            Step::Query { wire, .. } => Some((Spread::Query, wire.clone())),
            Step::Cookie { wire, .. } => Some((Spread::Cookie, wire.clone())),
            Step::FormField { wire, .. } | Step::PartFields { wire, .. } => {
                Some((Spread::Form, wire.clone()))
            }
            _ => None,
        })
        .collect();
    let is_spread = |encoding: &Encoding| encoding.style == Style::Form && encoding.explode;
    let mut presets = Vec::new();
    for step in &operation.recipe {
        let spread = match step {
            Step::Query { encoding, .. } if is_spread(encoding) => Spread::Query,
            Step::QueryString { .. } => Spread::Query,
            Step::Cookie { encoding, .. } if is_spread(encoding) => Spread::Cookie,
            Step::FormField { encoding: Some(encoding), .. } | Step::PartFields { encoding, .. }
                if is_spread(encoding) =>
            {
                Spread::Form
            }
            _ => continue,
        };
        let Some(Input::Arg { arg, .. }) = step.input() else { continue };
        let schema = operation.args.iter().find(|it| it.name.as_str() == arg).map(|it| it.schema.as_value());
        if arg == argument.as_str() || schema.is_none_or(is_scalar) {
            continue;
        }
        for (_, wire) in sent.iter().filter(|(known, _)| *known == spread) {
            presets.push(Preset { path: vec![arg.clone(), wire.clone()], kind: PresetKind::Hidden });
        }
    }
    operation.presets.extend(presets);
}

/// Whether every value of the schema is a string, a number, a boolean, or an array of these.
fn is_scalar(schema: &Value) -> bool {
    let is_plain =
        |kind: &Value| matches!(kind.as_str(), Some("string" | "integer" | "number" | "boolean" | "null"));
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().all(is_plain),
        Some(Value::String(kind)) if kind == "array" => schema.get("items").is_some_and(is_scalar),
        Some(kind) => is_plain(kind),
        None => schema.get("enum").is_some(),
    }
}
