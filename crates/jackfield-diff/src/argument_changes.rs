//! The changes of one argument, whether it belongs to an operation or to the list of another server.

use crate::change::Change;
use crate::schema::{Found, Shift};
use crate::{Class, Kind, Phrase};

/// Creates the change for an argument that is gone.
pub(crate) fn removed(name: &str) -> Change {
    let phrase = Phrase::of(["argument ", name, " removed"]);
    Change::new(Class::Breaking, Kind::ArgumentRemoved, phrase).about(name).values(Some(name), None)
}

/// Creates the change for a new argument.
pub(crate) fn added(name: &str, is_required: bool) -> Change {
    let (class, kind, words) = match is_required {
        true => (Class::Breaking, Kind::ArgumentRequired, "required argument "),
        false => (Class::Behaviour, Kind::ArgumentAdded, "optional argument "),
    };
    let change = Change::new(class, kind, Phrase::of([words, name, " added"])).about(name);
    change.values(None, Some(name))
}

/// Creates the change for an argument that is now required, or no longer required.
pub(crate) fn required(name: &str, is_required: bool) -> Change {
    let (class, kind, words) = match is_required {
        true => (Class::Breaking, Kind::ArgumentRequired, " is now required"),
        false => (Class::Behaviour, Kind::ArgumentOptional, " is no longer required"),
    };
    let [before, after] = if is_required { ["optional", "required"] } else { ["required", "optional"] };
    let change = Change::new(class, kind, Phrase::of(["argument ", name, words])).about(name);
    change.values(Some(before), Some(after))
}

/// Converts a difference between the schemas of an argument to a change.
pub(crate) fn of_schema(name: &str, found: &Found) -> Change {
    let whole = format!("{name}{}", found.path);
    of_found(Phrase::of(["argument ", &whole, ""]), found).about(whole)
}

/// Converts a difference between schemas to a change whose description begins with `head`.
pub(crate) fn of_found(mut head: Phrase, found: &Found) -> Change {
    let (class, kind, words) = match found.shift {
        Shift::Added => (Class::Behaviour, Kind::ArgumentAdded, " added"),
        Shift::AddedRequired => (Class::Breaking, Kind::ArgumentRequired, " added, and it is required"),
        Shift::Removed => (Class::Breaking, Kind::ArgumentRemoved, " removed"),
        Shift::Required => (Class::Breaking, Kind::ArgumentRequired, " is now required"),
        Shift::Optional => (Class::Behaviour, Kind::ArgumentOptional, " is no longer required"),
        Shift::Narrowed => (Class::Breaking, Kind::ArgumentNarrowed, " narrowed: "),
        Shift::Widened => (Class::Behaviour, Kind::ArgumentWidened, " widened: "),
        Shift::Changed => (Class::Breaking, Kind::ArgumentChanged, " changed: "),
        Shift::Unknown => (Class::Behaviour, Kind::ArgumentChanged, " changed: "),
        Shift::Default => (Class::Behaviour, Kind::ArgumentDefault, ": "),
        Shift::Wording => (Class::Wording, Kind::ArgumentText, ": "),
    };
    head.say(words);
    head.append(found.detail());
    Change::new(class, kind, head).values(found.before.as_deref(), found.after.as_deref())
}
