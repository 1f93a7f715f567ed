//! Compares variables, headers and arguments.

use jackfield_diff::Class;
use jackfield_recipe::origin_of;

use super::one::{Difference, DifferenceKind};
use crate::entry::input::Input;

/// Compares inputs that are identified by their names.
pub(super) fn compare<'e>(
    kind: DifferenceKind,
    old: &[(&'e str, &'e Input)],
    new: &[(&'e str, &'e Input)],
    differences: &mut Vec<Difference>,
) {
    let find = |inputs: &[(&'e str, &'e Input)], name: &str| {
        inputs.iter().find(|(known, _)| *known == name).map(|(_, input)| *input)
    };
    for (name, before) in old {
        match find(new, name) {
            Some(after) => compare_one(kind, name, before, after, differences),
            None => differences.push(Difference::new(Class::Behaviour, kind, name, "is not used any more")),
        }
    }
    for (name, input) in new.iter().filter(|(name, _)| find(old, name).is_none()) {
        differences.push(added(kind, name, input));
    }
}

/// A new input. A new secret is revealed to the server, and one without a value keeps the server from working.
fn added(kind: DifferenceKind, name: &str, input: &Input) -> Difference {
    let value = input.value.as_deref();
    let needs_value = input.is_required && input.default.is_none() && value.is_none();
    let (class, change) = match (input.has_secret(), needs_value) {
        (true, true) => (Class::Security, "is new, is a secret and is required"),
        (true, false) => (Class::Security, "is new and is a secret"),
        (false, true) => (Class::Breaking, "is new and is required"),
        (false, false) => (Class::Behaviour, "is new"),
    };
    let class = if value.is_some_and(|value| origin_of(value).is_some()) { Class::Security } else { class };
    let shown = value.or(input.default.as_deref());
    let difference = Difference::new(class, kind, name, change);
    if shown.is_some() { difference.values(None, shown) } else { difference }
}

fn compare_one(
    kind: DifferenceKind,
    name: &str,
    old: &Input,
    new: &Input,
    differences: &mut Vec<Difference>,
) {
    let mut add = |class, change: &str| differences.push(Difference::new(class, kind, name, change));
    match (old.has_secret(), new.has_secret()) {
        (true, false) => add(Class::Security, "is not a secret any more, so it is shown and logged"),
        (false, true) => add(Class::Security, "is a secret now"),
        _ => {}
    }
    match (old.is_required, new.is_required) {
        (false, true) => add(Class::Breaking, "is required now"),
        (true, false) => add(Class::Behaviour, "is not required any more"),
        _ => {}
    }
    if old.format != new.format {
        let change = format!("has the format {} now, not {}", new.format.as_str(), old.format.as_str());
        add(Class::Breaking, &change);
    }
    if old.choices != new.choices {
        let is_wider = new.choices.is_empty()
            || !old.choices.is_empty() && old.choices.iter().all(|choice| new.choices.contains(choice));
        let class = if is_wider { Class::Behaviour } else { Class::Breaking };
        let change = if is_wider { "has more choices" } else { "has fewer choices" };
        differences.push(
            Difference::new(class, kind, name, change).values(Some(&choices(old)), Some(&choices(new))),
        );
    }
    for (before, after, change) in
        [(&old.value, &new.value, "has another value"), (&old.default, &new.default, "has another default")]
    {
        if before != after {
            let origin = |value: &Option<String>| value.as_deref().and_then(origin_of);
            let moves = origin(after).is_some() && origin(before) != origin(after);
            let class = if moves { Class::Security } else { Class::Behaviour };
            let values = (before.as_deref(), after.as_deref());
            differences.push(Difference::new(class, kind, name, change).values(values.0, values.1));
        }
    }
    let label = |variable: &String| format!("{name} {{{variable}}}");
    let [before, after] = [old, new].map(|input| {
        input.variables.iter().map(|(variable, input)| (label(variable), input)).collect::<Vec<_>>()
    });
    if !before.is_empty() || !after.is_empty() {
        let [before, after] = [&before, &after]
            .map(|inputs| inputs.iter().map(|(name, input)| (name.as_str(), *input)).collect::<Vec<_>>());
        compare(kind, &before, &after, differences);
    }
    if old.description != new.description || old.placeholder != new.placeholder {
        differences.push(Difference::new(Class::Wording, kind, name, "is described in other words"));
    }
}

fn choices(input: &Input) -> String {
    if input.choices.is_empty() { "any value".to_owned() } else { input.choices.join(", ") }
}
