//! The differences between the hints by which a server describes a tool. They may be false, but a client may obey them.

use serde_json::{Map, Value};

use crate::change::Change;
use crate::{Class, Kind, Phrase};

/// A hint: its name, the value that it has if it is absent, the riskier value, and the class of a change to the other value.
const HINTS: [(&str, bool, bool, Class); 4] = [
    ("readOnlyHint", false, false, Class::Security),
    ("destructiveHint", true, true, Class::Security),
    ("idempotentHint", false, false, Class::Behaviour),
    ("openWorldHint", true, true, Class::Behaviour),
];

/// Compares the annotations of a tool.
pub(super) fn compare(old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Change>) {
    if old == new {
        return;
    }
    let none = Map::new();
    let [old, new] = [old, new].map(|value| value.and_then(Value::as_object).unwrap_or(&none));
    let mut names: Vec<&String> = old.keys().collect();
    names.extend(new.keys().filter(|name| !old.contains_key(*name)));
    for name in names {
        let (before, after) = (old.get(name), new.get(name));
        if before == after {
            continue;
        }
        let hint = HINTS.iter().find(|(known, ..)| known == name);
        let class = match hint {
            Some((_, usual, risky, to_safe)) => {
                let [was, is] = [before, after].map(|value| value.and_then(Value::as_bool).unwrap_or(*usual));
                match (was == is, is == *risky) {
                    (true, _) => Class::Wording,
                    // A weaker effect is `security` too, because calls then need fewer rights and approvals.
                    (false, true) if name != "idempotentHint" => Class::Security,
                    (false, _) => *to_safe,
                }
            }
            None if name == "title" => Class::Wording,
            None => Class::Behaviour,
        };
        let [before, after] = [before, after].map(|value| value.map(ToString::to_string));
        let mut phrase = Phrase::of(["annotation ", name, ""]);
        phrase.from_to(before.as_deref(), after.as_deref());
        let change = Change::new(class, Kind::Annotation, phrase).about(name.as_str());
        found.push(change.values(before.as_deref(), after.as_deref()));
    }
}
