//! The differences between the arguments of a tool.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Arg, Connector, Location, ParameterSetting, ToolName};

use crate::argument_changes::{self, of_schema, required};
use crate::bodies::{MovedBody, MovedProperty};
use crate::change::Change;
use crate::lists::differing;
use crate::schema::{Found, SchemaComparer, Shift};
use crate::tools::Tool;
use crate::wire::{JSON_BODY, Sent};
use crate::{Class, Kind, Phrase};

/// The maximum number of arguments that one line of the report names.
const MOST_NAMED: usize = 8;

/// Compares the arguments of a tool, and the parts of the request that they set.
pub(crate) fn compare<'m>(
    connectors: [&'m Connector; 2],
    old: &Tool<'m>,
    new: &Tool<'m>,
    schemas: &SchemaComparer<'m>,
) -> Vec<Change> {
    let mut found = Vec::new();
    let (sent, next_sent) = (Sent::of(old.operation, new.operation), Sent::of(new.operation, old.operation));
    let by_name = |tool: &Tool<'m>| -> BTreeMap<&'m str, &'m Arg> {
        tool.operation.args.iter().map(|arg| (arg.name.as_str(), arg)).collect()
    };
    let (args, next_args) = (by_name(old), by_name(new));
    let body = MovedBody::of(old.operation, new.operation, schemas);
    let renamed = renamed(&args, &next_args, &sent, &next_sent);
    for arg in &old.operation.args {
        let name = arg.name.as_str();
        if body.as_ref().is_some_and(|body| body.has_old(name)) {
            continue;
        }
        let next_name = renamed.get(name).copied().unwrap_or(name);
        let Some(next) = next_args.get(next_name) else {
            found.push(removed(name, connectors[1], new, &sent, &next_sent));
            continue;
        };
        if next_name != name {
            let phrase = Phrase::of(["argument ", name, " renamed to ", next_name, ""]);
            let change = Change::new(Class::Breaking, Kind::ArgumentRenamed, phrase).about(next_name);
            found.push(change.values(Some(name), Some(next_name)));
        }
        if arg.required != next.required {
            found.push(required(next_name, next.required));
        }
        let differences = schemas.compare(arg.schema.as_value(), next.schema.as_value(), true, false);
        found.extend(differences.iter().map(|found| of_schema(next_name, found)));
        let (before, after) = (sent.arguments.get(name), next_sent.arguments.get(next_name));
        if before != after {
            let words = |parts: Option<&Vec<String>>| parts.map(|parts| parts.join(" and "));
            let (before, after) = (words(before), words(after));
            let mut phrase = Phrase::of(["argument ", next_name, " is sent in another way:"]);
            phrase.from_to(before.as_deref(), after.as_deref());
            let change = Change::new(Class::Behaviour, Kind::Wire, phrase).about(next_name);
            found.push(change.values(before.as_deref(), after.as_deref()));
        }
    }
    let taken: BTreeSet<&str> = renamed.values().copied().collect();
    for arg in &new.operation.args {
        let name = arg.name.as_str();
        let is_moved = body.as_ref().is_some_and(|body| body.has_new(name));
        if args.contains_key(name) || taken.contains(name) || is_moved {
            continue;
        }
        found.push(added(arg, connectors[0], old, &next_sent));
    }
    if let Some(body) = &body {
        moved(body, schemas, &mut found);
    }
    fewest(old, new, &mut found);
    rest(&sent, &next_sent, body.is_some(), &mut found);
    order(old, new, [&sent, &next_sent], &mut found);
    found
}

/// Finds renamed arguments: arguments that set the same parts of the request under another name. Returns a map from old to new names.
fn renamed<'m>(
    old: &BTreeMap<&'m str, &'m Arg>,
    new: &BTreeMap<&'m str, &'m Arg>,
    sent: &Sent,
    next_sent: &Sent,
) -> BTreeMap<&'m str, &'m str> {
    let mut free: BTreeMap<&Vec<String>, &'m str> = BTreeMap::new();
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        free.extend(next_sent.arguments.get(*name).map(|parts| (parts, *name)));
    }
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    gone.filter_map(|name| Some((*name, free.remove(sent.arguments.get(*name)?)?))).collect()
}

fn removed(name: &str, connector: &Connector, tool: &Tool<'_>, sent: &Sent, next: &Sent) -> Change {
    let parts = sent.arguments.get(name).map(Vec::as_slice).unwrap_or_default();
    let mut change = argument_changes::removed(name);
    let fixed = next.rest.iter().filter_map(|part| {
        let (words, value) = part.split_once(" = ")?;
        parts.iter().any(|part| part == words).then_some(value)
    });
    if let Some(value) = fixed.into_iter().next() {
        change.phrase.append(Phrase::of([": requests always have ", value, ""]));
    } else if is_setting(connector, tool, parts) {
        change.phrase.say(": it is now a setting");
    }
    change
}

fn added(arg: &Arg, connector: &Connector, tool: &Tool<'_>, sent: &Sent) -> Change {
    let name = arg.name.as_str();
    let parts = sent.arguments.get(name).map(Vec::as_slice).unwrap_or_default();
    let mut change = argument_changes::added(name, arg.required);
    if is_setting(connector, tool, parts) {
        change.phrase.say(": it was a setting");
    }
    change
}

/// Whether a setting of the connector sets one of these parts of the tool's requests.
fn is_setting(connector: &Connector, tool: &Tool<'_>, parts: &[String]) -> bool {
    let Ok(tool) = ToolName::new(tool.name) else { return false };
    connector.settings.iter().any(|setting| {
        let ParameterSetting { location, wire, value: _, tools } = setting;
        let location = match location {
            Location::Path => "path variable",
            Location::Query => "query parameter",
            Location::Header => "header",
            Location::Cookie => "cookie",
        };
        let words = format!("{location} {} (", wire.as_str());
        tools.has(&tool) && parts.iter().any(|part| part.starts_with(&words))
    })
}

/// Adds the changes of a JSON body that was one argument and is now several arguments, or the reverse.
fn moved<'m>(body: &MovedBody<'m>, schemas: &SchemaComparer<'m>, found: &mut Vec<Change>) {
    let MovedBody { whole, is_divided, moved, others, forms, .. } = body;
    let names = || moved.iter().map(|moved| moved.arg.name.as_str());
    let mut phrase = Phrase::default();
    if *is_divided {
        phrase.append(Phrase::of(["argument ", whole, " is divided: its properties are the arguments "]));
        phrase.list(names(), MOST_NAMED);
    } else {
        phrase.say("arguments ");
        phrase.list(names(), MOST_NAMED);
        phrase.append(Phrase::of([" are properties of argument ", whole, " now"]));
    }
    let all = names().collect::<Vec<_>>().join(", ");
    let (before, after) = if *is_divided { (*whole, all.as_str()) } else { (all.as_str(), *whole) };
    let change = Change::new(Class::Breaking, Kind::ArgumentRenamed, phrase).about(*whole);
    found.push(change.values(Some(before), Some(after)));
    for MovedProperty { arg, property: (property, schema, is_required) } in moved {
        let name = arg.name.as_str();
        let own = (arg.schema.as_value(), arg.required);
        let part = (*schema, *is_required);
        let (name, before, after) = match is_divided {
            true => (name.to_owned(), part, own),
            false => (format!("{whole}.{property}"), own, part),
        };
        if before.1 != after.1 {
            found.push(required(&name, after.1));
        }
        let differences = schemas.compare(before.0, after.0, true, false);
        found.extend(differences.iter().map(|found| of_schema(&name, found)));
    }
    for (property, is_required) in others {
        let shift = match (is_divided, is_required) {
            (true, _) => Shift::Removed,
            (false, true) => Shift::AddedRequired,
            (false, false) => Shift::Added,
        };
        found.push(of_schema(whole, &Found::new(&format!(".{property}"), shift, "", None, None)));
    }
    if let Some(count) = forms {
        let count = Some(count.to_string());
        let (shift, before, after) =
            if *is_divided { (Shift::Widened, count, None) } else { (Shift::Narrowed, None, count) };
        found.push(of_schema(
            whole,
            &Found::new("", shift, "number of alternatives of which one has to match", before, after),
        ));
    }
}

fn fewest(old: &Tool<'_>, new: &Tool<'_>, found: &mut Vec<Change>) {
    let (before, after) = (old.operation.fewest_args, new.operation.fewest_args);
    if before != after {
        let (class, kind) = match after > before {
            true => (Class::Breaking, Kind::ArgumentRequired),
            false => (Class::Behaviour, Kind::ArgumentOptional),
        };
        let [before, after] = [before, after].map(|count| count.to_string());
        let words = "minimum number of arguments";
        found.push(Change::value(class, kind, words, Some(&before), Some(&after)));
    }
}

/// Compares the parts of the request that no argument sets.
fn rest(old: &Sent, new: &Sent, is_body_moved: bool, found: &mut Vec<Change>) {
    // The connector sends the same JSON body, whether one argument or several arguments set it.
    let parts = |sent: &Sent| -> Vec<String> {
        sent.rest.iter().filter(|part| !is_body_moved || *part != JSON_BODY).cloned().collect()
    };
    let (old, new) = (parts(old), parts(new));
    let (gone, come) = differing(&old, &new);
    if let ([before], [after]) = (gone.as_slice(), come.as_slice()) {
        found.push(Change::value(Class::Behaviour, Kind::Request, "request:", Some(before), Some(after)));
        return;
    }
    for part in gone {
        found.push(Change::value(Class::Behaviour, Kind::Request, "request:", Some(part), None));
    }
    for part in come {
        found.push(Change::value(Class::Behaviour, Kind::Request, "request:", None, Some(part)));
    }
}

/// Compares the order of the arguments in the list, and of the parts of the request.
fn order(old: &Tool<'_>, new: &Tool<'_>, sent: [&Sent; 2], found: &mut Vec<Change>) {
    let names = |tool: &Tool<'_>, other: &Tool<'_>| -> Vec<String> {
        let kept: BTreeSet<&str> = other.operation.args.iter().map(|arg| arg.name.as_str()).collect();
        let args = tool.operation.args.iter().map(|arg| arg.name.as_str());
        args.filter(|name| kept.contains(name)).map(str::to_owned).collect()
    };
    let (before, after) = (names(old, new), names(new, old));
    if before != after {
        let (before, after) = (before.join(", "), after.join(", "));
        let words = "order of arguments";
        found.push(Change::value(Class::Wording, Kind::ArgumentOrder, words, Some(&before), Some(&after)));
        return;
    }
    let [first, second] = sent.map(|sent| &sent.order);
    let (gone, come) = differing(first, second);
    if gone.is_empty() && come.is_empty() && first != second {
        let (before, after) = (first.join("; "), second.join("; "));
        let change = Change::new(
            Class::Wording,
            Kind::ArgumentOrder,
            Phrase::of(["the parts of the request are sent in another order"]),
        );
        found.push(change.values(Some(&before), Some(&after)));
    }
}
